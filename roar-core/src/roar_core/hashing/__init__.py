"""Digests of files, and the cache that makes an unchanged file cost one stat."""
