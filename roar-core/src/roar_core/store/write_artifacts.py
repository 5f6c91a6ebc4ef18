"""Digests turned into artifacts: same content, one artifact.

Which artifact a set of digests belongs to:
- The artifact that holds any of them. Digests that it lacks are added to it.
- If they lead to several artifacts, those were one content all along and are merged into the oldest.
- An artifact that holds *another* value of an algorithm in the set is other content whose weaker digest collides. It
  is left alone, keeps that digest, and the set goes on without it. Algorithms are asked in order of `_STRENGTH`, so a
  forged md5 never draws a file to what a blake3 does not confirm.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Protocol

from roar_core.store.batches import insert_rows, rows_where_in
from roar_core.store.readers import inputs_of_content

_STRENGTH = ("blake3", "sha512", "sha256")


class Content(Protocol):
    """What decides an artifact: both kinds of edge have it."""

    @property
    def digests(self) -> Mapping[str, bytes]: ...  # noqa: D102 (as in records.py)

    @property
    def size(self) -> int | None: ...  # noqa: D102 (as in records.py)


def ensure_artifacts(connection: sqlite3.Connection, contents: Sequence[Content]) -> list[int | None]:
    """Returns the artifact of each content (None where no digest is known), inside the caller's transaction."""
    sizes: dict[str, dict[bytes, int | None]] = {}
    keys: list[tuple[str, bytes] | None] = []
    several: list[int] = []
    for position, content in enumerate(contents):
        digests = content.digests
        if len(digests) == 1:
            (key,) = digests.items()
            sizes.setdefault(key[0], {})[key[1]] = content.size
            keys.append(key)
        else:
            keys.append(None)
            if digests:
                several.append(position)
    artifacts = {algorithm: _ensure_single(connection, algorithm, of) for algorithm, of in sizes.items()}
    answer = [None if key is None else artifacts[key[0]][key[1]] for key in keys]
    replaced: dict[int, int] = {}
    for position in several:
        answer[position] = _identify(connection, contents[position], replaced)
    return [_follow(replaced, artifact) for artifact in answer] if replaced else answer


def _ensure_single(
    connection: sqlite3.Connection, algorithm: str, sizes: Mapping[bytes, int | None]
) -> dict[bytes, int]:
    """Returns the artifact of each digest; `sizes` has the size of its content."""
    values = sorted(sizes)
    # Where the first is new, most are: putting them in at once spares looking each of them up.
    found = _find(connection, algorithm, values) if _find(connection, algorithm, values[:1]) else {}
    if len(found) == len(values):
        return found
    (next_id,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM artifact").fetchone()
    new = dict(zip((value for value in sizes if value not in found), count(next_id), strict=False))
    insert = "INSERT INTO digest (algorithm, value, artifact_id)"
    # In the order of the index: neighbours are changed while their page is at hand.
    rows = [(algorithm, bytearray(value), artifact) for value, artifact in sorted(new.items())]
    if insert_rows(connection, insert, "(?, ?, ?)", rows, "ON CONFLICT DO NOTHING") < len(rows):
        found = _find(connection, algorithm, values)
        new = {value: artifact for value, artifact in new.items() if found[value] == artifact}
    sized = ((artifact, sizes[value]) for value, artifact in new.items())
    insert_rows(connection, "INSERT INTO artifact (id, size)", "(?, ?)", sized)
    return found | new


def _find(connection: sqlite3.Connection, algorithm: str, values: Sequence[bytes]) -> dict[bytes, int]:
    """Returns the artifacts of those digests that are there."""
    find = "SELECT value, artifact_id FROM digest WHERE algorithm = ? AND value IN"
    quick = [*map(bytearray, values)]  # to bind (batches.py)
    return dict(rows_where_in(connection, find, (algorithm,), quick))


def _identify(connection: sqlite3.Connection, content: Content, replaced: dict[int, int]) -> int:
    """Returns the artifact of a content with several digests; merged ones are noted in `replaced`."""
    digests = content.digests
    chosen: dict[int, dict[str, bytes]] = {}
    known: dict[str, bytes] = dict(digests)
    taken: set[str] = set()
    for algorithm in sorted(digests, key=_rank):
        row = connection.execute(
            "SELECT artifact_id FROM digest WHERE algorithm = ? AND value = ?",
            (algorithm, digests[algorithm]),
        ).fetchone()
        if row is None:
            continue
        taken.add(algorithm)
        if row[0] in chosen:
            continue
        held = _digests_of(connection, row[0])
        if all(known.get(name, value) == value for name, value in held.items()):
            chosen[row[0]] = held
            known.update(held)
    if chosen:
        artifact = min(chosen)
        for other in chosen:
            if other != artifact:
                _merge(connection, other, artifact)
                replaced[other] = artifact
    else:
        inserted = connection.execute("INSERT INTO artifact (size) VALUES (?)", (content.size,)).lastrowid
        assert inserted is not None  # an INSERT always sets it
        artifact = inserted
    connection.executemany(
        "INSERT INTO digest (algorithm, value, artifact_id) VALUES (?, ?, ?)",
        [(name, value, artifact) for name, value in digests.items() if name not in taken],
    )
    return artifact


def _merge(connection: sqlite3.Connection, artifact: int, into: int) -> None:
    connection.execute(
        "UPDATE job_input SET artifact_id = :into WHERE artifact_id = :old AND (job_id, path_id) IN"
        f" (SELECT job_id, path_id FROM {inputs_of_content(':old')})",
        {"into": into, "old": artifact},
    )
    connection.execute(
        "INSERT OR IGNORE INTO content_read SELECT ?, path_id FROM content_read WHERE artifact_id = ?",
        (into, artifact),
    )
    connection.execute("DELETE FROM content_read WHERE artifact_id = ?", (artifact,))
    for table, column in (
        ("digest", "artifact_id"),
        ("job_input", "previous_artifact_id"),
        ("job_output", "artifact_id"),
        ("label", "artifact_id"),
        ("component", "artifact_id"),
    ):
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (into, artifact))
    connection.execute("DELETE FROM artifact WHERE id = ?", (artifact,))


def _digests_of(connection: sqlite3.Connection, artifact: int) -> dict[str, bytes]:
    return dict(connection.execute("SELECT algorithm, value FROM digest WHERE artifact_id = ?", (artifact,)))


def _rank(algorithm: str) -> tuple[int, str]:
    return (_STRENGTH.index(algorithm) if algorithm in _STRENGTH else len(_STRENGTH), algorithm)


def _follow(replaced: Mapping[int, int], artifact: int | None) -> int | None:
    while artifact is not None and artifact in replaced:
        artifact = replaced[artifact]
    return artifact
