"""How fast runs go into the store and come out: `benchmarks/store.py [--files 1000000]` prints one JSON object."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import resource
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from roar_core.project import Project
from roar_core.store.artifacts import find_artifact
from roar_core.store.connection import open_database
from roar_core.store.digest_cache import CacheKey, CacheTable
from roar_core.store.edges import iterate_inputs
from roar_core.store.health import check_health
from roar_core.store.jobs import find_job, list_jobs
from roar_core.store.records import InputRecord, JobRecord, OutputRecord, RunRecord
from roar_core.store.store import Store
from roar_core.store.transactions import write_transaction

NOW_NS = 1_700_000_000_000_000_000


def make_job(uid: str, number: int = 0) -> JobRecord:
    """Returns a job; each number starts a second later."""
    started = NOW_NS + number * 10**9
    argv = ("python", "x.py", uid)
    return JobRecord(
        uid, "run", argv, ".", f"{number % 7}.py", started, started + 5, "ok", 0, None, "ptrace", "kernel"
    )


def make_inputs(count: int) -> Iterator[InputRecord]:
    """Yields inputs with new paths and new digests."""
    for number in range(count):
        digest = hashlib.sha256(b"%d" % number).digest()
        yield InputRecord(
            f"data/{number // 1000:05}/image_{number:08}.jpg", {"blake3": digest}, number, NOW_NS
        )


def make_outputs(count: int, folder: str = "out") -> Iterator[OutputRecord]:
    """Yields outputs with new paths and new digests."""
    for number in range(count):
        digest = hashlib.sha256(f"{folder}{number}".encode()).digest()
        yield OutputRecord(f"{folder}/{number:08}.npy", {"blake3": digest}, number, NOW_NS, "created", True)


def seconds(work: Callable[[], object]) -> float:
    """Returns how long `work` took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def wait_for_lock(root: str) -> None:
    """Asks for the write lock again and again until stdin ends, and prints the longest time that it took."""
    longest = 0.0
    with Store(Project(Path(root))) as store:
        while not select.select([sys.stdin], [], [], 0.01)[0]:
            began = time.perf_counter()
            with write_transaction(store.connection, busy_seconds=30):
                longest = max(longest, time.perf_counter() - began)
    print(longest)


def measure_large(folder: Path, files: int) -> dict[str, float]:
    """Returns figures of one run of many inputs."""
    project = make_project(folder)
    making = seconds(lambda: [None for _ in make_inputs(files)])
    with Store(project) as store:
        run = RunRecord(make_job("aaaaaaaa"), make_inputs(files), ())
        began, worked = time.perf_counter(), time.process_time()
        store.record_run(run)
        recording = time.perf_counter() - began - making
        working = time.process_time() - worked - making
        job = find_job(store.connection, "aaaaaaaa")
        digest = hashlib.sha256(b"77").hexdigest()
        return {
            "files": files,
            "seconds": recording,
            "files_per_second": files / recording,
            "files_per_cpu_second": files / working,
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "bytes_per_file": os.stat(project.database).st_size / files,
            "artifact_by_prefix_seconds": seconds(lambda: find_artifact(store.connection, digest[:12])),
            "first_inputs_seconds": seconds(lambda: next(iterate_inputs(store.connection, job.id, limit=50))),
            "all_inputs_seconds": seconds(lambda: [None for _ in iterate_inputs(store.connection, job.id)]),
            "quick_check_seconds": seconds(lambda: check_health(store.connection, project.database)),
        }


def measure_waiting(folder: Path, files: int) -> dict[str, float]:
    """Returns how long another process waits for the write lock beside a run of many inputs."""
    project = make_project(folder)
    with Store(project) as store:
        command = [sys.executable, __file__, "--wait-for-lock", str(folder)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as waiter:
            store.record_run(RunRecord(make_job("aaaaaaaa"), make_inputs(files), ()))
            longest, _ = waiter.communicate("\n")
    return {"files": files, "longest_wait_of_another_seconds": float(longest)}


def record_small(store: Store, number: int) -> float:
    """Returns how long it took to record a job with two outputs."""
    run = RunRecord(make_job(f"{number:08x}", number), (), make_outputs(2, f"o{number}"))
    return seconds(lambda: store.record_run(run))


def measure_many_jobs(folder: Path, jobs: int) -> dict[str, float]:
    """Returns figures of a project of many jobs."""
    project = make_project(folder)
    with Store(project) as store:
        spent = [record_small(store, number) for number in range(jobs)]
    connection = open_database(project)
    answer = {
        "jobs": jobs,
        "record_first_seconds": spent[0],
        "record_last_seconds": spent[-1],
        "open_seconds": seconds(lambda: open_database(project).close()),
        "list_20_seconds": seconds(lambda: list_jobs(connection, limit=20)),
        "list_all_seconds": seconds(lambda: list_jobs(connection)),
        "find_job_seconds": seconds(lambda: find_job(connection, f"{jobs // 2:08x}")),
    }
    connection.close()
    return answer


def measure_cache(folder: Path, keys: int) -> dict[str, float]:
    """Returns figures of the digest cache."""
    connection = open_database(make_project(folder))
    table = CacheTable(connection)
    rows = [(CacheKey("uuid", number, 5, NOW_NS, NOW_NS), {"blake3": bytes(32)}) for number in range(keys)]
    answer = {
        "keys": keys,
        "put_seconds": seconds(lambda: table.put_many(rows)),
        "get_seconds": seconds(lambda: table.find("uuid", [key[1:] for key, _ in rows], ["blake3"])),
    }
    connection.close()
    return answer


def make_project(folder: Path) -> Project:
    """Returns a new project in `folder`."""
    (folder / ".roar").mkdir(parents=True)
    return Project(folder)


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--wait-for-lock", metavar="ROOT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.wait_for_lock:
        wait_for_lock(options.wait_for_lock)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        first = make_project(folder / "small")
        run = RunRecord(make_job("aaaaaaaa"), list(make_inputs(20_000)), list(make_outputs(10_000)))
        with Store(first) as store:
            small = seconds(lambda: store.record_run(run))
        figures = {
            "machine": {
                "cpus": os.cpu_count(),
                "kernel": platform.release(),
                "python": platform.python_version(),
            },
            "inputs_20000_outputs_10000_seconds": small,
            "large": measure_large(folder / "large", options.files),
            "waiting": measure_waiting(folder / "waiting", options.files // 4),
            "many_jobs": measure_many_jobs(folder / "jobs", options.jobs),
            "digest_cache": measure_cache(folder / "cache", 20_000),
        }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
