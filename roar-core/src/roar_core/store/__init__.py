"""The .roar database: all SQL of the core lives here."""
