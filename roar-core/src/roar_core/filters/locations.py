"""Where a folder lies, in the terms that filters judge by."""

from __future__ import annotations

from collections.abc import Iterable


def is_below(path: str, folder: str) -> bool:
    """Returns whether an absolute path is `folder` or lies below it."""
    return path == folder or path.startswith(folder if folder.endswith("/") else folder + "/")


def judged_part(folder: str, project: str) -> str:
    """Returns the part of a folder's path whose names count, `/` at both ends: below the root if inside the project."""
    if is_below(folder, project):
        folder = "/" + folder[len(project) :].lstrip("/")
    return folder if folder.endswith("/") else folder + "/"


class Location:
    """Places by their top folders. A project that lies in one of them is not part of it."""

    def __init__(self, tops: Iterable[str], project: str) -> None:
        self._tops = tuple(tops)
        self._around_project = tuple(top for top in self._tops if is_below(project, top))
        self._project = project

    def contains(self, folder: str) -> bool:
        """Returns whether a folder is part of these places."""
        for top in self._tops:
            if is_below(folder, top):
                return top not in self._around_project or not is_below(folder, self._project)
        return False
