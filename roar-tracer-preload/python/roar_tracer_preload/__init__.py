"""The plugin that tells roar-core about the preload tracer program."""
