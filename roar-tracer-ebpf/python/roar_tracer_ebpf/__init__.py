"""The plugin that tells roar-core about the eBPF tracer program."""

# Of this package and of its program, which must be alike.
VERSION = "0.1.0"
