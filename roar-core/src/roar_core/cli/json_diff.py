"""The JSON of a comparison (docs/reading.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from roar_core.cli.code_diff import code_diff
from roar_core.cli.json_shapes import path_json
from roar_core.lineage.difference import Change, Difference

if TYPE_CHECKING:
    from sqlite3 import Connection

    from roar_core.cli.comparison import Comparison, Subject
    from roar_core.lineage.code_texts import CodeTexts
    from roar_core.store.jobs import JobRow

DIFFS = 50  # source files whose text is compared at most


def diff_json(
    connection: Connection,
    comparison: Comparison,
    jobs: Mapping[int, JobRow],
    names: Mapping[int, str],
    texts: CodeTexts,
) -> dict[str, Any]:
    """Returns a comparison."""
    causes: list[dict[str, Any]] = []
    for difference in comparison.differences:
        wanted = difference.cause == "code" and sum(cause["diff"] is not None for cause in causes) < DIFFS
        lines = code_diff(connection, difference, jobs, texts) if wanted else None
        causes.append(_cause(difference, jobs, names, lines))
    first = {key: causes[0][key] for key in ("path", "step", "cause", "detail")} if causes else None
    return {
        "a": _subject(comparison.a),
        "b": _subject(comparison.b),
        "same": comparison.same,
        "first_divergence": first,
        "outputs": [output._asdict() for output in comparison.outputs],
        "endings": [_change(change) for change in comparison.endings],
        "causes": causes,
    }


def _subject(subject: Subject) -> dict[str, Any]:
    found = subject.found
    return {
        "kind": subject.kind,
        "reference": subject.reference,
        **(path_json(found.path) if found else {}),
        **({"digest": subject.digest} if found else {}),
        **({"job": subject.job.uid if subject.job else None} if subject.kind != "session" else {}),
        **({"session": subject.session.uid} if subject.session else {}),
    }


def _cause(
    difference: Difference, jobs: Mapping[int, JobRow], names: Mapping[int, str], diff: list[str] | None
) -> dict[str, Any]:
    a, b = difference.a_job, difference.b_job
    named = b if b is not None else a
    return {
        "cause": difference.cause,
        "step": jobs[named].step_name if named is not None else None,
        "a_job": jobs[a].uid if a is not None else None,
        "b_job": jobs[b].uid if b is not None else None,
        "labels": [names[job] for job in (a, b) if job is not None],
        "path": difference.path,
        "detail": difference.detail,
        "changes": [_change(change) for change in difference.changes],
        "diff": "\n".join(diff) if diff is not None else None,
    }


def _change(change: Change) -> dict[str, str | None]:
    return {"name": change.name, "a": change.a, "b": change.b}
