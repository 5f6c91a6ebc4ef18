"""Skips what is to be tried under a tracer that does not work here."""

from __future__ import annotations

import pytest
from installed_tracers import INSTALLED, need_tracer


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Looks at what the test is parametrised by; asks each tracer once."""
    callspec = getattr(item, "callspec", None)
    for value in callspec.params.values() if callspec is not None else ():
        if isinstance(value, str) and value in INSTALLED:
            need_tracer(value)
