"""The two ways to read a file line agree."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roar_core.capture import file_line
from roar_core.capture.file_line import FileLine, parse_file_line

NUMBERS = st.one_of(st.none(), st.integers(0, 2**63))
IDENTITIES = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {name: st.integers(0, 2**63) for name in ("device", "inode", "size")}
        | {name: st.integers(-(2**40), 2**63) for name in ("mtime_ns", "ctime_ns")}
    ),
)
SHORT = {
    "type": "file",
    "path": "/a b/c",
    "read": True,
    "written": False,
    "readers": [3, 12],
    "first_read": 1,
    "last_read": 9,
    "first_read_ns": 5,
    "before": {"device": 1, "inode": 2, "size": 3, "mtime_ns": -4, "ctime_ns": 1 << 60},
    "unchanged": True,
}
LINES = st.fixed_dictionaries(
    {
        "type": st.just("file"),
        "path": st.text(max_size=30).map(lambda text: "/" + text),
        "read": st.booleans(),
        "written": st.booleans(),
        "created": st.one_of(st.none(), st.booleans()),
        "names": st.lists(st.text(max_size=5), max_size=1),
        "readers": st.lists(st.integers(1, 99), max_size=3),
        "writers": st.lists(st.integers(1, 99), max_size=3),
        "first_read": NUMBERS,
        "last_read": NUMBERS,
        "first_write": NUMBERS,
        "last_write": NUMBERS,
        "first_read_ns": NUMBERS,
        "last_write_ns": NUMBERS,
        "write_kind": st.sampled_from([None, "created", "appended"]),
        "before": IDENTITIES,
        "after": IDENTITIES,
        "before_digest": st.sampled_from([None, "ab12"]),
        "preserved": st.sampled_from([None, None, "/kept/ab12"]),
        "fate": st.sampled_from(["present", "removed", "replaced"]),
        "renamed_from": st.lists(st.text(max_size=5), max_size=1),
    }
)


def encode(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


@given(LINES)
def test_usual_and_parsed_lines_agree_whatever_they_hold(fields: dict[str, object]) -> None:
    assert parse_file_line(encode(fields)) == file_line._parse(fields)


def test_short_line_says_the_same_as_the_whole_one() -> None:
    empty = ("writers", "names", "renamed_from")
    nothing = ("first_write", "last_write", "last_write_ns", "write_kind", "before_digest", "preserved")
    whole = {
        **SHORT,
        "created": False,
        "fate": "present",
        "after": SHORT["before"],
        **{key: [] for key in empty},
        **dict.fromkeys(nothing),
    }
    assert parse_file_line(encode(SHORT)) == file_line._parse(SHORT) == file_line._parse(whole)


def test_usual_line_is_not_parsed_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {
        "type": "file",
        "path": "/a",
        "read": True,
        "written": False,
        "created": False,
        "names": [],
        "readers": [1],
        "writers": [],
        "first_read": 1,
        "last_read": 1,
        "first_write": None,
        "last_write": None,
        "first_read_ns": 5,
        "last_write_ns": None,
        "write_kind": None,
        "before": None,
        "after": None,
        "before_digest": None,
        "preserved": None,
        "fate": "present",
        "renamed_from": [],
    }
    monkeypatch.setattr(file_line, "_parse_json", None)
    assert isinstance(parse_file_line(encode(SHORT)), FileLine)
    assert isinstance(parse_file_line(encode(fields)), FileLine)
