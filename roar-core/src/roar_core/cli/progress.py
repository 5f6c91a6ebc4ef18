"""A progress bar for what takes more than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

SHOWN_AFTER_SECONDS = 1.0


class Progress:
    """Counts bytes. Shows them on standard error, if that is a terminal, once the work has taken a second.

    rich is imported only then: 60 ms.
    """

    def __init__(self, label: str, wanted: bool) -> None:
        self._label = label
        self._wanted = wanted
        self._due = time.monotonic() + SHOWN_AFTER_SECONDS
        self._total: int | None = None
        self._done = 0
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def expect(self, total_bytes: int) -> None:
        """Says how much there is to be done in all."""
        self._total = total_bytes
        self.advance(0)

    def advance(self, count_bytes: int) -> None:
        """Says how much more has been done; 0 while something large is being worked on."""
        self._done += count_bytes
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done, total=self._total)
        elif self._wanted and time.monotonic() >= self._due:
            self._show()

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as RichProgress

        parts = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._bar = RichProgress(*parts, console=Console(stderr=True), transient=True)
        self._bar.start()
        self._task = self._bar.add_task(self._label, completed=self._done, total=self._total)


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """Yields a progress to report to; it is gone when the work is done."""
    shown = Progress(label, sys.stderr is not None and sys.stderr.isatty())
    try:
        yield shown
    finally:
        shown.close()
