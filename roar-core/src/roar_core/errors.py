"""What can go wrong in a way that a user can do something about."""

from __future__ import annotations

import re


class RoarError(Exception):
    """One lower-case line that says what is wrong, and a hint that says what to do.

    `exit_status` is what `roar` ends with where the command line is the caller: 2 for wrong use, 1 for a reading
    command that could not answer, 125 for a job that could not be started.
    """

    exit_status = 1

    def __init__(self, message: str, hint: str | None = None, *, exit_status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if exit_status is not None:
            self.exit_status = exit_status

    @property
    def code(self) -> str:
        """Returns the stable name of this kind of error in JSON: the class name in snake case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


def system_reason(error: OSError) -> str:
    """Returns what the system says is wrong, as part of a line: `permission denied`."""
    text = error.strerror or str(error)
    return text if text[1:2] == "/" else text[:1].lower() + text[1:]  # but "I/O error"


class UsageError(RoarError):
    """The command line, a setting or an environment variable says something that roar does not understand."""

    exit_status = 2


class NoProject(UsageError):
    """No `.roar` here or above."""


class ProjectNotOwned(RoarError):
    """A `.roar` that belongs to another user: reading its settings would be trusting a stranger."""


class CannotStart(RoarError):
    """The job could not be started; nothing of it ran."""

    exit_status = 125


class CommandNotFound(RoarError):
    """The command is not there, as a shell would find."""

    exit_status = 127


class CannotExecute(RoarError):
    """The command is there and can't be executed."""

    exit_status = 126


class NotFound(RoarError):
    """What was asked for is not recorded here."""


class AmbiguousReference(RoarError):
    """A prefix that fits more than one thing."""


class StoreError(RoarError):
    """The database can't do what was asked of it."""


class StoreBusy(StoreError):
    """Another process held the database for longer than the limit."""


class StoreFull(StoreError):
    """No space is left where the database lies."""


class StoreReadOnly(StoreError):
    """The database, or the file system it lies on, can't be written."""


class StoreDamaged(StoreError):
    """The database file is not a sound SQLite database."""


class StoreTooNew(StoreError):
    """The database was written by a newer roar."""


class DamagedReport(RoarError):
    """A trace report without its end line, or with lines that are not of its format."""


class PluginConflict(RoarError):
    """Two plugins of one name."""

    exit_status = 2
