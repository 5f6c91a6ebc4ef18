"""The current DAG as a list of steps that fits 80 columns: what each depends on, and what is to be said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from roar_core.cli.output import style
from roar_core.cli.render.siblings import Siblings, fold_siblings
from roar_core.cli.render.words import Paint, counted, job_text, state_style
from roar_core.cli.table import cut
from roar_core.cli.text import one_line
from roar_core.lineage.nodes import DagNode
from roar_core.lineage.projection import State
from roar_core.store.current import RecordedJob

SHOWN = 5


def dag_lines(
    nodes: Sequence[DagNode],
    shown_path: Callable[[str], str],
    width: int,
    files: Callable[[DagNode], Iterable[tuple[str, str]]] | None = None,
    *,
    fold: bool = False,
) -> Iterator[str]:
    """Yields a line for each run, and below it what is not as it should be, and its `files` as (name, remark).

    `fold`: runs that are alike share a line where there are many.
    """
    rows = fold_siblings(nodes, _is_plain) if fold else [Siblings([node]) for node in nodes]
    labels = max((len(row.label) for row in rows), default=0)
    states = max((len(_state(node)) for node in nodes), default=0)
    paint = Paint()
    drawn = frozenset(node.label for node in nodes)
    row_of = {node.label: row.label for row in rows for node in row.nodes}
    for row in rows:
        node = row.first
        yield _line(row, labels, states, width, paint, drawn, row_of)
        for name, text in _remarks(node, shown_path):
            yield f"{' ' * (labels + 2)}{style(cut(text, width - labels - 2), name)}"
        for text, remark in files(node) if files else ():
            yield f"{' ' * (labels + 2)}{style(cut(f'{text}  {remark}'.rstrip(), width - labels - 2), 'dim')}"
    alike = len(nodes) - len(rows)
    if alike:
        yield style(f"+ {alike} like these (roar dag --expanded lists every run)", "dim")


def external_lines(jobs: Sequence[RecordedJob], width: int) -> Iterator[str]:
    """Yields a line for each run of an older session that this one's runs rest on."""
    for job in jobs:
        yield style(cut(f"{job.uid}  earlier session  {job_text(job.name, job.argv)}", width), "dim")


def hidden_line(hidden: Counter[State]) -> str | None:
    """Returns what is not drawn and how to see it; None where all is."""
    parts = [f"{count} {state}" for state, count in sorted(hidden.items()) if count]
    if not parts:
        return None
    noun = "run" if sum(hidden.values()) == 1 else "runs"
    return style(f"hidden: {', '.join(parts)} {noun} (roar dag --expanded)", "dim")


def _line(
    row: Siblings,
    labels: int,
    states: int,
    width: int,
    paint: Paint,
    drawn: Collection[str],
    row_of: Mapping[str, str],
) -> str:
    node = row.first
    after = "  ".join(_after(row, drawn, row_of))
    room = width - labels - states - 4 - (len(after) + 2 if after else 0)
    text = job_text(node.job.name, node.job.argv) if len(row.nodes) == 1 else row.command
    command = cut(text, max(room, 12))
    start = f"{paint(row.label.ljust(labels), 'bold')}  {paint(_state(node).ljust(states), state_style(node.state))}"
    return f"{start}  {command}  {paint(after, 'dim')}" if after else f"{start}  {command}"


def _is_plain(node: DagNode) -> bool:
    return node.runs == 1 and next(_remarks(node, str), None) is None


def _state(node: DagNode) -> str:
    return "can't tell" if node.state == "cant-tell" else node.state


def _after(row: Siblings, drawn: Collection[str], row_of: Mapping[str, str]) -> Iterator[str]:
    node = row.first
    seen = (
        _seen(label, drawn)
        for one in row.nodes
        for label in one.depends_on
        if one.continues == 1 or label in drawn or label.partition("·")[0] != one.label
    )
    makers = list(dict.fromkeys(row_of.get(label, label) for label in seen))
    if makers:
        folded = any(" " in maker for maker in makers)  # "@2 +19" is one maker, and needs to be kept apart
        more = [f"+{len(makers) - SHOWN}"] if len(makers) > SHOWN else []
        yield "← " + (", " if folded else " ").join([*makers[:SHOWN], *more])
    if node.is_representative and node.runs > 1:
        yield f"×{node.runs}"


def _seen(label: str, drawn: Collection[str]) -> str:
    """An older run that is not drawn left the same bytes as the run that its step is shown by."""
    step = label.partition("·")[0]
    return step if label not in drawn and step in drawn else label


def _remarks(node: DagNode, shown_path: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    for reason in node.reasons[:SHOWN]:
        text = reason.text
        if reason.path is not None:
            text = shown_path(reason.path) + text.removeprefix(reason.path)
        yield state_style(node.state), one_line(text)
    if len(node.reasons) > SHOWN:
        yield state_style(node.state), f"… {len(node.reasons) - SHOWN} more reasons"
    if node.continues > 1:
        yield "dim", f"continues itself ×{node.continues}"
    for path, by in node.overwritten[:SHOWN]:
        yield "yellow", f"output overwritten by {by}: {shown_path(path)}"
    for title, paths in (("code changed", node.code_changed), ("input is gone", node.gone)):
        if paths:
            yield "yellow", f"{title}: {_some(paths, shown_path)}"
    if node.unverified:
        yield (
            "dim",
            f"looks changed, {counted(len(node.unverified), 'file')} unverified (roar dag --verify): "
            + _some(node.unverified, shown_path),
        )


def _some(paths: Sequence[str], shown_path: Callable[[str], str]) -> str:
    names = ", ".join(shown_path(path) for path in paths[:3])
    return names + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
