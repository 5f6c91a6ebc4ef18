"""Records runs as a process of its own: `python writer_program.py ROOT UID INPUTS OUTPUTS [--spool] [--real-rules]`.

With --spool the run is kept in a spool entry first, and the entry is removed once the run is in the database.
"""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from roar_core.project import Project
from roar_core.store import spool
from roar_core.store.records import InputRecord, JobRecord, OutputRecord, ProcessRecord, RunRecord
from roar_core.store.store import Store

STARTED_NS = 1_700_000_000_000_000_000


class CountingRules:
    """A stand-in for the rules of lineage: every job is a step of its own."""

    def assign_step(self, connection: sqlite3.Connection, job_id: int, rerun_of: int | None) -> int:
        (count,) = connection.execute("SELECT count(*) FROM job WHERE visible = 1").fetchone()
        return int(count) + 1

    def settle_part(self, connection: sqlite3.Connection, job_id: int, first: int, last: int) -> None:
        connection.execute(
            "UPDATE job_input SET origin = 'root' WHERE job_id = ? AND path_id BETWEEN ? AND ?",
            (job_id, first, last),
        )

    def settle_readers(self, connection: sqlite3.Connection, job_id: int) -> None:
        """Has no bearing on others."""


class Inputs:
    """`count` inputs made while they are iterated, as often as needed."""

    def __init__(self, count: int, salt: str = "") -> None:
        self.count = count
        self.salt = salt

    def __iter__(self) -> Iterator[InputRecord]:
        for number in range(self.count):
            digest = hashlib.sha256(f"{self.salt}{number}".encode()).digest()
            yield InputRecord(
                f"data/{number // 1000}/{number}.bin", {"blake3": digest}, number, STARTED_NS + number
            )


class Outputs(Inputs):
    """`count` outputs, likewise."""

    def __iter__(self) -> Iterator[OutputRecord]:  # type: ignore[override]  # the same, for the other direction
        for number in range(self.count):
            digest = hashlib.sha256(f"out {self.salt}{number}".encode()).digest()
            path = f"out/{self.salt}/{number}.bin"
            yield OutputRecord(path, {"blake3": digest}, number, STARTED_NS + number, "created", True)


def make_job(uid: str, **changes: object) -> JobRecord:
    fields: dict[str, object] = {
        "uid": uid, "kind": "run", "argv": ("python", "train.py", uid), "cwd": ".", "program": f"train-{uid}.py",
        "started_ns": STARTED_NS, "ended_ns": STARTED_NS + 10**9, "status": "ok", "exit_code": 0, "signal": None,
        "tracer": "ptrace", "level": "kernel",
    }  # fmt: skip
    return JobRecord(**{**fields, **changes})  # type: ignore[arg-type]  # checked by the tests that use it


def make_run(uid: str, inputs: int = 0, outputs: int = 0, **changes: object) -> RunRecord:
    process = ProcessRecord(1, None, 4711, "/usr/bin/python3", ("python", "train.py"), "/", 1, 2, 0, None)
    return RunRecord(make_job(uid, **changes), Inputs(inputs), Outputs(outputs, uid), (process,))


def main(root: str, uid: str, inputs: str, outputs: str, *options: str) -> None:
    project = Project(Path(root))
    run = make_run(uid, int(inputs), int(outputs))
    entry = None
    if "--spool" in options:
        entry = spool.create_entry(project, uid, {"argv": run.job.argv})
        spool.write_record(entry, run)
        sys.stdout.write("spooled\n")
        sys.stdout.flush()
    with Store(project) as store:
        store.record_run(run, None if "--real-rules" in options else CountingRules())
    if entry is not None:
        spool.remove_entry(entry)


if __name__ == "__main__":
    main(*sys.argv[1:])
