"""Odd surroundings, around roar and inside it: the same output, status and files as without roar."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from installed_tracers import NONE
from place import ROAR, Place, wait_until

BESIDE = Path(__file__).parent
SANDBOX = (sys.executable, str(BESIDE / "sandbox.py"))
JOB = """
rm -rf made; mkdir -m 777 made
cat in > made/copy
sort -r -o made/sorted in
ln -s copy made/link 2>/dev/null || echo no link
echo "said by $(id -u), $(logname 2>/dev/null || echo nobody), $(ls /proc/self/fd | wc -l) open"
echo talk >&2
exit 3
"""
RUN = ("sh", "./job.sh")
EVERYWHERE, INSIDE = "around roar and inside it", "inside it"


class Surrounding(NamedTuple):
    """`words` come before the command. `{library}`, `{sudoers}`: files that the tests make."""

    words: tuple[str, ...]
    needs: tuple[str, ...] = ()  # programs, which Debian packages may have under other names
    root: bool = False
    where: str = EVERYWHERE


def in_namespaces(*options: str) -> tuple[str, ...]:
    return ("unshare", *options)


AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
SUDO = (
    'mount --bind "$0" /etc/sudoers && exec setpriv --reuid=65534 --regid=65534 --clear-groups sudo -n "$@"'
)
BWRAP = ("--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--proc", "/proc", "--unshare-pid")
SURROUNDINGS: Mapping[str, Surrounding] = {
    "another preloaded library": Surrounding(("env", "LD_PRELOAD={library}"), ("cc",)),
    "sandbox": Surrounding((*SANDBOX, "links")),
    "bubblewrap": Surrounding(("bwrap", *BWRAP), ("bwrap",)),
    "user namespace": Surrounding(in_namespaces("--user", "--map-root-user"), ("unshare",)),
    "mount namespace": Surrounding(in_namespaces("--user", "--map-root-user", "--mount"), ("unshare",)),
    "pid namespace": Surrounding(
        in_namespaces("--user", "--map-root-user", "--pid", "--fork", "--mount-proc"), ("unshare",)
    ),
    "network namespace": Surrounding(in_namespaces("--user", "--map-root-user", "--net"), ("unshare",)),
    "nice": Surrounding(("nice", "-n", "5")),
    "timeout": Surrounding(("timeout", "50")),
    "empty environment": Surrounding(("env", "-i", f"PATH={os.defpath}", "NO_COLOR=1", "{tracer}")),
    "few descriptors": Surrounding(("sh", "-c", 'ulimit -n 40; exec "$@"', "sh")),
    "no core, little stack": Surrounding(("sh", "-c", 'ulimit -c 0; ulimit -s 1024; exec "$@"', "sh")),
    "session of its own": Surrounding(("setsid", "-w")),
    "nobody": Surrounding(AS_NOBODY, ("setpriv",), root=True, where=INSIDE),
    "nobody, and back by sudo": Surrounding(
        ("unshare", "--mount", "sh", "-c", SUDO, "{sudoers}"), ("setpriv", "sudo"), root=True, where=INSIDE
    ),
    "strace": Surrounding(("strace", "-f", "-o", "/dev/null"), ("strace",), where=INSIDE),
    "gdb": Surrounding(
        ("gdb", "-q", "-batch", "-return-child-result", "-ex", "set confirm off", "-ex", "run", "--args"),
        ("gdb",),
        where=INSIDE,
    ),
}
LIBRARY = 'char *getlogin(void) { return "someone"; }\n'  # which logname(1) asks for


@pytest.fixture
def surrounding(
    request: pytest.FixtureRequest, place: Place, tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """The words of a surrounding, where it can be had here; the job and its input are in the place."""
    wanted = SURROUNDINGS[request.param]
    for program in wanted.needs:
        if not shutil.which(program):
            pytest.skip(
                f"needs {program}: apt-get install its Debian package (bwrap is in bubblewrap, cc in gcc)"
            )
    if wanted.root and os.geteuid() != 0:
        pytest.skip("changes its user: run the suite as root")
    beside = tmp_path_factory.mktemp("beside")
    made = {"tracer": f"ROAR_TRACER__DEFAULT={place.tracer}"}
    if "{library}" in str(wanted.words):
        made["library"] = str(beside / "library.so")
        (beside / "library.c").write_text(LIBRARY)
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-o", made["library"], str(beside / "library.c")], check=True
        )
    if "{sudoers}" in str(wanted.words):
        made["sudoers"] = str(beside / "sudoers")
        Path(made["sudoers"]).write_text("ALL ALL=(ALL) NOPASSWD: ALL\n")
        os.chmod(made["sudoers"], 0o440)
    words = [_fill(word, made) for word in wanted.words]
    if "--user" in words and subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no user namespace may be made here: sysctl kernel.unprivileged_userns_clone=1")
    if words[0] == "bwrap" and subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip(
            "bubblewrap may make no namespaces here: run on a machine, or in a container that allows it"
        )
    (place.root / "in").write_text("b\na\n" * 2000)
    place.script("job.sh", JOB)
    place.root.chmod(0o777)
    return words


def _fill(word: str, made: Mapping[str, str]) -> str:
    for name, text in made.items():
        word = word.replace(f"{{{name}}}", text)
    return word


class Left(NamedTuple):
    """What can be seen of a job from outside."""

    status: int
    stdout: str
    stderr: str
    files: Mapping[str, bytes]


def left_by(place: Place, *command: str) -> Left:
    """Runs a command and returns what is left of it. Process ids and times are made the same."""
    done = place.bare(*command, stdin=subprocess.DEVNULL)
    made = place.root / "made"
    files = {str(path.relative_to(made)): path.read_bytes() for path in made.rglob("*") if path.is_file()}
    shutil.rmtree(made, ignore_errors=True)
    out, err = (re.sub(r"\b\d{3,}\b", "N", text) for text in (done.stdout, done.stderr))
    return Left(done.returncode, out, err, files)


def parametrize(*where: str) -> pytest.MarkDecorator:
    names = [name for name, surrounding in SURROUNDINGS.items() if surrounding.where in where]
    return pytest.mark.parametrize("surrounding", names, indirect=True)


@parametrize(EVERYWHERE, INSIDE)
def test_job_in_odd_surroundings_is_as_without_roar(place: Place, surrounding: list[str]) -> None:
    bare = left_by(place, *surrounding, *RUN)
    assert {"copy", "sorted"} <= bare.files.keys(), bare
    assert left_by(place, *ROAR, "run", "-q", *surrounding, *RUN) == bare
    job = json.loads(place.roar("show", "@1", "--json").stdout)
    assert (job["status"], job["exit_code"]) == ("failed", 3)
    if place.tracer != NONE:
        outputs = {edge["path"] for edge in job["outputs"]}
        assert {"made/copy", "made/sorted"} <= outputs or job["gaps"], (outputs, job["level"])


@parametrize(EVERYWHERE)
def test_roar_in_odd_surroundings_runs_the_job_as_without_it(place: Place, surrounding: list[str]) -> None:
    bare = left_by(place, *surrounding, *RUN)
    observed = left_by(place, *surrounding, *ROAR, "run", "-q", *RUN)
    # A tracer that needs privileges which it has not there is replaced with a word.
    word = re.compile(rf"roar: tracer `{place.tracer}` does not work here \(.*\); using `\w+`\n")
    assert observed._replace(stderr=word.sub("", observed.stderr, count=1)) == bare
    (job,) = json.loads(place.roar("log", "--json").stdout)
    assert (job["status"], job["exit_code"]) == ("failed", 3)


def test_sandbox_that_forbids_to_observe_starts_the_job_as_it_is_or_not_at_all(place: Place) -> None:
    (place.root / "in").write_text("x")
    place.script("job.sh", "echo started >> count; cat in > out")
    done = place.bare(*SANDBOX, "observing", *ROAR, "run", "-q", "./job.sh")
    if done.returncode == 0:
        assert (place.root / "count").read_text() == "started\n"
    else:
        assert done.returncode == 125, done
        assert "hint:" in done.stderr
        assert not (place.root / "count").exists()


DRAWING = """
import curses, sys

