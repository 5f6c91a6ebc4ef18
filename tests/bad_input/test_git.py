"""Repositories in every state, and none: what git can't say is missing, and nothing else is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from user import User

GIT = "git -c user.name=N -c user.email=m@x -c init.defaultBranch=main -c protocol.file.allow=always"

if not shutil.which("git"):
    pytest.skip("needs git (Debian package git)", allow_module_level=True)


def run(user: User, cwd: Path | None = None, **options: object) -> dict[str, object] | None:
    """Records a job and returns what is known of its repository; reading commands work there, too."""
    folder = cwd or user.project
    answer = user.roar("run", "-q", "sh", "-c", "echo > out.txt", cwd=folder, **options)  # type: ignore[arg-type]  # as above
    assert answer.stderr == ""
    for command in (("status",), ("log",), ("dag",), ("show", "@1"), ("doctor",)):
        user.roar(*command, cwd=folder, status=None if command == ("doctor",) else 0, **options)  # type: ignore[arg-type]
    jobs = user.roar("log", "--json", cwd=folder).json()
    assert jobs[0]["status"] == "ok"
    git: dict[str, object] | None = jobs[0]["git"]
    return git


def repository(user: User, script: str = "") -> str:
    """Makes the project a repository with one commit."""
    return user.shell(
        f"{GIT} init -q .; echo 1 > code.py; {GIT} add code.py; {GIT} commit -qm first; {script}"
    )


def head(user: User, cwd: Path | None = None) -> str:
    return user.shell("git rev-parse HEAD", cwd).strip()


def test_folder_outside_git_has_no_git(user: User) -> None:
    assert run(user) is None


def test_empty_repository_has_a_branch_and_no_commit(user: User) -> None:
    user.shell(f"{GIT} init -q .")
    git = run(user)
    assert git is not None
    assert (git["commit"], git["branch"]) == (None, "main")
    assert "no commit yet" in user.roar("status").stdout


def test_detached_head_has_a_commit_and_no_branch(user: User) -> None:
    repository(user, "git checkout -q --detach")
    git = run(user)
    assert git is not None
    assert (git["commit"], git["branch"]) == (head(user), None)
    assert "detached" in user.roar("status").stdout


def test_worktree_has_its_own_branch(user: User) -> None:
    repository(user, "git worktree add -q ../work -b other")
    work = user.top / "work"
    user.roar("init", "-n", cwd=work)
    git = run(user, work)
    assert git is not None
    assert (git["commit"], git["branch"]) == (head(user), "other")


def test_submodule_has_its_own_commit(user: User) -> None:
    library = user.top / "library"
    library.mkdir()
    user.shell(f"{GIT} init -q .; echo 1 > l.py; {GIT} add .; {GIT} commit -qm library", library)
    repository(user, f"{GIT} submodule --quiet add {library} sub; {GIT} commit -qm sub")
    sub = user.project / "sub"
    (sub / ".roar").mkdir()
    user.roar("init", "-n", cwd=sub)
    git = run(user, sub)
    assert git is not None
    assert git["commit"] == head(user, library)
    git = run(user)
    assert git is not None
    assert git["commit"] == head(user)


def test_folder_below_a_bare_repository_has_no_git(stranger: User) -> None:
    stranger.shell(f"{GIT} init -q --bare .")
    inner = stranger.project / "inner"
    inner.mkdir()
    stranger.roar("init", "-n", cwd=inner)
    stranger.roar("run", "-q", "sh", "-c", "echo > out.txt", cwd=inner)
    (job,) = stranger.roar("log", "--json", cwd=inner).json()
    assert not job["git"] or job["git"]["commit"] is None


def test_machine_without_git_records_all_else(user: User) -> None:
    repository(user)
    programs = user.top / "programs"
    programs.mkdir()
    for name in ("sh", "true"):
        (programs / name).symlink_to(str(shutil.which(name)))
    user.roar("run", "-q", "sh", "-c", "echo > out.txt", env={"PATH": str(programs)})
    job = user.last()
    assert (job["git"], len(job["outputs"])) == (None, 1)
    assert "git" in user.roar("doctor", env={"PATH": str(programs)}, status=None).stdout
    user.roar("status", env={"PATH": str(programs)})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository away: run the tests as root")
def test_repository_of_somebody_else_is_refused_by_git_and_the_job_recorded(user: User) -> None:
    repository(user)
    user.shell("chown -R 65534 .git .; chown -R 0 .roar")
    git = run(user)
    assert git is not None
    assert git["commit"] is None
    shown = user.roar("show", "@1").stdout
    assert "safe.directory" in shown or "dubious ownership" in shown
    assert "dubious ownership" in user.roar("status").stdout


@pytest.mark.parametrize(
    "damage",
    [
        "rm .git/HEAD",
        ": > .git/HEAD",
        "rm -r .git/objects",
        ": > .git/index",
        "echo x > .git/index",
        "rm -r .git; : > .git",
    ],
)
def test_damaged_repository_does_not_keep_a_job_from_being_recorded(user: User, damage: str) -> None:
    repository(user, damage)
    run(user)


@pytest.mark.parametrize("variable", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"])
def test_variables_that_lead_git_astray_do_not_keep_a_job_from_being_recorded(
    user: User, variable: str
) -> None:
    repository(user)
    run(user, env={variable: "/no/such/place"})


def test_job_that_makes_and_removes_repositories_is_recorded(user: User) -> None:
    repository(user)
    user.roar("run", "-q", "sh", "-c", "git init -q new && rm -rf .git new && echo > out.txt")
    assert [edge["path"] for edge in user.last()["outputs"]] == ["out.txt"]


def test_nothing_of_git_is_changed_by_a_run(user: User) -> None:
    repository(user, "sleep 0.01; touch code.py; echo 2 > new.py")
    before = {path: data for path, data in user.files().items() if "/.git/" in path}
    run(user)
    after = {path: data for path, data in user.files().items() if "/.git/" in path}
    assert after == before
