"""One job for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from roar_core.cli.json_shapes import digest_json, is_complete
from roar_core.cli.output import style
from roar_core.cli.render.composites import folded_lines
from roar_core.cli.render.labels import label_lines
from roar_core.cli.render.words import (
    command_text,
    counted,
    git_text,
    heading,
    short_digest,
    status_style,
    status_text,
)
from roar_core.cli.table import columns, cut
from roar_core.cli.text import one_line
from roar_core.cli.units import human_age, human_duration, human_size

if TYPE_CHECKING:
    from roar_core.store.composites import FoldedFiles
    from roar_core.store.counts import FileCounts
    from roar_core.store.details import JobDocuments
    from roar_core.store.edges import InputRow, OutputRow
    from roar_core.store.jobs import JobRow
    from roar_core.store.records import Drops, Gap

SHOWN = 20
PACKAGES_SHOWN = 6
COMMAND_SHOWN = 1000
_OVERWRITTEN = {
    "created": "rewritten",
    "truncated": "rewritten",
    "replaced": "replaced",
    "appended": "appended to",
}


class JobView(NamedTuple):
    """What is to be shown of a job. `counts`: of all its files, of which those given may be the first.

    `everything`: nothing is cut short. `label` names another job by its uid.
    """

    job: JobRow
    documents: JobDocuments
    gaps: Sequence[Gap]
    drops: Sequence[Drops]
    data: Sequence[InputRow]
    code: Sequence[InputRow]
    outputs: Sequence[OutputRow]
    counts: FileCounts
    shown_path: Callable[[str], str]
    label: Callable[[str], str]
    everything: bool
    width: int
    labels: Mapping[str, str] = {}
    folded: Sequence[FoldedFiles] = ()


def job_lines(view: JobView) -> Iterator[str]:
    """Yields the lines about a job."""
    job = view.job
    title = [style(job.step_name, "bold"), job.uid, job.kind, style(status_text(job), status_style(job))]
    yield "  ".join([*title, *([f"“{one_line(job.name)}”"] if job.name else [])])
    yield columns(
        [("", style(name, "dim"), text) for name, text in _facts(view)], width=view.width, wrapped=True
    )
    yield from label_lines(view.labels, view.width)
    yield from _gaps(view)
    yield from folded_lines(view.folded, view.shown_path, view.width)
    yield from _files("inputs", view.counts.inputs, [_input(view, row) for row in view.data], view)
    if view.code:
        yield from _files("code", view.counts.code, [_input(view, row) for row in view.code], view)
    yield from _files("outputs", view.counts.outputs, [_output(view, row) for row in view.outputs], view)
    yield from _dropped(view)


def _facts(view: JobView) -> Iterator[tuple[str, str]]:
    job = view.job
    command = command_text(job.argv)
    yield "command", command if view.everything else cut(command, COMMAND_SHOWN)
    yield "folder", view.shown_path(job.cwd)
    started = datetime.fromtimestamp(job.started_ns / 1e9).astimezone()
    duration = human_duration((job.ended_ns - job.started_ns) / 1e9)
    yield "started", f"{started:%Y-%m-%d %H:%M:%S %Z} ({human_age(job.started_ns)}), took {duration}"
    yield "tracer", _tracer(job, view.gaps)
    if job.parent_uid:
        yield "inside", view.label(job.parent_uid)
    git = view.documents.git
    if git is not None:
        yield "git", ", ".join([git_text(git), *([git.remote] if git.remote else [])])
    if job.peak_memory_bytes is not None and job.cpu_seconds is not None:
        yield (
            "used",
            f"{human_size(job.peak_memory_bytes)} of memory, {human_duration(job.cpu_seconds)} of CPU time",
        )
    if view.documents.packages:
        yield "packages", _packages(view.documents.packages, view.everything)
    if view.everything:
        yield from _document("environment", view.documents.environment)
        yield from _document("hardware", view.documents.hardware)


def _tracer(job: JobRow, gaps: Sequence[Gap]) -> str:
    if job.tracer == "none":
        return "none: its files are not known"
    if is_complete(job, gaps):
        extent = " (all that goes through libc)" if job.level == "libc" else ""
        return f"{job.tracer}, complete{extent}"
    causes = [counted(len(gaps), "gap")] if gaps else []
    causes += [counted(job.lost_events, "lost event")] if job.lost_events else []
    return f"{job.tracer}, not complete ({', '.join(causes) or f'level {job.level}'})"


def _packages(packages: Sequence[Mapping[str, Any]], everything: bool) -> str:
    names = [f"{package.get('name')} {package.get('version') or ''}".strip() for package in packages]
    kept = names if everything else names[:PACKAGES_SHOWN]
    more = f", {len(names) - len(kept)} more (--all)" if len(kept) < len(names) else ""
    return ", ".join(kept) + more


def _document(title: str, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields a row for each entry, with the title before the first."""
    for key, value in document.items():
        name = key.replace("_", " ")
        if key == "interpreters":
            texts = [_interpreter(item) for item in value]
        elif key.endswith("_bytes") and isinstance(value, int):
            name, texts = name.removesuffix(" bytes"), [human_size(value)]
        else:
            texts = [_value(value)]
        for text in texts:
            yield title, one_line(f"{name}: {text}")
            title = ""


