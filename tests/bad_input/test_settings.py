"""Settings that roar does not know, or can't understand, in every place that they can come from."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed_tracers import INSTALLED
from user import READING, User

TRACERS = f"one of {', '.join(['auto', 'none', *INSTALLED])}"
STARTING = ("run", "touch", "started")
WRONG = [
    ("hash", "primry = 'md5'", "unknown setting", "hash.primry", "did you mean `hash.primary`?"),
    (
        "hash",
        "primary = 'md6'",
        "cannot understand hash.primary",
        "md6",
        "one of blake3, sha256, sha512, md5",
    ),
    ("run", "digest_seconds = 'soon'", "cannot understand run.digest_seconds", "soon", "a number"),
    ("run", "digest_seconds = -1", "cannot understand run.digest_seconds", "-1", "a number, not negative"),
    ("tracer", "fallback = 'maybe'", "cannot understand tracer.fallback", "maybe", "true or false"),
    ("tracer", "default = 'nope'", "cannot understand tracer.default", "nope", TRACERS),
    ("tracer", "preserve_limit = '1 MiBB'", "cannot understand tracer.preserve_limit", "1 MiBB", "256MiB"),
    ("filters", "ignore_paths = 'x'", "cannot understand filters.ignore_paths", "x", "texts"),
    ("logging", "level = 3", "cannot understand logging.level", "3", "warning"),
]


def config_file(user: User, place: str) -> Path:
    """Either of the two files."""
    if place == "project":
        return user.project / ".roar/config.toml"
    path = user.home / ".config/roar/config.toml"
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.parametrize("place", ["project", "user"])
@pytest.mark.parametrize(("section", "line", "what", "value", "hint"), WRONG)
def test_wrong_setting_in_a_file_is_named_before_the_job_starts(
    user: User, place: str, section: str, line: str, what: str, value: str, hint: str
) -> None:
    path = config_file(user, place)
    path.write_text(f"[{section}]\n{line}\n")
    answer = user.is_refused(*STARTING, status=2)
    assert answer.message == f"{what} in `{path}`: `{value}`"
    assert hint in answer.hint


@pytest.mark.parametrize(
    ("variable", "value", "message", "hint"),
    [
        ("ROAR_HASH__PRIMRY", "md5", "unknown setting in the environment: `hash.primry`", "`hash.primary`"),
        ("ROAR_HASH__PRIMARY", "md6", "cannot understand hash.primary in the environment: `md6`", "blake3"),
        ("ROAR_HASH__PRIMARY", "", "cannot understand hash.primary in the environment: ``", "blake3"),
        (
            "ROAR_OUTPUT__QUIET",
            "2",
            "cannot understand output.quiet in the environment: `2`",
            "true or false",
        ),
        (
            "ROAR_TRACER__DEFAULT",
            "nope",
            "cannot understand tracer.default in the environment: `nope`",
            "auto",
        ),
        ("ROAR_X__Y__Z", "1", "unknown setting in the environment: `x.y.z`", "roar config list"),
    ],
)
def test_wrong_variable_is_named_before_the_job_starts(
    user: User, variable: str, value: str, message: str, hint: str
) -> None:
    answer = user.is_refused(*STARTING, status=2, env={variable: value})
    assert answer.message == message
    assert hint in answer.hint


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"[hash\n", "cannot read settings"),
        (b"[hash]\nprimary = 'caf\xe9'\n", "cannot read settings: not UTF-8"),
        (b"hash = 3\n", "unknown setting"),
        (b"[hash]\nprimary = 'md5'\nprimary = 'md5'\n", "cannot read settings"),
    ],
    ids=["not-toml", "not-utf8", "no-table", "twice"],
)
def test_file_that_cannot_be_read_is_named_before_the_job_starts(user: User, text: bytes, what: str) -> None:
    path = user.project / ".roar/config.toml"
    path.write_bytes(text)
    answer = user.is_refused(*STARTING, status=2)
    assert answer.message.startswith(what)
    assert str(path) in answer.message
    assert answer.hint


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_what_is_recorded_can_be_read_whatever_the_settings_are(
    experienced: User, arguments: tuple[str, ...]
) -> None:
    whole = experienced.roar(*arguments).stdout
    (experienced.project / ".roar/config.toml").write_bytes(b"[hash\nprimary = 'caf\xe9'\n")
    answer = experienced.roar(*arguments)
    assert len(answer.stdout.splitlines()) == len(whole.splitlines())


def test_folder_in_the_place_of_the_file_is_named(user: User) -> None:
    path = user.project / ".roar/config.toml"
    path.unlink()
    path.mkdir()
    answer = user.is_refused(*STARTING, status=125)
    assert answer.message == f"cannot read settings: is a directory: `{path}`"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("set", "hash.primry", "md5"), "unknown setting: `hash.primry`"),
        (("set", "hash.primary", "md6"), "cannot understand hash.primary on the command line: `md6`"),
        (
            ("set", "run.digest_seconds", "nan"),
            "cannot understand run.digest_seconds on the command line: `nan`",
        ),
        (
            ("set", "--", "run.digest_seconds", "-1"),
            "cannot understand run.digest_seconds on the command line: `-1`",
        ),
        (("get", "hash.primry"), "unknown setting: `hash.primry`"),
        (("unset", "nothing"), "unknown setting: `nothing`"),
    ],
    ids=str,
)
def test_wrong_setting_is_refused_by_config(user: User, arguments: tuple[str, ...], message: str) -> None:
    assert user.is_refused("config", *arguments, status=2).message == message


def test_setting_outside_a_project_says_where_it_can_go(stranger: User) -> None:
    answer = stranger.is_refused("config", "set", "hash.primary", "md5", status=2)
    assert answer.message.startswith("cannot find a project here or above")


def test_error_is_json_where_json_is_asked_for(user: User) -> None:
    error = user.is_refused_in_json(
        "config", "get", "hash.primary", status=2, env={"ROAR_HASH__PRIMARY": "md6"}
    )
    assert error["code"] == "usage_error"


def test_wrong_setting_can_be_mended_by_roar_itself(user: User) -> None:
    (user.project / ".roar/config.toml").write_text("[hash]\nprimary = 'md6'\n")
    user.roar("config", "set", "hash.primary", "sha256")
    user.roar(*STARTING)
