"""The JSON of jobs, edges, artifacts and the current DAG (docs: "JSON"). Keys are stable; new ones may be added."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlite3 import Connection

    from roar_core.store.artifacts import ArtifactRow
    from roar_core.store.composites import CompositeRow, FoldedFiles
    from roar_core.store.details import JobDocuments
    from roar_core.store.edges import InputRow, OutputRow
    from roar_core.store.jobs import JobRow
    from roar_core.store.records import Drops, Gap, GitState

Json = dict[str, Any]
LEAST_EDGES, MOST_EDGES, ALL_EDGES = 20, 1000, 200_000  # of a run and a side, of all runs


def job_json(job: JobRow, documents: JobDocuments, gaps: Sequence[Gap]) -> Json:
    """Returns a job without its edges."""
    return {
        "uid": job.uid,
        "kind": job.kind,
        "step": job.step_name,
        "name": job.name,
        "command": list(job.argv),
        "cwd": job.cwd,
        "started_at": time_json(job.started_ns),
        "ended_at": time_json(job.ended_ns),
        "status": job.status,
        "exit_code": job.exit_code,
        "signal": job.signal,
        "tracer": job.tracer,
        "level": job.level,
        "complete": is_complete(job, gaps),
        "gaps": [{"kind": gap.kind, "detail": gap.detail, "process": gap.process} for gap in gaps],
        "lost_events": job.lost_events,
        "parent": job.parent_uid,
        "git": git_json(documents.git),
        "environment": dict(documents.environment),
        "packages": [dict(package) for package in documents.packages],
        "hardware": dict(documents.hardware),
        "peak_memory_bytes": job.peak_memory_bytes,
        "cpu_seconds": job.cpu_seconds,
    }


def is_complete(job: JobRow, gaps: Sequence[Gap]) -> bool:
    """Returns whether nothing is missing that the job's tracer can see: all that the kernel, or libc, did for it."""
    return job.level in ("kernel", "libc") and not gaps and not job.lost_events


def edges_json(inputs: Iterable[InputRow], outputs: Iterable[OutputRow], *, code_is_input: bool) -> Json:
    """Returns a job's edges; its source code stands under `code`, and among the inputs too if `code_is_input`."""
    data: list[Json] = []
    code: list[Json] = []
    for row in inputs:
        edge = input_json(row)
        if row.role == "code":
            code.append(edge)
        if row.role != "code" or code_is_input:
            data.append(edge)
    return {"inputs": data, "code": code, "outputs": [output_json(row) for row in outputs]}


def edges_shown(runs: int) -> int:
    """Returns how many edges of each run and side are shown where there are so many runs: 20 to 1,000."""
    return max(LEAST_EDGES, min(MOST_EDGES, ALL_EDGES // max(1, runs)))


def some_edges_json(connection: Connection, job_id: int, limit: int, *, code_is_input: bool) -> Json:
    """Returns the first edges of each side, and how many are `left_out`: a session may have millions."""
    from roar_core.store.edges import count_edges, iterate_inputs, iterate_outputs

    inputs, outputs = count_edges(connection, job_id)
    return {
        **edges_json(
            iterate_inputs(connection, job_id, limit),
            iterate_outputs(connection, job_id, limit),
            code_is_input=code_is_input,
        ),
        "left_out": {"inputs": max(0, inputs - limit), "outputs": max(0, outputs - limit)},
    }


def input_json(row: InputRow) -> Json:
    """Returns an input edge."""
    edge = {
        **path_json(row.path),
        "digest": digest_json(row.digests),
        "size": row.size,
        "kind": row.kind,
        "origin": row.origin or "unknown",
        "producer": row.producer_uid,
        "reason": row.reason,
    }
    if row.origin == "unknown" and row.digests:
        edge["reason"] = "not known what the last job to write this path left"
    if row.previous_digests:
        edge["previous"] = digest_json(row.previous_digests)
    return edge


def output_json(row: OutputRow) -> Json:
    """Returns an output edge. `fate`, where the file is not there any more, says what the job did to it."""
    edge = {
        **path_json(row.path),
        "digest": digest_json(row.digests),
        "size": row.size,
        "kind": row.kind,
        "created": row.created,
        "reason": row.reason,
    }
    if row.fate != "present":
        edge["fate"] = row.fate
    if row.shared:
        edge["shared"] = True
    return edge


def artifact_json(
    artifact: ArtifactRow, labels: Mapping[str, str], composite: CompositeRow | None, part_of: Sequence[str]
) -> Json:
    """Returns an artifact; `composite` where it is one, `part_of`: the digests of those that it is in."""
    return {
        "digest": digest_json(artifact.digests),
        "digests": artifact.digests,
        "size": artifact.size,
        "kind": artifact.kind,
        "paths": list(artifact.paths),
        "produced_by": list(artifact.produced_by),
        "used_by": list(artifact.used_by),
        "remotes": [],
        "labels": dict(labels),
        "components": composite.components if composite else 0,
        **({"format": composite.format, "files": composite.files} if composite else {}),
        "part_of": list(part_of),
    }


def folded_json(folded: FoldedFiles) -> Json:
    """Returns what some of a job's files are folded to for the eye; the files are among its edges all the same."""
    return {
        **path_json(folded.path),
        "direction": folded.direction,
        "digest": digest_json(folded.digests),
        "size": folded.size,
        "kind": "composite",
        "format": folded.format,
        "files": folded.files,
        "of_files": folded.of_files,
    }


def git_json(git: GitState | None) -> Json | None:
    """Returns the state of the repository when the job started; None where there was none."""
    if git is None:
        return None
    return {
        "commit": git.commit,
        "branch": git.branch,
        "remote": git.remote,
        "dirty": git.dirty,
        "message": git.message,
        **({"problem": git.problem} if git.problem else {}),
    }


def drops_json(drops: Iterable[Drops]) -> list[Json]:
    """Returns what filters dropped."""
    return [{"reason": drop.reason, "count": drop.count, "examples": list(drop.examples)} for drop in drops]


def digest_json(digests: Mapping[str, str]) -> str | None:
    """Returns the first of some digests as `algorithm:hex`; None where there is none."""
    return next((f"{algorithm}:{value}" for algorithm, value in digests.items()), None)


def path_json(path: str) -> Json:
    """Returns a path, and its bytes in base64 where they are not UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return {"path": path, "path_bytes": base64.b64encode(os.fsencode(path)).decode()}
    return {"path": path}


def time_json(time_ns: int) -> str:
    """Returns a time as RFC 3339, UTC, to the microsecond."""
    moment = datetime.fromtimestamp(time_ns // 1_000_000_000, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ns % 1_000_000_000 // 1000:06d}Z"
