"""The current DAG in words: what is drawn of each run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Literal, NamedTuple

from roar_core.lineage.current import CurrentDag
from roar_core.lineage.finding import Finding
from roar_core.lineage.projection import State
from roar_core.store.current import CurrentTables, RecordedJob


class Reason(NamedTuple):
    """Why a run is not active. Digests as `algorithm:hex`; `by` is the run that left other content, None: none did."""

    kind: Literal["input-changed", "input-unknown", "maker"]
    text: str
    path: str | None = None
    recorded: str | None = None
    now: str | None = None
    by: str | None = None


class DagNode(NamedTuple):
    """One run as it is drawn. Other runs are named by label.

    `runs`: of its step. `continues`: runs of its step that it continues, itself included. `gone`, `unverified`,
    `code_changed`: paths of inputs. `overwritten`: (path, label of the run that left other content there).
    """

    job: RecordedJob
    label: str
    state: State
    runs: int
    continues: int
    reasons: Sequence[Reason]
    depends_on: Sequence[str]
    code_changed: Sequence[str]
    gone: Sequence[str]
    unverified: Sequence[str]
    overwritten: Sequence[tuple[str, str]]

    @property
    def is_representative(self) -> bool:
        """Returns whether this is the run that its step is shown by."""
        return "·" not in self.label


class StaleRun(NamedTuple):
    """A run that is stale, and why."""

    job: RecordedJob
    label: str
    reasons: Sequence[Reason]


def describe_stale(dag: CurrentDag, tables: CurrentTables) -> list[StaleRun]:
    """Returns the stale runs of the session, by time, and why they are."""
    stale = [job for job in dag.order if dag.states[job] == "stale"]
    fresh = dag.freshness
    noted = [found.get(job, []) for job in stale for found in (fresh.changed, fresh.untellable)]
    path_ids = {finding.read.path_id for findings in noted for finding in findings}
    words = _Words(dag, tables, tables.paths(path_ids))
    return [StaleRun(dag.jobs[job], dag.label(job), words.reasons(job)) for job in stale]


def describe_nodes(dag: CurrentDag, tables: CurrentTables, jobs: Iterable[int]) -> list[DagNode]:
    """Returns what is to be drawn of these runs of the session, in their order."""
    chosen = list(jobs)
    fresh = dag.freshness
    noted = [
        found.get(job, [])
        for job in chosen
        for found in (fresh.changed, fresh.untellable, fresh.changed_code)
    ]
    noted += [found.get(job, []) for job in chosen for found in (fresh.gone, fresh.unverified)]
    path_ids = {finding.read.path_id for findings in noted for finding in findings}
    path_ids.update(path_id for job in chosen for path_id in dag.overwritten().get(job, ()))
    words = _Words(dag, tables, tables.paths(path_ids))
    return [words.node(job) for job in chosen]


class _Words:
    def __init__(self, dag: CurrentDag, tables: CurrentTables, paths: dict[int, str]) -> None:
        self._dag = dag
        self._tables = tables
        self._paths = paths
        self._label = cache(dag.label)  # each run is named where it stands, and by those that depend on it

    def node(self, job_id: int) -> DagNode:
        dag = self._dag
        job = dag.jobs[job_id]
        return DagNode(
            job,
            self._label(job_id),
            dag.states[job_id],
            len(dag.runs[job.kind, job.step]),
            dag.continued(job_id) if dag.is_representative(job_id) else 1,
            self.reasons(job_id),
            [self._label(maker) for maker in sorted(dag.descent.makers.get(job_id, ()))],
            self._named(dag.freshness.changed_code.get(job_id, [])),
            self._named(dag.freshness.gone.get(job_id, [])),
            self._named(dag.freshness.unverified.get(job_id, [])),
            [(self._paths[path], dag.label(by)) for path, by in dag.overwritten().get(job_id, {}).items()],
        )

    def reasons(self, job_id: int) -> list[Reason]:
        if self._dag.states[job_id] not in ("stale", "cant-tell"):
            return []
        fresh = self._dag.freshness
        reasons = [self._changed(finding) for finding in fresh.changed.get(job_id, [])]
        reasons += [self._unknown(finding) for finding in fresh.untellable.get(job_id, [])]
        maker = fresh.stale.get(job_id, fresh.unknown.get(job_id))
        if maker is not None:
            label = self._dag.label(maker)
            what = "is stale" if maker in fresh.stale else "can't be told to be current"
            reasons.append(Reason("maker", f"made from the output of {label}, which {what}", by=label))
        return reasons

    def _changed(self, finding: Finding) -> Reason:
        read, verdict = finding.read, finding.verdict
        contents = [content for content in (read.artifact_id, verdict.now_id) if content is not None]
        digests = self._tables.digests(contents)
        recorded = digests.get(read.artifact_id) if read.artifact_id is not None else None
        now = digests.get(verdict.now_id) if verdict.now_id is not None else verdict.now_digest
        path = self._paths[read.path_id]
        by = self._dag.label(verdict.by) if verdict.by is not None else None
        how = f"{by} left other content there" if by else "changed outside"
        text = f"{path}: {how} ({_short(recorded)} → {_short(now)})"
        return Reason("input-changed", text, path, recorded, now, by)

    def _unknown(self, finding: Finding) -> Reason:
        path = self._paths[finding.read.path_id]
        by = self._dag.label(finding.verdict.by) if finding.verdict.by is not None else None
        if finding.read.artifact_id is None:
            what = "what this job read"
        else:
            what = f"what {by or 'its last writer'} left there"
        return Reason("input-unknown", f"{path}: {what} is not known", path, by=by)

    def _named(self, findings: Sequence[Finding]) -> list[str]:
        return [self._paths[finding.read.path_id] for finding in findings]


def _short(digest: str | None) -> str:
    return digest.partition(":")[2][:12] if digest else "?"
