"""Graphviz as pygraphviz brings it: reads a graph on standard input, writes SVG to standard output.

A process of its own, since a layout may take long, and the library talks on standard error as it likes.
"""

from __future__ import annotations

import sys

UNUSABLE = 79  # the exit status where a library of the system is missing: the wheel does not bring GLib


def main() -> None:
    """Draws one graph."""
    try:
        import pygraphviz  # type: ignore[import-untyped]  # it has no annotations
    except ImportError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(UNUSABLE)
    graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
    sys.stdout.buffer.write(graph.draw(format="svg", prog="dot"))


if __name__ == "__main__":
    main()
