"""Fifty runs of one project at the same time, with others reading it."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from installed_tracers import NONE, each_tracer_and_none
from scene import ROAR, Ended, Scene, Started

FIFTY = 50


def start(scene: Scene, number: int) -> Started:
    script = f"cat in part{number - 1} 2>/dev/null > part{number}; echo {number}"
    return scene.start(*ROAR, "run", "-q", "-n", f"part-{number}", "sh", "-c", script)


@pytest.mark.slow
@each_tracer_and_none
def test_fifty_runs_at_once_are_all_recorded_while_others_read(scene: Scene, tracer: str) -> None:
    scene.environment["ROAR_TRACER__DEFAULT"] = tracer
    with ExitStack() as stack:
        runs = [stack.enter_context(start(scene, number)) for number in range(FIFTY)]
        seen = []
        while any(run.is_running() for run in runs):
            for arguments in (["log", "--json"], ["dag", "--json"], ["status"]):
                reading = scene.roar(*arguments)
                assert (reading.status, reading.stderr) == (0, "")
            seen.append(len(scene.log()))
        assert [run.wait() for run in runs] == [Ended(0, f"{number}\n", "") for number in range(FIFTY)]
    assert seen == sorted(seen)
    jobs = scene.log()
    assert len(jobs) == FIFTY
    assert {job["status"] for job in jobs} == {"ok"}
    assert len({job["step"] for job in jobs}) == FIFTY
    if tracer != NONE:
        for job in jobs:
            (path,) = outputs = scene.outputs(job["uid"])
            assert path == job["name"].replace("-", "")
            assert outputs == scene.left(path)
    scene.check_sound(jobs)


@pytest.mark.slow
def test_first_command_fifty_times_at_once_makes_one_database(scene: Scene) -> None:
    scene.database.unlink()
    with ExitStack() as stack:
        runs = [stack.enter_context(start(scene, number)) for number in range(FIFTY)]
        assert [run.wait() for run in runs] == [Ended(0, f"{number}\n", "") for number in range(FIFTY)]
    jobs = scene.log()
    assert len({job["step"] for job in jobs}) == FIFTY
    scene.check_sound(jobs)


def test_waiting_runs_are_taken_in_once_by_many_readers_at_once(scene: Scene) -> None:
    for number in range(5):
        scene.job(f"echo {number} > out{number}; kill -9 $PPID; exec sleep 60")
    with ExitStack() as stack:
        readers = [stack.enter_context(scene.start(*ROAR, "log")) for _ in range(10)]
        for reader in readers:
            ended = reader.wait()
            assert (ended.status, ended.stderr) == (0, "")
    jobs = scene.log()
    assert [job["status"] for job in jobs] == ["interrupted"] * 5
    scene.check_sound(jobs)
