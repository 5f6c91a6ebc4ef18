"""Signals and job control: sent to roar alone, to the group, from the terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from place import ROAR, Place, wait_until

COUNTING = """
trap 'echo got >> got; touch done' {name}
touch ready
while [ ! -e done ]; do sleep 0.05; done
sleep 0.3
exit 5
"""


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "USR1", "USR2", "QUIT"])
def test_signal_to_roar_alone_reaches_the_job_once(place: Place, name: str) -> None:
    roar = place.start(place.script("job.sh", COUNTING.format(name=name)))
    wait_until((place.root / "ready").exists)
    roar.send_signal(getattr(signal, f"SIG{name}"))
    assert roar.wait(30) == 5
    assert (place.root / "got").read_text() == "got\n"


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "USR1"])
def test_signal_to_the_group_reaches_the_job_once(place: Place, name: str) -> None:
    if place.tracer == "none":
        pytest.skip("without a tracer there is no witness: a group's signal is passed on once more")
    roar = place.start(place.script("job.sh", COUNTING.format(name=name)), start_new_session=True)
    wait_until((place.root / "ready").exists)
    os.killpg(roar.pid, getattr(signal, f"SIG{name}"))
    assert roar.wait(30) == 5
    assert (place.root / "got").read_text() == "got\n"


def test_sigterm_that_kills_the_job_kills_roar_by_it(place: Place) -> None:
    roar = place.start("sh", "-c", "touch ready; exec sleep 60")
    wait_until((place.root / "ready").exists)
    roar.terminate()
    assert roar.wait(30) == -signal.SIGTERM


def test_sigkill_of_roar_kills_the_command(place: Place) -> None:
    roar = place.start("sh", "-c", "echo $$ > pid.tmp; mv pid.tmp pid; exec sleep 60")
    wait_until((place.root / "pid").exists)
    job = int((place.root / "pid").read_text())
    roar.kill()
    assert roar.wait(30) == -signal.SIGKILL
    wait_until(
        lambda: not Path(f"/proc/{job}").exists() or "Z" in Path(f"/proc/{job}/stat").read_text().split()[2]
    )


WAITING = """
import os, time
open("ready", "w").close()
while not os.path.exists("go"):
    time.sleep(0.05)
print("finished")
"""


def terminal(place: Place) -> pexpect.spawn[str]:
    """Returns an interactive shell on a terminal of its own."""
    environment = {**place.environment, "PS1": "$ ", "HISTFILE": "/dev/null", "TERM": "dumb"}
    shell = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "-i"],
        cwd=str(place.root),
        env=environment,
        encoding="utf-8",
        timeout=20,
    )
    shell.setecho(False)
    shell.sendline("bind 'set enable-bracketed-paste off' 2>/dev/null; PS1='READY> '; echo set up")
    shell.expect("set up\r?\n")
    shell.expect("READY> ")
    return shell


def run_line(*command: str) -> str:
    return " ".join([*ROAR, "run", "-q", *command])


def test_ctrl_c_ends_the_job_and_the_shell_loop(place: Place) -> None:
    shell = terminal(place)
    die = "trap 'echo got >> got; trap - INT; kill -INT $$' INT"
    place.script("job.sh", f"{die}; touch ready; while :; do sleep 0.05; done")
    shell.sendline(f"for i in 1 2 3; do {run_line('./job.sh')}; touch after; done")
    wait_until((place.root / "ready").exists)
    shell.sendintr()
    shell.expect("READY> ")
    shell.sendline("echo status $?")
    shell.expect("status 130")
    assert not (place.root / "after").exists()
    assert (place.root / "got").read_text() == "got\n"
    shell.close(force=True)


def test_ctrl_z_stops_and_fg_continues(place: Place) -> None:
    shell = terminal(place)
    # No shell: one that has just called vfork(2) can't stop before its child has called exec, which has stopped.
    (place.root / "job.py").write_text(WAITING)
    shell.sendline(run_line(sys.executable, "job.py"))
    wait_until((place.root / "ready").exists)
    shell.send("\x1a")
    shell.expect("Stopped")
    shell.expect("READY> ")
    shell.sendline("jobs")
    shell.expect("Stopped")
    (place.root / "go").touch()
    shell.sendline("fg; echo status $?")
    shell.expect("finished")
    shell.expect("status 0")
    shell.close(force=True)


def test_job_in_the_background_that_reads_the_terminal_stops(place: Place) -> None:
    shell = terminal(place)
    shell.sendline(run_line("sh", "-c", "'read line; echo got $line'") + " &")
    shell.expect("READY> ")
    wait_until(lambda: "Stopped" in _jobs(shell, place))
    shell.sendline("fg")
    shell.sendline("typed")
    shell.expect("got typed")
    shell.close(force=True)


def _jobs(shell: pexpect.spawn[str], place: Place) -> str:
    shell.sendline("jobs > jobs.txt")
    shell.expect("READY> ")
    return (place.root / "jobs.txt").read_text()


def test_window_size_reaches_the_job(place: Place) -> None:
    shell = terminal(place)
    place.script(
        "job.sh", "trap 'stty size; touch done' WINCH; touch ready; while [ ! -e done ]; do sleep 0.05; done"
    )
    shell.sendline(run_line("./job.sh"))
    wait_until((place.root / "ready").exists)
    shell.setwinsize(33, 77)
    shell.expect("33 77")
    shell.close(force=True)


def test_terminal_is_the_jobs(place: Place) -> None:
    shell = terminal(place)
    script = "test -t 0 && test -t 1 && test -t 2 && tty | grep -c pts && ps -o stat= -p $$"
    shell.sendline(run_line("sh", "-c", f"'{script}'"))
    shell.expect("1\r?\n")
    shell.expect(r"[SR][a-zA-Z]*\+")
    shell.close(force=True)


def test_pipeline_in_a_shell_script_is_not_disturbed(place: Place) -> None:
    script = f"{run_line('seq', '3')} | {run_line('sort', '-r')} | {run_line('head', '-2')}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=place.root, env=place.environment, capture_output=True, text=True
    )
    assert done.stdout == "3\n2\n"
