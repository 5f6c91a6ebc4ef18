"""Where errors end: the one place that prints them and chooses the exit status."""

from __future__ import annotations

import errno
import sys
from contextlib import suppress

import click

from roar_core.cli.context import Context
from roar_core.cli.messages import from_click, from_unexpected, show_error, wants_json
from roar_core.cli.output import silence
from roar_core.cli.root import root
from roar_core.cli.text import let_all_text_through
from roar_core.config import COMPLETION_VARIABLE, read_environment
from roar_core.errors import RoarError, system_reason

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def run(arguments: list[str]) -> int:
    """Runs one command line and returns its exit status. Raises KeyboardInterrupt, BrokenPipeError."""
    let_all_text_through(sys.stdout, sys.stderr)
    context = Context(read_environment())
    try:
        _invoke(arguments, context)
        _flush()
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None  # click's name for it
    except BrokenPipeError:
        raise
    except click.ClickException as error:
        return _end(from_click(error, arguments), error, context, wants_json(error, arguments))
    except RoarError as error:
        return _end(error, error, context, context.json_errors)
    except Exception as error:  # noqa: BLE001  # the one place that no exception passes
        return _end(_understood(error, arguments, context), error, context, context.json_errors)
    return 0


def _invoke(arguments: list[str], context: Context) -> None:
    """Not click's own `main`, which takes a closed pipe and Ctrl-C for ordinary failures."""
    if context.environment.completion is not None:
        from click.shell_completion import shell_complete

        raise click.exceptions.Exit(
            shell_complete(
                root, {"obj": context}, "roar", COMPLETION_VARIABLE, context.environment.completion
            )
        )
    with root.make_context("roar", arguments, obj=context) as click_context:
        root.invoke(click_context)


def _understood(error: Exception, arguments: list[str], context: Context) -> RoarError:
    """What a query meets that runs after the store was opened is the store's to explain."""
    sqlite3 = sys.modules.get("sqlite3")  # not imported unless a store was opened
    if sqlite3 is not None and isinstance(error, sqlite3.Error):
        from roar_core.store.failures import translate

        return translate(error, context.project.database)
    if isinstance(error, OSError) and error.filename is None and error.errno in NO_ROOM:
        return _cannot_write(error)
    return from_unexpected(error, arguments)


def _flush() -> None:
    """What could not be written is an error now, and not once more when the interpreter ends."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        silence(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise
        raise _cannot_write(error) from error


def _cannot_write(error: OSError) -> RoarError:
    return RoarError(f"cannot write output: {system_reason(error)}", "df -h")


def _end(shown: RoarError, cause: Exception, context: Context, as_json: bool) -> int:
    if context.debug:
        import traceback

        traceback.print_exception(cause)
    with suppress(OSError, RoarError):
        _flush()
    show_error(shown, as_json)
    # 1 is what a command says that could not answer; `roar run` has another number for it.
    return context.failure_status if shown.exit_status == 1 else shown.exit_status
