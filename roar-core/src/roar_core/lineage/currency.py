"""Whether an input still is what the job read (LINEAGE.md, "What is true now")."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from operator import attrgetter
from typing import Literal, NamedTuple

from roar_core.lineage.descent import Descent
from roar_core.lineage.disk import OnDisk
from roar_core.store.current import RecordedInput, Version

STRIDE = 64
_written = attrgetter("written_ns")


class Verdict(NamedTuple):
    """What became of an input. `changed`: other content is at its path; left by the job `by`, or by none where None.

    `now_id` and `now_digest` say which content, as far as it is known. `unknown`: there is no telling.
    """

    status: Literal["current", "changed", "unknown"]
    now_id: int | None = None
    now_digest: str | None = None
    by: int | None = None
    gone: bool = False
    unverified: bool = False


class Currency:
    """Judges inputs by the newer versions of their paths and by what lies on disk."""

    def __init__(
        self,
        descent: Descent,
        versions: Mapping[int, list[Version]],
        on_disk: Mapping[int, OnDisk | None],
        sizes: Mapping[int, int | None],
    ) -> None:
        self._descent = descent
        self._versions = versions
        self._on_disk = on_disk
        self._sizes = sizes
        self._leavers_at: dict[int, dict[int | None, list[int]]] = {}
        self._writers_from: dict[int, list[int]] = {}

    def verdict(self, read: RecordedInput) -> Verdict:
        """Returns what became of an input. The reader's own writes, and its descendants', change nothing for it."""
        if read.artifact_id is None:
            return Verdict("unknown")
        later = self.latest_of_others(read)
        if later is not None and later.artifact_id != read.artifact_id:
            status: Literal["changed", "unknown"] = "unknown" if later.artifact_id is None else "changed"
            return Verdict(status, now_id=later.artifact_id, by=later.job_id)
        verdict = self._by_disk(read)
        if verdict.status == "current" and read.origin == "unknown":
            return Verdict("unknown", gone=verdict.gone, unverified=verdict.unverified)
        return verdict

    def latest_of_others(self, read: RecordedInput) -> Version | None:
        """Returns the latest version of the input's path since it was read, by neither the reader nor a descendant."""
        history = self._versions.get(read.path_id, [])
        start = bisect_right(history, read.first_read_ns, key=_written)
        if start == len(history):
            return None
        own = self._descent.with_descendants(read.job_id)
        if not self._writers_since(read.path_id, start) & ~own:
            return None
        return next(version for version in reversed(history) if not own & self._descent.bit(version.job_id))

    def latest_maker(self, read: RecordedInput) -> int | None:
        """Returns the latest run that left the input's content at its path, so that equal bytes renew their readers.

        For a copy it is the job that made its source. What a descendant of the reader left again does not count.
        """
        if read.origin != "job" or read.path_id not in self._versions:
            return read.producer_id
        own = self._descent.with_descendants(read.job_id)
        for job in reversed(self._leavers(read.path_id).get(read.artifact_id, [])):
            if not own & self._descent.bit(job):
                return job
        return read.producer_id

    def is_left(self, last: Version) -> bool:
        """Returns whether the last version of a path is still there, or nothing is."""
        disk = self._on_disk.get(last.path_id)
        return disk is None or disk.is_content(last.artifact_id, self._size(last.artifact_id))

    def _by_disk(self, read: RecordedInput) -> Verdict:
        if read.path_id not in self._on_disk:
            return Verdict("current")
        disk = self._on_disk[read.path_id]
        if disk is None:  # deleting is not changing
            return Verdict("current", gone=True)
        if disk.is_content(read.artifact_id, self._size(read.artifact_id)):
            return Verdict("current", unverified=not disk.known)
        last = self._versions.get(read.path_id, [None])[-1]
        if (
            last is not None
            and disk.is_content(last.artifact_id, self._size(last.artifact_id))
            and self._descent.with_descendants(read.job_id) & self._descent.bit(last.job_id)
        ):
            return Verdict("current", unverified=not disk.known)
        return Verdict("changed", now_id=disk.artifact_id, now_digest=disk.digest)

    def _leavers(self, path_id: int) -> dict[int | None, list[int]]:
        """The jobs that left each content at a path, in time order."""
        if path_id not in self._leavers_at:
            found: defaultdict[int | None, list[int]] = defaultdict(list)
            for version in self._versions[path_id]:
                found[version.artifact_id].append(version.job_id)
            self._leavers_at[path_id] = found
        return self._leavers_at[path_id]

    def _writers_since(self, path_id: int, start: int) -> int:
        """The set of jobs that left the versions of a path from `start` on.

        Ten thousand runs may each have added to one file, so the set is kept for every 64th version.
        """
        history = self._versions[path_id]
        if path_id not in self._writers_from:
            self._writers_from[path_id] = self._join_writers(history)
        kept = self._writers_from[path_id]
        block = -(-start // STRIDE)
        joined = kept[block] if block < len(kept) else 0
        for version in history[start : block * STRIDE]:
            joined |= self._descent.bit(version.job_id)
        return joined

    def _join_writers(self, history: list[Version]) -> list[int]:
        joined = 0
        kept = []
        for index in range(len(history) - 1, -1, -1):
            joined |= self._descent.bit(history[index].job_id)
            if index % STRIDE == 0:
                kept.append(joined)
        return kept[::-1]

    def _size(self, artifact_id: int | None) -> int | None:
        return self._sizes.get(artifact_id) if artifact_id is not None else None
