"""What happens after the command has ended: digest, record, or leave it to the next command."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from roar_core.capture.digester import run_digester
from roar_core.capture.place import RunPlace
from roar_core.capture.record import EndedRun, run_record
from roar_core.capture.sources import find_sources
from roar_core.errors import StoreError
from roar_core.store.records import RunRecord
from roar_core.store.spool import release, remove_entry, write_record

if TYPE_CHECKING:
    from roar_core.capture.surroundings import Surroundings
    from roar_core.store.store import Store


class Recording(NamedTuple):
    """A run that is recorded. `step` is None where it waits in the spool to be taken in."""

    uid: str
    step: int | None
    inputs: int
    outputs: int
    put_off: int

    @property
    def step_name(self) -> str | None:
        """Returns the step as the user types it."""
        return None if self.step is None else f"@{self.step}"


def finish_run(
    around: Surroundings, run: EndedRun, place: RunPlace, asked_to_stop: Callable[[], bool]
) -> Recording | None:
    """Records a run that has ended; what goes wrong is said and never changes how the command ended.

    `asked_to_stop`: digesting is put off as soon as this says so, or `run.digest_seconds` have passed.
    """
    deadline = time.monotonic() + around.settings.number("run.digest_seconds")

    def must_stop() -> bool:
        return asked_to_stop() or time.monotonic() > deadline

    store, problem = _open(around)
    try:
        with run_digester(
            around, run.header.algorithms, store, lambda: asked_to_stop() or time.monotonic() > deadline
        ) as digester:
            sources = find_sources(around, run)
            digester.expect(sources.size_bytes())
            record = run_record(run, around.project, sources, digester)
            counts = (sources.count_data(), len(sources.outputs))
            if store is not None:
                try:
                    recorded = store.record_run(record)
                    _clear(place)
                    return Recording(recorded.uid, recorded.step, *counts, digester.put_off)
                except StoreError as error:
                    problem = error
            return _leave_in_spool(around, record, place, problem, counts, digester.put_off)
    finally:
        if store is not None:
            store.close()


def _open(around: Surroundings) -> tuple[Store | None, StoreError | None]:
    from roar_core.store.store import Store

    try:
        return Store(around.project), None
    except StoreError as error:
        return None, error


def _leave_in_spool(
    around: Surroundings,
    record: RunRecord,
    place: RunPlace,
    problem: StoreError | None,
    counts: tuple[int, int],
    put_off: int,
) -> Recording | None:
    """The run waits on the disk, whole; where even that fails, its report does, as far as it could be written."""
    reason = problem.message if problem else "the database cannot be opened"
    hint = problem.hint if problem else None
    if place.entry is None:
        around.warn(f"{reason}; this run is not recorded")
        return None
    try:
        write_record(place.entry, record)
    except (StoreError, OSError) as error:
        around.warn(f"{reason}; neither can the run be written to the spool: {error}", hint)
    else:
        around.warn(
            f"{reason}; the run waits in `{place.entry.directory}` and the next command takes it in", hint
        )
    finally:
        release(place.entry)
    return Recording(record.job.uid, None, *counts, put_off)


def _clear(place: RunPlace) -> None:
    """The run is in the database: an entry that can't be removed is found to be so by the next command."""
    if place.entry is not None:
        with suppress(StoreError):
            remove_entry(place.entry)
