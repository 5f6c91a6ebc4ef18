"""Where roar is started: odd names, folders that are gone, and things that are no `.roar`."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from user import READING, User

ODD = os.fsdecode(b"caf\xe9\nx")
ANYWHERE = [("run", "true"), *READING]
ids = " ".join


@pytest.fixture
def odd(stranger: User) -> User:
    """A user whose project has a name that is neither UTF-8 nor one line."""
    stranger.project = stranger.project / ODD
    stranger.project.mkdir()
    stranger.roar("init", "-n")
    return stranger


def test_paths_that_are_not_utf8_are_recorded_byte_for_byte(odd: User) -> None:
    odd.write(f"in{ODD}", "data\n")
    odd.roar("run", "-q", "cp", f"in{ODD}", f"out{ODD}")
    job = odd.last()
    for side, name in (("inputs", f"in{ODD}"), ("outputs", f"out{ODD}")):
        (edge,) = job[side]
        assert base64.b64decode(edge["path_bytes"]) == os.fsencode(name)
        assert "\ufffd" in edge["path"]


def test_reading_commands_show_such_paths_on_one_line(odd: User) -> None:
    odd.write(f"in{ODD}", "data\n")
    odd.roar("run", "-q", "cp", f"in{ODD}", "out")
    for arguments in (*READING, ("dag", "--show-artifacts"), ("show", f"in{ODD}")):
        answer = odd.roar(*arguments)
        assert "xdata" not in answer.stdout
        assert not any(line.startswith("x") for line in answer.stdout.splitlines()), answer.stdout


def test_error_names_such_a_folder_on_one_line(odd: User) -> None:
    (odd.project / ".roar").rename(odd.top / "elsewhere")
    answer = odd.is_refused("log", status=2)
    assert answer.hint == "roar init"


@pytest.mark.parametrize("arguments", ANYWHERE, ids=ids)
def test_folder_that_was_removed_is_named_as_such(experienced: User, arguments: tuple[str, ...]) -> None:
    (experienced.project / "gone").mkdir()
    answer = experienced.roar(
        *arguments,
        cwd=experienced.project / "gone",
        before="rmdir ../gone",
        status=125 if "run" in arguments else 1,
    )
    assert answer.message == "cannot find the current folder: it was removed"
    assert answer.hint.startswith("cd ")


def test_job_that_removes_its_own_folder_is_recorded(experienced: User) -> None:
    folder = experienced.project / "gone"
    folder.mkdir()
    experienced.roar("run", "-q", "sh", "-c", "cat ../in.txt > ../copy.txt; rmdir ../gone", cwd=folder)
    job = experienced.last()
    assert (job["cwd"], job["status"], len(job["outputs"])) == ("gone", "ok", 1)


def test_folder_above_that_cannot_be_read_does_not_matter(experienced: User) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may look everywhere: run as an ordinary user")
    above = experienced.project.parent
    above.chmod(0o111)
    try:
        experienced.roar("log")
        experienced.roar("run", "-q", "true")
    finally:
        above.chmod(0o755)


@pytest.mark.parametrize("arguments", [("init", "-n"), ("run", "true"), ("log",), ("status",)], ids=ids)
def test_home_may_be_unset(experienced: User, arguments: tuple[str, ...]) -> None:
    experienced.roar(*arguments, env={"HOME": None})


@pytest.mark.parametrize("home", ["", "relative", "/no/such/home", "/dev/null"])
def test_home_may_be_useless(experienced: User, home: str) -> None:
    experienced.roar("run", "-q", "sh", "-c", "cat in.txt > out.txt", env={"HOME": home})
    assert experienced.last()["status"] == "ok"
    assert not (experienced.project / "relative").exists()
    assert len(experienced.roar("log", env={"HOME": home}).stdout.splitlines()) == 2


def test_relative_xdg_folders_are_not_used(experienced: User) -> None:
    names = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")
    variables = dict.fromkeys(names, "relative/folder")
    for arguments in ANYWHERE:
        experienced.roar(*arguments, env=variables)
    assert not (experienced.project / "relative").exists()


@pytest.fixture(params=["a file", "a dangling link", "a link to itself"])
def blocked(request: pytest.FixtureRequest, stranger: User) -> User:
    """A user whose `.roar` is no folder."""
    target = stranger.project / ".roar"
    if request.param == "a file":
        target.write_text("mine\n")
    else:
        os.symlink("nowhere" if request.param == "a dangling link" else ".roar", target)
    return stranger


@pytest.mark.parametrize("arguments", ANYWHERE, ids=ids)
def test_what_is_no_folder_is_named_as_no_project(blocked: User, arguments: tuple[str, ...]) -> None:
    answer = blocked.is_refused(*arguments, status=2)
    assert answer.message.startswith("cannot use a ")
    assert answer.message.endswith(f" as a project: `{blocked.project}/.roar`")
    assert answer.hint == f"mv {blocked.project}/.roar {blocked.project}/.roar.old && roar init"


def test_project_around_one_that_is_not_there_does_not_take_its_records(experienced: User) -> None:
    inner = experienced.project / "inner"
    inner.mkdir()
    (inner / ".roar").symlink_to("/no/such/disk")
    answer = experienced.is_refused("run", "touch", "started", status=2, cwd=inner)
    assert answer.message == f"cannot use a link that leads nowhere as a project: `{inner}/.roar`"


def test_trace_needs_no_project_and_so_no_folder(blocked: User) -> None:
    blocked.roar("trace", "--report", "report.jsonl", "--", "true")
    assert (blocked.project / "report.jsonl").exists()


def test_init_does_not_replace_what_is_in_the_way(blocked: User) -> None:
    answer = blocked.is_refused("init", "-n", status=1)
    assert "in the way" in answer.message


def test_link_to_a_project_folder_is_a_project(experienced: User) -> None:
    real = experienced.top / "records"
    (experienced.project / ".roar").rename(real)
    (experienced.project / ".roar").symlink_to(real)
    experienced.roar("run", "-q", "sh", "-c", "cat in.txt > out.txt")
    assert len(experienced.jobs()) == 2
    assert [edge["path"] for edge in experienced.last()["inputs"]] == ["in.txt"]


@pytest.mark.parametrize("arguments", ANYWHERE, ids=ids)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away: run the tests as root")
def test_project_of_somebody_else_is_refused(experienced: User, arguments: tuple[str, ...]) -> None:
    folder = experienced.project / ".roar"
    os.chown(folder, 65534, -1)
    answer = experienced.is_refused(*arguments, status=125 if "run" in arguments else 1)
    assert answer.message == f"cannot trust a project of `nobody` as `root`: `{folder}`"
    assert f"chown -R root {folder}" in answer.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link away: run the tests as root")
def test_link_of_somebody_else_is_refused(experienced: User) -> None:
    real = experienced.top / "records"
    (experienced.project / ".roar").rename(real)
    (experienced.project / ".roar").symlink_to(real)
    os.lchown(experienced.project / ".roar", 65534, -1)
    experienced.is_refused("log", status=1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root ignores permissions: run the tests as an ordinary user")
@pytest.mark.parametrize("arguments", READING, ids=ids)
def test_project_that_cannot_be_read_is_refused(experienced: User, arguments: tuple[str, ...]) -> None:
    folder = experienced.project / ".roar"
    folder.chmod(0)
    try:
        answer = experienced.roar(*arguments, status=1)
        assert "ermission denied" in answer.message
        assert answer.hint
    finally:
        folder.chmod(0o700)


def test_path_outside_the_project_can_be_asked_for(experienced: User, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("from outside\n")
    experienced.roar("run", "-q", "cp", str(outside), "inside.txt")
    assert "read by" in experienced.roar("show", "../outside.txt").stdout
