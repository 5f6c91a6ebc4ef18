"""Printing: data on standard output, talk on standard error."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from roar_core.cli.text import one_line, readable
from roar_core.config import read_color, read_columns

if TYPE_CHECKING:
    from roar_core.project import Project

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


def echo(text: str = "") -> None:
    """Prints a line of data; nothing where standard output is closed."""
    if sys.stdout is not None:
        sys.stdout.write(text + "\n")


def echo_note(text: str, hint: str | None = None) -> None:
    """Prints a line of talk, and one with a hint; does nothing where standard error is closed."""
    lines = [f"{style('roar:', 'dim', err=True)} {one_line(text)}"]
    if hint:
        lines.append(f"{style('hint:', 'bold', err=True)} {one_line(hint)}")
    echo_error("\n".join(lines))


def echo_error(text: str) -> None:
    """Prints a line on standard error; does nothing where nobody can hear it."""
    if sys.stderr is not None:
        try:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()
        except OSError:
            silence(sys.stderr)


def silence(stream: TextIO) -> None:
    """Makes what could not be written go nowhere: it would be tried again at the end, and change the exit status."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(null, stream.fileno())
        os.close(null)


def emit_json(value: object) -> None:
    """Prints one JSON value, indented for a person."""
    echo(as_json_text(value, indent=2 if sys.stdout is not None and sys.stdout.isatty() else None))


def as_json_text(value: object, indent: int | None = None) -> str:
    """Returns valid UTF-8 JSON, whatever bytes the paths in it have; digests and paths are the caller's to spell."""
    import json

    return readable(json.dumps(value, ensure_ascii=False, indent=indent))


def style(text: str, *names: str, err: bool = False) -> str:
    """Returns the text in colour where standard output (or error) is a terminal and the user wants colour."""
    if not _wants_color(err):
        return text
    return f"\x1b[{';'.join(_STYLES[name] for name in names)}m{text}\x1b[0m"


def width() -> int:
    """Returns how many columns a line may have: those of the terminal, without a limit elsewhere."""
    columns = read_columns()
    if columns is not None:
        return columns
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80 if sys.stdout else 10_000
    except (OSError, ValueError):
        return 10_000


def shown_path(path: str, project: Project, cwd: str) -> str:
    """Returns a recorded path as seen from `cwd`, on one line; one outside the project stays absolute."""
    if not path.startswith("/"):
        # from the root, where most stand, a path is what was recorded
        path = path if cwd == str(project.root) else os.path.relpath(project.absolute(path), cwd)
    return one_line(path)


def _wants_color(err: bool) -> bool:
    color = read_color()
    stream = sys.stderr if err else sys.stdout
    return stream is not None and stream.isatty() if color is None else color
