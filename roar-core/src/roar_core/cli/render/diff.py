"""A comparison for a person: what differs, where it began, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from roar_core.cli.code_diff import code_diff
from roar_core.cli.output import style
from roar_core.cli.render.words import heading, job_text, short_digest
from roar_core.cli.table import cut, wrap
from roar_core.cli.text import one_line
from roar_core.lineage.difference import Change, Difference, arrow

if TYPE_CHECKING:
    from sqlite3 import Connection

    from roar_core.cli.comparison import Comparison, Subject
    from roar_core.lineage.code_texts import CodeTexts
    from roar_core.lineage.output_difference import OutputChange
    from roar_core.store.jobs import JobRow

OUTPUTS = 8
CAUSES = 30
DIFFS = 5
DIFF_LINES = 60
ALIKE = 3
_SAME = "the outputs are the same"
_TITLES = {"nondeterministic": "no reason", "input": "input bytes"}
MARGIN = max(map(len, _TITLES.values())) + 4
_COLORS = {"+": "green", "-": "red", "@": "cyan"}


def diff_lines(
    connection: Connection,
    comparison: Comparison,
    jobs: Mapping[int, JobRow],
    names: Mapping[int, str],
    texts: CodeTexts,
    shown_path: Callable[[str], str],
    width: int,
) -> Iterator[str]:
    """Yields what is compared, the outputs that differ, and the reasons: the first place where they part first."""
    view = _View(connection, jobs, names, texts, shown_path, width)
    for side, subject in (("A", comparison.a), ("B", comparison.b)):
        yield cut(f"{heading(side)}  {view.subject(subject)}", width)
    yield from view.outputs(comparison)
    place: tuple[int | None, int | None] | None = None
    printed = told = 0
    for number, alike in enumerate(_alike(comparison.differences)):
        if printed >= CAUSES:
            break
        difference = alike[0]
        if (difference.a_job, difference.b_job) != place:
            place = difference.a_job, difference.b_job
            yield ""
            title = "they part at" if number == 0 else "then at" if not comparison.same else "and at"
            if comparison.same:
                title = "without effect: at" if number == 0 else title
            yield cut(f"{heading(title)} {view.place(difference)}", width)
        some = alike if len(alike) <= ALIKE + 1 else alike[:ALIKE]
        for each in some:
            yield from view.difference(each)
        if len(some) < len(alike):
            folder = _folder(difference)
            where = f" in {shown_path(folder)}/" if folder else ""
            yield style(f"{' ' * MARGIN}and {len(alike) - len(some)} more{where} (--json)", "dim")
        printed += len(some)
        told += len(alike)
    if told < len(comparison.differences):
        yield style(f"… {len(comparison.differences) - told} more differences (--json)", "dim")


def _alike(differences: Sequence[Difference]) -> Iterator[list[Difference]]:
    """Yields the differences in their order, those together that tell the same of files of one folder."""
    for _, group in groupby(differences, lambda each: (each.a_job, each.b_job, each.cause, _folder(each))):
        some = list(group)
        if some[0].cause in ("input", "pipeline"):
            yield some
        else:
            yield from ([each] for each in some)


def _folder(difference: Difference) -> str | None:
    return difference.path.rpartition("/")[0] if difference.path is not None else None


class _View:
    def __init__(
        self,
        connection: Connection,
        jobs: Mapping[int, JobRow],
        names: Mapping[int, str],
        texts: CodeTexts,
        shown_path: Callable[[str], str],
        width: int,
    ) -> None:
        self._connection = connection
        self._jobs = jobs
        self._names = names
        self._texts = texts
        self._shown_path = shown_path
        self._width = width
        self._diffs = 0

    def subject(self, subject: Subject) -> str:
        if subject.session is not None:
            return f"session {subject.session.uid[:12]}"
        job = self._job(subject.job.id) if subject.job else "no recorded job"
        if subject.found is None:
            return job
        return f"{self._shown_path(subject.found.path)} ({short_digest(subject.digest)}) from {job}"

    def outputs(self, comparison: Comparison) -> Iterator[str]:
        if comparison.same:
            yield style("the contents are the same" if comparison.a.kind == "file" else _SAME, "green")
            return
        if comparison.a.kind == "file":
            return
        for change in comparison.endings[:OUTPUTS]:
            yield f"   {arrow(change)}"
        for output in comparison.outputs[:OUTPUTS]:
            yield cut(f"   {self._output(output)}", self._width)
        if len(comparison.outputs) > OUTPUTS:
            yield style(f"   … {len(comparison.outputs) - OUTPUTS} more outputs (--json)", "dim")

    def place(self, difference: Difference) -> str:
        names = [self._names[job] for job in (difference.a_job, difference.b_job) if job is not None]
        if not names:
            return "the beginning"
        job = difference.b_job if difference.b_job is not None else difference.a_job
        assert job is not None
        return f"{' and '.join(dict.fromkeys(names))}: {job_text(self._jobs[job].name, self._jobs[job].argv)}"

    def difference(self, difference: Difference) -> Iterator[str]:
        title = _TITLES.get(difference.cause, difference.cause)
        detail = difference.detail
        if difference.path is not None:
            detail = detail.replace(difference.path, self._shown_path(difference.path), 1)
        (change, *more) = difference.changes or (Change("", None, None),)
        if difference.cause == "input" and not more and (change.a or change.b):
            detail += f"  {short_digest(change.a)} → {short_digest(change.b)}"
        first, *rest = wrap(one_line(detail), max(20, self._width - MARGIN)) or [""]
        yield f"  {style(title.ljust(MARGIN - 4), 'yellow')}  {first}".rstrip()
        yield from (f"{' ' * MARGIN}{line}".rstrip() for line in rest)
        if difference.cause == "code" and change.a is not None and change.b is not None:
            yield from self._code(difference, " " * MARGIN)

    def _code(self, difference: Difference, margin: str) -> Iterator[str]:
        self._diffs += 1
        if self._diffs > DIFFS:
            yield style(f"{margin}(--json has the diff)", "dim")
            return
        lines = code_diff(self._connection, difference, self._jobs, self._texts)
        if lines is None:
            yield style(f"{margin}its text is not there any more in both versions", "dim")
            return
        for line in lines[2 : DIFF_LINES + 2]:
            text = cut(one_line(line), self._width - 4)
            yield f"    {style(text, _COLORS[line[0]]) if line[:1] in _COLORS else text}"
        if len(lines) > DIFF_LINES + 2:
            yield style(f"    … {len(lines) - DIFF_LINES - 2} more lines (--json)", "dim")

    def _job(self, job_id: int) -> str:
        job = self._jobs[job_id]
        return f"{self._names[job_id]} {style(job.uid, 'dim')}: {job_text(job.name, job.argv)}"

    def _output(self, output: OutputChange) -> str:
        paths = dict.fromkeys(path for path in (output.a_path, output.b_path) if path is not None)
        text = " and ".join(map(self._shown_path, paths))
        if output.a_path is None or output.b_path is None:
            return f"{text}  only in {'A' if output.b_path is None else 'B'}"
        return f"{text}  {short_digest(output.a)} → {short_digest(output.b)}"
