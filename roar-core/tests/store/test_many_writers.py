"""Many processes write one database."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from roar_core.project import Project
from roar_core.store.health import find_problems
from roar_core.store.jobs import list_jobs
from roar_core.store.store import Store

StartWriter = Callable[..., "subprocess.Popen[str]"]


def _finish(writers: list[subprocess.Popen[str]]) -> None:
    for process in writers:
        _, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")


@pytest.mark.slow
def test_fifty_at_once_make_the_database_and_are_all_in_it(
    project: Project, start_writer: StartWriter
) -> None:
    _finish([start_writer(f"{number:08x}", 200, 50, "--real-rules") for number in range(50)])
    with Store(project) as store:
        jobs = list_jobs(store.connection)
        assert len(jobs) == 50
        assert sorted(job.step for job in jobs) == list(range(1, 51))
        assert find_problems(store.connection, thorough=True) == ()
        assert store.connection.execute("SELECT count(*) FROM session").fetchone() == (1,)
        assert store.connection.execute("SELECT count(*) FROM path WHERE text LIKE 'data/%'").fetchone() == (
            200,
        )


def test_small_run_gets_its_turn_beside_a_large_one(
    project: Project, start_writer: StartWriter, make_run: Any, rules: Any
) -> None:
    large = start_writer("aaaaaaaa", 150_000, 0)
    with Store(project) as store:
        waited = []
        number = 0
        while large.poll() is None:
            began = time.monotonic()
            store.record_run(make_run(f"{number:08x}", 1), rules)  # StoreBusy after two seconds
            waited.append(time.monotonic() - began)
            number += 1
        _finish([large])
        assert number > 3
        assert len(list_jobs(store.connection)) == number + 1
