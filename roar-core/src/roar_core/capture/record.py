"""From a report to a record: what the job read and left, with digests, and everything else that is kept of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from roar_core.capture.contents import (
    Digester,
    Moved,
    Wanted,
    input_content,
    is_unchanged,
    output_content,
)
from roar_core.capture.ending import Ending
from roar_core.capture.facts import Facts
from roar_core.capture.file_line import FileLine
from roar_core.capture.header import RunHeader
from roar_core.capture.report import Report
from roar_core.capture.sources import Sources
from roar_core.store.records import InputRecord, JobRecord, JobStatus, OutputRecord, RunRecord, make_tuple

if TYPE_CHECKING:
    from roar_core.capture.kept_code import CodeKeeper
    from roar_core.project import Project


AT_ONCE = 20_000  # files whose digests are looked up together


class EndedRun(NamedTuple):
    """A run that has ended. Without a report nothing was observed; without an ending roar was killed."""

    header: RunHeader
    report: Report | None
    ending: Ending | None
    facts: Facts


class InputRecords:
    """The inputs of a run, digested as they are asked for, so that a million of them are never all in memory.

    Asking again digests again (mostly from the cache): a run that the database could not take goes to the spool.
    """

    def __init__(
        self,
        sources: Sources,
        project: Project,
        digester: Digester,
        moved: Mapping[str, Moved],
        keeper: CodeKeeper | None,
    ) -> None:
        """`keeper`: is given the job's own code that git does not track."""
        self._sources = sources
        self._project = project
        self._digester = digester
        self._moved = moved
        self._keeper = keeper

    def __iter__(self) -> Iterator[InputRecord]:
        lines = iter(self._sources.inputs)
        while batch := list(islice(lines, AT_ONCE)):
            self._digester.prepare(
                (line.before for line in batch if line.before is not None),
                (Wanted(line.before, line.path) for line in batch if line.before and is_unchanged(line)),
            )
            for line in batch:
                yield self._record(line)

    def _record(self, line: FileLine) -> InputRecord:
        content = input_content(line, self._digester, self._moved)
        digests, size, reason, identity = content
        sources, full = self._sources, line.path
        path = self._project.relative(full)
        is_code, tracked = full in sources.code, full in sources.tracked
        if is_code and not tracked and path != full and self._keeper is not None:
            self._keeper.keep(full, content)
        role, removed = "code" if is_code else "data", line.fate == "removed"
        return make_tuple(
            InputRecord,
            (path, digests, size, line.first_read_ns or 0, role, reason, tracked, identity, removed),
        )


def output_records(
    lines: Sequence[FileLine], project: Project, digester: Digester
) -> tuple[tuple[OutputRecord, ...], dict[str, Moved]]:
    """Returns the outputs of a run, and those that came about by renaming by their former absolute paths."""
    records: list[OutputRecord] = []
    moved: dict[str, Moved] = {}
    for number, line in enumerate(lines):
        if number % AT_ONCE == 0:
            batch = lines[number : number + AT_ONCE]
            digester.prepare(
                (each.after for each in batch if each.after is not None),
                (Wanted(each.after, each.path) for each in batch if each.after is not None),
            )
        content = output_content(line, digester)
        if line.after is not None:
            for name in line.renamed_from:
                moved[name] = Moved(line.after, content)
        records.append(
            OutputRecord(
                path=project.relative(line.path),
                digests=content.digests,
                size=content.size,
                written_ns=line.last_write_ns or 0,
                write_kind=line.write_kind or "modified",  # type: ignore[arg-type]  # one of the words of the format
                created=line.created,
                reason=content.reason,
                identity=content.identity,
            )
        )
    return tuple(records), moved


def job_record(run: EndedRun, project: Project, sources: Sources) -> JobRecord:
    """Returns what is recorded of the command itself."""
    from roar_core.lineage.program import program_of

    header, facts = run.header, run.facts
    status, exit_code, signal = how_it_ended(run)
    end = run.report.end if run.report else None
    return JobRecord(
        uid=header.uid,
        kind=header.kind,
        argv=header.argv,
        cwd=project.relative(header.cwd),
        program=program_of(header.argv, header.cwd, str(project.root)),
        started_ns=header.started_ns,
        ended_ns=_ended_ns(run),
        status=status,
        exit_code=exit_code,
        signal=signal,
        tracer=header.tracer,
        level=end.level if end else ("none" if run.report is None else "partial"),  # type: ignore[arg-type]  # as above
        lost_events=end.lost_events if end else 0,
        name=header.name,
        parent_uid=header.parent_uid,
        rerun_of=header.rerun_of,
        git=facts.git,
        environment={**facts.environment, **sources.environment},
        hardware=facts.hardware,
        packages=sources.packages,
        peak_memory_bytes=run.ending.peak_memory_bytes if run.ending else None,
        cpu_seconds=run.ending.cpu_seconds if run.ending else None,
    )


def how_it_ended(run: EndedRun) -> tuple[JobStatus, int | None, int | None]:
    """Returns status, exit code and signal.

    Interrupted: the tracer was killed, or its roar was while the command ran. A roar that was killed after the command
    had ended makes no difference: the report says how it ended.
    """
    end = run.report.end if run.report else None
    ending = run.ending or end
    exit_code, signal = (ending.exit_code, ending.signal) if ending else (None, None)
    if ending is None or (run.report is not None and (end is None or end.front_lost)):
        return "interrupted", exit_code, signal
    if signal is not None:
        return "signalled", None, signal
    return ("ok" if exit_code == 0 else "failed"), exit_code, None


def _ended_ns(run: EndedRun) -> int:
    if run.ending is not None:
        return run.ending.ended_ns
    if run.report is not None:
        if run.report.end is not None:
            return run.report.end.ended_ns
        return max(
            (process.ended_ns or process.started_ns for process in run.report.processes),
            default=run.header.started_ns,
        )
    return run.header.started_ns


def run_record(
    run: EndedRun, project: Project, sources: Sources, digester: Digester, keeper: CodeKeeper | None = None
) -> RunRecord:
    """Returns the whole record of a run. The outputs are digested now, the inputs when they are asked for."""
    if run.report is None:
        return RunRecord(job_record(run, project, sources), (), ())
    outputs, moved = output_records(sources.outputs, project, digester)
    return RunRecord(
        job=job_record(run, project, sources),
        inputs=InputRecords(sources, project, digester, moved, keeper),
        outputs=outputs,
        processes=run.report.processes,
        gaps=run.report.gaps,
        drops=sources.drops,
    )
