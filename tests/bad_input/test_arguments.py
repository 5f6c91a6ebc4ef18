"""Arguments of the job that are long, many, or not text: they arrive as they are, and can be read back."""

from __future__ import annotations

import os

import pytest
from user import READING, User

PRINT = 'printf "%s\\0" "$@"'
ODD = [
    pytest.param([os.fsdecode(b"caf\xe9\xff")], id="not-utf8"),
    pytest.param(["one\ntwo\r\n\tthree\x1b[31m"], id="newlines"),
    pytest.param(["x" * 100_000], id="100-KB"),
    pytest.param([f"argument-{number}" for number in range(1_000)], id="1000"),
    pytest.param(["", " ", "'", '"', "\\", "$HOME", "é", "漢字", "🎉"], id="quoted"),
]


@pytest.mark.parametrize("arguments", ODD)
def test_arguments_arrive_as_they_are_and_are_recorded(user: User, arguments: list[str]) -> None:
    answer = user.roar("run", "-q", "sh", "-c", PRINT, "sh", *arguments)
    assert answer.stdout == "".join(f"{argument}\0" for argument in arguments)
    readable = [os.fsencode(argument).decode(errors="replace") for argument in arguments]
    assert user.last()["command"][4:] == readable


@pytest.mark.parametrize("arguments", ODD)
def test_each_job_is_one_line_of_the_terminals_width(user: User, arguments: list[str]) -> None:
    user.roar("run", "-q", "sh", "-c", "echo > out; exit 0", "sh", *arguments)
    for command in (("log",), ("dag",), ("show",), ("status",), ("show", "out"), ("show", "@1")):
        answer = user.roar(*command, env={"COLUMNS": "80"})
        assert "\x1b" not in answer.stdout
        assert all(len(line) <= 80 for line in answer.stdout.splitlines()), answer.stdout
    assert len(user.roar("log").stdout.splitlines()) == 1


def test_same_odd_arguments_are_the_same_step(user: User) -> None:
    for _ in range(2):
        user.roar("run", "-q", "true", os.fsdecode(b"\xff"), "a\nb")
    assert [job["step"] for job in user.jobs()] == ["@1", "@1"]


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_reading_commands_refuse_arguments_that_are_not_utf8_in_one_line(
    experienced: User, arguments: tuple[str, ...]
) -> None:
    answer = experienced.is_refused(*arguments, b"--caf\xe9", status=2)
    assert "caf\udce9" in answer.message


def test_reference_that_is_not_utf8_is_named_byte_for_byte(experienced: User) -> None:
    answer = experienced.is_refused("show", b"caf\xe9", status=1)
    assert os.fsencode(answer.message).endswith(b"`caf\xe9`")


def test_long_reference_is_refused_in_one_line(experienced: User) -> None:
    answer = experienced.is_refused("show", "x" * 100_000, status=1)
    assert len(answer.message) < 1_000


def test_reference_with_newlines_is_refused_in_one_line(experienced: User) -> None:
    experienced.is_refused("show", "one\ntwo", status=1)
    experienced.is_refused("show", "@one\ntwo", status=1)


def test_step_name_that_is_odd_is_kept(user: User) -> None:
    user.roar("run", "-q", "-n", "one\ntwo é", "true")
    assert user.last()["name"] == "one\ntwo é"
    assert len(user.roar("log").stdout.splitlines()) == 1
