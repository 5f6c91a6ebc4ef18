"""Collections: artifacts that a label `collection/NAME` groups, which `roar show collection:NAME` lists."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from roar_core.cli.json_shapes import digest_json
from roar_core.cli.output import style
from roar_core.cli.render.words import counted, heading, short_digest
from roar_core.cli.table import columns
from roar_core.cli.units import human_size
from roar_core.errors import NotFound
from roar_core.store.artifacts import get_artifact
from roar_core.store.composites import get_composite
from roar_core.store.labels import list_labelled_artifacts

if TYPE_CHECKING:
    from roar_core.store.artifacts import ArtifactRow

PREFIX = "collection:"
_KEY = "collection/"


def find_members(connection: sqlite3.Connection, reference: str) -> tuple[ArtifactRow, ...]:
    """Returns the artifacts of `collection:NAME`, in the order in which they were added. Raises NotFound."""
    name = reference.removeprefix(PREFIX)
    members = list_labelled_artifacts(connection, _KEY + name)
    if not members:
        hint = f"roar label set PATH {_KEY}{name or 'NAME'}=yes"
        raise NotFound(f"no artifact is in this collection: `{reference}`", hint)
    return tuple(get_artifact(connection, member) for member in members)


def collection_lines(
    connection: sqlite3.Connection,
    reference: str,
    members: Sequence[ArtifactRow],
    shown_path: Callable[[str], str],
    width: int,
) -> Iterator[str]:
    """Yields a line for each artifact of a collection: digest, size, where it was met last, or else what it is."""
    sizes = [member.size for member in members if member.size is not None]
    size = human_size(sum(sizes)) if len(sizes) == len(members) else "size not known"
    yield f"{heading(reference)}  {counted(len(members), 'artifact')}, {size}"
    rows = []
    for member in members:
        digest = digest_json(member.digests)
        if member.paths:
            place = shown_path(member.paths[-1])
        else:  # a folder that was labelled without any job having met it as a whole
            composite = get_composite(connection, member.id)
            place = style(counted(composite.files, "file") if composite else member.kind, "dim")
        rows.append(("", short_digest(digest), "" if member.size is None else human_size(member.size), place))
    yield columns(rows, width=width)
