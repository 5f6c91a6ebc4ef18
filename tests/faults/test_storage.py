"""Storage that fails: the command is not disturbed, the user is told, and what could be kept is taken in afterwards."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from scene import Ended, Scene

SCRIPT = "echo to stdout; echo to stderr >&2; cat in > ../result; exit 3"
Mount = Callable[..., Path]


def run_disturbed(scene: Scene, *options: str) -> str:
    """Runs a job that must not notice anything, and returns what roar has to say."""
    ended = scene.roar("run", *options, "sh", "-c", SCRIPT)
    assert (ended.status, ended.stdout) == (3, "to stdout\n"), ended
    assert (scene.root.parent / "result").read_text() == "x" * 100
    assert "to stderr\n" in ended.stderr
    return ended.stderr.replace("to stderr\n", "")


def run_told_of(scene: Scene, problem: str) -> None:
    """Runs such a job; roar names the problem, gives a hint, and keeps the run."""
    said = run_disturbed(scene)
    assert problem in said
    assert "\nhint: " in said
    assert "the run waits in" in said
    assert len(scene.waiting()) == 1


def check_taken_in(scene: Scene) -> None:
    """The cause is gone: the next command has the whole run, and all is well again."""
    jobs = scene.log()
    assert (jobs[0]["status"], jobs[0]["exit_code"], jobs[0]["command"][-1]) == ("failed", 3, SCRIPT)
    assert [edge["path"] for edge in scene.show(jobs[0]["uid"])["inputs"]] == ["in"]
    scene.check_sound(jobs)


def fill(folder: Path, left_bytes: int) -> Path:
    """Fills the file system of `folder` but for so many bytes; the file that does it is returned."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
        file.truncate(max(0, file.tell() - left_bytes))
    return ballast


@pytest.fixture
def small_disk(mount: Mount, make_scene: Callable[..., Scene]) -> Scene:
    """A project that is the only thing on a file system of 24 MiB."""
    return make_scene(mount("-t", "tmpfs", "-o", "size=24m", "tmpfs"))


@pytest.mark.parametrize("left_bytes", [0, 4096, 16384, 65536, 200_000])
def test_full_disk_keeps_the_run_in_the_state_folder(small_disk: Scene, left_bytes: int) -> None:
    ballast = fill(small_disk.root, left_bytes)
    said = run_disturbed(small_disk)
    if small_disk.waiting():  # SQLite may need less than is left
        assert "no space left" in said
        assert "hint: " in said
        assert not list(small_disk.spool.glob("*"))
    ballast.unlink()
    check_taken_in(small_disk)


def test_disk_that_fills_up_while_the_job_runs_keeps_the_run_elsewhere(small_disk: Scene) -> None:
    script = "cat in > ../result; cat < /dev/zero > ballast 2>/dev/null; echo done"
    ended = small_disk.roar("run", "sh", "-c", script)
    assert (ended.status, ended.stdout) == (0, "done\n")
    assert "hint: " in ended.stderr
    assert len(small_disk.waiting()) == 1
    (small_disk.root / "ballast").unlink()
    (job,) = small_disk.log()
    # The tracer had the disk's last bytes for its report, or it had not.
    assert job["status"] == ("ok" if job["complete"] else "interrupted")
    assert job["exit_code"] == 0
    small_disk.check_sound([job])


def test_full_disk_everywhere_lets_the_job_run_and_says_what_is_lost(
    mount: Mount, make_scene: Callable[..., Scene]
) -> None:
    disk = mount("-t", "tmpfs", "-o", "size=24m", "tmpfs")
    scene = make_scene(disk / "project", disk / "outside")
    ballast = fill(disk, 0)
    said = run_disturbed_beside(scene)
    assert "no space left" in said
    assert "hint: free some space: df -h" in said
    ballast.unlink()
    scene.check_sound(scene.log())


def run_disturbed_beside(scene: Scene) -> str:
    ended = scene.roar("run", "sh", "-c", "echo to stdout; exit 3")
    assert (ended.status, ended.stdout) == (3, "to stdout\n"), ended
    return ended.stderr


@pytest.fixture
def read_only(mount: Mount) -> Callable[[Path], Any]:
    """Makes a folder read-only while in the context."""

    @contextmanager
    def made(folder: Path) -> Iterator[None]:
        mount("--bind", str(folder), on=folder)
        mount("-o", "remount,bind,ro", on=folder)
        yield
        subprocess.run(["umount", "-l", str(folder)], check=True)

    return made


