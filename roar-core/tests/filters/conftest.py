"""The standard chain for a made-up machine, and for real folders."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest
from roar_core.filters.chain import FilterChain
from roar_core.filters.standard import STANDARD_FILTERS
from roar_core.plugin.protocols import Access, FilterContext

Judge = Callable[..., "str | None"]


def make_chain(off: tuple[str, ...] = (), **context: object) -> FilterChain:
    """Returns the standard filters, those of the settings in `off` aside."""
    fields: dict[str, object] = {
        "project": "/home/me/project",
        "home": "/home/me",
        "cwd": "/home/me/project",
        "named": frozenset(),
        "interpreters": ("/usr",),
        "settings": {},
        **context,
    }
    known = FilterContext(**fields)  # type: ignore[arg-type]  # the names are checked by the class itself
    filters = []
    for spec in sorted(STANDARD_FILTERS, key=lambda spec: spec.order):
        if spec.setting not in off or spec.setting is None:
            module, _, attribute = spec.factory.partition(":")
            filters.append(getattr(import_module(module), attribute)(known))
    return FilterChain(filters, known)


@pytest.fixture
def judge() -> Judge:
    """Judges one access: `judge(path, written=False, names=(), **context)`."""

    def judge(
        path: str, *, written: bool = False, names: tuple[str, ...] = (), **context: object
    ) -> str | None:
        return make_chain(**context).drop_reason(Access(path, names, not written, written))  # type: ignore[arg-type]  # as above

    return judge
