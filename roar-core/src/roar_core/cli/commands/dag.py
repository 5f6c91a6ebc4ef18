"""`roar dag`: what is true now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from roar_core.cli.complete import complete_path
from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, shown_path, style, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from roar_core.lineage.current import CurrentDag
    from roar_core.lineage.nodes import DagNode
    from roar_core.store.store import Store

LEAST_FILES, MOST_FILES, ALL_FILES = 8, 2000, 50_000  # looked at, of a run and a side, of all runs


@click.command("dag")
@click.option("--expanded", is_flag=True, help="Every run: stale, superseded and failed ones, too.")
@click.option("--stale-only", is_flag=True, help="Only what is stale, and why.")
@click.option("--show-artifacts", is_flag=True, help="The files that each run read (←) and left (→).")
@click.option("--verify", is_flag=True, help="Read the files that look changed, to be certain.")
@click.option("--svg", "svg_file", metavar="FILE", shell_complete=complete_path, help="Draw it into FILE.")
@click.option(
    "--html",
    "html_file",
    metavar="FILE",
    shell_complete=complete_path,
    help="Make FILE a page for a browser: pan, zoom, click a run.",
)
@json_option
@click.pass_obj
def command(
    context: Context,
    expanded: bool,
    stale_only: bool,
    show_artifacts: bool,
    verify: bool,
    svg_file: str | None,
    html_file: str | None,
    as_json: bool,
) -> None:
    """Show what is true now: the runs that the current files came from, each with the steps it depends on.

    \b
      roar dag                  the active steps
      roar dag --stale-only     what would have to run again, and why
      roar dag --html dag.html  a picture to click through
    """
    from roar_core.lineage.order import makers_first

    with context.store() as store:
        dag = current_dag(context, store, verify=verify)
        jobs = makers_first(dag, _chosen(dag, expanded, stale_only)) if dag else []
        pictures = svg_file is not None or html_file is not None
        nodes = _described(store, dag, jobs) if pictures or as_json else []
        if pictures:
            from roar_core.cli.picture.write import write_pictures

            write_pictures(context, store.connection, dag, nodes, svg_file, html_file, show_artifacts)
        if as_json:
            from roar_core.cli.json_dag import dag_json

            code_is_input = context.settings.flag("output.track_repo_files")
            emit_json(dag_json(store.connection, dag, nodes, code_is_input=code_is_input))
        elif pictures:
            return
        elif dag is None or not dag.order:
            echo("no jobs yet: roar run COMMAND")
        else:
            for line in _lines(context, store, dag, jobs, show_artifacts, expanded or stale_only):
                echo(line)


def current_dag(context: Context, store: Store, *, verify: bool = False) -> CurrentDag | None:
    """Returns the current DAG, by what lies on disk."""
    from roar_core.hashing.cache import DigestCache
    from roar_core.lineage.current import find_current
    from roar_core.lineage.disk import DiskFiles, VerifiedFiles
    from roar_core.store.current import CurrentTables
    from roar_core.store.digest_cache import CacheTable

    tables = CurrentTables(store.connection)
    cache = DigestCache(CacheTable(store.connection))
    root = context.project.root
    algorithms = tables.algorithms()
    if verify:
        specs = {spec.name: spec for spec in context.plugins.hashers}
        hashers = {name: context.plugins.make(specs[name]) for name in algorithms if name in specs}
        return find_current(tables, VerifiedFiles(root, tables, cache, hashers))
    return find_current(tables, DiskFiles(root, tables, cache, algorithms))


def _chosen(dag: CurrentDag, expanded: bool, stale_only: bool) -> list[int]:
    if stale_only:
        return [job for job in dag.order if dag.states[job] == "stale"]
    return [job for job in dag.order if expanded or job in dag.shown]


def _described(store: Store, dag: CurrentDag | None, jobs: Sequence[int]) -> list[DagNode]:
    from roar_core.lineage.nodes import describe_nodes
    from roar_core.store.current import CurrentTables

    return describe_nodes(dag, CurrentTables(store.connection), jobs) if dag else []


def _lines(
    context: Context,
    store: Store,
    dag: CurrentDag,
    jobs: Sequence[int],
    artifacts: bool,
    everything: bool,
) -> Iterator[str]:
    from roar_core.cli.render.dag import dag_lines, external_lines, hidden_line
    from roar_core.cli.render.siblings import Siblings, fold_siblings

    show = partial(shown_path, project=context.project, cwd=context.cwd)
    files = None
    if artifacts:
        from roar_core.cli.render.dag_files import file_lines

        limit = max(LEAST_FILES, min(MOST_FILES, ALL_FILES // max(1, len(jobs))))
        files = partial(file_lines, store.connection, show, limit)
    rows = [Siblings([job]) for job in jobs] if artifacts or everything else fold_siblings(dag, jobs)
    nodes = _described(store, dag, [row.first for row in rows])
    yield from external_lines(dag.external(jobs), width())
    yield from dag_lines(dag, rows, nodes, show, width(), files)
    if not jobs:
        yield "nothing is stale" if everything else "nothing is active"
    if not everything and (hidden := hidden_line(dag.hidden())):
        yield hidden
    if not dag.complete:
        yield style("too many files to look at all of them: changes on disk may be missing here", "yellow")
