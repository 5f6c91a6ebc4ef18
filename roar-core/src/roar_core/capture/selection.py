"""Which of the accesses in a report are the job's inputs and outputs, and which were dropped, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from roar_core.capture.file_line import FileLine
from roar_core.plugin.protocols import Access
from roar_core.store.records import Drops

SCRATCH = "scratch"
EXAMPLES = 5


class Chain(Protocol):
    """The filters, one after the other."""

    @property
    def each_time(self) -> Sequence[object]:
        """Returns what is asked of each file, whatever is known of its folder."""
        ...

    def keeps_at_once(self, path: str, names: Sequence[str], written: bool) -> bool:
        """Returns whether an access is kept for what is known of its folder, unless one of `each_time` objects."""
        ...

    def drop_reason(self, access: Access) -> str | None:
        """Returns the first reason to drop the access."""
        ...


@dataclass(slots=True)
class DropCounter:
    """Counts what was dropped by reason, with a few examples."""

    counts: Counter[str]
    examples: dict[str, list[str]]

    @classmethod
    def empty(cls) -> DropCounter:
        """Returns a counter that has counted nothing."""
        return cls(Counter(), {})

    def add(self, reason: str, path: str) -> None:
        """Counts one."""
        self.counts[reason] += 1
        if self.counts[reason] <= EXAMPLES:
            self.examples.setdefault(reason, []).append(path)

    def drops(self) -> tuple[Drops, ...]:
        """Returns what was counted, by reason."""
        return tuple(
            Drops(reason, count, tuple(self.examples[reason]))
            for reason, count in sorted(self.counts.items())
        )


class Selector:
    """Splits the files of a report. What is dropped is counted, and handed to those who make something of it."""

    def __init__(self, chain: Chain, collectors: Mapping[str, Callable[[str], object]]) -> None:
        self._chain = chain
        self._keeps_at_once = None if chain.each_time else chain.keeps_at_once
        self._collectors = collectors
        self.drops = DropCounter.empty()

    def outputs(self, lines: Iterable[FileLine]) -> Iterator[FileLine]:
        """Yields the files that the job left written; one that is gone again was its scratch, which nobody can have."""
        for line in lines:
            if line.fate != "present":
                if line.created is not False and not line.read:
                    self.drops.add(SCRATCH, line.path)
            elif self.keeps(line):
                yield line

    def keeps(self, line: FileLine) -> bool:
        """Returns whether the filters keep a file; one that is dropped is counted."""
        path, names, read, written = line[:4]
        if self._keeps_at_once is not None and self._keeps_at_once(path, names, written):
            return True
        reason = self._chain.drop_reason(Access(path, names, read, written))
        if reason is None:
            return True
        self.drops.add(reason, line.path)
        if reason in self._collectors and line.read:
            self._collectors[reason](line.path)
        return False
