"""What `roar show` can't find, or finds too often."""

from __future__ import annotations

import sqlite3

import pytest
from user import User

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("@99", "no such step in this session: `@99`"),
        ("@B1", "no such step in this session: `@B1`"),
        ("@0", "no such step in this session: `@0`"),
        ("@1·7", "step has 1 run: `@1·7`"),
        ("@x", "no step is called so: `@x`"),
        ("@", "no step is called so: `@`"),
        ("@-1", "no step is called so: `@-1`"),
        ("@1.5.2", "no step is called so: `@1.5.2`"),
        ("@99999999999999999999", "no such step in this session: `@99999999999999999999`"),
        ("abc", "no job, content or file with this name is recorded: `abc`"),
        ("01234567", "no job, content or file with this name is recorded: `01234567`"),
        (DIGEST, f"no artifact with this digest: `{DIGEST}`"),
        (f"blake3:{DIGEST}", f"no artifact with this digest: `blake3:{DIGEST}`"),
        (f"nope:{DIGEST}", f"no artifact with this digest: `nope:{DIGEST}`"),
        ("no/such/file", "no job, content or file with this name is recorded: `no/such/file`"),
        ("/etc/hostname", "no job, content or file with this name is recorded: `/etc/hostname`"),
        ("../../..", "no job, content or file with this name is recorded: `../../..`"),
        (".", "no job, content or file with this name is recorded: `.`"),
        ("", "no job, content or file with this name is recorded: ``"),
        ("%", "no job, content or file with this name is recorded: `%`"),
    ],
)
def test_unknown_reference_is_named(experienced: User, reference: str, message: str) -> None:
    answer = experienced.is_refused("show", reference, status=1)
    assert answer.message == message
    assert answer.hint.startswith("roar ")


def test_three_digits_are_too_few_for_a_job(experienced: User) -> None:
    uid = experienced.jobs()[0]["uid"]
    assert uid[:4] in experienced.roar("show", uid[:4]).stdout
    answer = experienced.is_refused("show", uid[:3], status=1)
    assert answer.message.endswith(f"`{uid[:3]}`")


def test_seven_digits_are_too_few_for_a_content(experienced: User) -> None:
    digest = experienced.last()["outputs"][0]["digest"].partition(":")[2]
    assert digest in experienced.roar("show", digest[:8]).stdout
    experienced.is_refused("show", digest[:7], status=1)


def test_ambiguous_job_names_the_candidates(experienced: User) -> None:
    experienced.roar("run", "-q", "true")
    with sqlite3.connect(experienced.project / ".roar/roar.db") as database:
        for number, (job,) in enumerate(database.execute("SELECT id FROM job ORDER BY id").fetchall()):
            database.execute("UPDATE job SET uid = ? WHERE id = ?", (f"abcd000{number}", job))
    database.close()
    answer = experienced.is_refused("show", "abcd", status=1)
    assert answer.message == "several jobs begin so (abcd0000, abcd0001, …): `abcd`"
    assert answer.hint == "give more of its characters"


@pytest.mark.parametrize(
    ("reference", "code"), [("@99", "not_found"), ("@x", "not_found"), ("nothing", "not_found")]
)
def test_error_is_json_where_json_is_asked_for(experienced: User, reference: str, code: str) -> None:
    error = experienced.is_refused_in_json("show", reference, status=1)
    assert error["code"] == code
    assert reference in error["message"]


def test_everything_is_unknown_in_an_empty_project(user: User) -> None:
    assert user.roar("show").stdout == "no jobs yet: roar run COMMAND\n"
    assert user.is_refused("show", "@1", status=1).message == "no such step in this session: `@1`"
