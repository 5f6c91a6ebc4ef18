import sys
import types

import pytest
from roar_core.config import Environment
from roar_core.errors import PluginConflict, RoarError
from roar_core.plugin import CommandSpec, HasherSpec, TracerSpec, hookimpl
from roar_core.plugin.discovery import EntryPoint
from roar_core.plugin.manager import PluginManager


@pytest.fixture
def load(monkeypatch):
    """Loads plugins given as `name=hooks`; each is a module of its own distribution `<name>-dist`."""

    def load(environment=Environment(), **plugins):  # noqa: B008  # frozen
        entries = []
        for name, attributes in plugins.items():
            module = types.ModuleType(f"plugin_{name}")
            module.__dict__.update(attributes)
            monkeypatch.setitem(sys.modules, module.__name__, module)
            entries.append(EntryPoint(name, module.__name__, f"{name}-dist", "1.0"))
        said = []
        manager = PluginManager.load(environment, warn=said.append, entry_points=entries)
        return manager, said

    return load


def _tracers(*specs):
    @hookimpl
    def roar_register_tracers():
        return specs

    return {"roar_register_tracers": roar_register_tracers}


def _tracer(name, priority=0):
    return TracerSpec(name, "m:a", "…", priority)


def test_tracers_come_by_priority_then_name(load):
    manager, _ = load(x=_tracers(_tracer("b", 1), _tracer("c", 5)), y=_tracers(_tracer("a", 1)))
    assert [spec.name for spec in manager.tracers] == ["c", "a", "b"]


def test_names_of_plugins_are_choices_of_settings(load):
    manager, _ = load(x=_tracers(_tracer("mine")))
    choices = {spec.key: spec.choices for spec in manager.settings}
    assert choices["tracer.default"] == ("auto", "none", "mine")
    assert "sha256" in choices["hash.primary"]


def test_two_of_one_name_are_an_error_that_names_both(load):
    manager, _ = load(x=_tracers(_tracer("same")), y=_tracers(_tracer("same")))
    with pytest.raises(PluginConflict, match=r"two tracers of one name, from x-dist and y-dist: `same`"):
        manager.require_no_conflict()


def test_one_of_two_can_be_blocked_by_plugin_or_distribution(load):
    for blocked in ("y", "y-dist", "Y_Dist"):
        environment = Environment(disabled_plugins=frozenset({blocked}))
        manager, _ = load(environment, x=_tracers(_tracer("same")), y=_tracers(_tracer("same")))
        manager.require_no_conflict()
        assert [info.name for info in manager.disabled] == ["y"]


def test_one_name_in_two_kinds_is_no_conflict(load):
    @hookimpl
    def roar_register_hashers():
        return [HasherSpec("same", "m:a", 4)]

    manager, _ = load(x=_tracers(_tracer("same")), y={"roar_register_hashers": roar_register_hashers})
    manager.require_no_conflict()


def test_command_of_the_core_cannot_be_replaced(load):
    @hookimpl
    def roar_register_commands():
        return [CommandSpec("run", "m:a", "…")]

    manager, _ = load(x={"roar_register_commands": roar_register_commands})
    with pytest.raises(PluginConflict, match="roar-core and x-dist"):
        manager.require_no_conflict()


def test_plugin_that_raises_is_named_once_and_the_others_are_asked(load):
    @hookimpl
    def roar_register_tracers():
        raise ValueError("no")

    @hookimpl
    def roar_job_started(job):
        raise ValueError("again")

    heard = []

    @hookimpl(specname="roar_job_started")
    def listens(job):
        heard.append(job)

    broken = {"roar_register_tracers": roar_register_tracers, "roar_job_started": roar_job_started}
    manager, said = load(x=broken, y={**_tracers(_tracer("mine")), "listens": listens})
    manager.notify("roar_job_started", job={"uid": "1"})
    assert said == ["plugin `x` of x-dist is broken: `roar_register_tracers` raised ValueError: no"]
    assert [spec.name for spec in manager.tracers] == ["mine"]
    assert heard == [{"uid": "1"}]
    assert len(manager.problems) == 2


def test_answers_are_kept_by_plugin(load):
    @hookimpl
    def roar_describe_environment(job):
        return {"cluster": 1}

    manager, _ = load(x={"roar_describe_environment": roar_describe_environment}, y={})
    assert manager.describe("roar_describe_environment", job={}) == {"x": {"cluster": 1}}


def test_hook_may_take_fewer_arguments(load):
    heard = []

    @hookimpl
    def roar_job_finished(outcome):
        heard.append(outcome)

    manager, said = load(x={"roar_job_finished": roar_job_finished})
    manager.notify("roar_job_finished", job={}, outcome={"status": "ok"})
    assert (heard, said) == ([{"status": "ok"}], [])


def test_hook_with_an_unknown_argument_is_broken(load):
    @hookimpl
    def roar_job_finished(nothing):
        raise AssertionError

    manager, said = load(x={"roar_job_finished": roar_job_finished})
    assert "nothing" in said[0]
    assert "x" not in manager.plugins


def test_hook_of_an_unknown_name_is_named(load):
    @hookimpl
    def roar_register_tracer():
        return []

    _, said = load(x={"roar_register_tracer": roar_register_tracer})
    assert said == ["plugin `x` of x-dist is broken: there is no hook of this name: `roar_register_tracer`"]


def test_answer_of_another_type_is_named(load):
    manager, said = load(x=_tracers("mine"))
    assert "no TracerSpec" in said[0]
    assert manager.tracers == ()


@pytest.mark.parametrize("version", [(2, 0), (1, 99), "new"])
def test_plugin_for_another_api_is_refused(load, version):
    manager, said = load(x={"ROAR_API": version, **_tracers(_tracer("mine"))})
    assert len(said) == 1
    assert manager.tracers == ()


def test_calls_are_shown_when_traced(load):
    manager, said = load(Environment(trace_hooks=True), x=_tracers(_tracer("mine")))
    manager.notify("roar_job_started", job={})
    assert "x: roar_register_tracers()" in said
    assert "core: roar_register_commands()" in said


def test_factory_that_fails_names_its_distribution(load):
    manager, _ = load(x=_tracers(TracerSpec("mine", "nowhere:Tracer", "…")))
    with pytest.raises(RoarError, match=r"cannot use `mine` of x-dist: ModuleNotFoundError") as caught:
        manager.make(manager.tracers[0])
    assert caught.value.hint == "pip install --force-reinstall x-dist"


def test_factory_gets_its_arguments(load):
    manager, _ = load(x=_tracers(TracerSpec("mine", "builtins:complex", "…")))
    assert manager.make(manager.tracers[0], 1, 2) == 1 + 2j


def test_plugins_of_one_name_are_an_error(load, monkeypatch):
    entries = [EntryPoint("same", "types", "x-dist", "1"), EntryPoint("same", "types", "y-dist", "1")]
    manager = PluginManager.load(Environment(), warn=print, entry_points=entries)
    with pytest.raises(PluginConflict, match="two plugins of one name, from x-dist and y-dist: `same`"):
        manager.require_no_conflict()
