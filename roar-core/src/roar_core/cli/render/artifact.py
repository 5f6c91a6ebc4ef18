"""A content, or a path and what happened there, for a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roar_core.cli.json_shapes import digest_json
from roar_core.cli.output import style
from roar_core.cli.render.composites import composite_lines
from roar_core.cli.render.labels import label_lines
from roar_core.cli.render.words import command_text, heading, short_digest
from roar_core.cli.table import columns
from roar_core.cli.units import human_age, human_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from roar_core.cli.references import FoundPath
    from roar_core.store.artifacts import ArtifactRow

SHOWN = 20


def artifact_lines(
    connection: sqlite3.Connection, artifact: ArtifactRow, shown_path: Callable[[str], str], width: int
) -> Iterator[str]:
    """Yields the lines about a content: digests, size, where it was met, who made and who used it."""
    for algorithm, value in artifact.digests.items():
        yield f"{heading(algorithm)}  {value}"
    size = "size not known" if artifact.size is None else human_size(artifact.size)
    yield f"{artifact.kind}, {size}"
    yield from _said_of(connection, artifact, width)
    for title, uids in (("made by", artifact.produced_by), ("used by", artifact.used_by)):
        if uids:
            yield heading(title)
            yield columns([("", *_job(connection, uid)) for uid in uids[:SHOWN]], width=width)
            yield from _more(len(uids))
    yield heading("found at")
    yield from (f"  {shown_path(path)}" for path in artifact.paths[:SHOWN])
    yield from _more(len(artifact.paths))


def path_lines(
    connection: sqlite3.Connection, found: FoundPath, shown_path: str, width: int
) -> Iterator[str]:
    """Yields what happened at a path, newest first."""
    from roar_core.store.artifacts import get_artifact

    yield heading(shown_path)
    rows = []
    for event in found.events[:SHOWN]:
        content = get_artifact(connection, event.artifact_id).digests if event.artifact_id is not None else {}
        digest = digest_json(content)
        step, uid, command = _job(connection, event.job_uid)
        did = style("written by", "bold") if event.did == "wrote" else "read by"
        rows.append(("", short_digest(digest), did, step, uid, human_age(event.at_ns), command))
    yield columns(rows, width=width)
    yield from _more(len(found.events))
    if found.artifact is not None:
        yield from _said_of(connection, found.artifact, width)


def _said_of(connection: sqlite3.Connection, artifact: ArtifactRow, width: int) -> Iterator[str]:
    """Yields of what a content consists, what it is part of, and its labels."""
    from roar_core.store.composites import composites_with, get_composite
    from roar_core.store.labels import Labelled, get_labels

    composite = get_composite(connection, artifact.id)
    if composite is not None:
        yield from composite_lines(connection, composite, width, SHOWN)
    part_of = composites_with(connection, artifact.id)
    if part_of:
        yield heading("part of")
        yield from (f"  {digest}" for digest in part_of[:SHOWN])
        yield from _more(len(part_of))
    yield from label_lines(get_labels(connection, Labelled("artifact", artifact.id)), width)


def _job(connection: sqlite3.Connection, uid: str) -> tuple[str, str, str]:
    from roar_core.store.jobs import find_job

    job = find_job(connection, uid)
    return job.step_name, style(job.uid, "dim"), command_text(job.argv)


def _more(count: int) -> Iterator[str]:
    if count > SHOWN:
        yield style(f"  … {count - SHOWN} more", "dim")
