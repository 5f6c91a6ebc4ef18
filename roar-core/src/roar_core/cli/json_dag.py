"""The JSON of the current DAG (docs: "JSON")."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from roar_core.cli.json_shapes import some_edges_json
from roar_core.lineage.current import CurrentDag, step_name
from roar_core.lineage.nodes import DagNode, Reason
from roar_core.lineage.projection import State
from roar_core.store.current import RecordedJob

HIDDEN: tuple[State, ...] = ("stale", "superseded", "failed")


def dag_json(
    connection: sqlite3.Connection, dag: CurrentDag | None, nodes: Sequence[DagNode], *, code_is_input: bool
) -> dict[str, Any]:
    """Returns the DAG with these nodes."""
    if dag is None:
        return {
            "session": None,
            "steps": [],
            "external": [],
            "hidden": dict.fromkeys(HIDDEN, 0),
            "complete": True,
        }
    hidden = dag.hidden()
    return {
        "session": dag.session.uid,
        "steps": [_node_json(connection, node, code_is_input) for node in nodes],
        "external": [_external_json(job) for job in dag.external(node.job.job_id for node in nodes)],
        "hidden": {state: hidden[state] for state in HIDDEN},
        "complete": dag.complete,
    }


def _node_json(connection: sqlite3.Connection, node: DagNode, code_is_input: bool) -> dict[str, Any]:
    job = node.job
    return {
        "step": step_name(job),
        "label": node.label,
        "job": job.uid,
        "kind": job.kind,
        "name": job.name,
        "command": list(job.argv),
        "state": node.state,
        "reasons": [_reason_json(reason) for reason in node.reasons],
        "runs": node.runs,
        "continues": node.continues,
        "code_changed": bool(node.code_changed),
        "changed_code": list(node.code_changed),
        "gone": list(node.gone),
        "unverified": list(node.unverified),
        "overwritten": [{"path": path, "by": by} for path, by in node.overwritten],
        "depends_on": list(node.depends_on),
        **some_edges_json(connection, job.job_id, code_is_input=code_is_input),
    }


def _external_json(job: RecordedJob) -> dict[str, Any]:
    return {
        "job": job.uid,
        "kind": job.kind,
        "step": step_name(job),
        "name": job.name,
        "command": list(job.argv),
    }


def _reason_json(reason: Reason) -> dict[str, Any]:
    return {
        "kind": reason.kind,
        "text": reason.text,
        "path": reason.path,
        "recorded": reason.recorded,
        "now": reason.now,
        "by": reason.by,
    }
