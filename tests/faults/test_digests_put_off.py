"""Digests that are put off, by a setting or a signal: the status is passed on, and the next command finishes them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from blake3 import blake3
from processes import named_below
from scene import ROAR, Ended, Scene

NONE = {"ROAR_RUN__DIGEST_SECONDS": "0"}
PENDING = "digest pending"
HUGE_BYTES = 1 << 40  # of nothing: an hour of digesting
LARGE_BYTES = 4 << 30


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not come about"
        time.sleep(0.01)


def reasons(scene: Scene, uid: str) -> dict[str, str | None]:
    job = scene.show(uid)
    return {edge["path"]: edge["reason"] for edge in job["inputs"] + job["outputs"] if edge["digest"] is None}


def run_without_digests(scene: Scene, script: str) -> Ended:
    return scene.roar("run", "sh", "-c", script, env=scene.environment | NONE)


def recorded(scene: Scene) -> str:
    """Returns the uid of the one job, asked for without leaving roar the time to finish anything."""
    import sqlite3

    connection = sqlite3.connect(scene.database)
    ((uid,),) = connection.execute("SELECT uid FROM job")
    connection.close()
    return str(uid)


def pending_paths(scene: Scene) -> set[str]:
    import sqlite3

    connection = sqlite3.connect(scene.database)
    paths = connection.execute("SELECT text FROM pending_digest JOIN path ON path.id = path_id").fetchall()
    connection.close()
    return {path if isinstance(path, str) else os.fsdecode(path) for (path,) in paths}


def test_no_time_for_digests_leaves_all_pending_and_the_next_command_finishes_them(scene: Scene) -> None:
    ended = run_without_digests(scene, "cat in > out; exit 3")
    assert ended.status == 3
    assert "2 digests put off" in ended.stderr
    assert pending_paths(scene) == {"in", "out"}
    (job,) = scene.log()
    assert job["status"] == "failed"
    assert reasons(scene, job["uid"]) == {}
    assert scene.outputs(job["uid"]) == scene.left("out")
    assert pending_paths(scene) == set()
    scene.check_sound([job])


def test_next_run_finishes_what_was_put_off(scene: Scene) -> None:
    run_without_digests(scene, "cat in > out")
    scene.job("true")
    assert pending_paths(scene) == set()


def test_file_that_changed_or_went_meanwhile_says_so(scene: Scene) -> None:
    run_without_digests(scene, "cat in > out; echo 1 > changed; echo 2 > gone; echo 3 > same")
    (scene.root / "changed").write_text("something else")
    (scene.root / "gone").unlink()
    (scene.root / "in").write_text("other input")
    (job,) = scene.log()
    assert reasons(scene, job["uid"]) == {
        "in": "changed after the job had ended",
        "changed": "changed after the job had ended",
        "gone": "removed before it could be digested",
    }
    assert scene.outputs(job["uid"])["same"] == scene.left("same")["same"]
    scene.check_sound([job])


def test_pending_digest_finds_its_producer_once_it_is_known(scene: Scene) -> None:
    run_without_digests(scene, "cat in > out")
    maker = recorded(scene)
    run_without_digests(scene, "cat out > further")
    reader = scene.log()[0]["uid"]
    (edge,) = scene.show(reader)["inputs"]
    assert (edge["path"], edge["producer"]) == ("out", maker)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_while_digesting_puts_the_rest_off_and_passes_the_status_on(
    scene: Scene, number: signal.Signals
) -> None:
    script = f"echo small > small; truncate -s {LARGE_BYTES} z-large; exit 3"
    scene.environment["ROAR_RUN__DIGEST_SECONDS"] = "600"
    with scene.start(*ROAR, "run", "sh", "-c", script) as started:
        wait_until(lambda: is_digesting(started.pid))
        for _ in range(3):  # a user in a hurry
            os.kill(started.pid, number)
        ended = started.wait()
    assert ended.status == 3
    assert "1 digest put off" in ended.stderr
    assert pending_paths(scene) == {"z-large"}
    (job,) = scene.log()
    zeros = blake3()
    for _ in range(LARGE_BYTES >> 24):
        zeros.update(bytes(1 << 24))
    assert scene.outputs(job["uid"]) == scene.left("small") | {"z-large": f"blake3:{zeros.hexdigest()}"}


def is_digesting(pid: int) -> bool:
    """Returns whether a process below maps a very large file."""
    for child in named_below(pid, "python"):
        with suppress(OSError):
            if "mapping.py" in Path(f"/proc/{child}/cmdline").read_text():
                return True
    return False


@pytest.mark.slow
def test_time_that_is_up_puts_the_rest_off(scene: Scene) -> None:
    scene.environment["ROAR_RUN__DIGEST_SECONDS"] = "0.5"
    ended = scene.roar("run", "sh", "-c", f"truncate -s {HUGE_BYTES} huge; exit 3")
    assert ended.status == 3
    assert "1 digest put off" in ended.stderr
    assert pending_paths(scene) == {"huge"}
    (scene.root / "huge").unlink()
    (job,) = scene.log()
    assert reasons(scene, job["uid"]) == {"huge": "removed before it could be digested"}


def test_roar_killed_while_digesting_leaves_a_run_that_ended_well(scene: Scene) -> None:
    script = f"echo small > small; truncate -s {HUGE_BYTES} z-huge; exit 3"
    with scene.start(*ROAR, "run", "sh", "-c", script) as started:
        wait_until(lambda: is_digesting(started.pid))
        os.kill(started.pid, signal.SIGKILL)
        assert started.wait().status == -signal.SIGKILL
    (scene.root / "z-huge").unlink()
    (job,) = scene.log()
    assert (job["status"], job["exit_code"]) == ("failed", 3)
    assert scene.outputs(job["uid"]) == scene.left("small") | {"z-huge": None}
    scene.check_sound([job])
