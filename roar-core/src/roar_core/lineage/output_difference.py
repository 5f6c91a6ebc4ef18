"""Whether two runs left the same."""

from __future__ import annotations

import os.path
from typing import NamedTuple

from roar_core.lineage.pairing import pair_files
from roar_core.store.difference import DifferenceTables, LoneFile
from roar_core.store.jobs import JobRow

FILES = 20


class OutputChange(NamedTuple):
    """A file that two runs left with different content, or only one of them did; digests as `algorithm:hex`."""

    a_path: str | None
    b_path: str | None
    a: str | None
    b: str | None


def output_changes(tables: DifferenceTables, a: JobRow, b: JobRow) -> list[OutputChange]:
    """Returns the files (20 of a kind at most) in which two runs' outputs differ.

    Outputs whose names differ, as those of a sweep do, are compared where one stands for the other.
    """
    if a.id == b.id:
        return []
    changes = [
        OutputChange(file.path, file.path, _digest(file.a_digests), _digest(file.b_digests))
        for file in tables.differing_outputs(a.id, b.id, FILES)
    ]
    pairs, a_only, b_only = pair_files(
        tables.only_left_by(a.id, b.id), tables.only_left_by(b.id, a.id), _ending
    )
    for left, right in pairs:
        if left.artifact_id is None or left.artifact_id != right.artifact_id:
            changes.append(OutputChange(left.path, right.path, _digest(left.digests), _digest(right.digests)))
    changes += [OutputChange(file.path, None, _digest(file.digests), None) for file in a_only[:FILES]]
    changes += [OutputChange(None, file.path, None, _digest(file.digests)) for file in b_only[:FILES]]
    return changes


def ending(job: JobRow) -> str:
    """Returns how a run ended: `ok`, `exit 3`, `signal 9`, `interrupted`."""
    if job.status == "failed":
        return f"exit {job.exit_code}"
    return f"signal {job.signal}" if job.status == "signalled" else job.status


def _ending(file: LoneFile) -> str:
    return os.path.splitext(file.path)[1]


def _digest(digests: dict[str, str]) -> str | None:
    return next((f"{algorithm}:{value}" for algorithm, value in digests.items()), None)
