"""Command lines that can't be followed: wrong words before the command, and commands that can't be started."""

from __future__ import annotations

import pytest
from installed_tracers import INSTALLED, each_tracer_and_none
from user import READING, User

EVERY = [("run", "true"), *READING]


@pytest.mark.parametrize("arguments", EVERY, ids=" ".join)
def test_command_is_refused_where_there_is_no_project(stranger: User, arguments: tuple[str, ...]) -> None:
    answer = stranger.is_refused(*arguments, status=2)
    assert answer.message == f"cannot find a project here or above: `{stranger.project}`"
    assert answer.hint == "roar init"


def test_job_is_not_started_where_there_is_no_project(stranger: User) -> None:
    stranger.is_refused("run", "touch", "started", status=2)
    assert not (stranger.project / "started").exists()


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_error_is_json_where_json_is_asked_for(stranger: User, arguments: tuple[str, ...]) -> None:
    error = stranger.is_refused_in_json(*arguments, status=2)
    assert (error["code"], error["hint"]) == ("no_project", "roar init")


def test_unknown_command_names_the_nearest(user: User) -> None:
    answer = user.is_refused("lgo", status=2)
    assert (answer.message, answer.hint) == ("unknown command: `lgo`", "did you mean `roar log`?")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--nope", "true"), "unknown option of `roar run`: `--nope`"),
        (("run", "-x", "true"), "unknown option of `roar run`: `-x`"),
        (("log", "--nope"), "unknown option of `roar log`: `--nope`"),
        (("dag", "extra"), "got unexpected extra argument (extra)"),
        (("show", "@1", "@2"), "got unexpected extra argument (@2)"),
        (("run",), "missing argument `COMMAND...`"),
        (("run", "--"), "missing argument `COMMAND...`"),
        (("run", "-q"), "missing argument `COMMAND...`"),
        (("run", "--name"), "option `--name` requires an argument"),
        (("log", "-n", "many"), "invalid value for `-n`: `many` is not a valid integer range"),
    ],
    ids=str,
)
def test_wrong_use_is_named_with_the_help_to_read(
    user: User, arguments: tuple[str, ...], message: str
) -> None:
    answer = user.is_refused(*arguments, status=2)
    assert answer.message == message
    assert f"roar {arguments[0]} --help" in answer.hint


def test_unknown_tracer_names_those_that_are_there(user: User) -> None:
    answer = user.is_refused("run", "--tracer", "nope", "touch", "started", status=2)
    assert answer.message == "unknown tracer: `nope`"
    assert f"auto, {', '.join(INSTALLED)}, none" in answer.hint


def test_unknown_algorithm_names_those_that_are_there(user: User) -> None:
    answer = user.is_refused("run", "--hash", "nope", "touch", "started", status=2)
    assert answer.message == "unknown digest algorithm: `nope`"
    assert "blake3, sha256, sha512, md5" in answer.hint


@each_tracer_and_none
class TestCommandThatCannotBeStarted:
    """As a shell says it: 127 and 126, and nothing is recorded."""

    def refused(self, user: User, tracer: str, *command: str, status: int) -> str:
        answer = user.is_refused("run", "--tracer", tracer, *command, status=status)
        assert user.jobs() == []
        return answer.message

    @pytest.mark.parametrize("name", ["no-such-command", "./no-such-file", "no/such/folder", "-x", "a b"])
    def test_command_not_found_is_127(self, user: User, tracer: str, name: str) -> None:
        message = self.refused(user, tracer, "--", name, status=127)
        assert message == f"command not found: `{name}`"

    def test_empty_command_is_127(self, user: User, tracer: str) -> None:
        assert self.refused(user, tracer, "", status=127) == "command not found: ``"

    def test_file_that_is_not_executable_is_126(self, user: User, tracer: str) -> None:
        user.write("data.txt", "x")
        message = self.refused(user, tracer, "./data.txt", status=126)
        assert message == "cannot execute command: permission denied: `./data.txt`"

    def test_folder_is_126(self, user: User, tracer: str) -> None:
        (user.project / "folder").mkdir()
        message = self.refused(user, tracer, "./folder", status=126)
        assert message.startswith("cannot execute command: ")

    def test_folder_on_the_way_that_is_a_file_is_126(self, user: User, tracer: str) -> None:
        user.write("data.txt", "x", 0o755)
        message = self.refused(user, tracer, "./data.txt/tool", status=126)
        assert message == "cannot execute command: not a directory: `./data.txt/tool`"

    def test_missing_interpreter_is_named_as_such(self, user: User, tracer: str) -> None:
        user.write("script", "#!/no/such/interpreter\n", 0o755)
        message = self.refused(user, tracer, "./script", status=127)
        assert message == "cannot execute command: its interpreter is not there: `./script`"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("@99",), 125, "no such step in this session: `@99`"),
        (("@1", "--seed", "one", "two"), 2, "only options can be changed in a step: `one`"),
        (("@x",), 127, "command not found: `@x`"),
    ],
    ids=str,
)
def test_step_that_cannot_be_run_again_is_named(
    experienced: User, arguments: tuple[str, ...], status: int, message: str
) -> None:
    assert experienced.is_refused("run", *arguments, status=status).message == message


def test_first_word_after_two_dashes_is_the_command(user: User) -> None:
    user.write("bin/-x", "#!/bin/sh\necho ran $1\n", 0o755)
    path = f"{user.project}/bin:{user.environment['PATH']}"
    answer = user.roar("run", "-q", "--", "-x", "--json", env={"PATH": path})
    assert answer.stdout == "ran --json\n"
    assert user.last()["command"] == ["-x", "--json"]


def test_step_can_have_any_name_but_needs_one(user: User) -> None:
    assert user.is_refused("run", "-n", status=2).hint == "roar run --help"


def test_json_option_after_the_command_is_the_commands(user: User) -> None:
    answer = user.roar("run", "no-such-command", "--json", status=127)
    assert answer.message == "command not found: `no-such-command`"
