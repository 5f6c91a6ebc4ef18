"""Errors as the user sees them: one line and a hint, or one JSON object."""

from __future__ import annotations

from collections.abc import Sequence

import click

from roar_core.cli.output import as_json_text, echo_error, style
from roar_core.cli.text import one_line
from roar_core.errors import RoarError, UsageError, system_reason

LONGEST = 800


class UnexpectedError(RoarError):
    """A mistake in roar itself, or in a plugin."""


def show_error(error: RoarError, as_json: bool) -> None:
    """Prints an error on standard error; does nothing where that is closed."""
    if as_json:
        text = as_json_text({"error": {"code": error.code, "message": error.message, "hint": error.hint}})
    else:
        text = f"{style('roar:', 'red', err=True)} {one_line(_shortened(error.message))}"
        if error.hint:
            text += f"\n{style('hint:', 'bold', err=True)} {one_line(_shortened(error.hint))}"
    echo_error(text)


def _shortened(text: str) -> str:
    """An argument may have 128 KiB, and its end says as much as its beginning."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"


def from_click(error: click.ClickException, arguments: Sequence[str]) -> RoarError:
    """Returns what click found wrong with the command line, in roar's words."""
    if isinstance(error, UsageMistake):
        return UsageError(error.message, error.hint)
    message = error.format_message().rstrip(".")
    message = message[:1].lower() + message[1:].replace("'", "`")
    if isinstance(error, click.UsageError) and error.ctx:
        command = error.ctx.command_path
    else:  # what is wrong with an option is said before the command has a context
        command = " ".join(["roar", *[word for word in arguments if not word.startswith("-")][:1]])
    hint = f"{command} --help"
    if isinstance(error, click.NoSuchOption):
        message = f"unknown option of `{command}`: `{error.option_name}`"
        if error.possibilities:
            hint = f"did you mean `{error.possibilities[0]}`? {command} --help"
    return UsageError(message, hint, exit_status=error.exit_code)


def from_unexpected(error: Exception, arguments: Sequence[str]) -> UnexpectedError:
    """Returns a line for an exception that nobody foresaw."""
    text = (str(error).splitlines() or [""])[0]
    if isinstance(error, OSError) and error.strerror:
        text = f"{system_reason(error)}: {error.filename}" if error.filename else system_reason(error)
    command = " ".join(
        ["roar", "--debug", *(argument for argument in arguments[:1] if argument != "--debug")]
    )
    return UnexpectedError(
        f"unexpected {type(error).__name__}: `{text}`", f"to see where it comes from: {command} …"
    )


def wants_json(error: click.ClickException, arguments: Sequence[str]) -> bool:
    """Returns whether a command line that could not be understood asks for JSON."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None or "--json" not in arguments:
        return False
    return context.parent is None or any("--json" in parameter.opts for parameter in context.command.params)


class UsageMistake(click.UsageError):
    """A usage error whose hint is known where it is raised."""

    def __init__(self, message: str, hint: str, context: click.Context) -> None:
        super().__init__(message, context)
        self.hint = hint
