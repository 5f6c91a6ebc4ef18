"""One run: observing it and what is recorded besides files."""
