"""What a picture of the DAG is made of: boxes for runs, for files where they are wanted, and arrows between them."""

from __future__ import annotations

import os.path
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from roar_core.cli.render.words import counted, job_text
from roar_core.cli.table import cut, wrap
from roar_core.lineage.current import CurrentDag
from roar_core.lineage.nodes import DagNode
from roar_core.store.bundles import Bundle
from roar_core.store.current import RecordedJob

COMMAND_COLUMNS, COMMAND_LINES = 34, 3
NAME_COLUMNS = 28


class Box(NamedTuple):
    """A node: `kind` is the run's state, `external` or `file`. `text` is its lines, the first of them the title."""

    id: str
    kind: str
    text: Sequence[str]


class Arrow(NamedTuple):
    """What `reader` has of `maker`; `text` names it, empty where nothing is to be said."""

    maker: str
    reader: str
    text: str


class Graph(NamedTuple):
    """The boxes and arrows of a picture."""

    boxes: Sequence[Box]
    arrows: Sequence[Arrow]


def make_graph(
    dag: CurrentDag,
    nodes: Sequence[DagNode],
    bundles_of: Callable[[int], Sequence[Bundle]],
    outputs_of: Callable[[int], Bundle | None] | None = None,
) -> Graph:
    """Returns the picture of these runs. With `outputs_of`, what no run made or what no drawn run reads is a box, too.

    A maker that is not drawn is shown by the run that its step is drawn by.
    """
    drawn = {node.job.job_id for node in nodes}
    of_step = {(node.job.kind, node.job.step): node.job.job_id for node in nodes if node.is_representative}
    externals = dag.external(drawn)
    boxes = [_run_box(node) for node in nodes] + [_external_box(job) for job in externals]
    drawn_makers = drawn | {job.job_id for job in externals}
    arrows: list[Arrow] = []
    files: dict[tuple[str, str], Box] = {}
    used: set[int] = set()
    for node in nodes:
        found: defaultdict[int, list[Bundle]] = defaultdict(list)
        for bundle in bundles_of(node.job.job_id):
            if bundle.maker is None:
                if outputs_of is not None:
                    box = files.setdefault((bundle.path, bundle.origin), _file_box(bundle, len(files)))
                    arrows.append(Arrow(box.id, _id(node.job), ""))
                continue
            maker = _seen(dag, bundle.maker, drawn_makers, of_step)
            if maker is not None and maker != node.job.job_id:
                found[maker].append(bundle)
        for maker, bundles in found.items():
            used.add(maker)
            arrows.append(Arrow(_id(dag.jobs[maker]), _id(node.job), _named(bundles)))
    if outputs_of is not None:
        for node in nodes:
            bundle_out = outputs_of(node.job.job_id) if node.job.job_id not in used else None
            if bundle_out is not None:
                box = _file_box(bundle_out, len(files))
                files[box.id, "output"] = box
                arrows.append(Arrow(_id(node.job), box.id, ""))
    return Graph([*boxes, *files.values()], arrows)


def _run_box(node: DagNode) -> Box:
    job = node.job
    title = node.label + (f"  ×{node.runs}" if node.is_representative and node.runs > 1 else "")
    state = (
        "" if node.state == "active" else "  can't tell" if node.state == "cant-tell" else f"  {node.state}"
    )
    lines = wrap(job_text(job.name, job.argv), COMMAND_COLUMNS)
    command = lines[:COMMAND_LINES]
    if len(lines) > COMMAND_LINES:
        command[-1] = cut(command[-1], COMMAND_COLUMNS - 1) + "…"
    marks = ["code changed"] if node.code_changed else []
    marks += [f"continues itself ×{node.continues}"] if node.continues > 1 else []
    marks += ["output overwritten"] if node.overwritten else []
    return Box(_id(job), node.state, [title + state, *command, *marks])


def _external_box(job: RecordedJob) -> Box:
    return Box(
        _id(job),
        "external",
        [f"{job.uid}  earlier session", cut(job_text(job.name, job.argv), COMMAND_COLUMNS)],
    )


def _file_box(bundle: Bundle, number: int) -> Box:
    remark = "" if bundle.origin in ("job", "root") else f"  {bundle.origin.replace('-', ' ')}"
    return Box(f"file-{number}", "file", [_short(bundle) + remark])


def _named(bundles: Sequence[Bundle]) -> str:
    files = sum(bundle.files for bundle in bundles)
    return _short(bundles[0]._replace(files=files))


def _short(bundle: Bundle) -> str:
    if bundle.files > 1:
        return counted(bundle.files, "file")
    return cut(os.path.basename(bundle.path), NAME_COLUMNS)


def _seen(
    dag: CurrentDag, maker: int, drawn: Collection[int], of_step: dict[tuple[str, int], int]
) -> int | None:
    if maker in drawn or maker not in dag.jobs:
        return maker if maker in drawn else None
    job = dag.jobs[maker]
    return of_step.get((job.kind, job.step)) if job.session_id == dag.session.session_id else None


def _id(job: RecordedJob) -> str:
    return f"job-{job.uid}"
