"""`roar inputs`: what a file or a job was made of that came from outside."""

from __future__ import annotations

from functools import partial

import click

from roar_core.cli.complete import complete_reference
from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, echo_note, emit_json, shown_path, width


@click.command("inputs")
@click.argument("reference", shell_complete=complete_reference, metavar="@N|@BN|UID|DIGEST|PATH")
@click.option("--unsourced", is_flag=True, help="Only those that neither git nor a download can bring back.")
@json_option
@click.pass_obj
def command(context: Context, reference: str, unsourced: bool, as_json: bool) -> None:
    """List the root inputs of a file or a job: the files upstream that no recorded job made.

    \b
      roar inputs model.pt                what this model was made of
      roar inputs model.pt --unsourced    what nobody else can get
    """
    from roar_core.cli.ancestry import find_history, root_json

    with context.store() as store:
        history = find_history(context, store.connection, reference)
        roots = [root for root in history.roots if not (unsourced and root.is_sourced)]
        if as_json:
            emit_json([root_json(root, history.jobs) for root in roots])
            return
        from roar_core.cli.render.lineage import root_lines

        show = partial(shown_path, project=context.project, cwd=context.cwd)
        for line in root_lines(roots, history, show, width()):
            echo(line)
        if not roots:
            echo_note("every input has a source" if history.roots else "nothing came from outside")
