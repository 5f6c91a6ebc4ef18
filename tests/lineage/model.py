"""Reference model of the lineage rules (docs/lineage.md), for histories in which one thing happens after another.

It knows nothing of files, databases or tracers: a history is a list of what happened, in time order, and the model says
which step a job belongs to, where each input came from, and what the current DAG shows. Slow and plain on purpose.
Property tests run the same history for real and compare.

    job = Job("train.py", ("--lr", "1"), reads=(("d.csv", "c1"),), writes=(Write("m.pt", "c2"),))
    answer = evaluate([Outside("d.csv", "c1"), job], disk={"d.csv": "c1", "m.pt": "c2"})
    answer.step[1], answer.origin[1, "d.csv"], answer.producer[1, "d.csv"], answer.state[1], answer.shown

Contents are opaque strings; a content that starts with "small" is shorter than 64 bytes, and so never a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Write:
    """The last state a job left of a path; `how`: created (anew, truncated or replaced), modified or appended."""

    path: str
    content: str
    how: str = "created"


@dataclass(frozen=True)
class Job:
    """A recorded command.

    `reads` are (path, content first read), the job's own writes aside. `rerun` is N of `roar run @N`.
    """

    program: str
    arguments: tuple[str, ...] = ()
    reads: tuple[tuple[str, str], ...] = ()
    writes: tuple[Write, ...] = ()
    removes: tuple[str, ...] = ()
    ok: bool = True
    kind: str = "run"
    cwd: str = "."
    name: str | None = None
    rerun: int | None = None


@dataclass(frozen=True)
class Outside:
    """Something no job did: `path` now has `content` (None: it is gone). Noticed by a job that reads it, or `dag`."""

    path: str
    content: str | None
    tracked_by_git: bool = False


@dataclass
class Answer:
    """What holds after a history; jobs are named by their index in it.

    `origin` is job, root, git, copy or changed-outside; `state` active, stale, superseded or failed; `shown` the jobs
    that `roar dag` draws.
    """

    step: dict[int, int] = field(default_factory=dict)
    origin: dict[tuple[int, str], str] = field(default_factory=dict)
    producer: dict[tuple[int, str], int | None] = field(default_factory=dict)
    state: dict[int, str] = field(default_factory=dict)
    shown: set[int] = field(default_factory=set)


class Version(NamedTuple):
    """A path as one job left it."""

    job: int
    path: str
    content: str


@dataclass
class History:
    """The jobs of a history and what they left, in time order, with what is on disk in the end."""

    jobs: dict[int, Job]
    disk: Mapping[str, str]
    tracked: set[str]
    versions: list[Version] = field(default_factory=list)
    seen: list[Version] = field(default_factory=list)  # what jobs read

    def versions_of(self, path: str) -> list[Version]:
        """What jobs left at a path, in time order."""
        return [version for version in self.versions if version.path == path]


def evaluate(events: Sequence[Job | Outside], disk: Mapping[str, str]) -> Answer:
    """What holds after `events`, with `disk` (path → content) as it is now."""
    answer = Answer()
    history = History(
        {i: event for i, event in enumerate(events) if isinstance(event, Job)},
        disk,
        {event.path for event in events if isinstance(event, Outside) and event.tracked_by_git},
    )
    for i, job in history.jobs.items():
        answer.step[i] = _step_of(answer, history, i)
        for path, content in job.reads:
            answer.origin[i, path], answer.producer[i, path] = _source(history, path, content)
            history.seen.append(Version(i, path, content))
        history.versions += [Version(i, write.path, write.content) for write in job.writes]
    fresh = _fresh_jobs(answer, history)
    newest = {(job.kind, answer.step[i]): i for i, job in history.jobs.items() if job.ok}  # later ones win
    for i, job in history.jobs.items():
        if not job.ok:
            answer.state[i] = "failed"
        elif newest[job.kind, answer.step[i]] != i:
            answer.state[i] = "superseded"
        else:
            answer.state[i] = "active" if fresh[i] else "stale"
    answer.shown = _shown(answer, history, fresh)
    _hide_overwritten(answer, history)
    return answer


def _step_of(answer: Answer, history: History, i: int) -> int:
    job = history.jobs[i]
    if job.rerun is not None:
        return job.rerun
    of_kind = [j for j in answer.step if history.jobs[j].kind == job.kind]
    for j in sorted(of_kind, reverse=True):
        if _is_same_step(history.jobs[j], job):
            return answer.step[j]
    return max((answer.step[j] for j in of_kind), default=0) + 1


def _is_same_step(earlier: Job, later: Job) -> bool:
    if earlier.name or later.name:
        return earlier.name == later.name
    if earlier.program != later.program:
        return False
    if (earlier.arguments, earlier.cwd) == (later.arguments, later.cwd):
        return True
    if _outputs_named(earlier) != _outputs_named(later):
        return False
    created = {write.path for write in earlier.writes if write.how == "created"}
    return any(write.how == "created" and write.path in created for write in later.writes)


def _outputs_named(job: Job) -> set[str]:
    """The outputs whose paths stand in the job's arguments, alone or after `=`."""
    return {
        write.path
        for write in job.writes
        if any(word == write.path or word.endswith("=" + write.path) for word in job.arguments)
    }


