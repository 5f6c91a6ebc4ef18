"""Where each input came from (LINEAGE.md, "Words": producer)."""

from __future__ import annotations

from roar_core.store.lineage import LineageTables


def settle_producers(tables: LineageTables, job_id: int) -> None:
    """Writes where each input of a job came from, and each input of earlier recorded jobs that it has a bearing on.

    To be called once all rows of the job are in place, in the transaction that makes it visible, and again when digests
    that were put off have been made: it then says the same of what has not changed.
    """
    tables.settle(job_id)
    tables.settle_readers(job_id)
