"""Which runs `roar dag` draws (LINEAGE.md, "What is true now")."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from roar_core.lineage.currency import Currency
from roar_core.lineage.descent import Descent
from roar_core.lineage.freshness import Freshness
from roar_core.store.current import RecordedJob, Version

State = Literal["active", "stale", "superseded", "failed", "cant-tell"]


def newest_runs(jobs: Iterable[RecordedJob]) -> dict[tuple[str, int], int]:
    """Returns the newest successful run of each step, given jobs of one session in time order."""
    return {(job.kind, job.step): job.job_id for job in jobs if job.ok}


def state_of(job: RecordedJob, newest: Mapping[tuple[str, int], int], freshness: Freshness) -> State:
    """Returns the state of one run."""
    if not job.ok:
        return "failed"
    if newest[job.kind, job.step] != job.job_id:
        return "superseded"
    if job.job_id in freshness.stale:
        return "stale"
    return "cant-tell" if job.job_id in freshness.unknown else "active"


def find_shown(
    active: Iterable[int],
    candidates: set[int],
    descent: Descent,
    freshness: Freshness,
    last_versions_between: Callable[[int, int], Iterable[Version]],
    currency: Currency,
) -> set[int]:
    """Returns `active` and, from them upward, older or failed ones whose current outputs a shown run reads."""
    shown = set(active)
    waiting = list(shown)
    while waiting:
        reader = waiting.pop()
        for maker in descent.makers.get(reader, ()):
            if maker in shown or maker not in candidates or not freshness.is_fresh(maker):
                continue
            last = last_versions_between(maker, reader)
            if any(version.job_id == maker and currency.is_left(version) for version in last):
                shown.add(maker)
                waiting.append(maker)
    return shown


def find_overwritten(
    shown: set[int], descent: Descent, wholly_overwritten: Callable[[set[int]], set[int]]
) -> set[int]:
    """Returns the shown runs all of whose versions later successful runs of other steps overwrote, and that no other
    shown run descends from."""
    gone: set[int] = set()
    while True:
        left = shown - gone
        more = wholly_overwritten(left - descent.ancestors(left))
        if not more:
            return gone
        gone |= more
