"""What is left of a run when it is over: its record, and neither processes, nor files, nor open descriptors."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from installed_tracers import NONE, each_tracer_and_none
from scene import ROAR, Scene, Started

ENDINGS = {
    "ok": ("true", 0),
    "failed": ("exit 3", 3),
    "signalled": ("kill -9 $$", -signal.SIGKILL),
    "with output": ("cat in > out", 0),
    "with a child that stays for a moment": ("(read line < in; echo $line > out) &", 0),
}


@each_tracer_and_none
@pytest.mark.parametrize("ending", ENDINGS)
def test_run_leaves_no_files_behind(scene: Scene, ending: str, tracer: str) -> None:
    script, status = ENDINGS[ending]
    assert scene.job(script, "--tracer", tracer).status == status
    check_no_files(scene)


@each_tracer_and_none
def test_command_that_cannot_be_started_leaves_nothing_behind(scene: Scene, tracer: str) -> None:
    assert scene.roar("run", "--tracer", tracer, "no-such-command").status == 127
    assert scene.roar("run", "--tracer", tracer, "./in").status == 126
    assert scene.log() == []
    check_no_files(scene)


def check_no_files(scene: Scene) -> None:
    assert scene.waiting() == []
    assert set(os.listdir(scene.root / ".roar")) <= {"config.toml", "roar.db", "spool", "writers.lock"}
    for folder in ("tmp", "run", "state"):
        assert [path for path in (scene.outside / folder).rglob("*") if not path.is_dir()] == []


def test_daemon_is_served_on_with_nothing_of_the_run_held_open(scene: Scene) -> None:
    os.mkfifo(scene.root / "fifo")
    daemon = "(exec < /dev/null > /dev/null 2>&1; read line < fifo; cat in > late) & echo out"
    with scene.start(*ROAR, "run", "-q", "sh", "-c", daemon) as started:
        ended = started.wait()  # whoever held its pipes would keep this waiting
        assert (ended.status, ended.stdout, ended.stderr) == (0, "out\n", "")
        check_no_files(scene)
        (job,) = scene.log()
        assert job["status"] == "ok"
        assert [gap["kind"] for gap in job["gaps"]] == ["left_running"]
        tracers = orphans(started, "roar-")
        assert tracers
        for pid in tracers:
            assert held_below(pid, scene.place) == set()
        (scene.root / "fifo").write_text("go on\n")
    assert scene.happened("late")


def orphans(started: Started, name: str) -> list[int]:
    """Returns the processes of that name which the command has left behind."""
    reaper = started.reaper
    children = Path(f"/proc/{reaper}/task/{reaper}/children").read_text().split()
    return [int(child) for child in children if Path(f"/proc/{child}/comm").read_text().startswith(name)]


def held_below(pid: int, folder: Path) -> set[str]:
    links = [*Path(f"/proc/{pid}/fd").iterdir(), Path(f"/proc/{pid}/cwd")]
    targets = {os.readlink(link) for link in links}
    return {target for target in targets if target.startswith((str(folder), "pipe:"))}


@each_tracer_and_none
def test_run_with_all_streams_closed_is_recorded(scene: Scene, tracer: str) -> None:
    command = " ".join([*ROAR, "run", "--tracer", tracer, "cp", "in", "out"])
    done = subprocess.run(["sh", "-c", f"{command} <&- >&- 2>&-"], cwd=scene.root, env=scene.environment)
    assert done.returncode == 0
    (job,) = scene.log()
    if tracer != NONE:
        assert scene.outputs(job["uid"]) == scene.left("out")
    scene.check_sound([job])
