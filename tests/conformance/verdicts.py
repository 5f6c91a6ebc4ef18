"""Compares what was reported with what a case says must be reported."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum

from cases import ALLOWED_GAPS, Case
from recorders import Observed


class Result(Enum):
    """How a case ended, from best to worst.

    SOFT: only extras that no longer exist afterwards (a recorder that digests files drops them). GAP: something is
    missing that this tracer may not be able to see (`ALLOWED_GAPS`), and its report says so.
    """

    PASS = 0
    SOFT = 1
    GAP = 2
    FAIL = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """A case's result, with what was wrong."""

    case: str
    result: Result
    reasons: tuple[str, ...]
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that was wrong: `kind` is missing, extra, gone (an extra that no longer exists), status or broken."""

    kind: str
    text: str


def judge(case: Case, observed: Observed, folder: str, seconds: float, tracer: str | None) -> Verdict:
    """The verdict on one run of a case in `folder`."""
    complaints = [
        *_wrong_status(case, observed),
        *_broken_program(case, folder),
        *_wrong_paths(case, folder, "read", observed.reads, (*case.reads, *case.may_read), case.reads),
        *_wrong_paths(case, folder, "write", observed.writes, (*case.writes, *case.may_write), case.writes),
        *_lost_renames(case, observed),
        *_lost_programs(case, observed),
    ]
    kinds = {complaint.kind for complaint in complaints}
    declared = ALLOWED_GAPS.get(case.name, {}).get(tracer or "", frozenset()) & set(observed.gaps)
    if not kinds:
        result = Result.PASS
    elif kinds == {"gone"}:
        result = Result.SOFT
    elif kinds == {"missing"} and declared:
        result = Result.GAP
    else:
        result = Result.FAIL
    note = "gap " + ",".join(observed.gaps) if observed.gaps else ""
    return Verdict(case.name, result, tuple(complaint.text for complaint in complaints), seconds, note)


def is_there(folder: str, expected: str) -> bool:
    """Whether any of the names that `expected` allows exists."""
    return any(os.path.lexists(path) for path in _allowed_names(folder, expected))


def _allowed_names(folder: str, expected: str) -> set[str]:
    return {os.path.join(folder, name) for name in expected.split("|")}


def _wrong_status(case: Case, observed: Observed) -> list[Complaint]:
    allowed = {case.status} if case.status >= 0 else {case.status, 128 - case.status}
    if observed.status in allowed:
        return []
    return [Complaint("status", f"exit status {observed.status}, expected {case.status}")]


def _broken_program(case: Case, folder: str) -> list[Complaint]:
    """Whether observing kept the program from doing its work."""
    if case.outer:  # what it wrote may be visible in its own mount namespace only
        return []
    lost = [path for path in case.writes if not is_there(folder, path)]
    return [Complaint("broken", "program broken: did not produce " + _short(lost))] if lost else []


def _wrong_paths(
    case: Case,
    folder: str,
    side: str,
    reported: set[str],
    allowed: tuple[str, ...],
    required: tuple[str, ...],
) -> list[Complaint]:
    got = {os.path.normpath(path) if path.startswith("/") else path for path in reported}
    wanted = {name for expected in allowed for name in _allowed_names(folder, expected)}
    missing = [expected for expected in required if not _allowed_names(folder, expected) & got]
    extra = sorted(path for path in got - wanted if _is_forbidden(case, folder, path))
    gone = [p for p in extra if not os.path.lexists(os.path.join(folder, p)) and p not in case.forbidden]
    present = [path for path in extra if path not in gone]
    complaints = []
    for kind, paths in (("missing", missing), ("extra", present), ("gone", gone)):
        if paths:
            names = [os.path.relpath(path, folder) if path.startswith(folder) else path for path in paths]
            complaints.append(Complaint(kind, f"{side} {kind}: {_short(names)}"))
    return complaints


def _is_forbidden(case: Case, folder: str, path: str) -> bool:
    if not path.startswith("/") or path in case.forbidden:
        return True
    tolerated = any(path.startswith(f"{folder}/{below}") for below in case.tolerated_below)
    return path.startswith(folder + "/") and not tolerated


def _lost_renames(case: Case, observed: Observed) -> list[Complaint]:
    if observed.renames is None:
        return []
    pairs = {(os.path.basename(old), os.path.basename(new)) for old, new in observed.renames}
    lost = [
        (old, new) for old, new in case.renames if not any(old in ("*", a) and new == b for a, b in pairs)
    ]
    return [Complaint("missing", f"rename missing: {lost}")] if lost else []


def _lost_programs(case: Case, observed: Observed) -> list[Complaint]:
    if observed.programs is None:
        return []
    seen = {os.path.basename(program) for program in observed.programs}
    lost = [program for program in case.programs if program not in seen]
    return [Complaint("missing", "exec missing: " + _short(lost))] if lost else []


def _short(names: list[str]) -> str:
    shown = ", ".join(ascii(name)[1:-1][:40] for name in names[:3])
    return shown + (f" ...({len(names)})" if len(names) > 3 else "")