def test_read_only_mount_keeps_the_run_until_it_can_be_written(
    scene: Scene, read_only: Callable[[Path], Any]
) -> None:
    scene.job("echo before > before")
    with read_only(scene.root):
        run_told_of(scene, "cannot write")
        reading = scene.roar("log")
        assert (reading.status, "before > before" in reading.stdout) == (0, True)
        assert "goes on waiting\nhint: " in reading.stderr
    check_taken_in(scene)


@pytest.mark.parametrize("name", [".roar", ".roar/spool"])
def test_folder_without_permission_keeps_the_run_until_it_can_be_written(scene: Scene, name: str) -> None:
    if os.geteuid() == 0:
        pytest.skip("root ignores permissions: run scripts/test-as-user, too")
    scene.job("echo before > before")
    (scene.root / name).chmod(0o500)
    try:
        said = run_disturbed(scene)
        if name == ".roar":
            assert "cannot write" in said
            assert "the run waits in" in said
            assert scene.roar("log").status == 0
    finally:
        (scene.root / name).chmod(0o700)
    check_taken_in(scene)


def test_no_folder_that_can_be_written_lets_the_job_run_and_says_what_is_lost(
    scene: Scene, read_only: Callable[[Path], Any]
) -> None:
    with read_only(scene.place):
        said = run_disturbed_beside(scene)
        assert "what this run reads and writes will not be known" in said
        assert "this run is not recorded" in said
        assert "\nhint: " in said
    scene.check_sound(scene.log())


@contextmanager
def locked(scene: Scene, begin: str, journal: str = "WAL") -> Iterator[None]:
    connection = sqlite3.connect(scene.database, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.execute(begin)
    try:
        yield
    finally:
        connection.close()


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_locked_database_keeps_the_run_until_it_is_free(scene: Scene, begin: str) -> None:
    scene.job("echo before > before")
    with locked(scene, begin):
        run_told_of(scene, "database is locked")
        reading = scene.roar("log")
        assert (reading.status, "before > before" in reading.stdout) == (0, True)
        assert "goes on waiting\nhint: " in reading.stderr
    check_taken_in(scene)


def test_database_that_cannot_even_be_read_while_locked_keeps_the_run(scene: Scene) -> None:
    scene.job("echo before > before")
    with locked(scene, "BEGIN EXCLUSIVE", "DELETE"):
        run_told_of(scene, "database is locked")
        refused(scene.roar("log"), "database is locked")
    check_taken_in(scene)


def refused(ended: Ended, problem: str) -> str:
    """A reading command that can't answer says so; returns its hint."""
    assert (ended.status, ended.stdout) == (1, "")
    message, hint = ended.stderr.splitlines()
    assert problem in message
    return hint.removeprefix("hint: ")


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "garbage": lambda _: b"garbage" * 1000,
    "truncated": lambda whole: whole[:5000],
    "of zeros inside": lambda whole: whole[:4096] + bytes(12288) + whole[16384:],
    "of another program": lambda _: other_program_database(),
}


