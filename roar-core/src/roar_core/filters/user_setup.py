"""The files by which a user sets up shell, git and other tools, and in which those keep what was typed."""

from __future__ import annotations

import os
import re

from roar_core.filters.locations import Location, is_below
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

_FILES = (
    *(".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".profile", ".inputrc"),
    *(".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout", ".kshrc", ".cshrc", ".tcshrc", ".login"),
    *(".gitconfig", ".gitignore_global", ".gitattributes_global", ".condarc", ".conda/environments.txt"),
    *(".python-version", ".tool-versions", ".nvmrc", ".node-version", ".ruby-version"),
    *(".Rprofile", ".sqliterc", ".psqlrc", ".gdbinit", ".vimrc", ".curlrc", ".wgetrc"),
)
_HISTORIES = (
    *(".bash_history", ".zsh_history", ".sh_history", ".python_history", ".node_repl_history", ".lesshst"),
    *(".sqlite_history", ".wget-hsts", ".viminfo"),
)
_FOLDERS = (
    *(".bashrc.d", ".bash_completion.d", ".oh-my-bash", ".oh-my-zsh", ".config/fish", ".config/zsh"),
    *(".config/conda", ".config/fontconfig", ".config/nix", ".config/pypoetry", ".config/uv"),
)


class UserSetup(AccessFilter):
    """Drops reads of start-up and settings files of shells, git and other tools, and their histories."""

    scope = "location"
    by_folder = True
    special_names = "|".join(re.escape(os.path.basename(name)) for name in (*_FILES, *_HISTORIES))

    def __init__(self, context: FilterContext) -> None:
        home = context.home
        inside = home is not None and is_below(home, context.project)
        self._read: frozenset[str] = frozenset()
        self._histories: frozenset[str] = frozenset()
        self._folders = Location(
            [os.path.join(home, name) for name in _FOLDERS] if home else [], context.project
        )
        if home and not inside:
            self._histories = frozenset(os.path.join(home, name) for name in _HISTORIES)
            self._read = self._histories.union(os.path.join(home, name) for name in _FILES)

    def drop_reason(self, access: Access) -> str | None:
        """Returns `system`, or None."""
        if access.written:
            return "system" if access.path in self._histories else None
        if access.path in self._read:
            return "system"
        folder = access.path[: access.path.rfind("/")] or "/"
        return "system" if self._folders.contains(folder) else None
