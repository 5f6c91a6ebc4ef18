"""What is true now: the current DAG of the active session."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import cache, cached_property, partial
from itertools import groupby
from typing import NamedTuple

from roar_core.lineage.contents import choose_weighed, judge_contents, tell_gone_apart
from roar_core.lineage.currency import Currency
from roar_core.lineage.descent import Descent
from roar_core.lineage.disk import Disk
from roar_core.lineage.freshness import Freshness, Makers, judge_freshness
from roar_core.lineage.projection import State, find_overwritten, find_shown, newest_runs, state_of
from roar_core.store.current import CurrentTables, RecordedInput, RecordedJob, RecordedSession, Version

STATS = 10_000  # files looked at on disk at most
NOTES = 20_000  # inputs that are gone or unverified and named as such at most


class CurrentDag(NamedTuple):
    """The runs of a session and what is true of them now.

    `jobs` holds external ones too: runs of older sessions that this one's rest on. `order` is the session's, by time.
    `shown` are those that `roar dag` draws; `overwritten` says, by run and path, which run's output took the place: it
    is looked up when it is asked for, which costs as much as a seventh of all else.
    `runs`: a step's by time; `representative`: the newest successful one, or the newest where none was.
    `complete`: every input was compared with what lies on disk.
    """

    session: RecordedSession
    jobs: Mapping[int, RecordedJob]
    order: Sequence[int]
    states: Mapping[int, State]
    shown: frozenset[int]
    runs: Mapping[tuple[str, int], list[int]]
    representative: Mapping[tuple[str, int], int]
    descent: Descent
    freshness: Freshness
    overwritten: Callable[[], Mapping[int, Mapping[int, int]]]
    complete: bool

    def label(self, job_id: int) -> str:
        """Returns how a run is called: by its step if it represents it, else with its number among the step's runs."""
        job = self.jobs[job_id]
        if job.session_id != self.session.session_id:
            return job.uid
        if self.is_representative(job_id):
            return step_name(job)
        return f"{step_name(job)}·{self.runs[job.kind, job.step].index(job_id) + 1}"

    def is_representative(self, job_id: int) -> bool:
        """Returns whether a run is the one that its step is shown by."""
        job = self.jobs[job_id]
        return self.representative.get((job.kind, job.step)) == job_id

    def seen(self, job_id: int, drawn: Container[int]) -> int:
        """Returns the run that stands for one where only `drawn` are: the one that its step is shown by, or itself."""
        if job_id in drawn or self.jobs[job_id].session_id != self.session.session_id:
            return job_id
        shown = self.representative[self.jobs[job_id].kind, self.jobs[job_id].step]
        return shown if shown in drawn else job_id

    def are_of_one_step(self, one: int, other: int) -> bool:
        """Returns whether both are runs of the same step."""
        return _place(self.jobs[one]) == _place(self.jobs[other])

    def remarkable(self) -> set[int]:
        """Returns the runs of which more is to be said than that they are active, superseded or failed."""
        fresh = self.freshness
        found = {job for job, state in self.states.items() if state in ("stale", "cant-tell")}
        return found.union(self.overwritten(), fresh.changed_code, fresh.gone, fresh.unverified)

    def hidden(self) -> Counter[State]:
        """Returns how many runs of each state are not drawn."""
        return Counter(state for job, state in self.states.items() if job not in self.shown)

    def external(self, jobs: Iterable[int]) -> list[RecordedJob]:
        """Returns the runs of older sessions that made something which one of these read, by time."""
        if len(self.jobs) == len(self.order):  # none of them is of an older session
            return []
        makers = {maker for job in jobs for maker in self.descent.makers.get(job, ())}
        return [
            self.jobs[job] for job in sorted(makers) if self.jobs[job].session_id != self.session.session_id
        ]

    def continued(self, job_id: int) -> int:
        """Returns how many runs of its own step a run continues, each reading what the last left, itself included."""
        job = self.jobs[job_id]
        if len(self.runs[job.kind, job.step]) == 1:
            return 1
        count = 1
        seen = {job_id}
        while True:
            earlier = [
                maker
                for maker in self.descent.makers.get(job_id, ())
                if maker not in seen and self.are_of_one_step(maker, job_id)
            ]
            if not earlier:
                return count
            job_id = max(earlier)
            seen.add(job_id)
            count += 1


