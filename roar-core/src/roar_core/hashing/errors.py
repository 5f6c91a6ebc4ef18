"""Why a file has no digest though it can be read."""


class FileChanged(Exception):
    """The file was changed while it was digested, so that no digest can be given."""


class DigestStopped(Exception):
    """The caller asked to stop in the middle of a large file."""
