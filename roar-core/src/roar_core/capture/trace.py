"""Reading a trace report (`roar-trace/1`, docs/report-format.md) line by line, so that memory does not grow with it."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from roar_core.errors import DamagedReport
from roar_core.store.records import Gap, Identity, ProcessRecord

FORMAT = "roar-trace/1"


class FileLine(NamedTuple):
    """What the job did to one file. A tuple, not a dataclass: there may be a million of them."""

    path: str
    names: tuple[str, ...]
    read: bool
    written: bool
    created: bool | None
    readers: tuple[int, ...]
    writers: tuple[int, ...]
    first_read_ns: int | None
    last_write_ns: int | None
    write_kind: str | None
    before: Identity | None
    after: Identity | None
    before_digest: str | None
    preserved: str | None
    fate: str
    renamed_from: tuple[str, ...]


class InnerJob(NamedTuple):
    """A run inside this run: what `process` (the inner roar) did is not the job's doing."""

    process: int
    uid: str


class End(NamedTuple):
    """The last line of a complete report."""

    level: str
    lost_events: int
    exit_code: int | None
    signal: int | None
    ended_ns: int
    front_lost: bool


Line = ProcessRecord | FileLine | Gap | InnerJob | End


def read_lines(path: Path, wanted: Callable[[bytes], bool], tolerant: bool) -> Iterator[Line]:
    """Yields those lines of a report, after its header, whose text is `wanted`; unknown types are passed over.

    `tolerant`: a line that can't be parsed (the last one of a killed tracer) ends the reading instead of raising.

    Raises:
        DamagedReport: a line is not JSON of the format, or there is no header. The lines before it have been yielded.
    """
    with open(path, "rb") as report:
        first = report.readline()
        if not first and tolerant:
            return
        if FORMAT.encode() not in first:
            raise DamagedReport(f"not a {FORMAT} report: `{path}`")
        for text in report:
            if not wanted(text):
                continue
            try:
                line = _parse(text)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                if tolerant:
                    return
                raise DamagedReport(f"damaged trace report: `{path}`") from error
            if line is not None:
                yield line


def _parse(text: bytes) -> Line | None:
    fields = json.loads(text)
    make = _MAKERS.get(fields["type"])
    return make(fields) if make is not None else None


def _text(fields: dict[str, Any], key: str) -> str:
    encoded = fields.get(key + "_bytes")
    return str(fields[key]) if encoded is None else os.fsdecode(base64.b64decode(encoded))


def _texts(fields: dict[str, Any], key: str) -> tuple[str, ...]:
    encoded = fields.get(key + "_bytes")
    if encoded is None:
        return tuple(fields.get(key) or ())
    return tuple(os.fsdecode(base64.b64decode(text)) for text in encoded)


def _identity(fields: dict[str, Any] | None) -> Identity | None:
    if fields is None:
        return None
    return Identity(fields["device"], fields["inode"], fields["size"], fields["mtime_ns"], fields["ctime_ns"])


def _file(fields: dict[str, Any]) -> FileLine:
    preserved = fields.get("preserved") or fields.get("preserved_bytes")
    before = _identity(fields["before"])
    return FileLine(
        path=_text(fields, "path"),
        names=_texts(fields, "names"),
        read=fields["read"],
        written=fields["written"],
        created=fields["created"],
        readers=tuple(fields["readers"]),
        writers=tuple(fields["writers"]),
        first_read_ns=fields.get("first_read_ns"),
        last_write_ns=fields.get("last_write_ns"),
        write_kind=fields["write_kind"],
        before=before,
        after=before if fields.get("after") == fields["before"] else _identity(fields["after"]),
        before_digest=fields.get("before_digest"),
        preserved=_text(fields, "preserved") if preserved else None,
        fate=fields.get("fate", "present"),
        renamed_from=_texts(fields, "renamed_from"),
    )


def _process(fields: dict[str, Any]) -> ProcessRecord:
    return ProcessRecord(
        id=fields["id"],
        parent=fields["parent"],
        pid=fields["pid"],
        exe=_text(fields, "exe"),
        argv=_texts(fields, "argv"),
        cwd=_text(fields, "cwd"),
        started_ns=fields["started_ns"],
        ended_ns=fields.get("ended_ns"),
        exit_code=fields.get("exit_code"),
        signal=fields.get("signal"),
    )


def _gap(fields: dict[str, Any]) -> Gap:
    return Gap(fields["kind"], _text(fields, "detail"), fields.get("process"))


def _inner_job(fields: dict[str, Any]) -> InnerJob:
    return InnerJob(fields["process"], fields["uid"])


def _end(fields: dict[str, Any]) -> End:
    return End(
        level=fields["level"],
        lost_events=fields.get("lost_events", 0),
        exit_code=fields.get("exit_code"),
        signal=fields.get("signal"),
        ended_ns=fields["ended_ns"],
        front_lost=bool(fields.get("front_lost", False)),
    )


_MAKERS: dict[str, Callable[[dict[str, Any]], Line]] = {
    "file": _file,
    "process": _process,
    "gap": _gap,
    "job": _inner_job,
    "end": _end,
}
