"""Records as lines of JSON and back, for a spool entry. Bytes that are not UTF-8 stay surrogate escapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from roar_core.store.records import (
    Drops,
    Gap,
    GitState,
    Identity,
    InputRecord,
    JobRecord,
    OutputRecord,
    ProcessRecord,
    RunRecord,
)

FORMAT = "roar-record/1"
_ENCODER = json.JSONEncoder(separators=(",", ":"), default=str)
_EDGE_FIELDS: dict[type, tuple[str, ...]] = {
    InputRecord: ("path", "size", "first_read_ns", "role", "reason", "tracked_by_git", "removed"),
    OutputRecord: ("path", "size", "written_ns", "write_kind", "created", "fate", "reason", "shared"),
}
_IDENTITY_FIELDS = Identity._fields
_PROCESS_FIELDS = ProcessRecord._fields
_DROPS_FIELDS = ("reason", "count", "examples")


def head_line(run: RunRecord) -> str:
    """Returns the line of all that does not grow with the run's files."""
    job = _fields(run.job, JobRecord._fields)
    job["git"] = None if run.job.git is None else _fields(run.job.git, GitState._fields)
    return _ENCODER.encode(
        {
            "format": FORMAT,
            "job": job,
            "gaps": [_fields(gap, Gap._fields) for gap in run.gaps],
            "drops": [_fields(drops, _DROPS_FIELDS) for drops in run.drops],
        }
    )


def parse_head(line: str) -> tuple[JobRecord, tuple[Gap, ...], tuple[Drops, ...]]:
    """Returns what `head_line` was given. Raises ValueError, KeyError or TypeError for another line."""
    head = json.loads(line)
    if head["format"] != FORMAT:
        raise ValueError(f"unknown format: {head['format']}")
    job = head["job"]
    if job["git"] is not None:
        job["git"] = GitState(**{**job["git"], "untracked": tuple(job["git"]["untracked"])})
    record = JobRecord(**{**job, "argv": tuple(job["argv"]), "packages": tuple(job["packages"])})
    drops = tuple(Drops(drop["reason"], drop["count"], tuple(drop["examples"])) for drop in head["drops"])
    return record, tuple(Gap(**gap) for gap in head["gaps"]), drops


def process_line(process: ProcessRecord) -> str:
    """Returns the line of one process."""
    return _ENCODER.encode(_fields(process, _PROCESS_FIELDS))


def parse_process(line: str) -> ProcessRecord:
    """Returns the process of a line."""
    fields = json.loads(line)
    fields["argv"] = tuple(fields["argv"])
    return ProcessRecord(**fields)


def edge_line(record: InputRecord | OutputRecord) -> str:
    """Returns the line of one input or output."""
    fields = _fields(record, _EDGE_FIELDS[type(record)])
    fields["digests"] = {algorithm: value.hex() for algorithm, value in record.digests.items()}
    if record.identity is not None:
        fields["identity"] = [getattr(record.identity, name) for name in _IDENTITY_FIELDS]
    return _ENCODER.encode(fields)


def parse_input(line: str) -> InputRecord:
    """Returns the input of a line."""
    return InputRecord(**_edge_fields(line))


def parse_output(line: str) -> OutputRecord:
    """Returns the output of a line."""
    return OutputRecord(**_edge_fields(line))


def _edge_fields(line: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(line)
    fields["digests"] = {algorithm: bytes.fromhex(value) for algorithm, value in fields["digests"].items()}
    if "identity" in fields:
        fields["identity"] = Identity(*fields["identity"])
    return fields


def _fields(record: object, names: tuple[str, ...]) -> dict[str, Any]:
    fields = {name: getattr(record, name) for name in names}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in fields.items()}
