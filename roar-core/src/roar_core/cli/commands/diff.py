"""`roar diff`: where two histories part, and why."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from roar_core.cli.complete import complete_reference
from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, shown_path, width

if TYPE_CHECKING:
    from sqlite3 import Connection

    from roar_core.lineage.code_texts import CodeTexts


@click.command("diff")
@click.argument("a", shell_complete=complete_reference, metavar="A")
@click.argument("b", shell_complete=complete_reference, metavar="B")
@json_option
@click.pass_obj
def command(context: Context, a: str, b: str, as_json: bool) -> None:
    """Show where two histories part, and why: two files, contents, steps, jobs or sessions.

    Both are walked upstream along the files that differ. What explains more stands first: input bytes, code (with the
    diff), parameters, the shape of the pipeline, packages, environment, hardware, or none of these: not deterministic.

    \b
      roar diff @2·1 @2                   an older run of step 2 and its newest
      roar diff models/a.pt models/b.pt   two files
      roar diff 4f2a91c0 model.pt         a content by its digest, and a file
    """
    from roar_core.cli.comparison import Comparer

    with context.store() as store:
        comparer = Comparer(store.connection)
        comparison = comparer.compare(comparer.find(context, a), comparer.find(context, b))
        texts = _texts(context, store.connection)
        names = _names(store.connection)
        if as_json:
            from roar_core.cli.json_diff import diff_json

            emit_json(diff_json(store.connection, comparison, comparer.jobs, names, texts))
            return
        from roar_core.cli.render.diff import diff_lines

        show = partial(shown_path, project=context.project, cwd=context.cwd)
        lines = diff_lines(store.connection, comparison, comparer.jobs, names, texts, show, width())
        for line in lines:
            echo(line)


def _texts(context: Context, connection: Connection) -> CodeTexts:
    from roar_core.lineage.code_texts import CodeTexts
    from roar_core.store.current import CurrentTables

    specs = {spec.name: spec for spec in context.plugins.hashers}
    algorithms = CurrentTables(connection).algorithms()
    hashers: dict[str, Any] = {
        name: context.plugins.make(specs[name]) for name in algorithms if name in specs
    }
    return CodeTexts(context.project.root, context.project.kept, hashers)


def _names(connection: Connection) -> dict[int, str]:
    from roar_core.lineage.run_names import name_runs
    from roar_core.store.current import CurrentTables

    tables = CurrentTables(connection)
    session = tables.active_session()
    return name_runs(tables.jobs(), session.session_id if session else None)
