"""A progress bar for what takes more than a second, on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE_SECONDS = 1.0


class Progress:
    """Shows how far something has got, from the second second on. May be told by several threads."""

    def __init__(self, label: str, is_shown: bool) -> None:
        self._label = label
        self._is_shown = is_shown
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._total_bytes = 0
        self._done_bytes = 0
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def expect(self, total_bytes: int) -> None:
        """Says how much there is to be done in all."""
        self._total_bytes = total_bytes

    def advance(self, count_bytes: int) -> None:
        """Says how much more has been done; 0 while something large is being worked on."""
        if not self._is_shown:
            return
        with self._lock:
            self._done_bytes += count_bytes
            if self._bar is None and time.monotonic() - self._begun > PATIENCE_SECONDS:
                self._start()
            if self._bar is not None and self._task is not None:
                self._bar.update(self._task, completed=self._done_bytes, total=self._total_bytes or None)

    def close(self) -> None:
        """Takes the bar off the terminal."""
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
            self._is_shown = False

    def _start(self) -> None:
        from rich.console import Console  # 60 ms, spent only where something is to be seen
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        parts = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*parts, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(self._label, total=self._total_bytes or None)
        self._bar.start()


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """Yields something to tell how far a long task has got."""
    shown = Progress(label, sys.stderr is not None and sys.stderr.isatty())
    try:
        yield shown
    finally:
        shown.close()
