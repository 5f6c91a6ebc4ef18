"""The current DAG as a list of steps that fits 80 columns: what each depends on, and what is to be said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from roar_core.cli.output import style
from roar_core.cli.render.siblings import Siblings
from roar_core.cli.render.words import Paint, counted, job_text, state_style
from roar_core.cli.table import cut
from roar_core.cli.text import one_line
from roar_core.lineage.current import CurrentDag
from roar_core.lineage.nodes import DagNode
from roar_core.lineage.projection import State
from roar_core.store.current import RecordedJob

SHOWN = 5


def dag_lines(
    dag: CurrentDag,
    rows: Sequence[Siblings],
    nodes: Iterable[DagNode],
    shown_path: Callable[[str], str],
    width: int,
    files: Callable[[DagNode], Iterable[tuple[str, str]]] | None = None,
) -> Iterator[str]:
    """Yields a line for each row, and below it what is not as it should be, and its `files` as (name, remark).

    `nodes`: the first run of each row.
    """
    label_of = _Labels(dag, rows)
    labels = max((len(label_of.row(row)) for row in rows), default=0)
    states = max((len(_state(dag.states[row.first])) for row in rows), default=0)
    paint = Paint()
    for row, node in zip(rows, nodes, strict=True):
        label = paint(label_of.row(row).ljust(labels), "bold")
        state = paint(_state(node.state).ljust(states), state_style(node.state))
        after = "  ".join(_after(node, label_of.makers(row, continues=node.continues > 1)))
        room = width - labels - states - 4 - (len(after) + 2 if after else 0)
        text = job_text(node.job.name, node.job.argv) if len(row.jobs) == 1 else row.command
        command = cut(text, max(room, 12))
        yield f"{label}  {state}  {command}" + (f"  {paint(after, 'dim')}" if after else "")
        for name, text in _remarks(node, shown_path):
            yield f"{' ' * (labels + 2)}{style(cut(text, width - labels - 2), name)}"
        for text, remark in files(node) if files else ():
            yield f"{' ' * (labels + 2)}{style(cut(f'{text}  {remark}'.rstrip(), width - labels - 2), 'dim')}"
    alike = sum(len(row.jobs) for row in rows) - len(rows)
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


class _Labels:
    """How rows are called, and those that each depends on."""

    def __init__(self, dag: CurrentDag, rows: Sequence[Siblings]) -> None:
        self._dag = dag
        self._first_of = {job: row.first for row in rows for job in row.jobs}
        self._label_of = {
            # `@2`, or `@2 +19` where 19 others are like it
            row.first: dag.label(row.first) + (f" +{len(row.jobs) - 1}" if len(row.jobs) > 1 else "")
            for row in rows
        }

    def row(self, row: Siblings) -> str:
        """Returns how a row is called."""
        return self._label_of[row.first]

    def makers(self, row: Siblings, *, continues: bool) -> list[str]:
        """Returns the rows that a row depends on, and runs without one.

        An older run that is not drawn left the same bytes as the run that its step is shown by. `continues`: the row's
        run continues older ones of its step, which is said elsewhere.
        """
        dag, first_of = self._dag, self._first_of
        firsts: dict[int, None] = {}  # few, however many makers
        for job in row.jobs:
            for maker in sorted(dag.descent.makers.get(job, ())):
                if maker in first_of:
                    firsts[first_of[maker]] = None
                elif not (continues and dag.are_of_one_step(maker, job)):
                    seen = dag.seen(maker, first_of)
                    firsts[first_of.get(seen, seen)] = None
        return list(dict.fromkeys(self._label_of.get(first) or dag.label(first) for first in firsts))


def _state(state: State) -> str:
    return "can't tell" if state == "cant-tell" else state


def _after(node: DagNode, makers: Sequence[str]) -> Iterator[str]:
    if makers:
        folded = any(" " in maker for maker in makers)  # "@2 +19" is one maker, and needs to be kept apart
        more = [f"+{len(makers) - SHOWN}"] if len(makers) > SHOWN else []
        yield "← " + (", " if folded else " ").join([*makers[:SHOWN], *more])
    if node.is_representative and node.runs > 1:
        yield f"×{node.runs}"


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
