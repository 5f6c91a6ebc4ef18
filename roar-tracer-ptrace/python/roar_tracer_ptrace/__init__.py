"""The plugin that tells roar-core about the ptrace tracer program."""
