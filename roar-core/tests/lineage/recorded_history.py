"""A recorder for tests: histories become rows of a real database, without running anything."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import roar_core.store
from roar_core.lineage.producers import settle_producers
from roar_core.lineage.steps import assign_step
from roar_core.store import readers
from roar_core.store.lineage import LineageTables

SCHEMA = Path(roar_core.store.__file__).with_name("schema.sql")
SECOND = 1_000_000_000
ALL_PATHS = 0, 2**63 - 1


@dataclass(frozen=True)
class Read:
    """A file that a job read at a time (seconds), by default when the job started."""

    path: str
    content: str | None
    at: float | None = None
    role: str = "data"
    git: bool = False


@dataclass(frozen=True)
class Wrote:
    """A file that a job left at a time (seconds), by default when the job ended."""

    path: str
    content: str | None
    at: float | None = None
    how: str = "created"
    fate: str = "present"


@dataclass
class Recorder:
    """Inserts jobs into a new database, each by default one second long and ten after the last."""

    connection: sqlite3.Connection
    clock: float = 1000.0
    artifacts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def new(cls, file: str | Path = ":memory:") -> Recorder:
        """Returns a recorder of an empty database with one session."""
        connection = sqlite3.connect(file, isolation_level=None)
        connection.executescript(SCHEMA.read_text())
        connection.execute("INSERT INTO session (uid, started_ns) VALUES ('s1', 0)")
        return cls(connection)

    @property
    def tables(self) -> LineageTables:
        """Returns the tables under test."""
        return LineageTables(self.connection)

    def reset(self) -> None:
        """Begins a new session."""
        self.connection.execute(
            "UPDATE session SET ended_ns = ? WHERE ended_ns IS NULL", (int(self.clock * SECOND),)
        )
        count = self.connection.execute("SELECT count(*) FROM session").fetchone()[0]
        self.connection.execute(
            "INSERT INTO session (uid, started_ns) VALUES (?, ?)", (f"s{count + 1}", int(self.clock * SECOND))
        )

    def job(
        self,
        command: str | Sequence[str],
        reads: Iterable[Read] = (),
        writes: Iterable[Wrote] = (),
        *,
        program: str | None = None,
        kind: str = "run",
        cwd: str = ".",
        name: str | None = None,
        status: str = "ok",
        start: float | None = None,
        end: float | None = None,
        rerun_of: int | None = None,
    ) -> int:
        """Records a job and returns its id. What is recorded first need not have ended, or begun, first."""
        argv = command.split() if isinstance(command, str) else list(command)
        start = self.clock + 10 if start is None else start
        end = start + 1 if end is None else end
        self.clock = max(self.clock, end)
        cursor = self.connection.execute(
            "INSERT INTO job (uid, session_id, kind, name, program, argv, cwd, started_ns, ended_ns, status, exit_code,"
            " tracer, level) VALUES (?, (SELECT max(id) FROM session), ?, ?, ?, ?, ?, ?, ?, ?, ?, 'ptrace', 'kernel')",
            (
                f"{self.count():08x}",
                kind,
                name,
                program or argv[0],
                json.dumps(argv),
                cwd,
                _ns(start),
                _ns(end),
                status,
                0 if status == "ok" else 1,
            ),
        )
        job_id = cursor.lastrowid
        assert job_id is not None
        for read in reads:
            self.connection.execute(
                "INSERT INTO job_input (job_id, path_id, artifact_id, reason, role, tracked_by_git, first_read_ns)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    job_id,
                    self.path(read.path),
                    self.artifact(read.content),
                    None if read.content else "not held",
                    read.role,
                    read.git,
                    _ns(start if read.at is None else read.at),
                ),
            )
        for wrote in writes:
            self.connection.execute(
                "INSERT INTO job_output (job_id, path_id, artifact_id, reason, written_ns, write_kind, created, fate)"
                " VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
                (
                    job_id,
                    self.path(wrote.path),
                    self.artifact(wrote.content),
                    None if wrote.content else "gone",
                    _ns(end if wrote.at is None else wrote.at),
                    wrote.how,
                    wrote.fate,
                ),
            )
        readers.note_outputs(self.connection, job_id, *ALL_PATHS)
        readers.link_inputs(self.connection, job_id, *ALL_PATHS)
        step = assign_step(self.tables, job_id, rerun_of=rerun_of)
        settle_producers(self.tables, job_id)
        self.connection.execute("UPDATE job SET step = ?, visible = 1 WHERE id = ?", (step, job_id))
        return job_id

    def count(self) -> int:
        """Returns the number of jobs."""
        return int(self.connection.execute("SELECT count(*) FROM job").fetchone()[0])

    def path(self, text: str) -> int:
        """Returns the id of a path."""
        self.connection.execute("INSERT OR IGNORE INTO path (text) VALUES (?)", (text,))
        return int(self.connection.execute("SELECT id FROM path WHERE text = ?", (text,)).fetchone()[0])

    def artifact(self, content: str | None) -> int | None:
        """Returns the id of a content, made when first seen. One whose name starts with `small` is below 64 bytes."""
        if content is None:
            return None
        if content not in self.artifacts:
            size = 10 if content.startswith("small") else 100
            artifact_id = self.connection.execute("INSERT INTO artifact (size) VALUES (?)", (size,)).lastrowid
            assert artifact_id is not None
            self.connection.execute(
                "INSERT INTO digest VALUES ('blake3', ?, ?)", (digest_of(content), artifact_id)
            )
            self.artifacts[content] = artifact_id
        return self.artifacts[content]

    def step(self, job_id: int) -> int:
        """Returns a job's step."""
        return int(self.connection.execute("SELECT step FROM job WHERE id = ?", (job_id,)).fetchone()[0])

    def source(self, job_id: int, path: str) -> tuple[str, int | None]:
        """Returns origin and producer of an input."""
        row = self.connection.execute(
            "SELECT origin, producer_id FROM job_input WHERE job_id = ? AND path_id = ?",
            (job_id, self.path(path)),
        ).fetchone()
        return row[0], row[1]


def digest_of(content: str) -> bytes:
    """Returns the digest that stands for a content."""
    return hashlib.sha256(content.encode()).digest()


def _ns(seconds: float) -> int:
    return int(seconds * SECOND)
