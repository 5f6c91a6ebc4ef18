"""What is known of a run before its command starts; kept in the spool so that a killed run is still told truly."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from roar_core.store.records import JobKind

if TYPE_CHECKING:
    from roar_core.project import Project


UNDECIDED = ""  # the tracer of a run that has not been started


class RunHeader(NamedTuple):
    """One run as it is about to start. `cwd` is absolute; `parent_uid` is the run that this one was started in."""

    uid: str
    kind: JobKind
    argv: tuple[str, ...]
    cwd: str
    started_ns: int
    tracer: str
    name: str | None = None
    parent_uid: str | None = None
    algorithms: tuple[str, ...] = ()
    rerun_of: int | None = None

    def to_json(self) -> str:
        """Returns the header as ASCII JSON (bytes that are not UTF-8 as surrogate escapes)."""
        return json.dumps(self._asdict())

    def notice(self, project: Project) -> dict[str, object]:
        """Returns what plugins are told of the job: the keys of `roar show --json` that are known by now."""
        return {
            "uid": self.uid,
            "kind": self.kind,
            "name": self.name,
            "command": list(self.argv),
            "cwd": project.relative(self.cwd),
            "started_at": rfc3339(self.started_ns),
        }

    def with_tracer(self, tracer: str) -> RunHeader:
        """Returns the header of the same run under another tracer."""
        return self._replace(tracer=tracer)


def rfc3339(time_ns: int) -> str:
    """Returns a time in UTC, to the microsecond."""
    return (
        datetime.fromtimestamp(time_ns / 1e9, timezone.utc)
        .isoformat(timespec="microseconds")
        .replace("+00:00", "Z")
    )


def parse_header(text: str | bytes) -> RunHeader:
    """Returns the header that `to_json` wrote.

    Raises:
        ValueError: the text is not one.
    """
    try:
        fields = json.loads(text)
        return RunHeader(
            **{**fields, "argv": tuple(fields["argv"]), "algorithms": tuple(fields["algorithms"])}
        )
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a run header: {error}") from error
