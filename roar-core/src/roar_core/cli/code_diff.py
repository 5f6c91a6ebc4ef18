"""The line by line difference of two versions of a source file."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import unified_diff
from typing import TYPE_CHECKING

from roar_core.lineage.difference import Difference
from roar_core.store.details import get_documents

if TYPE_CHECKING:
    from sqlite3 import Connection

    from roar_core.lineage.code_texts import CodeTexts
    from roar_core.store.jobs import JobRow


def code_diff(
    connection: Connection, difference: Difference, jobs: Mapping[int, JobRow], texts: CodeTexts
) -> list[str] | None:
    """Returns the lines of a unified diff; None where one of the texts is not there, or can't be had any more."""
    (change,) = difference.changes
    if change.a is None or change.b is None:
        return None
    if difference.path is None:  # a text after `-c`
        return _unified("-c", change.a, change.b)
    commits = [
        git.commit
        for job in (difference.a_job, difference.b_job)
        if job is not None and (git := get_documents(connection, jobs[job]).git) is not None
    ]
    a, b = (texts.find(difference.path, digest, commits) for digest in (change.a, change.b))
    return None if a is None or b is None else _unified(difference.path, a, b)


def _unified(name: str, a: str, b: str) -> list[str]:
    lines = unified_diff(a.splitlines(), b.splitlines(), f"a/{name}", f"b/{name}", lineterm="")
    return list(lines)
