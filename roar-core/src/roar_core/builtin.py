"""The plugin that the core itself is: its commands, settings, hashers, filters."""

from __future__ import annotations

from collections.abc import Sequence

from roar_core.filters.standard import STANDARD_FILTERS
from roar_core.plugin import CommandSpec, FilterSpec, HasherSpec, SettingSpec, hookimpl
from roar_core.settings import SETTINGS

RECORD, LOOK, SET_UP, MEND = "Record", "Look", "Set up", "When something is wrong"


@hookimpl
def roar_register_commands() -> Sequence[CommandSpec]:
    """Returns the core's commands, in the order in which `roar --help` lists them."""
    return tuple(
        CommandSpec(name, f"roar_core.cli.commands.{name}:command", summary, group)
        for group, name, summary in (
            (RECORD, "init", "make this folder a project"),
            (RECORD, "run", "run a command and record what it read and wrote"),
            (RECORD, "build", "run a set-up command and record it as a build"),
            (RECORD, "trace", "observe a command without recording it"),
            (RECORD, "reset", "begin a new session"),
            (RECORD, "pop", "undo the last job"),
            (RECORD, "label", "say something of a job, a content or a session"),
            (LOOK, "status", "say where the project stands"),
            (LOOK, "log", "list the jobs that were run"),
            (LOOK, "show", "show a step, a job, a file or a content"),
            (LOOK, "dag", "show how the current files came about"),
            (LOOK, "lineage", "show everything upstream of a file or a job"),
            (LOOK, "diff", "show where two histories part, and why"),
            (LOOK, "inputs", "list what a file or a job was made of that came from outside"),
            (SET_UP, "config", "show and change settings"),
            (SET_UP, "env", "variables that every job is given"),
            (SET_UP, "filter", "paths that are left out, for all who share the project"),
            (SET_UP, "tracer", "show which tracers work here, choose one"),
            (SET_UP, "completion", "print the completion script of a shell"),
            (MEND, "doctor", "look for what is wrong, and say how to mend it"),
            (MEND, "db", "the database: its size and health, and making it smaller"),
            (MEND, "plugins", "list what is loaded, and what is not"),
        )
    )


@hookimpl
def roar_register_settings() -> Sequence[SettingSpec]:
    """Returns the core's settings."""
    return SETTINGS


@hookimpl
def roar_register_hashers() -> Sequence[HasherSpec]:
    """Returns the digest algorithms of blake3 and of the standard library."""
    return (
        HasherSpec("blake3", "roar_core.hashing.blake3:Blake3Hasher", 32),
        HasherSpec("sha256", "roar_core.hashing.stdlib:sha256", 32),
        HasherSpec("sha512", "roar_core.hashing.stdlib:sha512", 64),
        HasherSpec("md5", "roar_core.hashing.stdlib:md5", 16),
    )


@hookimpl
def roar_register_filters() -> Sequence[FilterSpec]:
    """Returns the standard filters."""
    return STANDARD_FILTERS
