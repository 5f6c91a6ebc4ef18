"""Composites for a person: what a job's files are folded to, and of what one consists."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from roar_core.cli.json_shapes import digest_json
from roar_core.cli.output import style
from roar_core.cli.render.words import counted, heading, short_digest
from roar_core.cli.table import columns
from roar_core.cli.text import one_line
from roar_core.cli.units import human_size

if TYPE_CHECKING:
    from roar_core.store.composites import CompositeRow, FoldedFiles


def folded_lines(
    folded: Sequence[FoldedFiles], shown_path: Callable[[str], str], width: int
) -> Iterator[str]:
    """Yields a line for each composite that a job read (←) or left (→); nothing where there is none."""
    if folded:
        yield heading(f"composites ({len(folded)})")
        rows = [
            (
                "",
                f"{'←' if each.direction == 'input' else '→'} {shown_path(each.path)}",
                each.format,
                _short(each.digests),
                _size(each.size),
                counted(each.files, "file") + (f" of {each.of_files}" if each.files != each.of_files else ""),
            )
            for each in folded
        ]
        yield columns(rows, width=width)


def composite_lines(
    connection: sqlite3.Connection, composite: CompositeRow, width: int, limit: int
) -> Iterator[str]:
    """Yields what a composite is, and its first components."""
    from roar_core.store.composites import list_components

    yield heading(f"{composite.format}, {counted(composite.files, 'file')}")
    rows = [
        ("", one_line(row.path), _short(row.digests), _size(row.size), "" if row.kind == "file" else row.kind)
        for row in list_components(connection, composite.artifact_id, limit)
    ]
    yield columns(rows, width=width)
    if composite.components > limit:
        yield style(f"  … {composite.components - limit} more", "dim")


def _short(digests: dict[str, str]) -> str:
    return short_digest(digest_json(digests))


def _size(size: int | None) -> str:
    return "?" if size is None else human_size(size)
