"""All filters one after the other, fast enough for a million accesses.

Most verdicts depend on the folder alone. A filter says so by its attribute `by_folder`: for two accesses with the
same `os.path.dirname(path)` and the same `written` it answers the same, and it does not look at `names`. It is then
asked once per folder. Where that holds but for files of certain names, its attribute `special_names` is a regular
expression that matches such a name whole.

Its attribute `scope` says what protects a file from it: `always` nothing, `anywhere` (which is taken for granted
where there is none) being named in the command's arguments, `location` also being reached through a link in the project
or lying below a folder that is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import groupby

from roar_core.filters.locations import is_below
from roar_core.filters.named import counts_as_named_folder
from roar_core.plugin.protocols import Access, AccessFilter, FilterContext

_Check = Callable[[Access, str], "str | None"]


class FilterChain:
    """Asks the filters in order and gives the first reason to drop an access."""

    def __init__(self, filters: Iterable[AccessFilter], context: FilterContext) -> None:
        ordered = tuple(filters)
        self._project = context.project
        self._named = context.named
        self._named_folders = frozenset(
            path for path in context.named if counts_as_named_folder(path, context.home)
        )
        self._below_named: dict[str, bool] = {}
        self._always = _checks(ordered, "always")
        self._anywhere = _checks(ordered, "anywhere")
        self._location = _checks(ordered, "location")
        # What is asked of each file, whatever is known of its folder.
        self.each_time = [one.drop_reason for one in ordered if not getattr(one, "by_folder", False)]
        self._special_names = [names for one in ordered if (names := getattr(one, "special_names", None))]
        # Folders that none of the other filters has anything against but for special names, by `written`.
        self._passed: tuple[set[str], set[str]] = set(), set()

    def keeps_at_once(self, path: str, names: Sequence[str], written: bool) -> bool:
        """Returns whether an access is kept for what is known of its folder, unless filters of single files object."""
        end = path.rfind("/")
        folder = path[:end] or "/"
        return folder in self._passed[written] and not names and not self._is_special(path, end + 1)

    def drop_reason(self, access: Access) -> str | None:
        """Returns why this access is dropped, or None to keep it."""
        path = access.path
        if self.keeps_at_once(path, access.names, access.written) and not any(
            ask(access) for ask in self.each_time
        ):
            return None
        folder = _folder(path)
        for check in self._always:
            if reason := check(access, folder):
                return reason
        if path in self._named:
            return None
        if access.names:
            return self._reason_with_names(access, folder)
        for check in self._anywhere:
            if reason := check(access, folder):
                return reason
        for check in self._location:
            if reason := check(access, folder):
                return None if self._is_below_named(folder) else reason
        if not self._is_special(path, path.rfind("/") + 1):
            self._passed[access.written].add(folder)
        return None

    @cached_property
    def _is_special(self) -> Callable[[str, int], object]:
        """Tells whether the name that begins at a position of a path is special to any of the filters."""
        expression = "|".join(f"(?:{names})" for names in self._special_names) or "(?!)"
        return re.compile(expression, re.DOTALL).fullmatch

    def _reason_with_names(self, access: Access, folder: str) -> str | None:
        """Returns the verdict on a file that was opened through a link.

        A link in a folder that is dropped itself (`.venv/bin/python`) protects nothing.
        """
        spellings = [(Access(name, (), access.read, access.written), _folder(name)) for name in access.names]
        for spelled, spelled_folder in spellings:
            for check in self._always:
                if reason := check(spelled, spelled_folder):
                    return reason
        if any(name in self._named for name in access.names):
            return None
        protected = self._is_below_named(folder)
        spellings.append((access, folder))
        for spelled, spelled_folder in spellings:
            for check in self._anywhere:
                if reason := check(spelled, spelled_folder):
                    return reason
            if spelled is not access:
                protected |= is_below(spelled_folder, self._project) or self._is_below_named(spelled_folder)
        if protected:
            return None
        for check in self._location:
            if reason := check(access, folder):
                return reason
        return None

    def _is_below_named(self, folder: str) -> bool:
        if not self._named_folders:
            return False
        known = self._below_named.get(folder)
        if known is None:
            parent = _folder(folder)
            known = folder in self._named_folders or (parent != folder and self._is_below_named(parent))
            self._below_named[folder] = known
        return known


def _folder(path: str) -> str:
    return path[: path.rfind("/")] or "/"


def _checks(filters: tuple[AccessFilter, ...], scope: str) -> tuple[_Check, ...]:
    """Returns one check for each filter of this scope, and a single one for neighbours that judge by folder."""
    of_scope = [each for each in filters if getattr(each, "scope", "anywhere") == scope]
    checks: list[_Check] = []
    for by_folder_alone, group in groupby(of_scope, _is_by_folder_alone):
        if by_folder_alone:
            checks.append(_FolderCheck(tuple(group)))
        else:
            checks.extend(_each_time(each) for each in group)
    return tuple(checks)


def _is_by_folder_alone(one: AccessFilter) -> bool:
    return bool(getattr(one, "by_folder", False)) and not getattr(one, "special_names", None)


def _each_time(one: AccessFilter) -> _Check:
    ask = one.drop_reason
    return lambda access, folder: ask(access)


class _FolderCheck:
    """Remembers what filters said of a folder, for accesses that wrote and those that did not."""

    def __init__(self, filters: tuple[AccessFilter, ...]) -> None:
        self._filters = filters
        self._read: dict[str, str | None] = {}
        self._written: dict[str, str | None] = {}

    def __call__(self, access: Access, folder: str) -> str | None:
        known = self._written if access.written else self._read
        try:
            return known[folder]
        except KeyError:
            answers = (one.drop_reason(access) for one in self._filters)
            known[folder] = answer = next((reason for reason in answers if reason), None)
            return answer