def draw(screen):
    curses.curs_set(0)
    rows, columns = screen.getmaxyx()
    screen.addstr(2, 4, f"{rows} x {columns}")
    screen.refresh()
    key = screen.getkey()
    screen.addstr(3, 4, f"got {key}")
    screen.refresh()
    screen.getkey()

curses.wrapper(draw)
print("restored")
"""


def test_program_that_draws_in_tmux_is_as_without_roar(place: Place) -> None:
    if not shutil.which("tmux"):
        pytest.skip("needs tmux: apt-get install tmux")
    (place.root / "draw.py").write_text(DRAWING)
    command = f"{sys.executable} draw.py"
    bare = drawn(place, "bare", command)
    assert "12 x 70" in bare[0]
    assert "got k" in bare[0]
    assert bare[2] == "0\n"
    assert drawn(place, "observed", f"{' '.join(ROAR)} run -q {command}") == bare


def drawn(place: Place, server: str, command: str) -> tuple[str, str, str]:
    """The screen while the program draws, the screen afterwards, and the exit status."""
    tmux = ("tmux", "-L", f"roar-{os.getpid()}-{place.root.name}-{server}", "-f", "/dev/null")
    environment = {
        name: value for name, value in place.environment.items() if name not in ("TMUX", "LINES", "COLUMNS")
    }

    def screen() -> str:
        return place.bare(*tmux, "capture-pane", "-p", env=environment).stdout

    status = place.root / "status"
    status.unlink(missing_ok=True)
    (place.root / "wait").unlink(missing_ok=True)
    os.mkfifo(place.root / "wait")
    script = f"{command}; echo $? > status; cat wait"
    place.bare(*tmux, "new-session", "-d", "-x", "70", "-y", "12", "sh", "-c", script, env=environment)
    try:
        wait_until(lambda: " x " in screen())
        place.bare(*tmux, "send-keys", "k", env=environment)
        wait_until(lambda: "got" in screen())
        while_drawing = screen()
        place.bare(*tmux, "send-keys", "q", env=environment)
        wait_until(lambda: status.exists() and bool(status.read_text()) and "restored" in screen())
        return while_drawing, screen(), status.read_text()
    finally:
        place.bare(*tmux, "kill-server", env=environment)
