"""Which step a job belongs to (LINEAGE.md, "Which step a job belongs to")."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from roar_core.lineage.program import comparable_argv
from roar_core.store.lineage import LineageTables, StepCandidate

MAXIMUM_PATH_BYTES = 4096


def assign_step(tables: LineageTables, job_id: int, *, rerun_of: int | None = None) -> int:
    """Returns the step number of a job whose rows are in place, though it is not yet visible.

    `rerun_of` is the N of `roar run @N`. Must run in the transaction that makes the job visible, so that numbers are
    given once. Builds and runs are counted apart.
    """
    if rerun_of is not None:
        return rerun_of
    job = tables.candidate(job_id)
    earlier = next(tables.jobs_named(job), None) if job.name else _same_work(tables, job)
    if earlier is not None and earlier.step is not None:
        return earlier.step
    return tables.highest_step(job) + 1


def _same_work(tables: LineageTables, job: StepCandidate) -> StepCandidate | None:
    """The latest unnamed job of the same program with the same arguments, or whose outputs this one created again."""
    arguments = comparable_argv(job.argv)
    same = next(
        (
            other
            for other in tables.jobs_of_program(job, arguments)
            if comparable_argv(other.argv) == arguments
        ),
        None,
    )
    words = _Words(tables.project_root())
    named = tables.outputs_among(job.job_id, words.paths(job))
    for other in tables.jobs_recreated_by(job):
        if same is not None and (other.started_ns, other.job_id) <= (same.started_ns, same.job_id):
            break
        paths = words.paths(other)
        if named <= paths and tables.outputs_among(other.job_id, paths) == named:
            return other
    return same


class _Words:
    """Reads the words of command lines as paths, each folder resolved once."""

    def __init__(self, project_root: str) -> None:
        self._root = project_root
        self._resolved: dict[str, str] = {}

    def paths(self, job: StepCandidate) -> frozenset[str]:
        """Returns the paths, as the store keeps them, that a word of argv may name: all of it or what follows a `=`."""
        folder = os.path.join(self._root, job.cwd)
        return frozenset(
            self._stored(os.path.join(folder, text)) for word in job.argv for text in _readings(word)
        )

    def _stored(self, path: str) -> str:
        folder, name = os.path.split(os.path.normpath(path))
        if folder not in self._resolved:
            # the store keeps resolved paths: `out/a.pt` is elsewhere where `out` is a link
            self._resolved[folder] = os.path.realpath(folder)
        inside = os.path.join(self._resolved[folder], name)
        return inside.removeprefix(self._root.rstrip("/") + "/")


def _readings(word: str) -> Iterator[str]:
    if "\0" in word or len(word) > MAXIMUM_PATH_BYTES:
        return
    yield word
    yield from (word[index + 1 :] for index, letter in enumerate(word) if letter == "=" and word[index + 1 :])
