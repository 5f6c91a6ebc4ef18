"""Plugins that are broken: one line that names their distribution, and everything else goes on."""

from __future__ import annotations

import pytest
from installed_tracers import INSTALLED
from user import READING, User

EVERY = [("run", "-q", "sh", "-c", "cat in.txt > out.txt"), *READING, ("--help",)]
BROKEN = {
    "raises on import": ("raise KeyError('lost')", "KeyError: 'lost'"),
    "imports what is not there": (
        "import no_such_module",
        "ModuleNotFoundError: No module named 'no_such_module'",
    ),
    "is no python": ("def (:", "SyntaxError: "),
    "exits": ("raise SystemExit(3)", "SystemExit: 3"),
    "needs a newer roar": ("ROAR_API = (99, 0)", "it needs plugin API 99.0; this roar has "),
    "has an unknown hook": (
        "@hookimpl\ndef roar_no_such_hook():\n    pass",
        "no hook of this name: `roar_no_such_hook`",
    ),
    "raises in a hook": (
        "@hookimpl\ndef roar_register_tracers():\n    return 1 / 0",
        "`roar_register_tracers` raised ZeroDivisionError",
    ),
    "gives the wrong spec": (
        "@hookimpl\ndef roar_register_tracers():\n    return HasherSpec('h', 'm:a', 1)",
        "`roar_register_tracers` gave something that is no TracerSpec",
    ),
    "gives no spec": (
        "@hookimpl\ndef roar_register_commands():\n    return 'x\\ny'",
        "`roar_register_commands` gave something that is no CommandSpec",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_plugin_costs_one_line_and_the_job_is_recorded(experienced: User, kind: str) -> None:
    code, reason = BROKEN[kind]
    experienced.plugin("broken-dist", code)
    answer = experienced.roar("run", "-q", "sh", "-c", "cat in.txt > out.txt; exit 3", status=3)
    (line,) = answer.stderr.splitlines()
    assert line.startswith("roar: ")
    assert "broken-dist" in line
    assert reason in line
    assert experienced.jobs()[0]["exit_code"] == 3


@pytest.mark.parametrize("arguments", EVERY, ids=" ".join)
def test_every_command_works_beside_a_broken_plugin(experienced: User, arguments: tuple[str, ...]) -> None:
    before = experienced.roar(*arguments).stdout
    experienced.plugin("broken-dist", "raise KeyError('lost')")
    answer = experienced.roar(*arguments)
    assert len(answer.stderr.splitlines()) == 1
    assert len(answer.stdout.splitlines()) >= len(before.splitlines())


def test_list_of_plugins_shows_what_is_wrong(user: User) -> None:
    user.plugin("broken-dist", "raise KeyError('lost')")
    listed = user.roar("plugins", status=None).stdout
    assert "broken-dist" in listed
    assert "KeyError: 'lost'" in listed


def test_broken_plugin_can_be_disabled(user: User) -> None:
    user.plugin("broken-dist", "raise KeyError('lost')")
    assert user.roar("run", "-q", "true", env={"ROAR_DISABLE_PLUGINS": "broken-dist"}).stderr == ""


def test_plugin_whose_object_cannot_be_made_is_named(user: User) -> None:
    user.plugin(
        "broken-dist",
        "@hookimpl\ndef roar_register_tracers():\n    return [TracerSpec('broken', 'nowhere:x', 'none', 99)]",
    )
    answer = user.is_refused("run", "--tracer", "broken", "touch", "started", status=125)
    assert "broken-dist" in answer.message
    assert "nowhere" in answer.message
    user.roar("run", "true")
    assert user.last()["tracer"] in INSTALLED


@pytest.mark.parametrize(
    "code",
    [
        "@hookimpl\ndef roar_job_started(job):\n    raise KeyError('lost')",
        "@hookimpl\ndef roar_job_finished(job, outcome):\n    raise KeyError('lost')",
        "@hookimpl\ndef roar_describe_environment(job):\n    raise KeyError('lost')",
    ],
    ids=["started", "finished", "environment"],
)
def test_hook_that_raises_during_a_run_changes_nothing_of_it(experienced: User, code: str) -> None:
    experienced.plugin("broken-dist", code)
    answer = experienced.roar("run", "-q", "sh", "-c", "cat in.txt; echo > new.txt; exit 3", status=3)
    assert answer.stdout == "data\n"
    assert [line for line in answer.notes if "broken-dist" in line and "KeyError" in line] == answer.notes
    assert len(answer.notes) == 1
    job = experienced.last()
    assert (job["exit_code"], len(job["inputs"]), len(job["outputs"])) == (3, 1, 1)
    assert job["hardware"]


@pytest.mark.parametrize("value", ["object()", "{'x': object()}", "{1: {2}}", "b'\\xff'", "'text'"])
def test_plugin_that_describes_what_is_no_json_loses_only_its_own(experienced: User, value: str) -> None:
    code = f"@hookimpl\ndef roar_describe_environment(job):\n    return {value}"
    experienced.plugin("broken-dist", code)
    experienced.roar("run", "-q", "sh", "-c", "cat in.txt; echo > new.txt")
    job = experienced.last()
    assert (job["status"], len(job["inputs"]), len(job["outputs"])) == ("ok", 1, 1)
    assert job["hardware"]
    assert job["environment"]["machine"]


FILTER = """
class Broken:
    def __init__(self, context):
        {init}
    def drop_reason(self, access):
        {ask}

@hookimpl
def roar_register_filters():
    return [FilterSpec("broken", __name__ + ":Broken", 1)]
"""


@pytest.mark.parametrize(
    "parts",
    [{"init": "raise KeyError('lost')", "ask": "pass"}, {"init": "pass", "ask": "raise KeyError('lost')"}],
    ids=["made", "asked"],
)
def test_filter_that_raises_is_named_and_the_run_is_not_lost(
    experienced: User, parts: dict[str, str]
) -> None:
    experienced.plugin("broken-dist", FILTER.format(**parts))
    answer = experienced.roar("run", "-q", "sh", "-c", "cat in.txt; echo > new.txt; exit 3", status=3)
    assert answer.stdout == "data\n"
    assert any("broken-dist" in line and "KeyError" in line for line in answer.notes)
    job = experienced.last()
    assert (job["exit_code"], len(job["inputs"]), len(job["outputs"])) == (3, 1, 1)


TWO = "@hookimpl\ndef roar_register_hashers():\n    return [HasherSpec('twice', 'm:a', 1)]"


@pytest.mark.parametrize(
    "arguments", [("run", "touch", "started"), ("config", "get", "hash.primary"), ("tracer",)], ids=" ".join
)
def test_two_plugins_of_one_name_are_an_error_that_names_both(user: User, arguments: tuple[str, ...]) -> None:
    user.plugin("first-dist", "", name="same")
    user.plugin("second-dist", "", name="same")
    answer = user.is_refused(*arguments, status=2)
    assert "`same`" in answer.message
    for distribution in ("first-dist", "second-dist"):
        assert distribution in answer.message + answer.hint


def test_two_specs_of_one_name_are_an_error_that_names_both(user: User) -> None:
    user.plugin("first-dist", TWO)
    user.plugin("second-dist", TWO)
    answer = user.is_refused("run", "touch", "started", status=2)
    assert "`twice`" in answer.message
    for distribution in ("first-dist", "second-dist"):
        assert distribution in answer.message + answer.hint


def test_name_clash_does_not_keep_the_helping_commands_from_working(user: User) -> None:
    user.plugin("first-dist", "", name="same")
    user.plugin("second-dist", "", name="same")
    assert "second-dist" in user.roar("plugins", status=None).stdout
    assert "second-dist" in user.roar("doctor", status=1).stdout
    user.roar("run", "true", env={"ROAR_DISABLE_PLUGINS": "second-dist"})


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_name_clash_does_not_keep_records_from_being_read(
    experienced: User, arguments: tuple[str, ...]
) -> None:
    experienced.plugin("first-dist", "", name="same")
    experienced.plugin("second-dist", "", name="same")
    experienced.roar(*arguments)
