"""What `roar diff` compares: two files, two jobs or two sessions, and in what they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import hexdigits
from typing import TYPE_CHECKING, Literal, NamedTuple

from roar_core.cli.sessions import find_session, names_session
from roar_core.errors import NotFound, UsageError
from roar_core.lineage.difference import Change, Difference
from roar_core.lineage.divergence import Divergence, Pair
from roar_core.lineage.output_difference import OutputChange, ending, output_changes
from roar_core.lineage.session_difference import pair_steps, representatives
from roar_core.store.ancestry import AncestryTables, Found
from roar_core.store.artifacts import get_artifact
from roar_core.store.difference import DifferenceTables
from roar_core.store.jobs import JobRow, list_jobs
from roar_core.store.sessions import SessionRow

if TYPE_CHECKING:
    from sqlite3 import Connection

    from roar_core.cli.context import Context


SHORTEST_PREFIX = 8  # of a session's uid


class Subject(NamedTuple):
    """One side of a comparison: a job, a file as one job or none left it, or a session."""

    kind: Literal["job", "file", "session"]
    reference: str
    job: JobRow | None = None
    found: Found | None = None
    digests: Mapping[str, str] = {}
    session: SessionRow | None = None

    @property
    def digest(self) -> str | None:
        """Returns the digest of a file as `algorithm:hex`."""
        return next((f"{algorithm}:{value}" for algorithm, value in self.digests.items()), None)


class Comparison(NamedTuple):
    """Two subjects, in which outputs and endings of runs they differ, and the differences that explain it, in order."""

    a: Subject
    b: Subject
    same: bool
    outputs: Sequence[OutputChange]
    endings: Sequence[Change]
    differences: Sequence[Difference]


class Comparer:
    """Compares subjects, given all recorded jobs, newest first."""

    def __init__(self, connection: Connection) -> None:
        newest_first = list_jobs(connection)
        self.jobs = {job.id: job for job in reversed(newest_first)}
        self._tables = DifferenceTables(connection)
        self._order = {job_id: place for place, job_id in enumerate(self.jobs)}
        self._divergence = Divergence(self._tables, AncestryTables(connection), self.jobs, self._order)

    def find(self, context: Context, reference: str) -> Subject:
        """Returns what is to be compared. Raises NotFound, AmbiguousReference, UsageError."""
        from roar_core.cli.references import FoundPath, find_reference

        connection = self._tables.connection
        if names_session(reference):
            return Subject("session", reference, session=find_session(connection, reference))
        try:
            reached = find_reference(connection, context.project, context.cwd, reference)
        except NotFound:
            if len(reference) < SHORTEST_PREFIX or not set(reference.lower()) <= set(hexdigits):
                raise
            try:
                session = find_session(connection, f"session:{reference}")
            except NotFound as error:
                raise NotFound(
                    f"no content or session of this project begins so: `{reference}`", error.hint
                ) from None
            return Subject("session", reference, session=session)
        if isinstance(reached, JobRow):
            return Subject("job", reference, job=reached)
        tables = AncestryTables(connection)
        found = (
            tables.last_at(reached.path) if isinstance(reached, FoundPath) else tables.last_with(reached.id)
        )
        assert found is not None  # a job met what a reference leads to
        digests = get_artifact(connection, found.artifact_id).digests if found.artifact_id is not None else {}
        job = self.jobs[found.made.job_id] if found.made is not None else None
        return Subject("file", reference, job, found, digests)

    def compare(self, a: Subject, b: Subject) -> Comparison:
        """Returns in what two subjects differ. Raises UsageError where they are not of one kind."""
        if a.kind != b.kind:
            raise UsageError(
                f"a {a.kind} and a {b.kind} can't be compared: `{a.reference}`, `{b.reference}`",
                "roar diff @1 @2, roar diff old.csv new.csv",
            )
        if a.kind == "session":
            return self._sessions(a, b)
        return self._jobs(a, b) if a.kind == "job" else self._files(a, b)

    def _files(self, a: Subject, b: Subject) -> Comparison:
        assert a.found is not None
        assert b.found is not None
        if a.found.artifact_id is not None and a.found.artifact_id == b.found.artifact_id:
            return Comparison(a, b, True, (), (), ())
        change = OutputChange(a.found.path, b.found.path, a.digest, b.digest)
        if a.job is not None and b.job is not None and a.job.id != b.job.id:
            self._divergence.walk(Pair(a.job.id, b.job.id), output_differs=True)
            return Comparison(a, b, False, (change,), (), self._divergence.differences())
        a_id, b_id = (subject.job.id if subject.job else None for subject in (a, b))
        if a.job is not None and b.job is not None:
            difference = Difference("pipeline", a_id, b_id, "two outputs of one run")
        elif a.job is None and b.job is None:
            difference = Difference("input", None, None, "no recorded job made either", a.found.path)
        else:
            side = "A" if a.job is not None else "B"
            difference = Difference("pipeline", a_id, b_id, f"only {side} was made by a recorded job")
        return Comparison(a, b, False, (change,), (), (difference,))

    def _jobs(self, a: Subject, b: Subject) -> Comparison:
        assert a.job is not None
        assert b.job is not None
        outputs, endings = self._outcomes(a.job, b.job)
        differ = bool(outputs or endings)
        self._divergence.walk(Pair(a.job.id, b.job.id), output_differs=differ)
        return Comparison(a, b, not differ, outputs, endings, self._divergence.differences())

    def _sessions(self, a: Subject, b: Subject) -> Comparison:
        assert a.session is not None
        assert b.session is not None
        of_session: dict[int, list[JobRow]] = {a.session.id: [], b.session.id: []}
        for job in self.jobs.values():
            if job.session_id in of_session:
                of_session[job.session_id].append(job)
        steps = pair_steps(*(representatives(of_session[side.id]) for side in (a.session, b.session)))
        outputs: list[OutputChange] = []
        endings: list[Change] = []
        for left, right in steps.pairs:
            more_outputs, more_endings = self._outcomes(left, right)
            if more_outputs or more_endings:
                self._divergence.walk(Pair(left.id, right.id), output_differs=True)
            outputs += more_outputs
            endings += more_endings
        lone = [Difference("pipeline", job.id, None, "only A has this step") for job in steps.a_only]
        lone += [Difference("pipeline", None, job.id, "only B has this step") for job in steps.b_only]
        differences = [*self._divergence.differences(), *lone]
        return Comparison(a, b, not (outputs or endings or lone), outputs, endings, differences)

    def _outcomes(self, a: JobRow, b: JobRow) -> tuple[list[OutputChange], list[Change]]:
        endings = [Change(b.step_name, ending(a), ending(b))] if ending(a) != ending(b) else []
        return output_changes(self._tables, a, b), endings
