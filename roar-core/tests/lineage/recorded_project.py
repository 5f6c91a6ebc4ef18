"""A project whose runs are recorded through the store's own API: its files are real, only the tracer is left out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from blake3 import blake3
from roar_core.hashing.cache import DigestCache
from roar_core.lineage.program import program_of
from roar_core.project import Project, create_project
from roar_core.store.digest_cache import CacheTable
from roar_core.store.records import Gap, Identity, InputRecord, JobRecord, OutputRecord, RunRecord
from roar_core.store.store import Store

LATER_NS = 10_000_000_000


class RecordedProject:
    """Writes files and records who read and wrote them. Every job begins after the last one ended."""

    def __init__(self, root: Path) -> None:
        self.project: Project = create_project(root)
        self.root = root
        self.now_ns = time.time_ns() - 3600 * 1_000_000_000
        self.count = 0

    def write(self, path: str, text: str) -> None:
        """Writes a file that no job wrote."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run(
        self,
        *argv: str,
        reads: Sequence[str] = (),
        code: Sequence[str] = (),
        writes: Mapping[str, str] | None = None,
        appends: Mapping[str, str] | None = None,
        tracked: Sequence[str] = (),
        unknown: Sequence[str] = (),
        exit_code: int = 0,
        gaps: tuple[Gap, ...] = (),
        cwd: str = ".",
        **fields: Any,
    ) -> str:
        """Records a job that read these files as they are and then wrote others; returns its uid.

        `appends` is added to files unread; of `reads`, git has those in `tracked`.
        """
        self.count += 1
        start = self.now_ns = self.now_ns + LATER_NS
        uid = f"{self.count:08x}"
        inputs = [
            self._input(path, start, "code" if path in code else "data", path in tracked)
            for path in (*reads, *code)
        ]
        inputs += [InputRecord(path, {}, None, start, reason="not held") for path in unknown]
        for path, text in (writes or {}).items():
            self.write(path, text)
        for path, text in (appends or {}).items():
            self.write(path, (self.root / path).read_text() + text)
        outputs = [self._output(path, start + 2_000_000_000) for path in writes or {}]
        outputs += [self._output(path, start + 2_000_000_000, "appended") for path in appends or {}]
        job = JobRecord(
            uid=uid,
            kind=fields.pop("kind", "run"),
            argv=argv,
            cwd=cwd,
            program=program_of(argv, cwd, str(self.root)),
            started_ns=start,
            ended_ns=start + 3_000_000_000,
            status="ok" if exit_code == 0 else "failed",
            exit_code=exit_code,
            signal=None,
            tracer=fields.pop("tracer", "ptrace"),
            level=fields.pop("level", "kernel"),
            **fields,
        )
        with Store(self.project) as store:
            store.record_run(RunRecord(job, inputs, outputs, gaps=gaps))
            self._remember(store, [*reads, *code, *(writes or {}), *(appends or {})])
        return uid

    def _input(self, path: str, at_ns: int, role: Any, tracked: bool) -> InputRecord:
        data = (self.root / path).read_bytes()
        digests = {"blake3": blake3(data).digest()}
        return InputRecord(path, digests, len(data), at_ns, role=role, tracked_by_git=tracked)

    def _output(self, path: str, at_ns: int, how: Any = "created") -> OutputRecord:
        data = (self.root / path).read_bytes()
        return OutputRecord(path, {"blake3": blake3(data).digest()}, len(data), at_ns, how, how == "created")

    def _remember(self, store: Store, paths: Sequence[str]) -> None:
        cache = DigestCache(CacheTable(store.connection))
        for path in paths:
            found = (self.root / path).stat()
            digest = blake3((self.root / path).read_bytes()).digest()
            assert cache.remember(Identity.of(found), {"blake3": digest}, found.st_ctime_ns + LATER_NS)
        cache.flush()
