"""The project: the folder that has a `.roar` in it, here or above."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from roar_core.errors import NoProject, ProjectNotOwned, RoarError, system_reason

DIRECTORY_NAME = ".roar"


class Project(NamedTuple):
    """A project by its root, absolute and resolved."""

    root: Path

    @property
    def directory(self) -> Path:
        """Returns the folder that holds all that roar keeps."""
        return self.root / DIRECTORY_NAME

    @property
    def database(self) -> Path:
        """Returns the path of the database."""
        return self.directory / "roar.db"

    @property
    def spool(self) -> Path:
        """Returns the folder of runs that are not in the database yet."""
        return self.directory / "spool"

    @property
    def kept(self) -> Path:
        """Returns the folder of bytes that are kept, each file named by the BLAKE3 of what it holds."""
        return self.directory / "kept"

    @property
    def config_file(self) -> Path:
        """Returns the path of the project's own settings."""
        return self.directory / "config.toml"

    @property
    def variables_file(self) -> Path:
        """Returns the path of the variables that every job is given."""
        return self.directory / "env.toml"

    @property
    def shared_config_file(self) -> Path:
        """Returns the path of the settings that are committed with the project."""
        return self.root / ".roarconfig"

    def relative(self, path: str) -> str:
        """Returns an absolute path as seen from the root (`.` for the root itself); unchanged when it is outside."""
        root = str(self.root)
        top = root if root == "/" else root + "/"
        if path.startswith(top):
            return path[len(top) :] or "."
        return "." if path == root else path

    def absolute(self, path: str) -> str:
        """Returns the absolute form of a path that may be relative to the root."""
        return os.path.normpath(os.path.join(str(self.root), path))


def current_directory() -> str:
    """Returns the absolute path of the folder that the user stands in. Raises RoarError when it was removed."""
    try:
        return os.getcwd()
    except OSError as error:
        raise RoarError(
            "cannot find the current folder: it was removed", "cd to a folder that is there"
        ) from error


def find_project(start: Path | str) -> Project | None:
    """Returns the project that `start` lies in, whoever owns it, or None.

    There is none either where a `.roar` is met that is no folder: a link to a disk that is not mounted must not make
    the project around it take the records.
    """
    directory = _nearest_directory(start)
    return Project(Path(os.path.dirname(directory))) if directory and os.path.isdir(directory) else None


def require_project(start: Path | str) -> Project:
    """Returns the project that `start` lies in. Raises NoProject, ProjectNotOwned."""
    project = find_project(start)
    if project is None:
        directory = _nearest_directory(start)
        if directory is not None:
            kind = "a link that leads nowhere" if os.path.islink(directory) else "a file"
            raise NoProject(
                f"cannot use {kind} as a project: `{directory}`",
                f"mv {directory} {directory}.old && roar init",
            )
        raise NoProject(f"cannot find a project here or above: `{start}`", "roar init")
    check_ownership(project)
    return project


def _nearest_directory(start: Path | str) -> str | None:
    """Returns the first `.roar` here or above, whatever it is."""
    folder = os.path.realpath(start)
    while True:
        directory = os.path.join(folder, DIRECTORY_NAME)
        if os.path.lexists(directory):
            return directory
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def check_ownership(project: Project) -> None:
    """Does nothing where `.roar` belongs to the user or to root. Raises ProjectNotOwned.

    A link counts as well as what it leads to.
    """
    user = os.geteuid()
    for status in (os.lstat(project.directory), os.stat(project.directory)):
        if status.st_uid not in (user, 0):
            owner, reader = user_name(status.st_uid), user_name(user)
            raise ProjectNotOwned(
                f"cannot trust a project of `{owner}` as `{reader}`: `{project.directory}`",
                f"work as {owner}, or make it yours: chown -R {reader} {project.directory}",
            )


def create_project(root: Path | str) -> Project:
    """Makes `.roar` (mode 0700) in `root`, unless it is there, and returns the project. Raises RoarError."""
    project = Project(Path(os.path.realpath(root)))
    try:
        os.mkdir(project.directory, 0o700)
    except FileExistsError:
        if not project.directory.is_dir():
            kind = "link" if project.directory.is_symlink() else "file"
            raise RoarError(
                f"cannot make a project: a {kind} is in the way: `{project.directory}`",
                f"mv {project.directory} {project.directory}.old",
            ) from None
        check_ownership(project)
    except OSError as error:
        raise RoarError(
            f"cannot make a project: {system_reason(error)}: `{project.directory}`",
            "choose a folder that you can write in",
        ) from error
    return project


def user_name(uid: int) -> str:
    """Returns the name of a user, or the number of one that has none."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
