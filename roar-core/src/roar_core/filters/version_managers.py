"""The programs by which a user chooses among versions of Python, Node and others: their own files, not the job's."""

from __future__ import annotations

import os

from roar_core.filters.locations import Location, is_below
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

# What `python` first runs is then a shell script of theirs, which reads a dozen more.
_HOME_FOLDERS = (
    *(".pyenv", ".rbenv", ".nodenv", ".goenv", ".jenv", ".plenv", ".phpenv", ".tfenv", ".rvm", ".nvm"),
    *(".volta", ".fnm", ".local/share/fnm", ".asdf", ".proto", ".sdkman", ".jabba", ".rye", ".ghcup"),
    *(".local/share/mise", ".local/share/rtx", ".local/state/mise", ".config/mise"),
)
# Elsewhere (PYENV_ROOT, NVM_DIR, …) they are known by two files in their folder.
_MARKS = (
    *((f"libexec/{name}", f"libexec/{name}-exec") for name in ("pyenv", "rbenv", "nodenv", "goenv", "plenv")),
    ("nvm.sh", "nvm-exec"),
    ("asdf.sh", "bin/asdf"),
)


class VersionManagers(AccessFilter):
    """Drops what lies below the folder of pyenv, nvm, asdf and the like, the versions that they installed included."""

    by_folder = True
    scope = "location"

    def __init__(self, context: FilterContext) -> None:
        home = context.home
        tops = [os.path.join(home, name) for name in _HOME_FOLDERS] if home else []
        self._homes = Location(tops, context.project)
        self._project = context.project
        self._known: dict[str, bool] = {"/": False}

    def drop_reason(self, access: Access) -> str | None:
        """Returns `version-manager`, or None."""
        folder = os.path.dirname(access.path)
        if self._homes.contains(folder):
            return "version-manager"
        if not is_below(folder, self._project) and self._lies_in_one(folder):
            return "version-manager"
        return None

    def _lies_in_one(self, folder: str) -> bool:
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = self._lies_in_one(os.path.dirname(folder)) or _is_marked(folder)
        return known


def _is_marked(folder: str) -> bool:
    return any(all(os.path.exists(os.path.join(folder, name)) for name in marks) for marks in _MARKS)
