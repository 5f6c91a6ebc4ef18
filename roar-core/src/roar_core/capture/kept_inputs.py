"""The inputs of a run, surveyed once and then read from the report as often as they are asked for.

A million of them in memory are more than half a gigabyte; one verdict each is a megabyte. Up to `MOST_LINES` they are
kept all the same, since parsing them again costs as much as digesting them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from roar_core.capture.file_line import FileLine

if TYPE_CHECKING:
    from roar_core.capture.report import Report
    from roar_core.capture.selection import Selector


MOST_LINES = 50_000


class KeptInputs:
    """The lines of a report that are inputs worth recording, and sources that were loaded without being opened."""

    def __init__(self, report: Report | None = None) -> None:
        self._report = report
        self._verdicts = bytearray()
        self._lines: list[FileLine] | None = []
        self._loaded: tuple[FileLine, ...] = ()
        self._count = 0
        self.size_bytes = 0

    def survey(self, selector: Selector) -> Iterator[FileLine]:
        """Yields the inputs that were opened while it judges them; to be exhausted before anything else is asked."""
        if self._report is None:
            return
        keeps, note_verdict = selector.keeps, self._verdicts.append
        for line in self._report.read():
            kept = keeps(line)
            note_verdict(kept)
            if kept:
                self._note(line)
                self._keep(line)
                yield line

    def add_loaded(self, lines: Iterable[FileLine]) -> None:
        """Adds inputs that are not in the report."""
        self._loaded += tuple(lines)
        for line in self._loaded:
            self._note(line)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[FileLine]:
        if self._lines is not None:
            yield from self._lines
        elif self._report is not None:
            for kept, line in zip(self._verdicts, self._report.read(), strict=False):
                if kept:
                    yield line
        yield from self._loaded

    def _keep(self, line: FileLine) -> None:
        if self._lines is not None:
            self._lines.append(line)
            if len(self._lines) > MOST_LINES:
                self._lines = None

    def _note(self, line: FileLine) -> None:
        self._count += 1
        if line.before is not None:
            self.size_bytes += line.before.size
