"""The standard access filters, one a file."""
