"""Laying a graph out by Graphviz: the one that pygraphviz brings, or the `dot` of the system."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec

from roar_core.errors import RoarError

MOST_SECONDS = 300


class NoGraphviz(RoarError):
    """Neither pygraphviz nor a `dot` is installed."""


class CannotDraw(RoarError):
    """Graphviz could not draw the graph, or the picture could not be written."""


def draw_svg(dot: str, runs: int, path: str) -> str:
    """Returns a graph as SVG, of `<svg` on. `path`: where `dot` is looked for. Raises NoGraphviz, CannotDraw."""
    command = _graphviz(path)
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
    start = done.stdout.find(b"<svg")
    if done.returncode != 0 or start < 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise CannotDraw(
            f"graphviz cannot draw the graph: `{lines[-1] if lines else done.returncode}`", "dot -V"
        )
    return done.stdout[start:].decode()


def _graphviz(path: str) -> list[str]:
    if find_spec("pygraphviz") is not None:
        return [sys.executable, "-m", "roar_core.cli.picture.bundled"]
    dot = shutil.which("dot", path=path)
    if dot is None:
        raise NoGraphviz(
            "graphviz, which draws pictures, is not installed",
            "pip install 'roar-core[pictures]', or as root: apt-get install graphviz",
        )
    return [dot, "-Tsvg"]
