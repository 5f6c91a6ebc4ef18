"""What `lineage` and `inputs` have in common: the history behind what the user names."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from roar_core.cli.json_shapes import digest_json, path_json
from roar_core.lineage.ancestry import (
    Ancestry,
    RootInput,
    ancestry_of_file,
    ancestry_of_job,
    root_inputs,
)
from roar_core.lineage.run_names import name_runs
from roar_core.store.ancestry import AncestryTables, Found
from roar_core.store.current import CurrentTables, RecordedJob

if TYPE_CHECKING:
    from sqlite3 import Connection

    from roar_core.cli.context import Context


class History(NamedTuple):
    """What is upstream of a job, or of a file: `found`, with its `digests`.

    `names`: how each recorded job is called.
    """

    ancestry: Ancestry
    roots: list[RootInput]
    jobs: Mapping[int, RecordedJob]
    names: Mapping[int, str]
    asked: RecordedJob | None
    found: Found | None
    digests: Mapping[str, str]


def find_history(context: Context, connection: Connection, reference: str) -> History:
    """Returns the history of a step, a job, a digest or a path. Raises NotFound, AmbiguousReference, UsageError."""
    from roar_core.cli.references import FoundPath, find_reference
    from roar_core.store.artifacts import get_artifact
    from roar_core.store.jobs import JobRow

    reached = find_reference(connection, context.project, context.cwd, reference)
    tables, current = AncestryTables(connection), CurrentTables(connection)
    recorded = current.jobs()
    session = current.active_session()
    jobs = {job.job_id: job for job in recorded}
    names = name_runs(recorded, session.session_id if session else None)
    order = {job.job_id: place for place, job in enumerate(recorded)}
    asked = found = None
    digests: Mapping[str, str] = {}
    if isinstance(reached, JobRow):
        asked = jobs[reached.id]
        ancestry = ancestry_of_job(tables, reached.id, order)
    else:
        found = (
            tables.last_at(reached.path) if isinstance(reached, FoundPath) else tables.last_with(reached.id)
        )
        assert found is not None  # a job met what a reference leads to
        if found.artifact_id is not None:
            digests = get_artifact(connection, found.artifact_id).digests
        ancestry = ancestry_of_file(tables, found, order)
    own = tables.reads_of(found) if found is not None and found.made is None else ()
    edges = chain(own, chain.from_iterable(map(tables.roots, ancestry.jobs)))
    return History(ancestry, root_inputs(edges), jobs, names, asked, found, digests)


def root_json(root: RootInput, jobs: Mapping[int, RecordedJob]) -> dict[str, Any]:
    """Returns an input from outside."""
    edge = root.edge
    return {
        **path_json(edge.path),
        "digest": digest_json(edge.digests),
        "size": edge.size,
        "kind": edge.kind,
        "origin": edge.origin,
        "sourced": root.is_sourced,
        "used_by": [jobs[reader].uid for reader in root.readers],
        "reason": edge.reason,
    }
