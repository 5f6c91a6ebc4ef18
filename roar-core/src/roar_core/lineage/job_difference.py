"""How two jobs differ in what their command lines and surroundings say."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from roar_core.lineage.difference import Cause, Change, Difference, arrow
from roar_core.lineage.program import comparable_argv
from roar_core.store.details import JobDocuments
from roar_core.store.jobs import JobRow

TEXT = "-c "  # how the program of a text on the command line begins
SHOWN = 6


def command_differences(a: JobRow, b: JobRow) -> Iterator[Difference]:
    """Yields how two commands differ: another program, another text after `-c`, other arguments, another folder."""
    if a.program != b.program:
        if a.program.startswith(TEXT) and b.program.startswith(TEXT):
            changes = [Change("-c", _text(a), _text(b))]
            yield Difference("code", a.id, b.id, "the text after -c", changes=changes)
        else:
            changes = [Change("program", a.program, b.program)]
            yield Difference("pipeline", a.id, b.id, arrow(changes[0]), changes=changes)
            return
    changes = list(_argument_changes(comparable_argv(a.argv), comparable_argv(b.argv)))
    if a.cwd != b.cwd:
        changes.append(Change("folder", a.cwd, b.cwd))
    if changes:
        yield Difference("parameters", a.id, b.id, _listed(changes), changes=changes)


def surrounding_differences(
    a: JobRow, b: JobRow, a_documents: JobDocuments, b_documents: JobDocuments
) -> Iterator[Difference]:
    """Yields how packages, environment and hardware of two jobs differ."""
    packages = (_versions(a_documents), _versions(b_documents))
    environment = (
        _flat(a_documents.environment, ("system_packages",)),
        _flat(b_documents.environment, ("system_packages",)),
    )
    hardware = (_flat(a_documents.hardware), _flat(b_documents.hardware))
    compared: Sequence[tuple[Cause, tuple[Mapping[str, str], Mapping[str, str]]]] = (
        ("packages", packages),
        ("environment", environment),
        ("hardware", hardware),
    )
    for cause, (left, right) in compared:
        changes = [
            Change(name, left.get(name), right.get(name))
            for name in sorted({*left, *right})
            if left.get(name) != right.get(name)
        ]
        if changes:
            yield Difference(cause, a.id, b.id, _listed(changes), changes=changes)


def _argument_changes(a: Sequence[str], b: Sequence[str]) -> Iterator[Change]:
    for tag, a_from, a_to, b_from, b_to in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            left, right = shlex.join(a[a_from:a_to]), shlex.join(b[b_from:b_to])
            before = a[a_from - 1] if a_from and a[a_from - 1].startswith("-") else ""
            name = before if "=" not in before else ""
            yield Change(name, left or None, right or None)


def _text(job: JobRow) -> str:
    """The text after `-c`."""
    argv = list(job.argv)
    return next((after for word, after in pairwise(argv) if _takes_text(word)), "")


def _takes_text(word: str) -> bool:
    """`-c`, or one of several letters as in `bash -ec`."""
    return word.startswith("-") and not word.startswith("--") and word.endswith("c")


def _versions(documents: JobDocuments) -> dict[str, str]:
    system: Iterable[Mapping[str, Any]] = documents.environment.get("system_packages", ())
    return {
        str(package.get("name")): str(package.get("version") or "?")
        for package in (*documents.packages, *system)
    }


def _flat(document: Mapping[str, Any], left_out: Sequence[str] = ()) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in document.items():
        if key in left_out:
            continue
        if isinstance(value, Mapping):
            found.update(
                {
                    f"{key}.{inner}" if key != "variables" else inner: text
                    for inner, text in _flat(value).items()
                }
            )
        else:
            found[key] = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return found


def _listed(changes: Sequence[Change]) -> str:
    more = f" and {len(changes) - SHOWN} more" if len(changes) > SHOWN else ""
    return ", ".join(arrow(change) for change in changes[:SHOWN]) + more
