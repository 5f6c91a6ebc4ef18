"""A writer that is killed: the database is sound, and the run is there once, whenever the kill came."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from roar_core.project import Project
from roar_core.store import spool
from roar_core.store.abandoned import remove_job
from roar_core.store.edges import count_edges
from roar_core.store.health import find_problems
from roar_core.store.jobs import list_jobs
from roar_core.store.store import Store

StartWriter = Callable[..., "subprocess.Popen[str]"]


def _take_in(project: Project, rules: Any) -> None:
    with Store(project) as store:
        for waiting in spool.list_entries(project):
            entry = spool.adopt(waiting)
            assert entry is not None
            store.record_run(spool.read_record(entry), rules)
            spool.remove_entry(entry)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_killed_writers_run_is_taken_in_complete(
    project: Project, start_writer: StartWriter, rules: Any, seed: int
) -> None:
    writer = start_writer("aaaaaaaa", 30_000, 3_000, "--spool")
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.0, 0.9))
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    with Store(project) as store:
        assert find_problems(store.connection, thorough=True) == ()
        assert len(list_jobs(store.connection)) in (0, 1)
        for job in list_jobs(store.connection):
            assert count_edges(store.connection, job.id) == (30_000, 3_000)
    _take_in(project, rules)
    with Store(project) as store:
        (job,) = list_jobs(store.connection)
        assert (job.uid, count_edges(store.connection, job.id)) == ("aaaaaaaa", (30_000, 3_000))
        assert find_problems(store.connection, thorough=True) == ()
        assert store.connection.execute("SELECT count(*) FROM job").fetchone() == (1,)
    assert spool.list_entries(project) == ()


def test_killed_writers_rows_are_removed_by_the_next(
    project: Project, start_writer: StartWriter, make_run: Any, rules: Any
) -> None:
    writer = start_writer("aaaaaaaa", 200_000, 0)
    with Store(project) as store:
        while not store.connection.execute("SELECT EXISTS (SELECT 1 FROM job_input)").fetchone()[0]:
            assert writer.poll() is None
        store.record_run(make_run("bbbbbbbb"), rules)  # leaves the living writer's rows alone
        assert store.connection.execute("SELECT count(*) FROM job WHERE visible = 0").fetchone() == (1,)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        store.record_run(make_run("cccccccc"), rules)
        assert store.connection.execute("SELECT count(*) FROM job").fetchone() == (2,)
        assert store.connection.execute("SELECT count(*) FROM job_input").fetchone() == (0,)


def test_job_that_became_visible_meanwhile_is_not_removed(store: Store, make_run: Any, rules: Any) -> None:
    recorded = store.record_run(make_run("aaaaaaaa", 10, 10), rules)
    remove_job(store.connection, recorded.job_id, 2.0)  # as one who had listed it before it was visible
    assert count_edges(store.connection, recorded.job_id) == (10, 10)


def test_run_killed_between_commit_and_removal_is_there_once(
    project: Project, make_run: Any, rules: Any
) -> None:
    run = make_run("aaaaaaaa", 10, 10)
    entry = spool.create_entry(project, "aaaaaaaa", {})
    spool.write_record(entry, run)
    with Store(project) as store:
        store.record_run(run, rules)
    os.close(entry.lock or -1)
    _take_in(project, rules)
    with Store(project) as store:
        assert len(list_jobs(store.connection)) == 1