def _source(history: History, path: str, content: str) -> tuple[str, int | None]:
    """Origin and producer of an input that is read now."""
    here = history.versions_of(path)
    if here and here[-1].content == content:
        return "job", here[-1].job
    if not content.startswith("small") and path not in history.tracked:
        first_seen = min(
            (v.job for v in history.seen if (v.path, v.content) == (path, content)), default=None
        )
        for version in reversed(history.versions):
            if version.content == content and (first_seen is None or version.job < first_seen):
                return "copy", version.job
    if here:
        return "changed-outside", None
    return ("git" if path in history.tracked else "root"), None


def _descendants(answer: Answer, i: int) -> set[int]:
    found = {i}
    for (reader, _), maker in sorted(answer.producer.items()):  # readers come after makers
        if maker in found:
            found.add(reader)
    return found - {i}


def _fresh_jobs(answer: Answer, history: History) -> dict[int, bool]:
    """Whether all inputs of each job are current, and were made by jobs of which the same is true.

    A maker that is an older run of the same step and is not fresh will do if the step has read what is there now: it
    does again what has to be done again, as `make` does.
    """
    strictly = _spoilt_aside(answer, history, lambda maker, reader: False)
    return _spoilt_aside(
        answer, history, lambda maker, reader: _is_renewed(answer, history, strictly, maker, reader)
    )


def _spoilt_aside(
    answer: Answer, history: History, is_renewed: Callable[[int, int], bool]
) -> dict[int, bool]:
    """The job that renews an input may come after the reader, so what is not fresh spreads until nothing changes."""
    fresh = {
        i: all(_is_current(answer, history, i, path, content) for path, content in job.reads)
        for i, job in history.jobs.items()
    }
    while True:
        spoilt = {
            i
            for i, job in history.jobs.items()
            if fresh[i]
            and not all(
                maker is None or fresh[maker] or is_renewed(maker, i)
                for maker in (_maker_now(answer, history, i, path, content) for path, content in job.reads)
            )
        }
        if not spoilt:
            return fresh
        fresh.update(dict.fromkeys(spoilt, False))


def _is_renewed(answer: Answer, history: History, fresh: Mapping[int, bool], older: int, newer: int) -> bool:
    """Whether a step, by its run `newer`, has taken account of all that has changed for its run `older`."""
    place = {j: (job.kind, answer.step[j]) for j, job in history.jobs.items()}
    runs = [j for j, job in history.jobs.items() if j <= newer and job.ok and place[j] == place[newer]]
    if older not in runs or newer not in runs:
        return False
    for path, content in history.jobs[older].reads:
        if not _is_current(answer, history, older, path, content) and not any(
            later == path and _is_current(answer, history, j, later, now)
            for j in runs
            if j > older
            for later, now in history.jobs[j].reads
        ):
            return False
        maker = _maker_now(answer, history, older, path, content)
        if maker is not None and not fresh[maker] and not _is_renewed(answer, history, fresh, maker, newer):
            return False
    return True


def _is_current(answer: Answer, history: History, i: int, path: str, content: str) -> bool:
    own = _descendants(answer, i) | {i}
    here = history.versions_of(path)
    later = [version.content for version in here if version.job > i and version.job not in own]
    if later and later[-1] != content:
        return False
    if path not in history.disk:  # deleting is not changing
        return True
    now = history.disk[path]
    return now == content or (bool(here) and here[-1].job in own and now == here[-1].content)


def _maker_now(answer: Answer, history: History, i: int, path: str, content: str) -> int | None:
    """The latest job that left this content here, or the copy's source.

    A re-run with equal bytes so renews its readers, however late it comes; what the reader's own descendants left
    again does not.
    """
    maker = answer.producer[i, path]
    if maker is not None and answer.origin[i, path] == "job":
        own = _descendants(answer, i) | {i}
        return max(v.job for v in history.versions_of(path) if v.content == content and v.job not in own)
    return maker


def _shown(answer: Answer, history: History, fresh: Mapping[int, bool]) -> set[int]:
    """The active jobs, with older and failed ones whose current outputs a shown job reads."""
    shown = {i for i, state in answer.state.items() if state == "active"}
    while True:
        more = {
            maker
            for (reader, path), maker in answer.producer.items()
            if reader in shown and maker is not None and maker not in shown
            if fresh[maker] and _left_current(history, maker, path)
        }
        if not more:
            return shown
        shown |= more


def _left_current(history: History, maker: int, path: str) -> bool:
    here = history.versions_of(path)
    return (
        bool(here) and here[-1].job == maker and history.disk.get(path, here[-1].content) == here[-1].content
    )


def _hide_overwritten(answer: Answer, history: History) -> None:
    """Marks superseded what later successful jobs of other steps overwrote wholly and no shown job descends from."""
    while True:
        ancestors = {i for i in history.jobs if _descendants(answer, i) & answer.shown}
        gone = {i for i in answer.shown - ancestors if _is_overwritten(answer, history, i)}
        if not gone:
            return
        answer.shown -= gone
        answer.state.update(dict.fromkeys(gone, "superseded"))


def _is_overwritten(answer: Answer, history: History, i: int) -> bool:
    place = {j: (job.kind, answer.step[j]) for j, job in history.jobs.items()}
    writes = history.jobs[i].writes
    return bool(writes) and all(
        any(
            v.job > i and history.jobs[v.job].ok and place[v.job] != place[i]
            for v in history.versions_of(write.path)
        )
        for write in writes
    )
