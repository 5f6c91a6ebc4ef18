"""Steps that do again what has to be done again, as `make` does: their older runs need not have read what is there now.

A run reads what an older run of its own step left. If inputs of the older one have changed since, but the step has read
what is there now, then or later, it has taken account of the change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from roar_core.lineage.finding import Finding

if TYPE_CHECKING:
    from roar_core.lineage.freshness import Makers


class StepRuns(Protocol):
    """Which runs are of one step, and what they read."""

    def between(self, older: int, newer: int) -> Sequence[int] | None:
        """Returns the successful runs of a step after one up to another; None where they are not so of one step."""
        ...

    def reads(self, job: int, path_id: int) -> bool:
        """Returns whether a run read a path, of which it is known what it held."""
        ...


class Renewal:
    """Tells whether a run took account of what has changed for an older run of its step."""

    def __init__(
        self,
        changed: Mapping[int, Sequence[Finding]],
        stale: Collection[int],
        makers: Makers,
        step_runs: StepRuns,
    ) -> None:
        """`changed`: inputs that are not current, by job; `stale`: all jobs that rest on one."""
        self._changed = changed
        self._stale = stale
        self._makers = makers
        self._step_runs = step_runs

    def is_renewed(self, older: int, newer: int) -> bool:
        """Returns whether both are runs of one step, and nothing of what makes the older stale is news to the step."""
        waiting, seen = [older], {older}
        while waiting:
            run = waiting.pop()
            later = self._step_runs.between(run, newer)
            if later is None:
                return False
            if not all(
                self._is_read_anew(finding.read.path_id, later) for finding in self._changed.get(run, ())
            ):
                return False
            more = {maker for maker in self._makers.of(run) if maker in self._stale} - seen
            seen |= more
            waiting.extend(more)
        return True

    def _is_read_anew(self, path_id: int, runs: Sequence[int]) -> bool:
        return any(
            self._step_runs.reads(run, path_id)
            and all(finding.read.path_id != path_id for finding in self._changed.get(run, ()))
            for run in runs
        )
