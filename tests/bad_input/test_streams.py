"""Streams that are closed, full, or left by their reader."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import pytest
from installed_tracers import each_tracer_and_none
from user import READING, ROAR, User

CLOSED = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"]
READING_ALL = [*READING, ("show", "@1", "--all"), ("show", "out.txt"), ("log", "--json"), ("config", "list")]


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("arguments", READING_ALL, ids=" ".join)
def test_closed_stream_is_no_error(experienced: User, arguments: tuple[str, ...], closed: str) -> None:
    whole = experienced.roar(*arguments)
    answer = experienced.roar(*arguments, redirect=closed)
    if ">&-" in closed.replace("2>&-", ""):
        assert answer.stdout == ""
    else:
        assert len(answer.stdout.splitlines()) == len(whole.stdout.splitlines())


LISTING = """
ls /proc/self/fd > fds
for n in 0 1 2; do test -e /proc/$$/fd/$n && echo $n; done > open
cat in.txt > out.txt
"""


@each_tracer_and_none
@pytest.mark.parametrize("closed", CLOSED)
def test_job_finds_its_streams_closed_as_without_roar(experienced: User, closed: str, tracer: str) -> None:
    experienced.write("list.sh", LISTING)
    experienced.roar(
        *("run", "-q", "--tracer", tracer, "sh", "list.sh"),
        before=f"sh list.sh {closed}; mv open bare; mv fds bare_fds",
        redirect=closed,
    )
    for name, bare in (("open", "bare"), ("fds", "bare_fds")):
        assert (experienced.project / name).read_text() == (experienced.project / bare).read_text()
    assert (experienced.project / "out.txt").read_text() == "data\n"
    assert experienced.jobs()[0]["status"] == "ok"


@pytest.mark.parametrize("closed", CLOSED)
def test_nothing_of_roars_gets_into_the_jobs_files_where_streams_are_closed(
    experienced: User, closed: str
) -> None:
    """The first file that the job opens gets the number of the closed stream: nobody may write there."""
    experienced.write("job.py", "f = open('result.txt', 'w'); f.write('mine'); f.close()\n")
    experienced.roar(
        "run", "python3", "job.py", redirect=closed, env={"PATH": "/usr/local/bin:/usr/bin:/bin"}
    )
    assert (experienced.project / "result.txt").read_text() == "mine"
    assert experienced.last()["outputs"][0]["path"] == "result.txt"


@pytest.mark.parametrize("arguments", [*READING, ("config", "list"), ("--help",)], ids=" ".join)
def test_full_disk_under_stdout_is_said(experienced: User, arguments: tuple[str, ...]) -> None:
    answer = experienced.roar(*arguments, redirect="> /dev/full", status=1)
    assert answer.stderr == "roar: cannot write output: no space left on device\nhint: df -h\n"


def test_full_disk_under_stdout_is_said_in_json(experienced: User) -> None:
    answer = experienced.roar("log", "--json", redirect="> /dev/full", status=1)
    assert json.loads(answer.stderr)["error"]["message"] == "cannot write output: no space left on device"


def test_full_disk_under_stderr_does_not_change_the_status(experienced: User) -> None:
    experienced.roar("run", "sh", "-c", "exit 3", redirect="2> /dev/full", status=3)
    experienced.roar("run", "true", redirect="2> /dev/full")
    experienced.roar("show", "@99", redirect="2> /dev/full", status=1)
    assert len(experienced.jobs()) == 3


@pytest.mark.parametrize("arguments", [("log",), ("show", "@1", "--all"), ("--help",)], ids=" ".join)
def test_reader_that_has_left_ends_roar_as_any_program(experienced: User, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*ROAR, *arguments],
        cwd=experienced.project,
        env=experienced.environment,
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


def test_reader_of_stderr_that_has_left_does_not_change_the_status(experienced: User) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*ROAR, "run", "sh", "-c", "exit 3"],
        cwd=experienced.project,
        env=experienced.environment,
        stdout=subprocess.PIPE,
        stderr=writing,
    )
    os.close(writing)
    assert done.returncode == 3
