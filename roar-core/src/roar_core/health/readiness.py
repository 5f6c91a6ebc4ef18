"""What stands between a session and a registration: others must be able to get at code and data of its runs."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from roar_core.capture.git_command import run_git
from roar_core.project import Project
from roar_core.store.readiness import (
    GitOfJob,
    git_of_jobs,
    iterate_code_outside_git,
    jobs_with_code_outside_git,
    jobs_with_unsourced,
    list_unsourced,
)

GIT_SECONDS = 5.0
MOST_PATHS = 100  # named of one obstacle

Kind = Literal["no-git", "dirty", "not-pushed", "code-not-in-git", "code-lost", "unsourced"]


class Obstacle(NamedTuple):
    """One thing in the way. `steps`: whose runs it concerns; `paths`: as recorded, the first of them."""

    kind: Kind
    text: str
    steps: tuple[str, ...]
    paths: tuple[str, ...] = ()


def find_obstacles(
    project: Project, connection: sqlite3.Connection, labels: Mapping[int, str], remote: str
) -> tuple[Obstacle, ...]:
    """Returns what is in the way. `labels`: the runs that would be registered, and what they are called."""
    return tuple(_obstacles(project, connection, labels, remote))


def _obstacles(
    project: Project, connection: sqlite3.Connection, labels: Mapping[int, str], remote: str
) -> Iterator[Obstacle]:
    git = git_of_jobs(connection, labels)

    def steps(jobs: Iterable[int]) -> tuple[str, ...]:
        return tuple(labels[job] for job in jobs)

    without = [job for job, state in git.items() if state.commit is None]
    if without:
        yield Obstacle("no-git", "ran without a git commit", steps(without))
    dirty = [job for job, state in git.items() if state.commit is not None and state.dirty]
    if dirty:
        kept = all(git[job].has_patch for job in dirty)
        text = "ran in a dirty tree" + (" (the patch is kept)" if kept else "")
        yield Obstacle("dirty", text, steps(dirty))
    missing = unpushed(project, git.values(), remote)
    behind = [job for job, state in git.items() if state.commit in missing]
    if behind:
        yield Obstacle("not-pushed", f"commit is not on the remote `{remote}`", steps(behind))
    yield from _about_code(project, connection, labels)
    jobs = jobs_with_unsourced(connection, labels)
    if jobs:
        paths = _first(path for job in jobs for path in list_unsourced(connection, job, MOST_PATHS))
        yield Obstacle("unsourced", "inputs that nobody else can get", steps(jobs), paths)


def _about_code(
    project: Project, connection: sqlite3.Connection, labels: Mapping[int, str]
) -> Iterator[Obstacle]:
    outside = {
        job: list(iterate_code_outside_git(connection, job))
        for job in jobs_with_code_outside_git(connection, labels)
    }
    lost = {
        job: [file for file in files if file.digest is None or not os.path.exists(project.kept / file.digest)]
        for job, files in outside.items()
    }
    for kind, text, found in (
        ("code-not-in-git", "code is not in git (a copy is kept)", outside),
        ("code-lost", "code is neither in git nor kept", lost),
    ):
        files = {
            job: [file.path for file in of_job if kind == "code-lost" or file not in lost[job]]
            for job, of_job in found.items()
        }
        jobs = [job for job, paths in files.items() if paths]
        if jobs:
            paths = _first(path for job in jobs for path in files[job])
            yield Obstacle(kind, text, tuple(labels[job] for job in jobs), paths)  # type: ignore[arg-type]  # as above


def unpushed(project: Project, states: Iterable[GitOfJob], remote: str) -> Collection[str]:
    """Returns those commits that no branch of the remote has, as far as this repository knows."""
    commits = {state.commit for state in states if state.commit is not None}
    if not commits:
        return ()
    names = ["rev-list", "--ignore-missing", *sorted(commits), "--not", f"--remotes={remote}"]
    done = run_git(project.root, names, GIT_SECONDS)
    if done is None or done.status != 0:
        return commits
    return commits.intersection(done.text.decode().split())


def _first(paths: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for path in paths:  # of ten thousand jobs, the first few have enough of them
        found[path] = None
        if len(found) == MOST_PATHS:
            break
    return tuple(found)
