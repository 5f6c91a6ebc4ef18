"""Laying a graph out by Graphviz: the one that pygraphviz brings, or the `dot` of the system."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from roar_core.cli.picture.bundled import UNUSABLE
from roar_core.errors import RoarError

MOST_SECONDS = 300


class NoGraphviz(RoarError):
    """Neither pygraphviz nor a `dot` is installed and can be used."""


class CannotDraw(RoarError):
    """Graphviz could not draw the graph, or the picture could not be written."""


def draw_svg(dot: str, runs: int, path: str) -> str:
    """Returns a graph as SVG, of `<svg` on. `path`: where `dot` is looked for. Raises NoGraphviz, CannotDraw."""
    lacking = None
    for command in _graphvizes(path):
        try:
            done = subprocess.run(
                command, input=dot.encode(), capture_output=True, timeout=MOST_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise CannotDraw(
                f"graphviz has not laid the graph out within {MOST_SECONDS} s: `{runs} runs`",
                "draw less of it: roar dag --stale-only --svg FILE",
            ) from None
        except OSError as error:
            raise CannotDraw(f"cannot start graphviz: `{command[0]}`: {error.strerror}", "dot -V") from error
        said = (done.stderr.decode(errors="replace").strip().splitlines() or [str(done.returncode)])[-1]
        if done.returncode == UNUSABLE:
            lacking = said
            continue
        start = done.stdout.find(b"<svg")
        if done.returncode != 0 or start < 0:
            raise CannotDraw(f"graphviz cannot draw the graph: `{said}`", "dot -V")
        return done.stdout[start:].decode()
    if lacking is not None:
        raise NoGraphviz(
            f"graphviz, as pygraphviz brings it, lacks a library of the system: `{lacking}`",
            "as root: apt-get install graphviz",
        )
    raise NoGraphviz(
        "graphviz, which draws pictures, is not installed",
        "pip install 'roar-core[pictures]', or as root: apt-get install graphviz",
    )


def _graphvizes(path: str) -> Iterator[list[str]]:
    if find_spec("pygraphviz") is not None:
        yield [sys.executable, "-m", "roar_core.cli.picture.bundled"]
    dot = shutil.which("dot", path=path)
    if dot is not None:
        yield [dot, "-Tsvg"]
