"""How runs are called: by their step, by the number among its runs, or by uid where they are of an older session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from roar_core.store.current import RecordedJob


def name_runs(jobs: Iterable[RecordedJob], session_id: int | None) -> dict[int, str]:
    """Returns the name of each job, given all in time order: `@2`, `@2·1` for an older run of it, or the uid.

    A step's name is that of its newest successful run, or of its newest where none was.
    """
    names = {}
    runs: defaultdict[tuple[str, int], list[RecordedJob]] = defaultdict(list)
    for job in jobs:
        if job.session_id == session_id:
            runs[job.kind, job.step].append(job)
        else:
            names[job.job_id] = job.uid
    for (kind, step), of_step in runs.items():
        shown = next((job for job in reversed(of_step) if job.ok), of_step[-1])
        step_name = f"@{'B' if kind == 'build' else ''}{step}"
        for number, job in enumerate(of_step, 1):
            names[job.job_id] = step_name if job is shown else f"{step_name}·{number}"
    return names
