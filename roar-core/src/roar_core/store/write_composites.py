"""The files of a job folded to composites: what has to be read for that, and what is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Literal, NamedTuple, Protocol

from roar_core.store.batches import insert_rows
from roar_core.store.chunks import write_in_chunks
from roar_core.store.text import decode_text
from roar_core.store.transactions import write_transaction
from roar_core.store.write_artifacts import ensure_artifacts
from roar_core.store.write_edges import ensure_paths

Direction = Literal["input", "output"]
TREE_ALGORITHM = "blake3-tree"
_ROWS_AT_ONCE = 20_000
_CANDIDATES = 5
_EDGES = {"input": ("job_input", "role = 'data'"), "output": ("job_output", "fate = 'present'")}


class EdgeFile(NamedTuple):
    """A file of a job by its path from a folder; `digest` is its BLAKE3, None where it is not known."""

    path: str
    artifact_id: int | None
    digest: bytes | None
    size: int | None


class KnownFile(NamedTuple):
    """A file of a folder by its path from there, with its digests."""

    path: str
    digests: Mapping[str, bytes]
    size: int | None


class Component(Protocol):
    """A file of a composite, or a composite within it, by its path from the composite's folder."""

    @property
    def path(self) -> str: ...  # noqa: D102  # said above

    @property
    def artifact_id(self) -> int: ...  # noqa: D102  # said above


def ensure_files(
    connection: sqlite3.Connection, files: Iterable[KnownFile], busy_seconds: float
) -> list[EdgeFile]:
    """Returns the files with their artifacts, made now where their contents are new."""
    found: list[EdgeFile] = []

    def ensure(chunk: list[KnownFile]) -> None:
        for file, artifact_id in zip(chunk, ensure_artifacts(connection, chunk), strict=True):
            found.append(EdgeFile(file.path, artifact_id, file.digests["blake3"], file.size))

    write_in_chunks(connection, files, ensure, busy_seconds)
    return found


def iterate_paths(connection: sqlite3.Connection, job_id: int, direction: Direction) -> Iterator[str]:
    """Yields the paths of a job's files in no order."""
    table, condition = _EDGES[direction]
    rows = connection.execute(
        f"SELECT text FROM {table} JOIN path ON path.id = path_id WHERE job_id = ? AND {condition}", (job_id,)
    )
    return (decode_text(text) for (text,) in rows)


def iterate_below(
    connection: sqlite3.Connection, job_id: int, direction: Direction, folder: str
) -> Iterator[EdgeFile]:
    """Yields the files of a job below a folder, in the order of the bytes of their paths, where these are UTF-8."""
    table, condition = _EDGES[direction]
    # in ASCII, 0 comes after the slash
    start, end = (f"{folder}/", f"{folder}0") if folder else ("", "\U0010ffff")
    last = start
    while True:
        rows = connection.execute(
            "SELECT text, edge.artifact_id, value, size FROM path"
            f" CROSS JOIN {table} AS edge ON edge.path_id = path.id AND edge.job_id = ? AND {condition}"
            " LEFT JOIN artifact ON artifact.id = edge.artifact_id"
            " LEFT JOIN digest ON digest.artifact_id = edge.artifact_id AND algorithm = 'blake3'"
            f" WHERE text > ? AND text < ? ORDER BY text LIMIT {_ROWS_AT_ONCE}",
            (job_id, last, end),
        ).fetchall()
        for text, artifact_id, value, size in rows:
            yield EdgeFile(text[len(start) :], artifact_id, value, size)
        if len(rows) < _ROWS_AT_ONCE:
            return
        last = rows[-1][0]


def find_composite(connection: sqlite3.Connection, digest: bytes) -> int | None:
    """Returns the composite with this tree digest."""
    row = connection.execute(
        "SELECT artifact_id FROM digest WHERE algorithm = ? AND value = ?", (TREE_ALGORITHM, digest)
    ).fetchone()
    return None if row is None else int(row[0])


def find_whole(connection: sqlite3.Connection, path: str, files: Iterable[Component]) -> int | None:
    """Returns a composite that jobs met at a path and that has all these files among its own; the newest one."""
    rows = connection.execute(
        "SELECT DISTINCT composite_id FROM job_composite JOIN path ON path.id = path_id WHERE text = ?"
        f" ORDER BY job_id DESC LIMIT {_CANDIDATES}",
        (path,),
    )
    wanted = None
    for (composite_id,) in rows.fetchall():
        wanted = list(files) if wanted is None else wanted
        if all(
            connection.execute(
                "SELECT 1 FROM component WHERE composite_id = ? AND path = ? AND artifact_id = ?",
                (composite_id, component.path, component.artifact_id),
            ).fetchone()
            for component in wanted
        ):
            return int(composite_id)
    return None


