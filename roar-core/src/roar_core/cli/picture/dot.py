"""A graph in Graphviz' language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from roar_core.cli.picture.graph import Graph
from roar_core.cli.text import one_line, readable

BROAD = 6  # boxes side by side
LABELLED = 600  # arrows; beyond, their names cost more room than they give light

# By kind: fill and border. Chosen to be told apart without red and green, and in print; the text says the state, too.
_COLORS = {
    "active": ("#e8f4ea", "#2f855a"),
    "stale": ("#fdf3d7", "#b7791f"),
    "cant-tell": ("#f4e8f7", "#86469c"),
    "failed": ("#fde8e8", "#c53030"),
    "superseded": ("#f0f0f0", "#808080"),
    "external": ("#ffffff", "#808080"),
    "file": ("#ffffff", "#a0aec0"),
}


def dot_text(graph: Graph, title: str) -> str:
    """Returns the graph as text: makers above readers; nodes have the ids of the boxes and their kinds as classes."""
    return "\n".join(_lines(graph, title)) + "\n"


def _lines(graph: Graph, title: str) -> Iterator[str]:
    direction = "LR" if _breadth(graph) > BROAD else "TB"
    yield "digraph roar {"
    yield f"graph [{_attributes(tooltip=title, rankdir=direction, bgcolor='transparent', pad='0.2', nodesep='0.3')}];"
    font = {"fontname": "Helvetica,Arial,sans-serif", "fontsize": "11"}
    yield f"node [{_attributes(shape='box', style='filled,rounded', margin='0.12,0.07', **font)}];"
    yield f"edge [{_attributes(color='#718096', fontcolor='#4a5568', arrowsize='0.7', **{**font, 'fontsize': '9'})}];"
    for box in graph.boxes:
        fill, border = _COLORS[box.kind]
        style = {"external": "filled,rounded,dashed", "file": "filled"}.get(box.kind, "filled,rounded")
        attributes = _attributes(
            id=box.id,
            **{"class": box.kind},
            tooltip=" ".join(box.text),
            fillcolor=fill,
            color=border,
            style=style,
            shape="note" if box.kind == "file" else "box",
        )
        yield f"{_quoted(box.id)} [label={_left_aligned(box.text)}, {attributes}];"
    labelled = len(graph.arrows) <= LABELLED
    for arrow in graph.arrows:
        label = f" [label={_quoted(f' {arrow.text}')}]" if labelled and arrow.text else ""
        yield f"{_quoted(arrow.maker)} -> {_quoted(arrow.reader)}{label};"
    yield "}"


def _breadth(graph: Graph) -> int:
    """Returns how many boxes stand side by side. Boxes are wide, so that many are better put below each other."""
    level = {box.id: 0 for box in graph.boxes}
    for arrow in graph.arrows:  # in time order of the readers
        level[arrow.reader] = max(level[arrow.reader], level[arrow.maker] + 1)
    return max(Counter(level.values()).values(), default=0)


def _attributes(**values: str) -> str:
    return ", ".join(f"{name}={_quoted(value)}" for name, value in values.items())


def _left_aligned(lines: Sequence[str]) -> str:
    return '"' + "".join(f"{_escaped(line)}\\l" for line in lines) + '"'


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """A backslash begins Graphviz' own escapes, an ampersand HTML's."""
    safe = one_line(readable(text)).replace("&", "&amp;")
    return safe.replace("\\", "\\\\").replace('"', '\\"')
