"""`roar show`: all about a step, a job, a content, a file or the session."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from roar_core.cli.complete import complete_reference
from roar_core.cli.context import Context
from roar_core.cli.options import json_option
from roar_core.cli.output import echo, emit_json, shown_path, width

if TYPE_CHECKING:
    from sqlite3 import Connection

    from roar_core.cli.references import FoundPath
    from roar_core.store.artifacts import ArtifactRow
    from roar_core.store.jobs import JobRow


@click.command("show")
@click.argument(
    "reference",
    required=False,
    shell_complete=complete_reference,
    metavar="[@N|@BN|UID|DIGEST|PATH|collection:NAME|session:UID]",
)
@click.option(
    "--all", "everything", is_flag=True, help="Cut nothing short: all files, packages, what was left out."
)
@json_option
@click.pass_obj
def command(context: Context, reference: str | None, everything: bool, as_json: bool) -> None:
    """Show a step's newest run, a job, a content, a file, a collection, a session; this one without an argument.

    \b
      roar show @2            how step 2 was run, and its inputs and outputs
      roar show 4f2a91c0      a job by its uid
      roar show model.pt      who made and who used what is in a file
    """
    from roar_core.cli.sessions import names_session
    from roar_core.store.jobs import JobRow

    with context.store() as store:
        if reference is None or names_session(reference):
            _show_session(store.connection, reference, as_json)
            return
        if reference.startswith("collection:"):
            _show_collection(context, store.connection, reference, as_json)
            return
        from roar_core.cli.references import find_reference

        found = find_reference(store.connection, context.project, context.cwd, reference)
        if isinstance(found, JobRow):
            _show_job(context, store.connection, found, everything, as_json)
        else:
            _show_content(context, store.connection, found, as_json)


def _show_job(context: Context, connection: Connection, job: JobRow, everything: bool, as_json: bool) -> None:
    from roar_core.store.composites import list_folded
    from roar_core.store.details import get_documents, list_drops, list_gaps
    from roar_core.store.labels import Labelled, get_labels

    labels = get_labels(connection, Labelled("job", job.id))
    folded = list_folded(connection, job.id)
    documents, gaps, drops = (
        get_documents(connection, job),
        list_gaps(connection, job.id),
        list_drops(connection, job.id),
    )
    if as_json:
        from roar_core.cli.json_shapes import drops_json, edges_json, folded_json, job_json
        from roar_core.store.edges import iterate_inputs, iterate_outputs

        edges = edges_json(
            iterate_inputs(connection, job.id),
            iterate_outputs(connection, job.id),
            code_is_input=context.settings.flag("output.track_repo_files"),
        )
        emit_json(
            {
                **job_json(job, documents, gaps),
                "labels": labels,
                **edges,
                "composites": [folded_json(each) for each in folded],
                "dropped": drops_json(drops),
            }
        )
        return
    from roar_core.cli.render.job import SHOWN, JobView, job_lines
    from roar_core.store.counts import count_files
    from roar_core.store.first_edges import first_inputs, first_outputs

    limit = -1 if everything else SHOWN
    view = JobView(
        job,
        documents,
        gaps,
        drops,
        first_inputs(connection, job.id, "data", limit),
        first_inputs(connection, job.id, "code", limit),
        first_outputs(connection, job.id, limit),
        count_files(connection, [job.id])[job.id],
        partial(shown_path, project=context.project, cwd=context.cwd),
        partial(_label, connection, job),
        everything,
        width(),
        labels,
        folded,
    )
    for line in job_lines(view):
        echo(line)


def _label(connection: Connection, job: JobRow, uid: str) -> str:
    from roar_core.store.jobs import find_job

    other = find_job(connection, uid)
    return f"{other.step_name} {uid}" if other.session_id == job.session_id else f"{uid} (an earlier session)"


def _show_content(
    context: Context, connection: Connection, found: ArtifactRow | FoundPath, as_json: bool
) -> None:
    from roar_core.cli.json_shapes import artifact_json
    from roar_core.cli.references import FoundPath
    from roar_core.cli.render.artifact import artifact_lines, path_lines
    from roar_core.store.composites import composites_with, get_composite
    from roar_core.store.labels import Labelled, get_labels

    artifact = found.artifact if isinstance(found, FoundPath) else found
    show = partial(shown_path, project=context.project, cwd=context.cwd)
    if as_json:
        if artifact is None:
            from roar_core.errors import NotFound

            raise NotFound(
                "content of this file is not known: `" + getattr(found, "path", "") + "`", "roar log"
            )
        labels = get_labels(connection, Labelled("artifact", artifact.id))
        composite, part_of = get_composite(connection, artifact.id), composites_with(connection, artifact.id)
        emit_json(artifact_json(artifact, labels, composite, part_of))
        return
    if isinstance(found, FoundPath):
        for line in path_lines(connection, found, show(found.path), width()):
            echo(line)
        return
    for line in artifact_lines(connection, found, show, width()):
        echo(line)


def _show_collection(context: Context, connection: Connection, reference: str, as_json: bool) -> None:
    from roar_core.cli.collections import PREFIX, collection_lines, find_members
    from roar_core.cli.json_shapes import digest_json, path_json

    members = find_members(connection, reference)
    if as_json:
        listed = [
            {
                **(path_json(member.paths[-1]) if member.paths else {"path": None}),
                "digest": digest_json(member.digests),
                "size": member.size,
                "kind": member.kind,
            }
            for member in members
        ]
        emit_json({"collection": reference.removeprefix(PREFIX), "artifacts": listed})
        return
    show = partial(shown_path, project=context.project, cwd=context.cwd)
    for line in collection_lines(connection, reference, members, show, width()):
        echo(line)


def _show_session(connection: Connection, reference: str | None, as_json: bool) -> None:
    from roar_core.cli.json_shapes import time_json
    from roar_core.cli.render.labels import label_lines
    from roar_core.cli.render.words import counted, job_text
    from roar_core.cli.sessions import find_session
    from roar_core.cli.table import columns
    from roar_core.cli.units import human_age
    from roar_core.store.counts import count_session
    from roar_core.store.jobs import list_jobs
    from roar_core.store.labels import Labelled, get_labels
    from roar_core.store.sessions import find_active_session

    session = find_session(connection, reference) if reference else find_active_session(connection)
    labels = get_labels(connection, Labelled("session", session.id)) if session else {}
    jobs = list_jobs(connection, session_id=session.id) if session else ()
    steps: dict[str, list[JobRow]] = {}
    for job in reversed(jobs):
        steps.setdefault(job.step_name, []).append(job)
    if as_json:
        emit_json(
            {
                "session": session.uid if session else None,
                "started_at": time_json(session.started_ns) if session else None,
                "labels": labels,
                "jobs": len(jobs),
                "steps": [
                    {"step": name, "runs": len(runs), "job": runs[-1].uid, "command": list(runs[-1].argv)}
                    for name, runs in steps.items()
                ],
            }
        )
        return
    if session is None:
        echo("no jobs yet: roar run COMMAND")
        return
    count, number = count_session(connection, session.id)
    echo(
        f"session {session.uid[:12]}, begun {human_age(session.started_ns)}: {counted(count, 'job')}, "
        f"{counted(number, 'step')}"
    )
    for line in label_lines(labels, width()):
        echo(line)
    rows = [
        (name, f"×{len(runs)}" if len(runs) > 1 else "", job_text(runs[-1].name, runs[-1].argv))
        for name, runs in steps.items()
    ]
    echo(columns(rows, width=width()))
