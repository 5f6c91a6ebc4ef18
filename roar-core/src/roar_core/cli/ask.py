"""Asking before something is done that can't be undone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from roar_core.errors import UsageError

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def yes_option(command: Decorated) -> Decorated:
    """Adds `-y`, handed over as `yes`."""
    return click.option("-y", "--yes", is_flag=True, help="Do it without asking.")(command)


def is_confirmed(question: str, *, yes: bool, command: str) -> bool:
    """Returns what the user answers; True where `-y` has answered. `command`: what `-y` can be added to.

    Raises UsageError where there is nobody to ask.
    """
    if yes:
        return True
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty()):
        raise UsageError("cannot ask: this is no terminal", f"{command} -y")
    return click.confirm(question, default=False, err=True)
