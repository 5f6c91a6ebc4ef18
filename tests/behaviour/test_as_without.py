"""Promise 1: output, exit status, descriptors, environment, dispositions are those that a command has without roar."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from place import ROAR, Place


@pytest.mark.parametrize("status", [0, 1, 3, 125, 126, 127, 255])
def test_exit_status_is_the_commands(place: Place, status: int) -> None:
    assert place.observed("sh", "-c", f"exit {status}").returncode == status


@pytest.mark.parametrize("name", ["TERM", "INT", "KILL", "SEGV", "HUP", "USR1", "PIPE"])
def test_death_by_signal_is_passed_on_as_that_signal(place: Place, name: str) -> None:
    number = getattr(signal, f"SIG{name}")
    assert place.observed("sh", "-c", f"kill -{name} $$").returncode == -number
    assert not list(place.root.glob("core*"))


def test_command_not_found_is_127(place: Place) -> None:
    done = place.observed("no-such-command-here")
    assert done.returncode == 127
    assert "command not found: `no-such-command-here`" in done.stderr
    assert place.roar("log", "--json").stdout.strip() == "[]"


def test_command_not_executable_is_126(place: Place) -> None:
    (place.root / "data.txt").write_text("x")
    done = place.observed("./data.txt")
    assert done.returncode == 126
    assert "data.txt" in done.stderr


def test_script_without_a_shebang_is_run_by_sh(place: Place) -> None:
    (place.root / "script").write_text("echo from sh\n")
    (place.root / "script").chmod(0o755)
    assert place.observed("./script").stdout == "from sh\n"


def test_stdin_and_output_pass_through_untouched(place: Place) -> None:
    data = bytes(range(256)) * 5000
    done = place.observed_bytes("cat", input=data)
    assert (done.returncode, done.stdout, done.stderr) == (0, data, b"")


def test_environment_is_the_same_byte_for_byte(place: Place) -> None:
    environment = {os.fsencode(k): os.fsencode(v) for k, v in place.environment.items()}
    environment |= {b"ODD": b"\xff\xfe", b"EMPTY": b""}
    for name in (b"LANG", b"LC_ALL", b"LC_CTYPE"):  # the interpreter sets LC_CTYPE in such a locale
        environment.pop(name, None)
    # What the kernel keeps of an exec has the two variables by which a library is loaded; no program gets them.
    command = ["env", "-0"] if place.tracer == "preload" else ["cat", "/proc/self/environ"]
    bare = subprocess.run(command, cwd=place.root, env=environment, capture_output=True).stdout
    observed = place.observed_bytes(*command, env=environment).stdout
    assert observed == bare


def test_open_descriptors_are_the_same(place: Place) -> None:
    place.script("list.sh", "ls /proc/self/fd; readlink /proc/self/fd/7; echo written >&7")
    bare = place.bare("bash", "-c", "./list.sh 7> seven", stdin=subprocess.DEVNULL)
    (place.root / "seven").unlink()
    observed = place.bare(
        "bash", "-c", f"{' '.join(ROAR)} run -q ./list.sh 7> seven", stdin=subprocess.DEVNULL
    )
    assert observed.stdout == bare.stdout
    assert (place.root / "seven").read_text() == "written\n"


@pytest.mark.parametrize("field", ["SigIgn", "SigBlk", "SigCgt", "NoNewPrivs"])
def test_signal_dispositions_are_the_same(place: Place, field: str) -> None:
    command = ["grep", field, "/proc/self/status"]
    if field == "NoNewPrivs" and os.geteuid() and place.tracer != "none":
        pytest.skip("an ordinary user's filter needs NO_NEW_PRIVS")
    assert place.observed(*command).stdout == place.bare(*command).stdout


def test_ignored_signals_stay_ignored(place: Place) -> None:
    command = ["nohup", *ROAR, "run", "-q", "grep", "SigIgn", "/proc/self/status"]
    done = subprocess.run(command, cwd=place.root, env=place.environment, capture_output=True, text=True)
    assert int(done.stdout.split()[1], 16) & 1 << (signal.SIGHUP - 1)


def test_reader_that_leaves_early_ends_the_job_as_without_roar(place: Place) -> None:
    script = "{} yes | head -1; echo ${{PIPESTATUS[0]}}"
    observed = place.bare("bash", "-c", script.format(f"{' '.join(ROAR)} run -q"))
    assert observed.stdout == place.bare("bash", "-c", script.format("")).stdout == "y\n141\n"


def test_shell_sees_the_same_group_session_and_terminal(place: Place) -> None:
    code = (
        "import os; print(os.getpgrp() == os.getpgid(os.getppid()), os.getsid(0) == os.getsid(os.getppid()))"
    )
    assert place.observed(sys.executable, "-c", code).stdout == "True True\n"


CHILDREN = """
import os
pid = os.fork() or os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
try:
    os.wait()
except ChildProcessError:
    print("none left")
"""


def test_child_status_is_its_own_business(place: Place) -> None:
    assert place.observed(sys.executable, "-c", CHILDREN).stdout == "7\nnone left\n"


def test_nothing_of_roar_is_imported_into_the_job(place: Place) -> None:
    code = "import sys; print([m for m in sys.modules if 'roar' in m])"
    assert place.observed(sys.executable, "-c", code).stdout == "[]\n"


def test_arguments_that_are_not_utf8_arrive_as_they_are(place: Place) -> None:
    odd = os.fsdecode(b"a\xff b")
    done = place.observed_bytes("printf", "%s", odd)
    assert done.stdout == b"a\xff b"
    assert place.roar("log", "--json").returncode == 0


def test_options_after_the_command_are_the_commands(place: Place) -> None:
    done = place.observed("echo", "-n", "--tracer", "x", "--", "-q")
    assert done.stdout == "--tracer x -- -q"


def test_summary_is_one_line_on_stderr(place: Place) -> None:
    done = place.roar("run", "sh", "-c", "echo x > out")
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("roar: @1 ")
    if place.tracer != "none":
        assert "1 output" in line


def test_summary_is_the_last_line_on_a_terminal(place: Place) -> None:
    shown = pexpect.run(
        " ".join([*ROAR, "run", "sh", "-c", "'echo x > out; echo said'"]),
        cwd=str(place.root),
        env=place.environment,
        encoding="utf-8",
    )
    said, summary = shown.splitlines()
    assert said == "said"
    pattern = r"roar: @1 [0-9a-f]{8} · \d+ inputs? · \d+ outputs? · \d+\.\d\d s \(\+\d+\.\d\d s\)"
    assert re.fullmatch(pattern, summary)


@pytest.mark.parametrize(
    ("options", "variables"), [(["-q"], {}), (["--quiet"], {}), ([], {"ROAR_OUTPUT__QUIET": "1"})], ids=str
)
def test_summary_is_left_out_where_it_is_not_wanted(
    place: Place, options: list[str], variables: dict[str, str]
) -> None:
    done = place.roar("run", *options, "true", env={**place.environment, **variables})
    assert (done.stdout, done.stderr) == ("", "")


def test_summary_is_not_written_into_a_log_file(place: Place) -> None:
    with open(place.root / "log", "w") as log:
        place.roar("run", "sh", "-c", "echo out; echo err >&2", stdout=log, stderr=log, capture_output=False)
    assert (place.root / "log").read_text() == "out\nerr\n"


def test_job_starts_once_even_when_it_fails(place: Place) -> None:
    place.observed("sh", "-c", "echo started >> count; exit 9")
    assert Path(place.root / "count").read_text() == "started\n"
