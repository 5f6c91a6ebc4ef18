"""What happens after the command has ended: digest, record, or leave it to the next command."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from roar_core.capture.digester import run_digester
from roar_core.capture.kept_code import code_keeper
from roar_core.capture.place import RunPlace, entry_elsewhere
from roar_core.capture.record import EndedRun, run_record
from roar_core.capture.sources import find_readable_sources
from roar_core.errors import StoreError
from roar_core.store.records import JobKind, RunRecord
from roar_core.store.spool import SpoolEntry, read_header, release, remove_entry, write_record

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
    kind: JobKind = "run"

    @property
    def step_name(self) -> str | None:
        """Returns the step as the user types it."""
        return None if self.step is None else f"@{'B' if self.kind == 'build' else ''}{self.step}"


def finish_run(
    around: Surroundings, run: EndedRun, place: RunPlace, asked_to_stop: Callable[[], bool]
) -> Recording | None:
    """Records a run that has ended; what goes wrong is said and never changes how the command ended.

    `asked_to_stop`: digesting is put off as soon as this says so, or `run.digest_seconds` have passed.
    """
    deadline = time.monotonic() + around.settings.number("run.digest_seconds")
    threshold = around.settings.whole("composite.threshold")

    def must_stop() -> bool:
        return asked_to_stop() or time.monotonic() > deadline

    store, problem = _open(around)
    try:
        with run_digester(around, run.header.algorithms, store, must_stop) as digester:
            run, sources = find_readable_sources(around, run)
            digester.expect(sources.size_bytes())
            record = run_record(run, around.project, sources, digester, code_keeper(around))
            files = sources.count_data(), len(sources.outputs)
            recording = Recording(run.header.uid, None, *files, 0, run.header.kind)
            if store is not None:
                try:
                    recorded = store.record_run(record, fold_from=threshold)
                    recording = recording._replace(uid=recorded.uid, step=recorded.step)
                except StoreError as error:
                    problem = error
            if problem is not None and not _leave_in_spool(around, record, place, problem):
                return None
            recording = recording._replace(put_off=digester.put_off)
        if store is not None and problem is None:
            _clear(place)
            if not recording.put_off:
                _take_in_others(around, store, asked_to_stop, must_stop)
        return recording
    finally:
        if store is not None:
            store.close()


def _take_in_others(
    around: Surroundings, store: Store, asked_to_stop: Callable[[], bool], must_stop: Callable[[], bool]
) -> None:
    """This run is the next command that earlier ones wait for; its own record stands, whatever goes wrong here."""
    from roar_core.capture.waiting import something_waits

    try:
        if something_waits(around.project, around.environment, store):
            from roar_core.capture.recover import take_in_waiting

            take_in_waiting(around, store, asked_to_stop, must_stop)
    except Exception as error:  # noqa: BLE001  # as the docstring says
        around.warn(f"cannot take in what waits: {type(error).__name__}: {error}", "roar doctor")


def _open(around: Surroundings) -> tuple[Store | None, StoreError | None]:
    from roar_core.store.store import Store

    try:
        return Store(around.project), None
    except StoreError as error:
        return None, error


def _leave_in_spool(around: Surroundings, record: RunRecord, place: RunPlace, problem: StoreError) -> bool:
    """Returns whether the run waits on the disk: whole, or where even that fails, as its tracer left it."""
    if place.entry is None:
        around.warn(f"{problem.message}; this run is not recorded", problem.hint)
        return False
    try:
        entry = _write_record(around, place.entry, record)
    except (StoreError, OSError) as error:
        entry = place.entry
        around.warn(f"{problem.message}; neither can the run be written to the spool: {error}", problem.hint)
    else:
        waits = f"the run waits in `{entry.directory}` and the next command takes it in"
        around.warn(f"{problem.message}; {waits}", problem.hint)
    release(entry)
    return True


def _write_record(around: Surroundings, entry: SpoolEntry, record: RunRecord) -> SpoolEntry:
    """Returns the entry that the record is in now: `entry`, or one elsewhere where its disk has filled up meanwhile."""
    try:
        write_record(entry, record)
        return entry
    except StoreError:
        other = entry_elsewhere(around.project, around.environment, read_header(entry))
        if other is None:
            raise
    try:
        write_record(other, record)
    except StoreError:
        remove_entry(other)
        raise
    with suppress(StoreError):
        remove_entry(entry)
    return other


def _clear(place: RunPlace) -> None:
    """The run is in the database: an entry that can't be removed is found to be so by the next command."""
    if place.entry is not None:
        with suppress(StoreError):
            remove_entry(place.entry)