def other_program_database() -> bytes:
    with tempfile.NamedTemporaryFile() as file:
        connection = sqlite3.connect(file.name)
        connection.execute("CREATE TABLE other (x)")
        connection.close()
        return Path(file.name).read_bytes()


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_database_keeps_the_run_until_it_is_moved_aside_as_the_hint_says(
    scene: Scene, kind: str
) -> None:
    scene.job("echo before > before")
    scene.database.write_bytes(DAMAGE[kind](scene.database.read_bytes()))
    run_told_of(scene, "database is damaged")
    hint = refused(scene.roar("log"), "database is damaged")
    assert scene.roar("doctor").status == 1
    done = subprocess.run(
        ["sh", "-c", hint.partition(": ")[2]], cwd=scene.root, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    check_taken_in(scene)


def test_database_of_a_newer_version_keeps_the_run_and_is_left_alone(scene: Scene) -> None:
    scene.job("echo before > before")
    version = set_version(scene, "9999")
    before = scene.database.read_bytes()
    run_told_of(scene, "database was written by a newer roar")
    assert refused(scene.roar("log"), "newer roar") == "pip install --upgrade roar-core"
    assert scene.database.read_bytes() == before
    set_version(scene, version)
    check_taken_in(scene)


def set_version(scene: Scene, version: str) -> str:
    connection = sqlite3.connect(scene.database, isolation_level=None)
    (old,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.close()
    return str(old)


@pytest.fixture
def waiting(scene: Scene) -> Path:
    """The spool entry of a run that ended well while the database was locked: with its report and its record."""
    with locked(scene, "BEGIN IMMEDIATE"):
        run_told_of(scene, "database is locked")
    (entry,) = scene.spool.iterdir()
    assert {"run.json", "report", "record.jsonl"} <= set(os.listdir(entry))
    return entry


@pytest.mark.parametrize("keep", [0, 10, -10])
def test_damaged_record_is_made_anew_from_the_report(scene: Scene, waiting: Path, keep: int) -> None:
    record = waiting / "record.jsonl"
    record.write_bytes(record.read_bytes()[:keep])
    check_taken_in(scene)


def test_record_with_a_damaged_line_is_made_anew_from_the_report(scene: Scene, waiting: Path) -> None:
    record = waiting / "record.jsonl"
    whole = record.read_bytes()
    record.write_bytes(whole.replace(b'"digests"', b'"digesta"', 1))
    assert record.read_bytes() != whole
    check_taken_in(scene)


@pytest.mark.parametrize("keep", [1, 50, 300, -2])
def test_report_that_was_cut_off_is_an_interrupted_run_with_a_gap(
    scene: Scene, waiting: Path, keep: int
) -> None:
    (waiting / "record.jsonl").unlink()
    report = waiting / "report"
    report.write_bytes(report.read_bytes()[:keep])
    check_interrupted(scene)


def test_report_of_garbage_is_an_interrupted_run_with_a_gap(scene: Scene, waiting: Path) -> None:
    (waiting / "record.jsonl").unlink()
    (waiting / "report").write_bytes(os.urandom(5000))
    check_interrupted(scene)


def test_report_with_a_damaged_file_line_is_an_interrupted_run_with_what_came_before(
    scene: Scene, waiting: Path
) -> None:
    (waiting / "record.jsonl").unlink()
    report = waiting / "report"
    lines = report.read_bytes().splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if b'/in"' in line)
    lines.insert(last + 1, b'{"type":"file","path":"/x","read":true,"written":true\n')
    report.write_bytes(b"".join(lines))
    uid = check_interrupted(scene)
    assert [edge["path"] for edge in scene.show(uid)["inputs"]] == ["in"]


def check_interrupted(scene: Scene) -> str:
    (job,) = scene.log()
    assert (job["status"], job["level"]) == ("interrupted", "partial")
    assert [gap["kind"] for gap in job["gaps"]] == ["damaged_report"]
    scene.check_sound([job])
    return str(job["uid"])


def test_damaged_head_of_a_run_keeps_no_other_waiting_and_can_be_set_aside(
    scene: Scene, waiting: Path
) -> None:
    with locked(scene, "BEGIN IMMEDIATE"):
        scene.job("echo other > other")
    (waiting / "record.jsonl").unlink()
    (waiting / "run.json").write_text("{")
    reading = scene.roar("log")
    assert (reading.status, "echo other" in reading.stdout) == (0, True)
    message, hint = reading.stderr.splitlines()
    assert "cannot take in a damaged run" in message
    subprocess.run(["sh", "-c", hint.partition("set it aside: ")[2]], check=True)
    assert "echo other" in scene.log()[0]["command"][-1]
    assert (scene.root / ".roar/damaged" / waiting.name / "report").exists()


@pytest.mark.parametrize("stream", ["stderr", "stdout", "both"])
def test_log_file_of_the_job_is_not_written_after_it_was_digested(scene: Scene, stream: str) -> None:
    with open(scene.root / "log", "w") as log, locked(scene, "BEGIN IMMEDIATE"):
        streams: dict[str, Any] = {name: log for name in ("stdout", "stderr") if stream in (name, "both")}
        if stream == "stdout":
            streams["stderr"] = subprocess.DEVNULL
        if stream == "stderr":
            streams["stdout"] = subprocess.DEVNULL
        ended = scene.roar("run", "sh", "-c", "echo out; echo err >&2; cat in > out", **streams)
    assert ended.status == 0
    text = {"stdout": "out\n", "stderr": "err\n", "both": "out\nerr\n"}[stream]
    assert (scene.root / "log").read_text() == text
    (job,) = scene.log()
    assert scene.outputs(job["uid"]) == scene.left("out", "log")
