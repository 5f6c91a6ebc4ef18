"""`.roar/kept`: bytes that are kept by their BLAKE3, and which of them the record has a use for."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from roar_core.store.readers import inputs_of_content

_DIGEST = re.compile(r"[0-9a-f]{64}")


class KeptFile(NamedTuple):
    """Bytes that are kept; `digest` is their BLAKE3, in hex."""

    digest: str
    path: Path
    size_bytes: int


def list_kept(folder: Path) -> Iterator[KeptFile]:
    """Yields what is kept; nothing where there is no such folder."""
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    with entries:
        for entry in entries:
            if _DIGEST.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                yield KeptFile(entry.name, Path(entry.path), entry.stat(follow_symlinks=False).st_size)


def is_wanted(connection: sqlite3.Connection, digest: str, since_ns: int) -> bool:
    """Returns whether a job that ended at `since_ns` or later read what has this digest."""
    row = connection.execute(
        f"SELECT 1 FROM digest WHERE algorithm = 'blake3' AND value = ? AND EXISTS (SELECT 1 FROM"
        f" {inputs_of_content('digest.artifact_id')} AS read JOIN job ON job.id = read.job_id"
        " WHERE read.artifact_id = digest.artifact_id AND visible = 1 AND ended_ns >= ?)",
        (bytes.fromhex(digest), since_ns),
    ).fetchone()
    return row is not None
