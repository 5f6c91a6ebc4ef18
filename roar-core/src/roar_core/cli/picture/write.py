"""Drawing the current DAG into files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from roar_core.cli.output import shown_path
from roar_core.cli.picture.dot import dot_text
from roar_core.cli.picture.graph import make_graph
from roar_core.cli.picture.layout import CannotDraw, draw_svg
from roar_core.errors import NotFound, system_reason
from roar_core.lineage.current import CurrentDag
from roar_core.lineage.nodes import DagNode
from roar_core.store.bundles import Bundle, input_bundles
from roar_core.store.counts import count_files
from roar_core.store.first_edges import first_outputs

if TYPE_CHECKING:
    from sqlite3 import Connection

    from roar_core.cli.context import Context

SLOW = 1000  # runs; laying out more may take minutes


def write_pictures(
    context: Context,
    connection: Connection,
    dag: CurrentDag | None,
    nodes: Sequence[DagNode],
    svg_file: str | None,
    html_file: str | None,
    artifacts: bool,
) -> None:
    """Draws these runs and writes the files asked for (`-`: standard output).

    Raises NotFound (nothing to draw), NoGraphviz, CannotDraw.
    """
    if dag is None or not nodes:
        hint = "roar dag --expanded" if dag is not None and dag.order else "roar run COMMAND"
        raise NotFound("nothing to draw: no run is to be shown", hint)
    if len(nodes) > SLOW:
        context.warn(f"drawing {len(nodes)} runs may take minutes", "roar dag --stale-only --svg FILE")
    outputs_of = partial(_outputs, connection) if artifacts else None
    graph = make_graph(dag, nodes, partial(input_bundles, connection), outputs_of)
    title = f"{context.project.root.name}: what is true now"
    svg = draw_svg(dot_text(graph, title), len(nodes), context.environment.path)
    if svg_file is not None:
        _write(svg_file, f'<?xml version="1.0" encoding="UTF-8"?>\n{svg}')
    if html_file is not None:
        from roar_core.cli.picture.details import details_of
        from roar_core.cli.picture.page import html_page

        show = partial(shown_path, project=context.project, cwd=str(context.project.root))
        details = details_of(connection, nodes, show)
        _write(html_file, html_page(svg, title, _summary(dag, nodes), details))


def _summary(dag: CurrentDag, nodes: Sequence[DagNode]) -> str:
    drawn = {node.job.job_id for node in nodes}
    states: dict[str, int] = {}
    hidden: dict[str, int] = {}
    for job, state in dag.states.items():
        of = states if job in drawn else hidden
        of[state] = of.get(state, 0) + 1
    text = f"session {dag.session.uid[:12]}: {_listed(states)}"
    return (
        f"{text}; not drawn: {_listed(hidden)} {'run' if sum(hidden.values()) == 1 else 'runs'}"
        if hidden
        else text
    )


def _listed(states: dict[str, int]) -> str:
    return ", ".join(
        f"{count} {state.replace('cant-tell', 'can’t tell')}" for state, count in sorted(states.items())
    )


def _outputs(connection: Connection, job_id: int) -> Bundle | None:
    count = count_files(connection, [job_id])[job_id].outputs
    first = next((row for row in first_outputs(connection, job_id, 8) if row.fate == "present"), None)
    return Bundle(None, "job", count, first.path) if first is not None and count else None


def _write(path: str, text: str) -> None:
    if path == "-":
        sys.stdout.write(text)
        return
    try:
        # Whole or not at all: a browser may be showing the old one.
        temporary = f"{path}.{os.getpid()}.part"
        try:
            with open(temporary, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(temporary, path)
        except BaseException:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise CannotDraw(
            f"cannot write the picture: {system_reason(error)}: `{path}`", "roar dag --svg dag.svg"
        ) from error
