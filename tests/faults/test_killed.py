"""SIGKILL at system calls spread over the whole run: the outcome that ARCHITECTURE.md promises, every time."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from scene import JOB, POINTS, ROAR, Scene

RUN = [*ROAR, "run", "-q", "sh", "-c", JOB]
STATES = {"ok", "failed", "signalled", "interrupted"}


def spread(total: int, points: int = POINTS) -> list[int]:
    """Returns system call numbers spread evenly over a run of `total` calls."""
    return sorted({1 + total * i // points for i in range(points)})


def count_calls(log: Path) -> int:
    return sum(1 for line in log.read_text(errors="replace").splitlines() if "(" in line)


def kill_at(scene: Scene, number: int) -> int:
    command = ["strace", "-o", "/dev/null", "-e", f"inject=all:signal=KILL:when={number}", *RUN]
    return subprocess.run(command, cwd=scene.root, env=scene.environment, capture_output=True, timeout=60).returncode


@pytest.mark.slow
def test_roar_killed_at_any_call_leaves_the_run_or_nothing(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> None:
    log = tmp_path_factory.mktemp("strace") / "log"
    subprocess.run(["strace", "-o", str(log), *RUN], cwd=scene.root, env=scene.environment, check=True, capture_output=True)
    total = count_calls(log)
    assert total > 500
    outcomes = {}
    for number in spread(total):
        root = tmp_path_factory.mktemp("killed")
        one = Scene(root)
        status = kill_at(one, number)
        jobs = one.settle()
        outcomes[number] = (status, [job["status"] for job in jobs], one.happened("started"), one.happened("finished"))
        assert len(jobs) <= 1, outcomes[number]
        assert {job["status"] for job in jobs} <= STATES
        if one.happened("started"):
            assert len(jobs) == 1, f"a started run was lost at call {number} of {total}: {outcomes[number]}"
            paths = {edge["path"] for edge in _show(one, jobs[0]["uid"])["outputs"]}
            assert "started" in paths or jobs[0]["status"] == "interrupted"
        if status == 0:
            assert [job["status"] for job in jobs] == ["ok"]
        one.check_database()
        assert one.roar("run", "-q", "true").returncode == 0
    assert any(status == -signal.SIGKILL or status == 128 + signal.SIGKILL for status, *_ in outcomes.values())


@pytest.mark.slow
def test_tracer_killed_at_any_call_takes_the_job_with_it_or_never_starts_it(
    scene: Scene, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plugins = tmp_path_factory.mktemp("plugins")
    info = plugins / "killing_tracer-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: killing-tracer\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[roar]\nkilled = killing_tracer\n")
    (plugins / "killing_tracer.py").write_text((Path(__file__).parent / "killing_tracer.py").read_text())
    log = plugins / "log"

    def run(one: Scene, fault: str) -> int:
        environment = {**one.environment, "PYTHONPATH": str(plugins), "FAULT": fault, "FAULT_LOG": str(log)}
        command = [*ROAR, "run", "-q", "--tracer", "killed", "sh", "-c", JOB]
        return subprocess.run(command, cwd=one.root, env=environment, capture_output=True, timeout=60).returncode

    assert run(scene, "-e trace=all") == 0
    total = count_calls(log)
    assert total > 100
    for number in spread(total):
        one = Scene(tmp_path_factory.mktemp("killed"))
        status = run(one, f"-e inject=all:signal=KILL:when={number}")
        jobs = one.settle()
        seen = (number, total, status, [job["status"] for job in jobs], one.happened("started"), one.happened("finished"))
        if one.happened("started"):
            assert len(jobs) == 1, f"a started run was lost: {seen}"
        if one.happened("finished"):
            assert jobs[0]["status"] in ("ok", "interrupted"), seen
        elif one.happened("started"):
            assert jobs[0]["status"] == "interrupted", seen
        else:
            assert status in (0, 125, -signal.SIGKILL), seen
        one.check_database()


def _show(scene: Scene, uid: str) -> dict[str, list[dict[str, str]]]:
    import json

    answer: dict[str, list[dict[str, str]]] = json.loads(scene.roar("show", uid, "--json").stdout)
    return answer


@pytest.mark.parametrize("operations", [0, 1, 2, 5, 9])
def test_job_killed_after_n_operations_is_signalled_with_what_it_wrote(scene: Scene, operations: int) -> None:
    script = f'i=0; while [ $i -lt {operations} ]; do echo $i > out$i; i=$((i+1)); done; kill -9 $$; echo never > never'
    done = scene.roar("run", "-q", "sh", "-c", script)
    assert done.returncode == -signal.SIGKILL
    (job,) = scene.log()
    assert (job["status"], job["signal"]) == ("signalled", 9)
    assert {edge["path"] for edge in _show(scene, job["uid"])["outputs"]} == {f"out{i}" for i in range(operations)}
