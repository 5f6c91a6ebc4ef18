#!/usr/bin/env python3
"""How long the reading commands take in a session of 10,000 jobs and 1,000,000 artifacts, made through the store.

A hundred pipelines of a hundred stages each: a stage reads ten of the hundred files that the one before it left. The
files that are read lie on disk. One pipeline is run a second time with other data, so that `roar diff` has a hundred
stages to go up, and a session of a tenth of the size is there to be compared with.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from blake3 import blake3
from measuring import SCRATCH, Figure, find_roar, report, run_once
from roar_core.hashing.cache import DigestCache
from roar_core.lineage.program import program_of
from roar_core.project import Project
from roar_core.store.digest_cache import CacheTable
from roar_core.store.records import Identity, InputRecord, JobRecord, OutputRecord, RunRecord
from roar_core.store.store import Store

PIPELINES, STAGES, FILES, READ = 100, 100, 100, 10
SECOND_NS = 1_000_000_000
READING_SECONDS, DIFF_SECONDS = 0.5, 2.0


def main() -> int:
    """The exit status: 1 with --check where a goal is not met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="keep the project for the next time")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    root = SCRATCH.with_name(f"{SCRATCH.name}-large-session")
    if not (root / "ready").exists():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        Maker(root).make()
        (root / "ready").touch()
    figures = measure(root, find_roar(), options.repeats)
    if not options.keep:
        shutil.rmtree(root)
    return report("large_session", figures, options.json, options.check)


class Maker:
    """Records the sessions. Every job begins after the last one ended."""

    def __init__(self, root: Path) -> None:
        self._root = root
        subprocess.run([find_roar(), "init", "-n"], cwd=root, check=True, stdout=subprocess.DEVNULL)
        self._project = Project(root)
        self._now_ns = time.time_ns() - 30 * 24 * 3600 * SECOND_NS
        self._count = 0

    def make(self) -> None:
        """Makes all of it; takes minutes."""
        with Store(self._project) as store:
            for pipeline in range(PIPELINES // 10):
                self._pipeline(store, pipeline, "old", on_disk=False)
            with sqlite3.connect(self._project.database) as database:  # as `roar reset` does
                database.execute("UPDATE session SET ended_ns = ?", (self._now_ns,))
            database.close()
            for pipeline in range(PIPELINES):
                self._pipeline(store, pipeline, "new", on_disk=pipeline > 0)
            self._pipeline(store, 0, "again", on_disk=True)

    def _pipeline(self, store: Store, pipeline: int, text: str, *, on_disk: bool) -> None:
        cache = DigestCache(CacheTable(store.connection))
        for stage in range(STAGES):
            self._now_ns += 10 * SECOND_NS
            self._count += 1
            argv = ("python", "stage.py", f"--pipeline={pipeline}", "--out", f"data/{pipeline}/{stage}/0")
            job = JobRecord(
                f"{self._count:08x}", "run", argv, ".", program_of(argv, ".", str(self._root)), self._now_ns,
                self._now_ns + 5 * SECOND_NS, "ok", 0, None, "ptrace", "kernel",
            )  # fmt: skip
            inputs = self._inputs(pipeline, stage - 1, text) if stage else ()
            store.record_run(RunRecord(job, tuple(inputs), tuple(self._outputs(pipeline, stage, text))))
            if on_disk:
                self._write(cache, pipeline, stage, text)
        cache.flush()

    def _inputs(self, pipeline: int, stage: int, text: str) -> Iterator[InputRecord]:
        for number in range(READ):
            path, data = _file(pipeline, stage, number, text)
            yield InputRecord(path, {"blake3": blake3(data).digest()}, len(data), self._now_ns + SECOND_NS)

    def _outputs(self, pipeline: int, stage: int, text: str) -> Iterator[OutputRecord]:
        for number in range(FILES):
            path, data = _file(pipeline, stage, number, text)
            digests = {"blake3": blake3(data).digest()}
            yield OutputRecord(path, digests, len(data), self._now_ns + 4 * SECOND_NS, "created", True)

    def _write(self, cache: DigestCache, pipeline: int, stage: int, text: str) -> None:
        """Writes the files that the next stage reads, and keeps their digests as `roar run` does."""
        (self._root / f"data/{pipeline}/{stage}").mkdir(parents=True)
        for number in range(READ):
            path, data = _file(pipeline, stage, number, text)
            (self._root / path).write_bytes(data)
            found = os.stat(self._root / path)
            cache.remember(
                Identity.of(found), {"blake3": blake3(data).digest()}, found.st_ctime_ns + 10 * SECOND_NS
            )


def _file(pipeline: int, stage: int, number: int, text: str) -> tuple[str, bytes]:
    return f"data/{pipeline}/{stage}/{number}", f"{text} {pipeline} {stage} {number}\n".encode() * 4


def measure(root: Path, roar: str, repeats: int) -> list[Figure]:
    """The median of each command, all commands in turn."""
    database = sqlite3.connect(root / ".roar/roar.db")
    old, new = (uid for (uid,) in database.execute("SELECT uid FROM session ORDER BY id"))
    artifacts = database.execute("SELECT count(*) FROM artifact").fetchone()[0]
    jobs = database.execute(
        "SELECT count(*) FROM job JOIN session ON session.id = session_id WHERE session.ended_ns IS NULL"
    )
    counted = jobs.fetchone()[0]
    database.close()
    last = f"data/{PIPELINES - 1}/{STAGES - 1}/0"
    commands = {
        "dag": (["dag"], READING_SECONDS),
        "log": (["log"], READING_SECONDS),
        "show @5000": (["show", "@5000"], READING_SECONDS),
        "show FILE": (["show", last], READING_SECONDS),
        "status": (["status"], READING_SECONDS),
        "diff of two runs, a hundred stages up": (["diff", "@100·1", "@100"], DIFF_SECONDS),
        "diff of two sessions": (["diff", old, new], DIFF_SECONDS),
        "lineage of a file": (["lineage", last], None),
        "inputs of a file": (["inputs", last], None),
        "dag --expanded": (["dag", "--expanded"], None),
        "dag --show-artifacts": (["dag", "--show-artifacts"], None),
        "dag --json": (["dag", "--json"], None),
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, (arguments, _goal) in commands.items():
            timing = run_once([roar, *arguments], root)
            if timing.status != 0:
                sys.exit(f"failed: roar {name}")
            seconds[name].append(timing.seconds)
    note = f"{counted} jobs, {artifacts} artifacts"
    return [
        Figure(f"roar {name}", statistics.median(seconds[name]), "s", goal, note)
        for name, (_, goal) in commands.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