def _interpreter(item: Mapping[str, Any]) -> str:
    kind = "environment of " if item.get("environment") else ""
    return f"{kind}{item.get('kind')} {item.get('version') or ''}".rstrip() + f" in {item.get('prefix')}"


def _value(value: object) -> str:
    if isinstance(value, Mapping) and "name" in value:
        named, version = str(value["name"]), str(value.get("version") or "")
        return named if not version or version in named else f"{named} {version}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_value(inner)}" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_value, value))
    return str(value)


def _gaps(view: JobView) -> Iterator[str]:
    if view.gaps:
        yield heading(f"gaps ({len(view.gaps)})")
        kept = view.gaps if view.everything else view.gaps[:SHOWN]
        yield columns(
            [("", style(gap.kind, "yellow"), one_line(gap.detail)) for gap in kept], width=_width(view)
        )
        yield from _more(len(view.gaps) - len(kept))


def _files(title: str, count: int, rows: Sequence[tuple[str, ...]], view: JobView) -> Iterator[str]:
    count = max(count, len(rows))  # those that the job removed are listed, but not counted
    yield heading(f"{title} ({count})")
    if rows:
        yield columns(rows, width=_width(view))
    yield from _more(count - len(rows))


def _input(view: JobView, row: InputRow) -> tuple[str, ...]:
    return "", view.shown_path(row.path), *_content(row), _origin(view, row)


def _origin(view: JobView, row: InputRow) -> str:
    maker = view.label(row.producer_uid) if row.producer_uid else ""
    if row.origin == "job":
        return f"from {maker}"
    if row.origin == "copy":
        return f"copy of what {maker} left"
    if row.origin == "changed-outside":
        return style(f"changed outside, was {short_digest(digest_json(row.previous_digests))}", "yellow")
    if row.origin == "unknown" or row.origin is None:
        return style(
            f"not known: {row.reason or 'what the last job to write it left is not known'}", "magenta"
        )
    return row.origin


def _output(view: JobView, row: OutputRow) -> tuple[str, ...]:
    if row.fate != "present":
        return "", view.shown_path(row.path), "-", "-", row.fate
    how = {True: "created", False: _OVERWRITTEN.get(row.write_kind, "changed"), None: "written"}[row.created]
    notes = [how, *(["written by another process, too"] if row.shared else [])]
    notes += [f"not known: {row.reason}"] if row.reason and not row.digests else []
    return "", view.shown_path(row.path), *_content(row), ", ".join(notes)


def _content(row: InputRow | OutputRow) -> tuple[str, str]:
    size = "-" if row.size is None else human_size(row.size)
    return style(short_digest(digest_json(row.digests)), "dim"), size


def _dropped(view: JobView) -> Iterator[str]:
    if not view.drops:
        return
    if not view.everything:
        text = ", ".join(f"{drop.count} {drop.reason}" for drop in view.drops)
        yield style(f"left out: {text} (--all lists some)", "dim")
        return
    yield heading("left out")
    for drop in view.drops:
        yield f"  {drop.count} {drop.reason}"
        yield from (f"    {one_line(path)}" for path in drop.examples)


def _more(count: int) -> Iterator[str]:
    if count > 0:
        yield style(f"  … {count} more (--all)", "dim")


def _width(view: JobView) -> int:
    return 10_000 if view.everything else view.width
