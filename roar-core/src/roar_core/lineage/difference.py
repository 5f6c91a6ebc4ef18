"""What two histories differ in: a difference, its class, and which class explains more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

Cause = Literal[
    "input", "code", "parameters", "pipeline", "packages", "environment", "hardware", "nondeterministic"
]
# Where two jobs differ in several ways, the one that more often is the reason comes first.
RANK: Mapping[str, int] = {
    cause: rank
    for rank, cause in enumerate(
        (
            "input",
            "code",
            "parameters",
            "pipeline",
            "packages",
            "environment",
            "hardware",
            "nondeterministic",
        )
    )
}


class Change(NamedTuple):
    """Something that has another value on either side; None: it is not there."""

    name: str
    a: str | None
    b: str | None


class Difference(NamedTuple):
    """One way in which two jobs differ. A job is None where only the other side has one like it.

    `path`: of the file that differs, whose digests `changes` then has (`algorithm:hex`).
    """

    cause: Cause
    a_job: int | None
    b_job: int | None
    detail: str
    path: str | None = None
    changes: Sequence[Change] = ()


def arrow(change: Change) -> str:
    """Returns a change in words: `numpy 1.26 → 2.0`, `numpy 2.0 only in B`."""
    if change.a is None:
        return f"{change.name} {change.b} only in B".replace("  ", " ")
    if change.b is None:
        return f"{change.name} {change.a} only in A".replace("  ", " ")
    return f"{change.name} {change.a} → {change.b}".strip()
