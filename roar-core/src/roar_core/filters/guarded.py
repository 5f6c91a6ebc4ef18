"""A plugin's filter that may raise: what it can't judge is kept, and the run is recorded all the same."""

from __future__ import annotations

import re
from collections.abc import Callable

from roar_core.plugin.protocols import Access, AccessFilter


class GuardedFilter(AccessFilter):
    """Asks `inner`; from the first time that it raises, it has nothing to say, and `report` has been told why."""

    def __init__(self, inner: AccessFilter, report: Callable[[BaseException], None]) -> None:
        self.by_folder = bool(getattr(inner, "by_folder", False))
        self.special_names = getattr(inner, "special_names", None)
        self.scope = getattr(inner, "scope", "anywhere")
        self._ask: Callable[[Access], str | None] = inner.drop_reason
        self._report = report
        try:
            _check_names(self.special_names)
        except (re.error, TypeError, ValueError, OverflowError) as error:
            report(error)
            self.by_folder, self.special_names = False, None

    def drop_reason(self, access: Access) -> str | None:
        """Returns what the plugin's filter says, or None."""
        try:
            return self._ask(access)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a plugin may fail in any way
            self._report(error)
            self._ask = _keep
            return None


def _check_names(names: object) -> None:
    """Raises where the chain could not ask for these names and those of other filters by one expression."""
    if names is None:
        return
    if not isinstance(names, str):
        raise TypeError("special_names is no text")
    if re.compile(f"(?:{names})").groups:
        raise ValueError("a group of special_names captures: write (?:…)")


def _keep(access: Access) -> None:
    return None
