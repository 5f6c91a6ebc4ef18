"""The tracers that this Python has, as tests take them: every one that is installed, skipped where it can't work."""

from __future__ import annotations

from functools import cache

import pytest
from roar_core.config import Environment
from roar_core.plugin.manager import PluginManager
from roar_core.plugin.protocols import Availability
from roar_core.plugin.specs import TracerSpec

NONE = "none"


def _ignore(text: str) -> None:
    """What is wrong with a plugin is for other tests to say."""


PLUGINS = PluginManager.load(Environment(), warn=_ignore)
SPECS: dict[str, TracerSpec] = {spec.name: spec for spec in PLUGINS.tracers}
INSTALLED = tuple(SPECS)
each_tracer = pytest.mark.parametrize("tracer", INSTALLED)
each_tracer_and_none = pytest.mark.parametrize("tracer", [*INSTALLED, NONE])


@cache
def availability(name: str) -> Availability:
    """What a tracer says of itself here; asked once."""
    answer: Availability = PLUGINS.make(SPECS[name]).probe()
    return answer


def usable_tracers() -> tuple[str, ...]:
    """The tracers that work here, the one that `auto` takes first."""
    return tuple(name for name in INSTALLED if availability(name).usable)


def need_tracer(name: str) -> str:
    """The name, where that tracer works here; skips the test where it does not, and says why."""
    if name != NONE and not (answer := availability(name)).usable:
        pytest.skip(
            f"the {name} tracer does not work here: {answer.reason}; {answer.hint or 'no way is known'}"
        )
    return name
