"""`roar init`: make a project."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click

from roar_core.cli.context import Context
from roar_core.cli.output import echo, echo_note
from roar_core.git_ignore import add_to_gitignore, is_ignored, repository_root
from roar_core.project import Project, create_project, find_project

CONFIG = """\
# Settings of this project. All there are, with their values: roar config list
# [tracer]
# default = "auto"
"""


@click.command("init")
@click.option("-y", "--yes", is_flag=True, help="Add .roar/ to .gitignore without asking.")
@click.option("-n", "--no", is_flag=True, help="Leave .gitignore alone, without asking.")
@click.pass_obj
def command(context: Context, yes: bool, no: bool) -> None:
    """Make this folder a project: .roar/ with a database and config.toml.

    Inside a project that is there already, nothing is made anew. `.roar/` should not be committed: where the folder is
    in a git repository, roar asks whether to add it to .gitignore.

    \b
      roar init
      roar init -y                  and add .roar/ to .gitignore
    """
    if yes and no:
        raise click.UsageError("-y and -n exclude each other")
    project, made = _make_or_find(context.cwd)
    with suppress(FileExistsError), open(project.config_file, "x", encoding="utf-8") as file:
        file.write(CONFIG)
    from roar_core.store.store import Store

    Store(project).close()
    shown = os.path.relpath(project.root, context.cwd)
    if made:
        echo(f"made a project: {project.directory}")
    else:
        echo(f"this is a project already: {project.directory}")
        if shown != ".":
            echo_note("for a project of its own here: mkdir .roar && roar init")
    _offer_to_ignore(project, True if yes else False if no else None)


def _make_or_find(cwd: str) -> tuple[Project, bool]:
    """A project above counts where the user may write in it; a stranger's is no reason to have none."""
    found = find_project(cwd)
    if found is not None and (str(found.root) == os.path.realpath(cwd) or _is_usable(found)):
        new = not found.database.exists()
        return create_project(found.root), new
    return create_project(cwd), True


def _is_usable(project: Project) -> bool:
    owned = os.stat(project.directory).st_uid in (os.geteuid(), 0)
    return owned and os.access(project.directory, os.W_OK)


def _offer_to_ignore(project: Project, answer: bool | None) -> None:
    repository = repository_root(project.root)
    if repository is None or answer is False or is_ignored(project, repository):
        return
    if answer is None:
        if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()):
            echo_note("`.roar/` is not in .gitignore; to add it: roar init -y")
            return
        answer = click.confirm("Add .roar/ to .gitignore?", default=True, err=True)
    if answer:
        add_to_gitignore(project)
        echo("added .roar/ to .gitignore")
