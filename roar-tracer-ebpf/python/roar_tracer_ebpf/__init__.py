"""The plugin that tells roar-core about the eBPF tracer program."""
