"""A tracer that says it works and then fails is replaced before the command starts, or nothing is started."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from installed_tracers import INSTALLED, usable_tracers
from scene import Ended, Scene

FAILING = """
from roar_core.plugin import TracerSpec, hookimpl
from roar_core.plugin.protocols import Availability, LaunchPlan

class Failing:
    def probe(self):
        return Availability(True, "1.0")

    def command(self, argv, options):
        return LaunchPlan(("/bin/sh", "-c", 'echo begun > "$0"', str(options.report)))

@hookimpl
def roar_register_tracers():
    return [TracerSpec("failing", __name__ + ":Failing", "fails", priority=1000)]
"""


@pytest.fixture
def failing(tmp_path: Path) -> Scene:
    """A project where `auto` finds a tracer first that fails to start."""
    if not usable_tracers():
        pytest.skip("no tracer works here: roar tracer says why")
    site = tmp_path / "site"
    info = site / "failing-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: failing\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[roar]\nfailing = failing_tracer\n")
    (site / "failing_tracer.py").write_text(FAILING)
    scene = Scene(tmp_path, tmp_path / "bytecode")
    paths = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    scene.environment |= {"PYTHONPATH": os.pathsep.join(paths), "ROAR_TRACER__DEFAULT": "auto"}
    return scene


def count_in_a_file(scene: Scene, *options: str) -> Ended:
    return scene.job("echo started >> count", *options)


@pytest.mark.parametrize("default", ["auto", "failing"])
def test_tracer_that_fails_to_start_is_replaced_and_the_command_starts_once(
    failing: Scene, default: str
) -> None:
    failing.environment["ROAR_TRACER__DEFAULT"] = default
    ended = count_in_a_file(failing)
    assert ended.status == 0
    why = "it failed to start: the tracer ended before it had started the command"
    assert f"tracer `failing` does not work here ({why}); using" in ended.stderr
    assert (failing.root / "count").read_text() == "started\n"
    (job,) = failing.log()
    assert job["tracer"] == usable_tracers()[0]
    remembered = json.loads((failing.outside / "cache/roar/tracers.json").read_text())
    assert [key for key in remembered if key.startswith("failing")] == []
    assert any(key.startswith(INSTALLED) for key in remembered)


def test_tracer_that_was_asked_for_is_not_replaced(failing: Scene) -> None:
    ended = count_in_a_file(failing, "--tracer", "failing")
    assert ended.status == 125
    assert "hint:" in ended.stderr
    assert not failing.happened("count")
    assert failing.log() == []


def test_nothing_is_replaced_where_the_user_does_not_want_it(failing: Scene) -> None:
    failing.environment["ROAR_TRACER__FALLBACK"] = "false"
    assert count_in_a_file(failing).status == 125
    assert not failing.happened("count")