def find_current(tables: CurrentTables, disk: Disk) -> CurrentDag | None:
    """Returns the current DAG of the active session; None where there is no session."""
    session = tables.active_session()
    if session is None:
        return None
    everything = tables.jobs()
    makers = tables.makers()
    jobs = {job.job_id: job for job in _in_reach(everything, makers, session)}
    own = [job for job in jobs.values() if job.session_id == session.session_id]
    runs: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for job in own:
        runs[job.kind, job.step].append(job.job_id)
    descent = Descent(list(jobs), makers)
    first_job = min(jobs, default=0)
    touched = [read for read in tables.touched_inputs(first_job) if read.job_id in jobs]
    versions = _by_path(tables.versions_at((read.path_id for read in touched), first_job))

    newest = newest_runs(own)
    on_time = Currency(descent, versions, {}, {})  # by versions alone, which is all that makers ask for
    resting = Makers(descent, _by_job(touched), on_time)
    interesting = resting.closure(newest.values())
    contents, complete = tables.contents_read(interesting, STATS)
    on_disk = disk.look(contents)
    gone, differing = tell_gone_apart(contents, on_disk)
    versions |= _by_path(tables.versions_at((content.path_id for content in differing), first_job))
    sizes = tables.sizes(choose_weighed(differing, on_disk, versions))
    currency = Currency(descent, versions, on_disk, sizes)
    changed, unverified = judge_contents(differing, on_disk, sizes)
    reads = _chosen(
        [
            *touched,
            *tables.unknown_inputs(),
            *tables.inputs_with(changed, interesting, -1),
            *tables.inputs_with(gone + unverified, interesting, NOTES),
        ],
        interesting,
    )
    step_runs = _StepRuns(jobs, tables)
    freshness = judge_freshness(interesting, reads.values(), currency, resting, step_runs)

    states = {job.job_id: state_of(job, newest, freshness) for job in own}
    shown = find_shown(
        (job for job, state in states.items() if state in ("active", "cant-tell")),
        {job.job_id for job in own},
        descent,
        freshness,
        tables.last_versions_between,
        currency,
    )
    taken_over = find_overwritten(shown, descent, tables.wholly_overwritten)
    states.update(dict.fromkeys(taken_over, "superseded"))
    return CurrentDag(
        session,
        jobs,
        [job.job_id for job in own],
        states,
        frozenset(shown - taken_over),
        runs,
        {step: newest.get(step, of_step[-1]) for step, of_step in runs.items()},
        descent,
        freshness,
        cache(partial(_overwritten, tables, jobs, descent)),
        complete,
    )


class _StepRuns:
    """The successful runs of each step, of all sessions in reach."""

    def __init__(self, jobs: Mapping[int, RecordedJob], tables: CurrentTables) -> None:
        self._jobs = jobs
        self._tables = tables

    def between(self, older: int, newer: int) -> Sequence[int] | None:
        if older not in self._place or newer not in self._place:
            return None
        (runs, first), (others, last) = self._place[older], self._place[newer]
        return runs[first + 1 : last + 1] if runs is others and first < last else None

    @cached_property
    def _place(self) -> dict[int, tuple[list[int], int]]:
        """By run: all runs of its step, and its place among them."""
        runs_of: defaultdict[tuple[int, str, int], list[int]] = defaultdict(list)
        found = {}
        for job in self._jobs.values():
            if job.ok:
                runs = runs_of[_place(job)]
                found[job.job_id] = runs, len(runs)
                runs.append(job.job_id)
        return found

    def reads(self, job: int, path_id: int) -> bool:
        return self._tables.has_known_input(job, path_id)


def _in_reach(
    jobs: Sequence[RecordedJob], makers: Sequence[tuple[int, int, int]], session: RecordedSession
) -> list[RecordedJob]:
    """The jobs of the oldest session that the active one's rest on, and of all since: what they changed matters too."""
    session_of = {job.job_id: job.session_id for job in jobs}
    connected = {(session_of.get(reader), session_of.get(producer)) for producer, reader, _ in makers}
    oldest_maker: dict[int, int] = {}
    for at, of_maker in connected:
        if at is not None and of_maker is not None:
            oldest_maker[at] = min(oldest_maker.get(at, at), of_maker)
    oldest = session.session_id
    while (older := min(oldest_maker.get(at, at) for at in [oldest, *oldest_maker] if at >= oldest)) < oldest:
        oldest = older
    return [job for job in jobs if job.session_id >= oldest]


def _by_path(versions: Iterable[Version]) -> dict[int, list[Version]]:
    return {path_id: list(group) for path_id, group in groupby(versions, key=lambda version: version.path_id)}


def _by_job(reads: Iterable[RecordedInput]) -> dict[int, list[RecordedInput]]:
    found: defaultdict[int, list[RecordedInput]] = defaultdict(list)
    for read in reads:
        found[read.job_id].append(read)
    return found


def _chosen(reads: Iterable[RecordedInput], jobs: set[int]) -> dict[tuple[int, int], RecordedInput]:
    return {(read.job_id, read.path_id): read for read in reads if read.job_id in jobs}


def _overwritten(
    tables: CurrentTables, jobs: Mapping[int, RecordedJob], descent: Descent
) -> dict[int, dict[int, int]]:
    """By successful run: its paths that a failed run or another step overwrote since, and which run did last.

    Who read the run's files may change them: that is a chain, not an accident.
    """

    @cache  # many paths have the same writers
    def are_at_odds(writers: str) -> bool:
        runs = [jobs[job] for job in map(int, writers.split()) if job in jobs]
        return len({_place(job) for job in runs}) > 1 or not all(job.ok for job in runs)

    first_job = min(jobs, default=0)
    contested = [path_id for path_id, writers in tables.rewritten_paths(first_job) if are_at_odds(writers)]
    versions = _by_path(tables.versions_at(contested, first_job))
    found: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for path_id, history in versions.items():
        last = jobs.get(history[-1].job_id)
        for version in history[:-1]:
            job = jobs.get(version.job_id)
            if last is None or job is None or not job.ok or (last.ok and _place(last) == _place(job)):
                continue
            if not descent.with_descendants(job.job_id) & descent.bit(last.job_id):
                found[job.job_id][path_id] = last.job_id
    return found


def _place(job: RecordedJob) -> tuple[int, str, int]:
    return job.session_id, job.kind, job.step


def step_name(job: RecordedJob) -> str:
    """Returns the step as it is typed: `@2`, `@B1`."""
    return f"@{'B' if job.kind == 'build' else ''}{job.step}"
