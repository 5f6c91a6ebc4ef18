"""Labels: what users say of a job, a content or a session, by key. The newest version of a key holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from roar_core.store.text import decode_text, encode_text


class Labelled(NamedTuple):
    """What labels are on: a row of one of these tables."""

    kind: Literal["job", "artifact", "session"]
    id: int


class LabelVersion(NamedTuple):
    """What was said of a key, and when. `value` is None where the label was taken away."""

    key: str
    value: str | None
    set_ns: int


def get_labels(connection: sqlite3.Connection, labelled: Labelled) -> dict[str, str]:
    """Returns the labels that hold, in the order of their keys."""
    column = f"{labelled.kind}_id"
    rows = connection.execute(
        f"SELECT key, value FROM label WHERE id IN (SELECT max(id) FROM label WHERE {column} = ? GROUP BY key)"
        " AND value IS NOT NULL ORDER BY key",
        (labelled.id,),
    )
    return {decode_text(key): decode_text(value) for key, value in rows}


def list_label_versions(
    connection: sqlite3.Connection, labelled: Labelled, key: str | None = None
) -> tuple[LabelVersion, ...]:
    """Returns all that was ever said, or what was said of one key, newest first."""
    rows = connection.execute(
        f"SELECT key, value, set_ns FROM label WHERE {labelled.kind}_id = ? AND (? IS NULL OR key = ?)"
        " ORDER BY id DESC",
        (labelled.id, key, key),
    )
    return tuple(
        LabelVersion(decode_text(name), None if value is None else decode_text(value), set_ns)
        for name, value, set_ns in rows
    )


def list_labelled_artifacts(connection: sqlite3.Connection, key: str) -> tuple[int, ...]:
    """Returns the ids of the artifacts that have a label of this key now, in the order in which they got it."""
    rows = connection.execute(
        "SELECT artifact_id FROM label WHERE id IN"
        " (SELECT max(id) FROM label WHERE key = ? AND artifact_id IS NOT NULL GROUP BY artifact_id)"
        " AND value IS NOT NULL ORDER BY id",
        (encode_text(key),),
    )
    return tuple(artifact_id for (artifact_id,) in rows)


def set_labels(
    connection: sqlite3.Connection, labelled: Labelled, labels: Mapping[str, str], set_ns: int
) -> None:
    """Adds a version for each label that does not hold already, inside the caller's transaction."""
    held = get_labels(connection, labelled)
    new = [(key, encode_text(value)) for key, value in labels.items() if held.get(key) != value]
    _add(connection, labelled, new, set_ns)


def unset_labels(
    connection: sqlite3.Connection, labelled: Labelled, keys: Iterable[str], set_ns: int
) -> None:
    """Adds a version without a value for each key, inside the caller's transaction."""
    _add(connection, labelled, [(key, None) for key in keys], set_ns)


def _add(
    connection: sqlite3.Connection,
    labelled: Labelled,
    versions: Iterable[tuple[str, str | bytes | None]],
    set_ns: int,
) -> None:
    connection.executemany(
        f"INSERT INTO label ({labelled.kind}_id, key, value, set_ns) VALUES (?, ?, ?, ?)",
        [(labelled.id, key, value, set_ns) for key, value in versions],
    )
