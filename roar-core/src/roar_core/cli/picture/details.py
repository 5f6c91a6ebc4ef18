"""What the page shows of a run at a click."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from roar_core.cli.json_shapes import digest_json, time_json
from roar_core.cli.render.words import command_text, short_digest, status_text
from roar_core.cli.units import human_duration, human_size
from roar_core.lineage.nodes import DagNode
from roar_core.store.counts import count_files
from roar_core.store.edges import InputRow, OutputRow
from roar_core.store.first_edges import first_inputs, first_outputs
from roar_core.store.jobs import JobRow, find_job

FILES = 40  # of a kind


def details_of(
    connection: sqlite3.Connection, nodes: Sequence[DagNode], shown_path: Callable[[str], str]
) -> dict[str, Any]:
    """Returns the details of runs by the ids of their boxes."""
    counts = count_files(connection, [node.job.job_id for node in nodes])
    found = {}
    for node in nodes:
        job = find_job(connection, node.job.uid)
        count = counts[job.id]
        found[f"job-{job.uid}"] = {
            "title": f"{node.label} {job.name or ''}".strip(),
            "state": "can't tell" if node.state == "cant-tell" else node.state,
            "command": command_text(job.argv),
            "facts": _facts(job, node),
            "remarks": [*(reason.text for reason in node.reasons), *_remarks(node, shown_path)],
            "files": [
                _files("inputs", count.inputs, first_inputs(connection, job.id, "data", FILES), shown_path),
                _files("code", count.code, first_inputs(connection, job.id, "code", FILES), shown_path),
                _files("outputs", count.outputs, first_outputs(connection, job.id, FILES), shown_path),
            ],
        }
    return found


def _facts(job: JobRow, node: DagNode) -> list[tuple[str, str]]:
    facts = [
        ("job", job.uid),
        ("ended", status_text(job)),
        ("started", time_json(job.started_ns)[:19].replace("T", " ") + " UTC"),
        ("took", human_duration((job.ended_ns - job.started_ns) / 1e9)),
        ("folder", job.cwd),
        ("runs", str(node.runs)),
    ]
    if node.depends_on:
        facts.append(("rests on", " ".join(dict.fromkeys(node.depends_on))))
    return facts


def _remarks(node: DagNode, shown_path: Callable[[str], str]) -> list[str]:
    remarks = [f"continues itself ×{node.continues}"] if node.continues > 1 else []
    remarks += [f"output overwritten by {by}: {shown_path(path)}" for path, by in node.overwritten[:FILES]]
    for what, paths in (
        ("code changed", node.code_changed),
        ("input is gone", node.gone),
        ("looks changed, unverified", node.unverified),
    ):
        remarks += [f"{what}: {shown_path(path)}" for path in paths[:FILES]]
    return remarks


def _files(
    title: str, count: int, rows: Iterable[InputRow | OutputRow], shown_path: Callable[[str], str]
) -> dict[str, Any]:
    listed = [
        (
            shown_path(row.path),
            short_digest(digest_json(row.digests)),
            "" if row.size is None else human_size(row.size),
            (row.origin or "unknown")
            if isinstance(row, InputRow)
            else ""
            if row.fate == "present"
            else row.fate,
        )
        for row in rows
    ]
    return {"title": title, "count": max(count, len(listed)), "rows": listed}
