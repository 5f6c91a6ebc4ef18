"""The file line of a report. Reading a million of them decides how long a large run takes to record.

Nearly all lines of a report have one of two shapes: the short one, or the whole one with no name but the path, nothing
renamed and no escape in the path. One expression each matches them, which costs a tenth of parsing JSON; any other line
is parsed. All give the same.
"""

from __future__ import annotations

import base64
import json
import os
import re
from functools import lru_cache
from typing import Any, NamedTuple

from roar_core.store.records import Identity, make_tuple


class FileLine(NamedTuple):
    """What the job did to one file."""

    path: str
    names: tuple[str, ...]
    read: bool
    written: bool
    created: bool | None
    readers: tuple[int, ...]
    writers: tuple[int, ...]
    first_read_ns: int | None
    last_write_ns: int | None
    write_kind: str | None
    before: Identity | None
    after: Identity | None
    before_digest: str | None
    preserved: str | None
    fate: str
    renamed_from: tuple[str, ...]


FILE_PREFIX = b'{"type":"file"'
_NUMBER = rb"(\d+|null)"
_IDENTITY = rb'(null|\{"device":\d+,"inode":\d+,"size":\d+,"mtime_ns":-?\d+,"ctime_ns":-?\d+\})'
# A file that was read and is as it was, which nearly all are.
_SHORT = re.compile(
    rb'\{"type":"file","path":"([^"\\]*)","read":true,"written":false,"readers":\[([\d,]*)\],"first_read":\d+,'
    rb'"last_read":\d+,"first_read_ns":(\d+),"before":\{"device":(\d+),"inode":(\d+),"size":(\d+),"mtime_ns":(-?\d+),'
    rb'"ctime_ns":(-?\d+)\},"unchanged":true\}\n?'
)
_USUAL = re.compile(
    rb'\{"type":"file","path":"([^"\\]*)","read":(true|false),"written":(true|false),"created":(true|false|null),'
    rb'"names":\[\],"readers":\[([\d,]*)\],"writers":\[([\d,]*)\],"first_read":[^,]*,"last_read":[^,]*,'
    rb'"first_write":[^,]*,"last_write":[^,]*,"first_read_ns":'
    + _NUMBER
    + rb',"last_write_ns":'
    + _NUMBER
    + rb","
    rb'"write_kind":(?:null|"(\w+)"),"before":' + _IDENTITY + rb',"after":' + _IDENTITY + rb","
    rb'"before_digest":(?:null|"(\w+)"),"preserved":null,"fate":"(\w+)","renamed_from":\[\]\}\n?'
)
_DIGITS = re.compile(rb"-?\d+")
_WORDS = {b"true": True, b"false": False, b"null": None}


def parse_file_line(text: bytes) -> FileLine | None:
    """Returns the file line that `text` holds, or None for a line of another type.

    Raises ValueError, KeyError, TypeError or AttributeError where it is no line of a report.
    """
    match = _SHORT.fullmatch(text)
    if match is not None:
        return _short(match)
    match = _USUAL.fullmatch(text)
    return _parse_json(text) if match is None else _usual(match)


def _short(match: re.Match[bytes]) -> FileLine:
    path, readers, read_ns, *state = match.groups()
    by, identity = _numbers(readers), make_tuple(Identity, map(int, state))
    seen = path.decode(), (), True, False, False, by, (), int(read_ns), None, None, identity, identity
    return make_tuple(FileLine, (*seen, None, None, "present", ()))


def _usual(match: re.Match[bytes]) -> FileLine:
    path, read, written, created, readers, writers, read_ns, write_ns, kind, before, after, digest, fate = (
        match.groups()
    )
    identity = _identity_text(before)
    return FileLine(
        path.decode(),
        (),
        read == b"true",
        written == b"true",
        _WORDS[created],
        _numbers(readers),
        _numbers(writers),
        None if read_ns == b"null" else int(read_ns),
        None if write_ns == b"null" else int(write_ns),
        None if kind is None else kind.decode(),
        identity,
        identity if after == before else _identity_text(after),
        None if digest is None else digest.decode(),
        None,
        "present" if fate == b"present" else fate.decode(),
        (),
    )


def _identity_text(text: bytes) -> Identity | None:
    return None if text == b"null" else Identity(*map(int, _DIGITS.findall(text)))


@lru_cache(maxsize=256)  # many files are read by the same few processes
def _numbers(text: bytes) -> tuple[int, ...]:
    return tuple(map(int, text.split(b","))) if text else ()


def _parse_json(text: bytes) -> FileLine | None:
    fields = json.loads(text)
    return _parse(fields) if fields["type"] == "file" else None


def _parse(fields: dict[str, Any]) -> FileLine:
    before = _identity(fields.get("before"))
    preserved = fields.get("preserved") or fields.get("preserved_bytes")
    return FileLine(
        path=text_of(fields, "path"),
        names=texts_of(fields, "names"),
        read=fields["read"],
        written=fields["written"],
        created=fields.get("created", False),
        readers=tuple(fields.get("readers", ())),
        writers=tuple(fields.get("writers", ())),
        first_read_ns=fields.get("first_read_ns"),
        last_write_ns=fields.get("last_write_ns"),
        write_kind=fields.get("write_kind"),
        before=before,
        after=before if fields.get("unchanged") else _identity(fields.get("after")),
        before_digest=fields.get("before_digest"),
        preserved=text_of(fields, "preserved") if preserved else None,
        fate=fields.get("fate", "present"),
        renamed_from=texts_of(fields, "renamed_from"),
    )


def _identity(fields: dict[str, Any] | None) -> Identity | None:
    if fields is None:
        return None
    return Identity(fields["device"], fields["inode"], fields["size"], fields["mtime_ns"], fields["ctime_ns"])


def text_of(fields: dict[str, Any], key: str) -> str:
    """Returns a string of a report, which travels as base64 under `key_bytes` where it is not UTF-8."""
    encoded = fields.get(key + "_bytes")
    return str(fields[key]) if encoded is None else os.fsdecode(base64.b64decode(encoded))


def texts_of(fields: dict[str, Any], key: str) -> tuple[str, ...]:
    """Returns a list of strings of a report."""
    encoded = fields.get(key + "_bytes")
    if encoded is None:
        return tuple(fields.get(key) or ())
    return tuple(os.fsdecode(base64.b64decode(text)) for text in encoded)
