"""A trace report as a whole: what the job was first, then its files in as many passes as are needed.

The file lines are not kept: the outputs are read and digested first, since nothing protects them from the next command,
then the inputs, each in a pass of its own over the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from roar_core.capture.file_line import FileLine
from roar_core.capture.trace import End, InnerJob, read_files, read_others
from roar_core.store.records import Gap, ProcessRecord

DAMAGED = "damaged_report"
# What stands in a line. It cannot stand inside a JSON string, where its quotes would be escaped.
_IS_READ = re.compile(rb'"read":true').search
_IS_WRITTEN = re.compile(rb'"written":true').search


class Report(NamedTuple):
    """The report of one run. `end` is None where the tracer was killed before it had closed the report."""

    path: Path
    processes: tuple[ProcessRecord, ...]
    gaps: tuple[Gap, ...]
    inner_jobs: tuple[InnerJob, ...]
    end: End | None

    def cut_off(self) -> Report:
        """Returns the report as one without an end, which is read as far as it goes."""
        gap = Gap(
            DAMAGED, "the tracer's report is not complete: what comes after its last good line is not known"
        )
        return self._replace(end=None, gaps=(*self.gaps, gap))

    def written(self) -> Iterator[FileLine]:
        """Yields the files that the job wrote."""
        return self._files(_IS_WRITTEN, writing=True)

    def read(self) -> Iterator[FileLine]:
        """Yields the files that the job read."""
        return self._files(_IS_READ, writing=False)

    def _files(self, wanted: Callable[[bytes], object], writing: bool) -> Iterator[FileLine]:
        inner = frozenset(job.process for job in self.inner_jobs)

        def is_own(line: FileLine) -> bool:
            actors = line.writers if writing else line.readers
            # what only an inner roar did is roar's own doing
            return not actors or not inner.issuperset(actors)

        lines = read_files(self.path, wanted, tolerant=self.end is None)
        return filter(is_own, lines) if inner else lines


def load_report(path: Path) -> Report:
    """Returns the report at `path`. One that was cut off is returned as far as it goes, without an end."""
    processes: list[ProcessRecord] = []
    gaps: list[Gap] = []
    inner_jobs: list[InnerJob] = []
    end: End | None = None
    try:
        for line in read_others(path):
            if isinstance(line, ProcessRecord):
                processes.append(line)
            elif isinstance(line, Gap):
                gaps.append(line)
            elif isinstance(line, InnerJob):
                inner_jobs.append(line)
            elif isinstance(line, End):
                end = line
    except FileNotFoundError:
        pass
    report = Report(path, tuple(processes), tuple(gaps), tuple(inner_jobs), end)
    return report if end is not None else report.cut_off()