def add_composite(
    connection: sqlite3.Connection,
    form: str,
    files: int,
    size: int | None,
    digest: bytes,
    components: Iterable[Component],
    busy_seconds: float,
) -> int:
    """Returns a new composite. It can be found once it is whole: its digest is written last."""
    with write_transaction(connection, busy_seconds=busy_seconds):
        artifact_id = connection.execute(
            "INSERT INTO artifact (kind, size) VALUES ('composite', ?)", (size,)
        ).lastrowid
        assert artifact_id is not None  # an INSERT always sets it
        connection.execute(
            "INSERT INTO composite (artifact_id, format, files) VALUES (?, ?, ?)", (artifact_id, form, files)
        )
    connection.execute("PRAGMA foreign_keys = OFF")  # all of these artifacts were met just now
    try:
        write_in_chunks(
            connection, components, partial(_write_components, connection, artifact_id), busy_seconds
        )
    finally:
        connection.execute("PRAGMA foreign_keys = ON")
    with write_transaction(connection, busy_seconds=busy_seconds):
        connection.execute(
            "INSERT INTO digest (algorithm, value, artifact_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (TREE_ALGORITHM, digest, artifact_id),
        )
    return find_composite(connection, digest) or artifact_id


def fold_edges(
    connection: sqlite3.Connection,
    job_id: int,
    direction: Direction,
    folded: Iterable[tuple[str, int, int]],
    threshold: int,
    busy_seconds: float,
) -> None:
    """Notes what a job's files are folded to, given as (path, composite, number of the job's files in it)."""
    rows = list(folded)
    with write_transaction(connection, busy_seconds=busy_seconds):
        paths = ensure_paths(connection, [path for path, _, _ in rows])
        connection.executemany(
            "INSERT OR REPLACE INTO job_composite (job_id, path_id, direction, composite_id, files)"
            " VALUES (?, ?, ?, ?, ?)",
            [
                (job_id, path_id, direction, composite_id, files)
                for path_id, (_, composite_id, files) in zip(paths, rows, strict=True)
            ],
        )
        if direction == "input":
            connection.execute("UPDATE job SET fold_from = ? WHERE id = ?", (threshold, job_id))


def fold_as_before(connection: sqlite3.Connection, job_id: int, threshold: int, busy_seconds: float) -> bool:
    """Folds a job's inputs as those of an earlier job that read the very same; returns whether there is one.

    Comparing them costs a tenth of folding them.
    """
    some = "SELECT previous_reader_id AS id FROM job_input WHERE job_id = ? AND role = 'data' LIMIT 1000"
    earlier = connection.execute(
        f"SELECT id FROM (SELECT id FROM ({some}) GROUP BY id ORDER BY count(*) DESC LIMIT 1) JOIN job USING (id)"
        " WHERE fold_from = ?",
        (job_id, threshold),
    ).fetchone()
    if earlier is None:
        return False
    data = "SELECT count(*) FROM job_input WHERE role = 'data' AND job_id"
    (same,) = connection.execute(
        f"SELECT ({data} = :earlier) = ({data} = :job) AND NOT EXISTS (SELECT 1 FROM job_input AS own"
        " LEFT JOIN job_input AS theirs ON theirs.job_id = :earlier AND theirs.path_id = own.path_id"
        " WHERE own.job_id = :job AND own.role = 'data'"
        " AND (theirs.role IS NOT 'data' OR theirs.artifact_id IS NOT own.artifact_id))"
        # a part is one of the newest whole, which may be another by now
        " AND NOT EXISTS (SELECT 1 FROM job_composite JOIN composite ON artifact_id = composite_id"
        " WHERE job_id = :earlier AND direction = 'input' AND job_composite.files != composite.files)",
        {"job": job_id, "earlier": earlier[0]},
    ).fetchone()
    if same:
        with write_transaction(connection, busy_seconds=busy_seconds):
            connection.execute(
                "INSERT OR REPLACE INTO job_composite (job_id, path_id, direction, composite_id, files)"
                " SELECT ?, path_id, direction, composite_id, files FROM job_composite"
                " WHERE job_id = ? AND direction = 'input'",
                (job_id, *earlier),
            )
            connection.execute("UPDATE job SET fold_from = ? WHERE id = ?", (threshold, job_id))
    return bool(same)


def _write_components(connection: sqlite3.Connection, artifact_id: int, chunk: list[Component]) -> None:
    insert_rows(
        connection,
        "INSERT INTO component (composite_id, path, artifact_id)",
        "(?, ?, ?)",
        ((artifact_id, component.path, component.artifact_id) for component in chunk),
    )
