"""Contract tests that plugin authors subclass."""
