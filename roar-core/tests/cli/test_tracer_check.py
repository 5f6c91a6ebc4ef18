import json

import pytest

BLIND = """
    from roar_core.plugin.protocols import Availability, LaunchPlan

    class Blind:
        def probe(self):
            return Availability({usable}, "1.5", {reason!r}, "have luck")

        def command(self, argv, options):
            return LaunchPlan(("/bin/true", *argv))

        def blind_spots(self, traits):
            return {{trait: f"blind to {{trait}}" for trait in traits if trait in ("static", "other_libc")}}

    @hookimpl
    def roar_register_tracers():
        return [TracerSpec("blind", __name__ + ":Blind", "sees little", 900)]
"""
STATIC = b"\x7fELF\2\1\1" + bytes(9) + b"\2\0\x3e\0\1\0\0\0" + bytes(40)


@pytest.fixture
def blind(install):
    install("blind-dist", "blind", BLIND.format(usable=True, reason=None))


def _add(project, name, content):
    (project / name).write_bytes(content)
    (project / name).chmod(0o755)


def test_chosen_tracer_is_checked_without_a_command(roar, blind):
    assert roar("tracer", "check").stdout == "tracer blind works here\n"
    assert json.loads(roar("tracer", "check", "--json").stdout) == {
        "tracer": "blind", "usable": True, "reason": None, "hint": "have luck", "whole": True, "programs": [],
    }  # fmt: skip


def test_program_that_the_tracer_cannot_see_is_told_with_the_reason(roar, blind, project):
    _add(project, "static", STATIC)
    done = roar("tracer", "check", "blind", "--json", "--", "./static", "--json", status=1)
    answer = json.loads(done.stdout)
    (program,) = answer["programs"]
    assert answer["whole"] is False
    assert program["unseen"] == [{"trait": "static", "reason": "blind to static"}]
    assert program["path"] == str(project / "static")


def test_interpreter_of_a_script_is_checked_too(roar, blind, project):
    _add(project, "static", STATIC)
    _add(project, "job", f"#!{project}/static\n".encode())
    done = roar("tracer", "check", "--", "./job", status=1)
    assert "blind to static" in done.stdout
    assert "not seen whole by blind" in done.stdout


def test_tracer_that_does_not_work_here_sees_nothing_whole(roar, install):
    install("blind-dist", "blind", BLIND.format(usable=False, reason="no luck"))
    done = roar("tracer", "check", "blind", "--", "true", status=1)
    assert "does not work here: no luck" in done.stdout
    assert "hint: have luck" in done.stdout


def test_command_without_the_dashes_says_how_to_ask(roar, blind):
    assert "roar tracer check -- ./job" in roar("tracer", "check", "./job", status=2).stderr


def test_command_that_is_not_there_is_127(roar, blind):
    assert "command not found: `nope`" in roar("tracer", "check", "--", "nope", status=127).stderr


@pytest.mark.parametrize("name", ["auto", "none"])
def test_name_of_no_single_tracer_is_refused(roar, blind, name):
    assert "not the name of one tracer" in roar("tracer", "check", name, status=2).stderr
