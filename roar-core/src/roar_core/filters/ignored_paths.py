"""What the user asked to leave out (`filters.ignore_paths`)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from roar_core.plugin.protocols import Access, AccessFilter, FilterContext


class IgnoredPaths(AccessFilter):
    """Drops files whose path matches one of the user's patterns, as in a `.gitignore`.

    `*` and `?` stay within a folder, `**` does not, `[abc]` is one character. Without a slash before its end a pattern
    fits a name at any depth; else it is taken from the project root, or as it is when it starts with `/` or `~/`. What
    lies below a folder that fits is left out, too.
    """

    scope = "always"

    def __init__(self, context: FilterContext) -> None:
        value = context.settings.get("filters.ignore_paths", ())
        patterns: Iterable[str] = value if isinstance(value, (tuple, list)) else ()
        relative: list[str] = []
        absolute: list[str] = []
        for pattern in patterns:
            if pattern.startswith("~/") and context.home:
                pattern = os.path.join(context.home, pattern[2:])
            (absolute if pattern.startswith("/") else relative).append(_expression(pattern))
        self._relative = _one_of(relative)
        self._absolute = _one_of(absolute)
        self._project = context.project.rstrip("/") + "/"
        self.by_folder = not (relative or absolute)  # without patterns it need not be asked about each file

    def drop_reason(self, access: Access) -> str | None:
        """Returns `ignored`, or None."""
        path = access.path
        if self._absolute is not None and self._absolute.match(path):
            return "ignored"
        if self._relative is not None:
            inside = path[len(self._project) :] if path.startswith(self._project) else path.lstrip("/")
            if self._relative.match(inside):
                return "ignored"
        return None


def _one_of(expressions: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(expressions), re.DOTALL) if expressions else None


def _expression(pattern: str) -> str:
    """Returns the regular expression of a pattern."""
    pattern = pattern.rstrip("/").removeprefix("./")
    parts = "" if "/" in pattern else "(?:.*/)?"
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            parts, at = parts + "(?:.*/)?", at + 3
        elif pattern.startswith("**", at):
            parts, at = parts + ".*", at + 2
        elif (character := pattern[at]) in "*?":
            parts, at = parts + ("[^/]*" if character == "*" else "[^/]"), at + 1
        elif character == "[" and (end := pattern.find("]", at + 2)) > 0:
            inner = pattern[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            parts, at = parts + "[" + ("^" + inner[1:] if inner[0] in "!^" else inner) + "]", end + 1
        else:
            parts, at = parts + re.escape(character), at + 1
    return f"(?:{parts})(?:/.*)?\\Z"
