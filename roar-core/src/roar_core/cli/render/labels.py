"""Labels for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from roar_core.cli.output import style
from roar_core.cli.render.words import heading
from roar_core.cli.table import columns
from roar_core.cli.text import one_line


def label_lines(labels: Mapping[str, str], width: int) -> Iterator[str]:
    """Yields a heading and a line for each label; nothing where there is none."""
    if labels:
        yield heading("labels")
        rows = [("", style(key, "dim"), one_line(value)) for key, value in labels.items()]
        yield columns(rows, width=width, wrapped=True)
