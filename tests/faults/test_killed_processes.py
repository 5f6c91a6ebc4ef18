"""SIGKILL of each process of a tracer, under a job that has dynamic and static programs and leaves a daemon, and under
one that starts a program after another."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from installed_tracers import each_tracer
from processes import named_below
from scene import ROAR, Scene, Started, need

SOURCE = Path(__file__).with_name("programs") / "copy_when_told.c"
JOB = """
(exec < /dev/null > /dev/null 2>&1; read line < go-daemon; cat in > by-daemon) &
./static go-static in by-static &
static=$!
read line < go-dynamic
cat in > by-dynamic
wait $static
echo said
exit 3
"""
PARTS = ("dynamic", "static", "daemon")
MakeScene = Callable[[], Scene]


class WaitingJob:
    """A job all of whose parts wait, each for a line in a FIFO of its own, which `tell` writes."""

    def __init__(self, scene: Scene, tracer: str, stack: ExitStack) -> None:
        subprocess.run([need("cc", "gcc"), "-static", "-o", scene.root / "static", SOURCE], check=True)
        for part in PARTS:
            os.mkfifo(scene.root / f"go-{part}")
        command = [*ROAR, "run", "-q", "--tracer", tracer, "sh", "-c", JOB]
        self.started: Started = stack.enter_context(scene.start(*command))
        # Each is open as soon as the part that reads it has it open.
        self._fifos: dict[str, TextIO] = {}
        for part in PARTS:
            self._fifos[part] = stack.enter_context(open(scene.root / f"go-{part}", "w"))  # noqa: SIM115  # closed with the stack

    def tell(self, *parts: str) -> None:
        """Lets these parts of the job go on."""
        for part in parts:
            self._fifos[part].write("go on\n")
            self._fifos[part].flush()

    def tracer_processes(self) -> dict[int, str]:
        """The processes of the tracer that are there, with their names."""
        return named_below(self.started.reaper, "roar-")


def names_of_processes(scene: Scene, tracer: str) -> list[str]:
    """The names of a tracer's processes, by a job that nothing happens to."""
    with ExitStack() as stack:
        job = WaitingJob(scene, tracer, stack)
        names = sorted(job.tracer_processes().values())
        job.tell(*PARTS)
        assert job.started.wait().status == 3
    (record,) = scene.log()
    assert record["status"] == "failed"
    assert {"by-dynamic", "by-static"} <= scene.outputs(record["uid"]).keys() or record["gaps"]
    return names


@each_tracer
def test_each_process_killed_leaves_all_parts_of_the_job_alone(
    scene: Scene, make_scene: MakeScene, tracer: str
) -> None:
    names = names_of_processes(scene, tracer)
    assert names
    for index, name in enumerate(names):
        one = make_scene()
        with ExitStack() as stack:
            job = WaitingJob(one, tracer, stack)
            victims = sorted(job.tracer_processes().items(), key=lambda item: item[1])
            os.kill(victims[index][0], signal.SIGKILL)
            job.tell(*PARTS)
            ended = job.started.wait()
        assert (ended.status, ended.stdout) == (3, "said\n"), (name, ended)
        check_parts(one, name)
        (record,) = one.log()
        assert record["status"] in ("failed", "interrupted"), name
        if record["status"] == "failed" and record["complete"]:
            assert {"by-dynamic", "by-static"} <= one.outputs(record["uid"]).keys(), name
        one.check_sound([record])


@each_tracer
def test_each_process_killed_after_the_command_leaves_the_daemon_alone(
    scene: Scene, make_scene: MakeScene, tracer: str
) -> None:
    for index, name in enumerate(names_of_processes(scene, tracer)):
        one = make_scene()
        with ExitStack() as stack:
            job = WaitingJob(one, tracer, stack)
            job.tell("dynamic", "static")
            assert job.started.wait().status == 3
            victims = sorted(job.tracer_processes().items(), key=lambda item: item[1])
            if index < len(victims):  # else it has nothing to do with a daemon
                os.kill(victims[index][0], signal.SIGKILL)
            job.tell("daemon")
        check_parts(one, name)
        (record,) = one.log()
        assert record["status"] == "failed", name
        assert {"by-dynamic", "by-static"} <= one.outputs(record["uid"]).keys() or record["gaps"], name
        one.check_sound([record])


@each_tracer
def test_process_killed_between_programs_in_quick_succession_is_not_noticed(
    scene: Scene, tracer: str
) -> None:
    for fifo in ("tell", "go"):
        os.mkfifo(scene.root / fifo)
    loop = "i=0; while [ $i -lt 50 ]; do cat in > out; i=$((i+1)); done"
    script = f"{loop}; echo now > tell; read word < go; {loop}; echo said"
    with scene.start(*ROAR, "run", "-q", "--tracer", tracer, "sh", "-c", script) as started:
        (scene.root / "tell").read_text()
        kill_and_wait(min(named_below(started.reaper, "roar-")))
        (scene.root / "go").write_text("go\n")
        ended = started.wait()
    assert (ended.status, ended.stdout) == (0, "said\n")
    (record,) = scene.log()
    assert record["status"] in ("ok", "interrupted")
    assert all(line.startswith(("roar: ", "hint: ")) for line in ended.stderr.splitlines()), ended.stderr


def kill_and_wait(process: int) -> None:
    """Kills a process that is not a child, and waits until it has ended."""
    descriptor = os.pidfd_open(process)
    os.kill(process, signal.SIGKILL)
    select.select([descriptor], [], [])
    os.close(descriptor)


def check_parts(scene: Scene, name: str) -> None:
    for part in PARTS:
        assert (scene.root / f"by-{part}").read_bytes() == (scene.root / "in").read_bytes(), (name, part)
