"""Which runs' inputs are current, and were made by runs whose own inputs are current in turn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import NamedTuple

from roar_core.lineage.currency import Currency, Verdict
from roar_core.lineage.descent import Descent
from roar_core.lineage.finding import Finding
from roar_core.lineage.renewal import Renewal, StepRuns
from roar_core.store.current import RecordedInput


class Makers:
    """Which runs an input's truth rests on: the latest that left its content where it was read."""

    def __init__(
        self, descent: Descent, touched: Mapping[int, list[RecordedInput]], currency: Currency
    ) -> None:
        self._descent = descent
        self._touched = touched
        self._currency = currency
        self._found: dict[int, frozenset[int]] = {}

    def of(self, job: int) -> Set[int]:
        """Returns the runs that a job's inputs rest on. Inputs whose path nobody wrote since rest on their producer."""
        if job not in self._touched:
            return self._descent.makers.get(job, {}).keys()
        if job not in self._found:
            files = dict(self._descent.makers.get(job, {}))
            found = set()
            for read in self._touched[job]:
                if read.producer_id is None:
                    continue
                maker = self._currency.latest_maker(read)
                if maker is not None and maker != read.producer_id:
                    files[read.producer_id] = files.get(read.producer_id, 0) - 1
                    found.add(maker)
            found.update(producer for producer, count in files.items() if count > 0)
            self._found[job] = frozenset(found)
        return self._found[job]

    def closure(self, jobs: Iterable[int]) -> set[int]:
        """Returns `jobs` and all that their truth, or their picture, rests on."""
        found = set(jobs)
        waiting = list(found)
        while waiting:
            job = waiting.pop()
            new = (self.of(job) | self._descent.makers.get(job, {}).keys()) - found
            found |= new
            waiting.extend(new)
        return found


class Freshness(NamedTuple):
    """What was found of the inputs of some jobs. `changed_code` is only a mark: a user edits all day.

    `stale` and `unknown` map each job that is not fresh to the maker that made it so; None where its own inputs did.
    """

    stale: Mapping[int, int | None]
    unknown: Mapping[int, int | None]
    changed: Mapping[int, list[Finding]]
    untellable: Mapping[int, list[Finding]]
    changed_code: Mapping[int, list[Finding]]
    gone: Mapping[int, list[Finding]]
    unverified: Mapping[int, list[Finding]]

    def is_fresh(self, job: int) -> bool:
        """Returns whether nothing speaks against a job's inputs."""
        return job not in self.stale and job not in self.unknown


def judge_freshness(
    jobs: set[int], reads: Iterable[RecordedInput], currency: Currency, makers: Makers, step_runs: StepRuns
) -> Freshness:
    """Returns what is to be said of the inputs of `jobs`, given those reads that there may be anything to say of."""
    found: dict[str, defaultdict[int, list[Finding]]] = {
        name: defaultdict(list) for name in ("changed", "untellable", "changed_code", "gone", "unverified")
    }
    for read in reads:
        for name, verdict in _remarks(read, currency.verdict(read)):
            found[name][read.job_id].append(Finding(read, verdict))
    readers: defaultdict[int, list[int]] = defaultdict(list)
    if found["changed"] or found["untellable"]:
        for job in jobs:
            for maker in makers.of(job):
                readers[maker].append(job)
    renewal = Renewal(found["changed"], _spread(found["changed"], readers).keys(), makers, step_runs)
    stale = _spread(found["changed"], readers, renewal.is_renewed)
    unknown = {job: why for job, why in _spread(found["untellable"], readers).items() if job not in stale}
    return Freshness(stale, unknown, **found)


def _remarks(read: RecordedInput, verdict: Verdict) -> Iterator[tuple[str, Verdict]]:
    if read.role == "code":
        if verdict.status == "changed":
            yield "changed_code", verdict
        elif verdict.unverified:
            yield "unverified", verdict
        return
    if verdict.status != "current":
        yield "changed" if verdict.status == "changed" else "untellable", verdict
    if verdict.gone:
        yield "gone", verdict
    if verdict.unverified:
        yield "unverified", verdict


def _never(maker: int, reader: int) -> bool:
    return False


def _spread(
    seeds: Iterable[int], readers: Mapping[int, list[int]], stops: Callable[[int, int], bool] = _never
) -> dict[int, int | None]:
    """Returns all jobs that rest on a seed, each with the maker through which it does, but where it `stops`.

    From the seeds outward, so that runs which overlapped and read each other's files are judged as well.
    """
    reached: dict[int, int | None] = dict.fromkeys(seeds)
    waiting = sorted(reached)
    while waiting:
        job = waiting.pop()
        for reader in readers.get(job, ()):
            if reader not in reached and not stops(job, reader):
                reached[reader] = job
                waiting.append(reader)
    return reached
