"""`roar lineage`: everything upstream of a file or a job."""

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

    from roar_core.cli.ancestry import History


@click.command("lineage")
@click.argument("reference", shell_complete=complete_reference, metavar="@N|@BN|UID|DIGEST|PATH")
@json_option
@click.pass_obj
def command(context: Context, reference: str, as_json: bool) -> None:
    """Show everything upstream: the jobs that a file or a job rests on, oldest first, and what came from outside.

    Of a path it is what was last recorded there. A job is called by its step, an older run of a step by `@2·1`, a
    job of an earlier session by its uid.

    \b
      roar lineage model.pt      how this file came about
      roar lineage @3            what step 3 rests on
    """
    from roar_core.cli.ancestry import find_history

    with context.store() as store:
        history = find_history(context, store.connection, reference)
        if as_json:
            code_is_input = context.settings.flag("output.track_repo_files")
            emit_json(_as_json(store.connection, history, code_is_input))
            return
        from roar_core.cli.render.lineage import lineage_lines

        show = partial(shown_path, project=context.project, cwd=context.cwd)
        for line in lineage_lines(history, show, width()):
            echo(line)


def _as_json(connection: Connection, history: History, code_is_input: bool) -> dict[str, Any]:
    from roar_core.cli.ancestry import root_json
    from roar_core.cli.json_shapes import digest_json, path_json, some_edges_json, time_json
    from roar_core.lineage.current import step_name

    jobs = history.jobs
    found = history.found
    of: dict[str, Any] = {"job": history.asked.uid} if history.asked else {}
    if found is not None:
        made = found.made
        of = {
            **path_json(found.path),
            "digest": digest_json(history.digests),
            "job": jobs[made.job_id].uid if made else None,
        }
    return {
        "of": of,
        "jobs": [
            {
                "uid": job.uid,
                "label": history.names[job.job_id],
                "kind": job.kind,
                "step": step_name(job),
                "name": job.name,
                "command": list(job.argv),
                "status": job.status,
                "started_at": time_json(job.started_ns),
                "depends_on": [jobs[maker].uid for maker in history.ancestry.makers[job.job_id]],
                **some_edges_json(connection, job.job_id, code_is_input=code_is_input),
            }
            for job in map(jobs.__getitem__, history.ancestry.jobs)
        ],
        "inputs": [root_json(root, jobs) for root in history.roots],
    }
