"""A history as a list: the jobs upstream, and the files that came from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from roar_core.cli.output import style
from roar_core.cli.render.words import Paint, heading, job_text, short_digest
from roar_core.cli.table import columns, cut
from roar_core.cli.units import human_size

if TYPE_CHECKING:
    from roar_core.cli.ancestry import History
    from roar_core.lineage.ancestry import RootInput

SHOWN = 5
ROOTS_SHOWN = 20


def lineage_lines(history: History, shown_path: Callable[[str], str], width: int) -> Iterator[str]:
    """Yields a line for each job, oldest first, what they made of the asked file, and the files from outside."""
    names = history.names
    labels = max((len(names[job]) for job in history.ancestry.jobs), default=0)
    paint = Paint()
    for job_id in history.ancestry.jobs:
        job = history.jobs[job_id]
        makers = _named([names[maker] for maker in history.ancestry.makers[job_id]])
        after = "  ".join([*(["failed"] if not job.ok else []), *([f"← {makers}"] if makers else [])])
        command = cut(job_text(job.name, job.argv), max(12, width - labels - 4 - len(after)))
        yield f"{paint(names[job_id].ljust(labels), 'bold')}  {command}  {paint(after, 'dim')}".rstrip()
    yield from _asked(history, shown_path, width)
    if history.roots:
        yield heading(f"from outside ({len(history.roots)})")
        yield from root_lines(history.roots[:ROOTS_SHOWN], history, shown_path, width)
        if len(history.roots) > ROOTS_SHOWN:
            yield style(f"… {len(history.roots) - ROOTS_SHOWN} more (roar inputs)", "dim")


def root_lines(
    roots: Sequence[RootInput], history: History, shown_path: Callable[[str], str], width: int
) -> Iterator[str]:
    """Yields a line for each file from outside: path, digest, size, origin, who read it."""
    rows = [
        (
            shown_path(root.edge.path),
            style(short_digest(next((f":{value}" for value in root.edge.digests.values()), None)), "dim"),
            "-" if root.edge.size is None else human_size(root.edge.size),
            root.edge.origin if root.edge.digests else f"unknown: {root.edge.reason or 'no digest'}",
            f"→ {_named([history.names[reader] for reader in root.readers])}" if root.readers else "",
        )
        for root in roots
    ]
    if rows:
        yield columns(rows, width=width)


def _asked(history: History, shown_path: Callable[[str], str], width: int) -> Iterator[str]:
    found = history.found
    if found is None:
        return
    digest = short_digest(next((f":{value}" for value in history.digests.values()), None))
    made = f"left by {history.names[found.made.job_id]}" if found.made else "made by no recorded job"
    if found.made is not None and not found.made.written_ns:
        made = f"a copy of what {history.names[found.made.job_id]} left"
    yield cut(f"{shown_path(found.path)} ({digest}) is {made}", width)


def _named(names: Sequence[str]) -> str:
    """Joins names, those of one step as one."""
    steps = Counter(name.partition("·")[0] for name in names)
    short = [name for name in names if steps[name.partition("·")[0]] == 1]
    short += [f"{step} ×{count}" for step, count in steps.items() if count > 1]
    more = f" +{len(short) - SHOWN}" if len(short) > SHOWN else ""
    return " ".join(short[:SHOWN]) + more
