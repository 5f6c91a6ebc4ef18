"""What the commands that change the record refuse, changing nothing."""

from __future__ import annotations

import pytest
from user import User

GROUPS = ("label", "env", "filter", "db")
WRITING = [
    *(("reset",), ("pop", "-y"), ("build", "true"), ("db",), ("db", "gc", "-y")),
    *(("label", "set", "@1", "a=b"), ("label", "show", "@1"), ("label", "history", "session")),
    *(("env", "set", "A=b"), ("env", "list"), ("filter", "add", "*.a"), ("filter", "list")),
]


@pytest.mark.parametrize("arguments", WRITING, ids=" ".join)
def test_command_is_refused_where_there_is_no_project(stranger: User, arguments: tuple[str, ...]) -> None:
    answer = stranger.is_refused(*arguments, status=2)
    assert answer.message == f"cannot find a project here or above: `{stranger.project}`"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("label", "set", "@1"), 2, "missing argument `KEY=VALUE...`"),
        (("label", "set", "@1", "a"), 2, "label has no value: `a`"),
        (("label", "set", "@1", "a=b", "=c"), 2, "not a key of letters, digits, `.`, `_`, `-` and `/`: ``"),
        (("label", "set", "@1", "a b=c"), 2, "not a key of letters, digits, `.`, `_`, `-` and `/`: `a b`"),
        (("label", "set", "@1", "k=" + "x" * 65_537), 2, "value is longer than 65536 bytes: `k`"),
        (("label", "set", "@99", "a=b"), 1, "no such step in this session: `@99`"),
        (("label", "set", "0123456789abcdef", "a=b"), 1, "no artifact with this digest: `0123456789abcdef`"),
        (
            ("label", "set", "no/file", "a=b"),
            1,
            "no job, content or file with this name is recorded: `no/file`",
        ),
        (("label", "set", "session:", "a=b"), 1, "no session with this uid: `session:`"),
        (("label", "show", "session:zz"), 1, "no session with this uid: `session:zz`"),
        (("label", "unset", "@1", "a"), 1, "`@1` has no such label: `a`"),
        (("label", "unset", "@1"), 2, "missing argument `KEY...`"),
        (("env", "set", "A"), 2, "variable has no value: `A`"),
        (("env", "set", "A=1", "B-C=2"), 2, "not a name of a variable: `B-C`"),
        (("env", "set", "=x"), 2, "not a name of a variable: ``"),
        (("env", "set", b"A=caf\xe9"), 2, "value is not UTF-8: `A`"),
        (("env", "get", "A"), 1, "no such variable is set: `A`"),
        (("env", "unset", "A"), 1, "no such variable is set: `A`"),
        (("filter", "add", ""), 2, "not a pattern of paths: ``"),
        (("filter", "add", "*.a", "/"), 2, "not a pattern of paths: `/`"),
        (("filter", "add", "a\nb"), 2, "not a pattern of paths: `a⏎b`"),
        (("filter", "remove", "*.a"), 1, "no such pattern in .roarconfig: `*.a`"),
        (("pop", "extra"), 2, "got unexpected extra argument (extra)"),
        (("reset", "--nope"), 2, "unknown option of `roar reset`: `--nope`"),
        (("db", "--check", "gc"), 2, "--check and --json belong to `roar db`, not to its gc"),
        (
            ("db", "gc", "--older-than", "-1"),
            2,
            "invalid value for `--older-than`: -1.0 is not in the range x>=0",
        ),
        (("build",), 2, "missing argument `COMMAND...`"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_and_nothing_changes(
    experienced: User, arguments: tuple[str | bytes, ...], status: int, message: str
) -> None:
    assert experienced.is_refused(*arguments, status=status).message == message


@pytest.mark.parametrize(("reference", "message"), [("@B1", "no such step in this session: `@B1`"),
                                                     ("@1", "not a build step: `@1`"),
                                                     ("@99", "no such step in this session: `@99`")])  # fmt: skip
def test_build_step_that_is_none(experienced: User, reference: str, message: str) -> None:
    answer = experienced.roar("build", reference, status=None)
    assert answer.message == message
    assert len(experienced.jobs()) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A = 1", "not a variable with a text in"),
        ('"A B" = "x"', "not a variable with a text in"),
        ('[A]\nB = "x"', "not a variable with a text in"),
        ("A = ", "cannot read settings"),
    ],
)
def test_damaged_variables_keep_a_job_from_being_started(user: User, text: str, message: str) -> None:
    user.write(".roar/env.toml", text)
    answer = user.is_refused("run", "touch", "started", status=2)
    assert message in answer.message
    assert not (user.project / "started").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tracer]\ndefault = 'none'", "setting can't be shared, only filters.ignore_paths, in"),
        ("[filters]\nignore_paths = 'x'", "cannot understand filters.ignore_paths in"),
        ("[filters]\nignore_paths = [1]", "cannot understand filters.ignore_paths in"),
        ("[filters", "cannot read settings"),
    ],
)
def test_shared_file_that_says_something_else_is_refused(user: User, text: str, message: str) -> None:
    user.write(".roarconfig", text)
    assert message in user.is_refused("run", "true", status=2).message
    assert message in user.is_refused("filter", "add", "*.a", status=2).message
    assert user.roar("log").stdout


def test_writing_is_refused_where_the_database_cannot_be_written(experienced: User) -> None:
    database = experienced.project / ".roar/roar.db"
    experienced.shell("chattr +i .roar/roar.db || exit 0")
    try:
        if "i" not in experienced.shell("lsattr .roar/roar.db || true").partition(" ")[0]:
            pytest.skip("this file system has no immutable files: run on ext4 as root")
        for arguments in (("reset",), ("label", "set", "@1", "a=b"), ("pop", "-y")):
            answer = experienced.roar(*arguments, status=1)
            assert "written" in answer.stderr or "readonly" in answer.stderr, answer
        assert (experienced.project / "out.txt").exists()
    finally:
        experienced.shell(f"chattr -i {database} || exit 0")


@pytest.mark.parametrize("group", GROUPS)
def test_unknown_part_of_a_command_is_named(experienced: User, group: str) -> None:
    assert "nope" in experienced.is_refused(group, "nope", status=2).message


def test_folder_with_a_name_that_is_not_utf8_is_no_artifact(experienced: User) -> None:
    experienced.shell("mkdir raw; touch raw/$(printf 'caf\\351')")
    answer = experienced.is_refused("label", "set", "raw", "a=b", status=2)
    assert answer.message == "name of a file is not UTF-8: `caf\udce9`"
