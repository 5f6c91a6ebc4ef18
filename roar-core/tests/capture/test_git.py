"""The state of real repositories."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from roar_core.capture.git import collect_git, tracked_files
from roar_core.capture.git_remote import without_password

IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@b",
}


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keeps the tester's own git settings out."""
    for name, value in {**IDENTITY, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ("git", "-c", "protocol.file.allow=always", *arguments), cwd=folder, check=True, capture_output=True
    )
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "train.py").write_text("print(1)\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "First\n\nWith a body.")
    return folder


def test_a_clean_repository(repository: Path) -> None:
    git(repository, "remote", "add", "origin", "https://me:secret@example.org/x.git")
    state = collect_git(repository)
    assert state is not None
    assert (state.commit, state.branch, state.dirty) == (git(repository, "rev-parse", "HEAD"), "main", False)
    assert (state.patch, state.untracked, state.problem) == (None, (), None)
    assert state.message == "First\n\nWith a body."
    assert state.remote == "https://example.org/x.git"


def test_a_dirty_repository_has_a_patch_that_can_be_applied(repository: Path, tmp_path: Path) -> None:
    (repository / "train.py").write_text("print(2)\n")
    (repository / "binary").write_bytes(b"\0\1\2")
    git(repository, "add", "binary")
    (repository / "mit leer ö.py").write_text("new\n")
    (repository / "new").mkdir()
    (repository / "new/x").touch()
    (repository / ".roar").mkdir()
    (repository / ".roar/roar.db").touch()
    state = collect_git(repository)
    assert state is not None
    assert state.dirty
    assert state.untracked == ("mit leer ö.py", "new/")
    git(tmp_path, "clone", "-q", "repository", "clone")
    (tmp_path / "patch").write_text(state.patch or "")
    git(tmp_path / "clone", "apply", "../patch")
    assert (tmp_path / "clone/train.py").read_text() == "print(2)\n"
    assert (tmp_path / "clone/binary").read_bytes() == b"\0\1\2"


def test_a_renamed_file_with_a_name_that_is_not_utf8(repository: Path) -> None:
    name = os.fsdecode(b"n\xff.py")
    git(repository, "mv", "train.py", name)
    state = collect_git(repository)
    assert state is not None
    assert state.dirty
    assert tracked_files(repository, [f"{repository}/{name}", f"{repository}/train.py"]) == {
        f"{repository}/{name}"
    }


def test_a_large_changed_file_is_left_out_of_the_patch_and_said(repository: Path) -> None:
    (repository / "model.bin").write_bytes(os.urandom(2 << 20))
    (repository / "train.py").write_text("print(3)\n")
    git(repository, "add", ".")
    state = collect_git(repository)
    assert state is not None
    assert state.problem == "the patch leaves out `model.bin`, above 1 MiB"
    assert "print(3)" in (state.patch or "")
    assert len(state.patch or "") < 10_000


def test_a_long_patch_is_cut_off_and_said(repository: Path) -> None:
    for number in range(8):
        (repository / f"{number}.txt").write_text("line of text\n" * 70_000)
    git(repository, "add", ".")
    state = collect_git(repository, seconds=20)
    assert state is not None
    assert state.problem == "the patch is cut off after 5 MiB"
    assert len(state.patch or "") <= 5 << 20
    assert (state.patch or "").endswith("\n")


def test_an_empty_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    state = collect_git(tmp_path)
    assert state is not None
    assert (state.commit, state.branch, state.dirty, state.message) == (None, "main", False, None)
    (tmp_path / "a.py").write_text("a\n")
    git(tmp_path, "add", "a.py")
    state = collect_git(tmp_path)
    assert state is not None
    assert state.dirty
    assert "+a" in (state.patch or "")


def test_a_detached_head(repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    state = collect_git(repository)
    assert state is not None
    assert state.branch is None
    assert state.commit


def test_a_project_in_a_folder_of_the_repository(repository: Path) -> None:
    (repository / "sub").mkdir()
    (repository / "sub/a.py").write_text("a\n")
    git(repository, "add", ".")
    (repository / "train.py").write_text("changed\n")
    state = collect_git(repository / "sub")
    assert state is not None
    assert "changed" in (state.patch or "")
    files = [f"{repository}/{name}" for name in ("sub/a.py", "train.py", "sub/b.py")]
    assert tracked_files(repository / "sub", [*files, "/etc/hosts"]) == {files[0]}


def test_a_worktree_and_a_bare_parent(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", "repository", "bare")
    git(tmp_path / "bare", "worktree", "add", "-q", "../tree", "-b", "topic")
    state = collect_git(tmp_path / "tree")
    assert state is not None
    assert (state.branch, state.remote) == ("topic", str(repository))


def test_a_submodule(repository: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q", "-b", "outer")
    git(outer, "submodule", "--quiet", "add", str(repository), "inner")
    git(outer, "commit", "-q", "-m", "Outer")
    state = collect_git(outer / "inner")
    assert state is not None
    assert (state.branch, state.remote, state.message) == ("main", str(repository), "First\n\nWith a body.")
    files = {f"{outer}/inner/train.py", f"{outer}/.gitmodules"}
    assert tracked_files(outer, [*files]) == files


def test_no_repository_no_git_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert collect_git(tmp_path) is None
    assert collect_git(tmp_path / "gone") is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert collect_git(tmp_path) is None
    assert tracked_files(tmp_path, [f"{tmp_path}/a"]) == frozenset()


def test_git_dir_of_the_user_is_respected(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "elsewhere"
    tree.mkdir()
    monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tree))
    state = collect_git(tree)
    assert state is not None
    assert state.branch == "main"
    assert state.dirty


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a repository to another user needs root")
def test_a_repository_of_another_user_is_said_to_be_refused(repository: Path) -> None:
    for folder, _, files in os.walk(repository):
        for name in (".", *files):
            os.chown(os.path.join(folder, name), 12345, 12345)
    state = collect_git(repository)
    assert state is not None
    assert state.commit is None
    assert "dubious ownership" in (state.problem or "")


def test_the_index_is_left_as_it_is(repository: Path) -> None:
    index = repository / ".git/index"
    os.utime(repository / "train.py")  # git status would refresh its entry
    (repository / ".git/index.lock").touch()  # the job's own git is at work
    before = index.stat()
    state = collect_git(repository)
    assert state is not None
    assert state.commit
    assert index.stat().st_mtime_ns == before.st_mtime_ns


def test_no_program_of_the_repository_is_started(repository: Path, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(program))
    git(repository, "config", "diff.external", str(program))
    (repository / "train.py").write_text("print(2)\n")
    state = collect_git(repository)
    assert state is not None
    assert "print(2)" in (state.patch or "")
    assert not (tmp_path / "started").exists()


def test_a_slow_git_is_stopped_in_time(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    began = time.monotonic()
    state = collect_git(repository, seconds=0.3)
    assert time.monotonic() - began < 10
    assert state is not None
    assert "took too long" in (state.problem or "")


@pytest.mark.alone
def test_a_huge_untracked_tree_and_a_large_index_are_no_burden(repository: Path) -> None:
    for number in range(100):
        folder = repository / f"node_modules/{number}"
        folder.mkdir(parents=True)
        for name in range(100):
            (folder / str(name)).touch()
    paths = [f"data/{number}" for number in range(100_000)]
    listed = "".join(f"100644 {'0' * 39}1 0\t{path}\n" for path in paths)
    subprocess.run(("git", "update-index", "--index-info"), cwd=repository, input=listed.encode(), check=True)
    began = time.monotonic()
    assert len(tracked_files(repository, [f"{repository}/{path}" for path in paths])) == 100_000
    assert time.monotonic() - began < 1
    git(repository, "reset", "-q")
    began = time.monotonic()
    state = collect_git(repository)
    assert time.monotonic() - began < 1
    assert state is not None
    assert state.untracked == ("node_modules/",)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@example.org/x", "https://example.org/x"),
        ("https://token@example.org/x", "https://example.org/x"),
        ("https://example.org/x@y", "https://example.org/x@y"),
        ("ssh://git@example.org/x", "ssh://git@example.org/x"),
        ("ssh://git:secret@example.org/x", "ssh://git@example.org/x"),
        ("git@example.org:x/y.git", "git@example.org:x/y.git"),
        ("/srv/x.git", "/srv/x.git"),
    ],
)
def test_without_password_keeps_the_address(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_secrets_are_left_out_of_the_patch(repository: Path) -> None:
    for name in (".env", "gone.env/.netrc"):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text("TOKEN=hush\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "a mistake")
    (repository / ".env").write_text("TOKEN=hush-hush\n")
    (repository / "gone.env/.netrc").unlink()
    (repository / "train.py").write_text("print(2)\n")
    state = collect_git(repository)
    assert state is not None
    assert state.patch is not None
    assert "print(2)" in state.patch
    assert "hush" not in state.patch
    assert state.problem is not None
    assert "`.env`" in state.problem
