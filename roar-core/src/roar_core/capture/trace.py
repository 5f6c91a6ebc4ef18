"""Reading a trace report (`roar-trace/1`, docs/report-format.md) line by line, so that memory does not grow with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import filterfalse
from pathlib import Path
from typing import Any, NamedTuple

from roar_core.capture.file_line import FILE_PREFIX, FileLine, parse_file_line, text_of, texts_of
from roar_core.errors import DamagedReport
from roar_core.store.records import Gap, ProcessRecord

FORMAT = "roar-trace/1"
_IS_FILE = re.compile(re.escape(FILE_PREFIX)).match


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


_DAMAGE = (ValueError, KeyError, TypeError, AttributeError)
Line = ProcessRecord | Gap | InnerJob | End


def read_files(path: Path, wanted: Callable[[bytes], object], tolerant: bool) -> Iterator[FileLine]:
    """Yields the file lines of a report whose text is `wanted`, which is best not written in Python: it is asked often.

    `tolerant`: a line that can't be parsed (the last one of a killed tracer) ends the reading instead of raising.

    Raises:
        DamagedReport: a line is not JSON of the format, or there is no header. The lines before it have been yielded.
    """
    with open(path, "rb") as report:
        if FORMAT.encode() not in report.readline():
            if tolerant:
                return
            raise DamagedReport(f"not a {FORMAT} report: `{path}`")
        try:
            for line in map(parse_file_line, filter(wanted, report)):
                if line is not None:
                    yield line
        except _DAMAGE as error:
            if not tolerant:
                raise DamagedReport(f"damaged trace report: `{path}`") from error


def read_others(path: Path) -> Iterator[Line]:
    """Yields the lines of a report that are no file lines, up to the first that can't be parsed, if there is one.

    Unknown types are passed over.
    """
    with open(path, "rb") as report:
        if FORMAT.encode() not in report.readline():
            return
        for text in filterfalse(_IS_FILE, report):
            try:
                fields = json.loads(text)
                make = _MAKERS.get(fields["type"])
                line = make(fields) if make is not None else None
            except _DAMAGE:
                return
            if line is not None:
                yield line


def _process(fields: dict[str, Any]) -> ProcessRecord:
    return ProcessRecord(
        id=fields["id"],
        parent=fields["parent"],
        pid=fields["pid"],
        exe=text_of(fields, "exe"),
        argv=texts_of(fields, "argv"),
        cwd=text_of(fields, "cwd"),
        started_ns=fields["started_ns"],
        ended_ns=fields.get("ended_ns"),
        exit_code=fields.get("exit_code"),
        signal=fields.get("signal"),
    )


def _gap(fields: dict[str, Any]) -> Gap:
    return Gap(fields["kind"], text_of(fields, "detail"), fields.get("process"))


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
    "process": _process,
    "gap": _gap,
    "job": _inner_job,
    "end": _end,
}
