"""Where two histories part: both are walked upstream along the files that differ, and each pair of jobs compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from roar_core.lineage.difference import RANK, Cause, Change, Difference
from roar_core.lineage.job_difference import command_differences, surrounding_differences
from roar_core.lineage.pairing import pair_files
from roar_core.store.ancestry import AncestryTables
from roar_core.store.details import get_documents
from roar_core.store.difference import DifferenceTables, DifferingFile, LoneFile
from roar_core.store.jobs import JobRow

FILES = 20  # of one kind named for a pair of jobs


class Pair(NamedTuple):
    """Two jobs that stand at the same place of two histories."""

    a: int
    b: int


class Divergence:
    """Compares pairs of jobs, and those that made the files in which they differ."""

    def __init__(
        self,
        tables: DifferenceTables,
        versions: AncestryTables,
        jobs: Mapping[int, JobRow],
        order: Mapping[int, int],
    ) -> None:
        """`jobs` and their `order` in time: of all that are recorded."""
        self._tables = tables
        self._versions = versions
        self._jobs = jobs
        self._order = order
        self._compared: dict[Pair, list[Difference]] = {}

    def walk(self, pair: Pair, output_differs: bool) -> None:
        """Compares two jobs and goes upstream. `output_differs`: what is asked about is not the same."""
        waiting = [(pair, output_differs)]
        while waiting:
            here, differs = waiting.pop()
            if here in self._compared or here.a == here.b:
                continue
            found, upstream = self._compare(here)
            if differs and not found and not upstream:
                found.append(self._without_reason(here))
            self._compared[here] = found
            waiting += [(above, True) for above in upstream]

    def differences(self) -> list[Difference]:
        """Returns what was found, upstream first, and of one pair of jobs by how much it explains."""
        found = [difference for of_pair in self._compared.values() for difference in of_pair]
        return sorted(found, key=self._place)

    def _place(self, difference: Difference) -> tuple[int, int]:
        assert difference.a_job is not None  # of a pair both sides are there
        return self._order[difference.a_job], RANK[difference.cause]

    def _compare(self, pair: Pair) -> tuple[list[Difference], list[Pair]]:
        a, b = self._jobs[pair.a], self._jobs[pair.b]
        found = list(command_differences(a, b))
        same_program = all(difference.cause != "pipeline" for difference in found)
        if same_program:
            for file in self._tables.differing_code(a.id, b.id, FILES):
                found.append(_of_file("code", pair, file, file.path))
            found += self._lone_code(pair)
            found += self._surroundings(a, b)
        inputs, upstream = self._inputs(pair)
        grounds, further = self._grounds(pair)
        return found + inputs + grounds, upstream + further

    def _surroundings(self, a: JobRow, b: JobRow) -> Iterator[Difference]:
        """Documents are kept once by content, so that most pairs share theirs."""
        if _documents(a) != _documents(b):
            connection = self._tables.connection
            yield from surrounding_differences(
                a, b, get_documents(connection, a), get_documents(connection, b)
            )

    def _lone_code(self, pair: Pair) -> Iterator[Difference]:
        for side, job, other in (("A", pair.a, pair.b), ("B", pair.b, pair.a)):
            for file in self._tables.only_read_by(job, other, "code")[:FILES]:
                yield _of_lone("code", pair, side, file, f"{file.path}: only {side} loads it")

    def _inputs(self, pair: Pair) -> tuple[list[Difference], list[Pair]]:
        tables = self._tables
        found = [
            _of_file("input", pair, file, _origins(file)) for file in tables.differing_roots(*pair, FILES)
        ]
        upstream = []
        for makers in tables.makers_of_differing_inputs(*pair):
            if makers.a_maker != makers.b_maker:
                upstream.append(Pair(makers.a_maker, makers.b_maker))
            else:
                detail = f"{makers.path}: read at two moments while one job wrote it"
                found.append(Difference("input", *pair, detail, makers.path))
        pairs, a_only, b_only = pair_files(
            tables.only_read_by(pair.a, pair.b, "data"),
            tables.only_read_by(pair.b, pair.a, "data"),
            self._maker_program,
        )
        for a, b in pairs:
            if a.artifact_id is not None and a.artifact_id == b.artifact_id:
                continue
            if a.maker is not None and b.maker is not None and a.maker != b.maker:
                upstream.append(Pair(a.maker, b.maker))
            else:
                file = DifferingFile(a.path, a.digests, b.digests, a.origin, b.origin)
                found.append(_of_file("input", pair, file, f"{a.path} in A, {b.path} in B"))
        for side, files in (("A", a_only), ("B", b_only)):
            found += [
                _of_lone("pipeline", pair, side, file, f"{file.path}: only {side} reads it")
                for file in files[:FILES]
            ]
        return found, upstream

    def _grounds(self, pair: Pair) -> tuple[list[Difference], list[Pair]]:
        """What both wrote on without reading it, as `>>` does: an input all the same."""
        found, upstream = [], []
        versions = [*map(self._versions.continued_versions, pair)]
        for path_id in dict.fromkeys(version.path_id for continued in versions for version in continued):
            both = [self._versions.version(job, path_id) for job in pair]
            before = [
                self._versions.version_before(version) if version is not None and version.continued else None
                for version in both
            ]
            (a_content, a_digests), (b_content, b_digests) = map(self._tables.content_of, before)
            if None in both or a_content == b_content:
                continue
            makers = [version.job_id for version in before if version is not None]
            if len(makers) == 2 and not {pair.a, pair.b} & set(makers):
                upstream.append(Pair(*makers))
            else:
                path = self._tables.path(path_id)
                file = DifferingFile(path, a_digests, b_digests)
                found.append(_of_file("input", pair, file, f"{path}: written on other content"))
        return found, upstream

    def _maker_program(self, file: LoneFile) -> str | None:
        return self._jobs[file.maker].program if file.maker in self._jobs and file.maker else None

    def _without_reason(self, pair: Pair) -> Difference:
        jobs = self._jobs[pair.a], self._jobs[pair.b]
        detail = (
            "nothing that is recorded differs: not deterministic, or it depends on what files do not show"
        )
        if any(job.level in ("partial", "none") for job in jobs):
            detail = "nothing that is recorded differs, but not everything could be recorded"
        return Difference("nondeterministic", *pair, detail)


def _of_file(cause: Cause, pair: Pair, file: DifferingFile, detail: str) -> Difference:
    change = Change(file.path, _digest(file.a_digests), _digest(file.b_digests))
    return Difference(cause, *pair, detail, file.path, (change,))


def _documents(job: JobRow) -> tuple[int | None, ...]:
    return job.environment_id, job.hardware_id, job.packages_id


def _of_lone(cause: Cause, pair: Pair, side: str, file: LoneFile, detail: str) -> Difference:
    digest = _digest(file.digests)
    change = Change(file.path, digest if side == "A" else None, digest if side == "B" else None)
    return Difference(cause, *pair, detail, file.path, (change,))


def _origins(file: DifferingFile) -> str:
    if not file.a_digests or not file.b_digests:
        return f"{file.path}: what was read is not known"
    origins = {file.a_origin or "unknown", file.b_origin or "unknown"}
    if origins <= {"job", "copy"}:
        return f"{file.path}: other content"
    changed = "changed outside" if "changed-outside" in origins else "of no recorded job"
    return f"{file.path}: other content, {changed}"


def _digest(digests: Mapping[str, str]) -> str | None:
    return next((f"{algorithm}:{value}" for algorithm, value in digests.items()), None)
