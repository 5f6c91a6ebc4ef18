"""The state of the git repository that a project lies in, found while the job runs."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from roar_core.capture.git_command import GitProcess, Output, run_git
from roar_core.capture.git_remote import remote_url
from roar_core.capture.git_status import WorkTree, parse_status
from roar_core.filters.credentials import holds_secrets
from roar_core.store.records import GitState

_SECONDS = 2.0
_MOST_UNTRACKED = 1_000
_MOST_PATCH_BYTES = 5 << 20
_MOST_FILE_BYTES = 1 << 20
_MOST_EXCLUDED = 200
_MOST_MESSAGE_BYTES = 64 << 10

_STATUS = (
    "status",
    "--porcelain=v2",
    "--branch",
    "-z",
    "--untracked-files=normal",
    "--ignore-submodules=untracked",
)
_MESSAGE = ("log", "-1", "--no-show-signature", "--format=%H%n%B")
_DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--binary", "--full-index")


def collect_git(
    project_root: Path | str, remote_name: str = "origin", seconds: float = _SECONDS
) -> GitState | None:
    """Returns the state of the repository, or None where there is none, or no git. Takes at most about `seconds`.

    Two processes, a third for the patch of a dirty tree. What could not be found out is said in `problem`.
    """
    root = os.fspath(project_root)
    deadline = time.monotonic() + seconds
    try:
        status_process = GitProcess(root, _STATUS)
    except OSError:
        return None
    try:
        message_process = GitProcess(root, _MESSAGE)
    except OSError:
        status_process.stop()
        return None
    # A repository's size decides how long its status takes, so what the other one says must not wait behind it.
    try:
        message = message_process.finish(deadline, _MOST_MESSAGE_BYTES)
    except BaseException:
        status_process.stop()
        raise
    status = status_process.finish(deadline)
    if status.status not in (0, None):
        return _refusal(status)
    return _state(root, remote_name, status, message, deadline)


def _state(root: str, remote_name: str, status: Output, message: Output, deadline: float) -> GitState:
    problems: list[str] = []
    tree = parse_status(status.text)
    if status.status is None:
        problems.append("git status took too long: changed and untracked files are not all known")
    commit, _, text = message.text.decode("utf-8", "replace").partition("\n")
    patch, problem = _patch(root, tree, deadline) if tree.changed else (None, None)
    if problem:
        problems.append(problem)
    untracked = [name for name in tree.untracked if not name.endswith(".roar/")]
    if len(untracked) > _MOST_UNTRACKED:
        problems.append(f"{len(untracked)} untracked names, of which {_MOST_UNTRACKED} are kept")
    return GitState(
        commit=tree.commit or commit or None,
        branch=tree.branch,
        remote=remote_url(root, remote_name),
        dirty=bool(tree.changed),
        message=text.strip() or None,
        patch=patch,
        untracked=tuple(untracked[:_MOST_UNTRACKED]),
        problem="; ".join(problems) or None,
    )


def _patch(root: str, tree: WorkTree, deadline: float) -> tuple[str | None, str | None]:
    """Returns the patch from the commit to the work tree, and what it lacks.

    Large files would take too long, and secrets are never kept.
    """
    top = _top_of(root)
    secret = [path for path in tree.changed if holds_secrets(os.path.join(top, path))]
    large = _large_files(top, [path for path in tree.changed if path not in secret])
    if len(large) + len(secret) > _MOST_EXCLUDED:
        return None, f"no patch: {len(large) + len(secret)} of the changed files are above 1 MiB, or secret"
    base = ("HEAD",) if tree.commit else ("--cached",)  # an empty repository: what is staged
    excluded = [f":(exclude,top,literal){path}" for path in (*large, *secret)]
    paths = ("--", ":(top)", *excluded) if excluded else ("--",)
    try:
        output = GitProcess(root, (*_DIFF, *base, *paths)).finish(deadline, _MOST_PATCH_BYTES)
    except OSError as error:
        return None, f"no patch: {error.strerror}"
    text = output.text
    if len(text) > _MOST_PATCH_BYTES:
        text = text[: text.rfind(b"\n", 0, _MOST_PATCH_BYTES) + 1]
        return os.fsdecode(text), "the patch is cut off after 5 MiB"
    if output.status is None:
        return None, "no patch: git diff took too long"
    if output.status != 0:
        return None, f"no patch: {_first_line(output.error)}"
    lacks = [f"{_list(large)}, above 1 MiB"] if large else []
    lacks += [f"{_list(secret)}, by whose name it holds secrets"] if secret else []
    return os.fsdecode(text), f"the patch leaves out {' and '.join(lacks)}" if lacks else None


def _large_files(top: str, paths: Sequence[str]) -> list[str]:
    large = []
    for path in paths:
        try:
            if os.lstat(os.path.join(top, path)).st_size > _MOST_FILE_BYTES:
                large.append(path)
        except OSError:
            continue
    return large


def _top_of(folder: str) -> str:
    """Returns the work tree's root: the nearest folder with a `.git` in it."""
    start = folder
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return start
        folder = parent
    return folder


def _refusal(status: Output) -> GitState | None:
    """Returns None where there is no repository, else the reason why git would not speak of it."""
    line = _first_line(status.error)
    if "not a git repository" in status.error or "must be run in a work tree" in status.error:
        return None
    return GitState(None, None, None, dirty=False, problem=f"git: {line or f'exit status {status.status}'}")


def _first_line(text: str) -> str:
    lines = text.splitlines()
    return lines[0].removeprefix("fatal: ") if lines else ""


def _list(paths: list[str]) -> str:
    shown = ", ".join(f"`{path}`" for path in paths[:3])
    return shown if len(paths) <= 3 else f"{shown} and {len(paths) - 3} more"


def tracked_files(root: Path | str, paths: Collection[str], seconds: float = 5.0) -> frozenset[str]:
    """Returns those of the absolute paths that git tracks below `root`. Reads the index once, for all."""
    top = os.path.join(root, "")
    if not any(path.startswith(top) for path in paths):
        return frozenset()
    arguments = ["ls-files", "-z"]
    if os.path.exists(os.path.join(root, ".gitmodules")):
        arguments.append("--recurse-submodules")
    output = run_git(root, arguments, seconds)
    if output is None or not output.text:
        return frozenset()
    tracked = os.fsdecode(output.text).split("\0")[:-1]
    return frozenset(paths).intersection(map(top.__add__, tracked))
