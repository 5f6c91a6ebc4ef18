"""Undoing a job: what is to become of its files, and making it so."""
