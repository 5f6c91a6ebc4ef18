"""JSON documents, kept once by content however many jobs share them."""

from __future__ import annotations

import json
import sqlite3


def put_document(connection: sqlite3.Connection, body: object) -> int | None:
    """Returns the id of the document that holds `body`, inside the caller's transaction; None for an empty one."""
    if not body:
        return None
    import hashlib  # loads OpenSSL, which a reading command need not

    text = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    digest = hashlib.sha256(text.encode()).digest()
    row = connection.execute("SELECT id FROM document WHERE digest = ?", (digest,)).fetchone()
    if row is not None:
        return int(row[0])
    return connection.execute("INSERT INTO document (digest, body) VALUES (?, ?)", (digest, text)).lastrowid


def get_document(connection: sqlite3.Connection, document_id: int | None) -> object:
    """Returns what `put_document` was given; None for no document."""
    if document_id is None:
        return None
    row = connection.execute("SELECT body FROM document WHERE id = ?", (document_id,)).fetchone()
    return None if row is None else json.loads(row[0])
