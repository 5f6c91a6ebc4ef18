"""`roar run @N`: the command of a step once more, with other options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from roar_core.errors import UsageError

if TYPE_CHECKING:
    from roar_core.capture.run import RunRequest
    from roar_core.capture.surroundings import Surroundings

STEP = re.compile(r"@([Bb]?)(\d+)")


def is_step(word: str) -> bool:
    """Returns whether the first word of a command names a step."""
    return STEP.fullmatch(word) is not None


def as_rerun(around: Surroundings, request: RunRequest) -> RunRequest:
    """Returns what a request whose command begins with `@N` asks for: the recorded command, name and folder.

    Raises:
        NotFound: there is no such step in this session.
        UsageError: what follows `@N` is no option, or `roar build` was given a step that is no build.
    """
    from roar_core.cli.references import find_step
    from roar_core.store.store import Store

    reference, *changes = request.argv
    with Store(around.project) as store:
        job = find_step(store.connection, reference)
    if request.kind == "build" and job.kind != "build":
        raise UsageError(f"not a build step: `{reference}`", f"roar run {reference}")
    for change in changes:
        if not change.startswith("-"):
            raise UsageError(
                f"only options can be changed in a step: `{change}`", f"roar run {reference} --option=value"
            )
    return request._replace(
        argv=change_options(job.argv, changes),
        name=request.name or job.name,
        cwd=around.project.absolute(job.cwd),
        rerun_of=job.step,
        kind="build" if job.kind == "build" else "run",
    )


def change_options(argv: Sequence[str], changes: Sequence[str]) -> tuple[str, ...]:
    """Returns `argv` with each `--option=value` of `changes` in the place of that option's old value, else at the end.

    An option that stood as two words (`--epochs 5`) stays two words.
    """
    words = list(argv)
    for change in changes:
        name, separator, value = change.partition("=")
        joined = next((i for i, word in enumerate(words) if i and word.startswith(name + "=")), None)
        apart = next((i for i, word in enumerate(words) if i and word == name), None)
        if joined is not None and separator:
            words[joined] = change
        elif (
            apart is not None
            and separator
            and apart + 1 < len(words)
            and not words[apart + 1].startswith("-")
        ):
            words[apart + 1] = value
        elif apart is None:
            words.append(change)
    return tuple(words)
