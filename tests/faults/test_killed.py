"""SIGKILL at system calls spread over the whole run: the outcome that ARCHITECTURE.md promises, every time."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from installed_tracers import INSTALLED, NONE, SPECS, each_tracer, each_tracer_and_none
from processes import named_below
from scene import JOB, LEFT_BY_JOB, POINTS, ROAR, Scene, killed_at, need, read_calls, spread

RUN = (*ROAR, "run", "-q")
KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)
MakeScene = Callable[[], Scene]


@pytest.fixture(autouse=True)
def _strace() -> None:
    need("strace", "strace")


@pytest.mark.slow
@each_tracer_and_none
def test_roar_killed_at_any_call_leaves_the_run_or_nothing(
    scene: Scene, make_scene: MakeScene, tracer: str
) -> None:
    command = [*RUN, "--tracer", tracer, "sh", "-c", JOB]
    log = scene.place / "log"
    assert scene.run("strace", "-o", str(log), *command).status == 0
    calls, first = read_calls(log)
    assert 500 < first < len(calls)
    statuses = []
    # Before the first call about the spool, little but the interpreter is set up.
    for call in spread(calls[1:first], POINTS // 4) + spread(calls[first:], POINTS - POINTS // 4):
        one = make_scene()
        status = one.run(*killed_at(call, command)).status
        jobs = one.log()
        seen = f"{call} → {status}, {[job['status'] for job in jobs]}, {sorted(one.left())}"
        statuses.append(status)
        assert status in (0, *KILLED), seen
        if one.happened("started") or status == 0:
            (job,) = jobs
            allowed = {"ok"} if status == 0 else {"ok", "interrupted"}
            assert job["status"] in (allowed if one.happened("finished") else {"interrupted"}), seen
            if tracer != NONE:
                assert one.outputs(job["uid"]) == one.left(), seen
        else:
            assert [job["status"] for job in jobs] in ([], ["interrupted"]), seen
        one.check_sound(jobs)
    assert (
        len([status for status in statuses if status]) > POINTS // 2
    )  # no two runs make quite the same calls


@pytest.mark.slow
@each_tracer
def test_tracer_killed_at_any_call_leaves_the_job_alone_or_never_starts_it(
    scene: Scene, make_scene: MakeScene, killing_plugin: dict[str, str], tracer: str
) -> None:
    # ARCHITECTURE.md lets the job die with its tracer; a guardian process goes one better, and lets it go on.
    log = scene.place / "log"

    def run(one: Scene, fault: str) -> tuple[int, str]:
        variables = one.environment | killing_plugin | {"FAULT": fault, "FAULT_LOG": str(log)}
        variables["FAULT_TRACER"] = SPECS[tracer].factory
        ended = one.job(JOB, "--tracer", "killed", env=variables)
        return ended.status, ended.stderr

    assert run(scene, "-e trace=all") == (0, "")
    calls, _ = read_calls(log)
    assert len(calls) > 100
    outcomes = set()
    for call in spread(calls[1:], POINTS):
        one = make_scene()
        status, errors = run(one, " ".join(call.kill))
        jobs = one.log()
        seen = f"{call} → {status}, {[job['status'] for job in jobs]}, {sorted(one.left())}, {errors}"
        if one.happened("started"):
            assert (status, set(one.left())) == (0, LEFT_BY_JOB), seen
            (job,) = jobs
            assert job["status"] in ("ok", "interrupted"), seen
            if job["status"] == "ok":
                assert one.outputs(job["uid"]) == one.left(), seen
            outcomes.add(job["status"])
        else:
            assert (status, jobs) == (125, []), seen
            assert "hint:" in errors, seen
            outcomes.add("not started")
        one.check_sound(jobs)
    assert outcomes >= {"not started", "interrupted"}


@pytest.mark.slow
@pytest.mark.parametrize("tracer", [name for name in INSTALLED if name == "ptrace"])
def test_tracer_by_stops_killed_at_any_call_takes_the_job_with_it_or_never_starts_it(
    scene: Scene, make_scene: MakeScene, killing_plugin: dict[str, str], tracer: str
) -> None:
    log = scene.place / "log"

    def run(one: Scene, fault: str) -> int:
        variables = {"FAULT": fault, "FAULT_LOG": str(log), "ROAR_TRACER__PTRACE_MODE": "trace"}
        variables["FAULT_TRACER"] = SPECS[tracer].factory
        return one.job(JOB, "--tracer", "killed", env=one.environment | killing_plugin | variables).status

    assert run(scene, "-e trace=all") == 0
    calls, _ = read_calls(log)
    outcomes = set()
    for call in spread(calls[1:], POINTS // 2):
        one = make_scene()
        status = run(one, " ".join(call.kill))
        jobs = one.log()
        seen = f"{call} → {status}, {[job['status'] for job in jobs]}, {sorted(one.left())}"
        if one.happened("started") or status in (0, *KILLED):
            (job,) = jobs
            assert (status, job["status"]) in (
                (0, "ok"),
                (0, "interrupted"),
                (-signal.SIGKILL, "interrupted"),
            ), seen
        else:
            assert (status, jobs) == (125, []), seen
        outcomes.add(status)
        one.check_sound(jobs)
    assert outcomes >= {125, -signal.SIGKILL}


@pytest.fixture
def killing_plugin(tmp_path: Path) -> dict[str, str]:
    """The variables that make a tracer `killed` of `killing_tracer.py`."""
    info = tmp_path / "killing_tracer-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: killing-tracer\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[roar]\nkilled = killing_tracer\n")
    (tmp_path / "killing_tracer.py").write_text(Path(__file__).with_name("killing_tracer.py").read_text())
    path = os.pathsep.join([str(tmp_path), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]).rstrip(
        os.pathsep
    )
    return {"PYTHONPATH": path}


@pytest.mark.slow
def test_job_killed_at_any_call_is_signalled_with_what_it_wrote(scene: Scene, make_scene: MakeScene) -> None:
    log = scene.place / "log"
    assert scene.run("strace", "-o", str(log), "sh", "-c", JOB).status == 0
    calls, _ = read_calls(log)
    assert len(calls) > 50
    for call in spread(calls[1:], POINTS):
        one = make_scene()
        ended = one.roar("run", "-q", *killed_at(call, ["sh", "-c", JOB]))
        seen = f"{call}: {ended}"
        assert ended.status == -signal.SIGKILL, seen
        (job,) = one.log()
        assert (job["status"], job["signal"]) == ("signalled", signal.SIGKILL), seen
        assert one.outputs(job["uid"]) == one.left(), seen


@pytest.mark.parametrize("operations", [0, 1, 2, 5, 9])
def test_job_killed_after_n_operations_is_signalled_with_what_it_wrote(scene: Scene, operations: int) -> None:
    script = f"i=0; while [ $i -lt {operations} ]; do echo $i > out$i; i=$((i+1)); done; kill -9 $$; echo never > never"
    assert scene.job(script).status == -signal.SIGKILL
    (job,) = scene.log()
    assert (job["status"], job["signal"]) == ("signalled", 9)
    assert set(scene.outputs(job["uid"])) == {f"out{i}" for i in range(operations)}


@pytest.mark.slow
def test_next_command_killed_while_it_takes_the_run_in_leaves_it_to_the_one_after(
    scene: Scene, make_scene: MakeScene
) -> None:
    log = scene.place / "log"
    leave_a_run(scene)
    assert scene.run("strace", "-o", str(log), *ROAR, "log").status == 0
    calls, first = read_calls(log)
    assert first
    for call in spread(calls[first:], POINTS):
        one = make_scene()
        leave_a_run(one)
        assert one.run(*killed_at(call, [*ROAR, "log"])).status in (0, *KILLED)
        (job,) = one.log()
        assert job["status"] == "interrupted"
        assert one.outputs(job["uid"]) == one.left("started")
        one.check_sound([job])


def leave_a_run(scene: Scene) -> None:
    """Leaves a run whose roar was killed, waiting in the spool."""
    assert scene.job("echo started > started; kill -9 $PPID; exec sleep 60").status == -signal.SIGKILL
    assert len(scene.waiting()) == 1


@each_tracer_and_none
def test_whole_group_killed_at_once_is_interrupted(scene: Scene, tracer: str) -> None:
    # As `timeout -s KILL` and schedulers do: roar, its tracer and its job go at the same moment.
    script = "echo started > started; kill -9 0; echo never > never"
    assert scene.run("setsid", "-w", *RUN, "--tracer", tracer, "sh", "-c", script).status in KILLED
    (job,) = scene.log()
    assert job["status"] == "interrupted"
    assert not scene.happened("never")
    scene.check_sound([job])


def test_guardian_killed_changes_nothing(scene: Scene) -> None:
    os.mkfifo(scene.root / "fifo")
    with scene.start(*RUN, "sh", "-c", "read line < fifo; cat in > out; exit 3") as started:
        with open(scene.root / "fifo", "w") as fifo:  # open as soon as the job has it open
            (guardian,) = named_below(started.pid, "roar-guardian")
            os.kill(guardian, signal.SIGKILL)
            fifo.write("go on\n")
        assert (started.wait().status) == 3
    (job,) = scene.log()
    assert (job["status"], job["complete"]) == ("failed", True)
    assert scene.outputs(job["uid"]) == scene.left("out")
