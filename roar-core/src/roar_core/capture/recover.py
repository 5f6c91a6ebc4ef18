"""Runs that ended without being recorded, and digests that were put off: the next command takes them in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from roar_core.capture.digester import run_digester
from roar_core.capture.facts import load_facts
from roar_core.capture.header import parse_header
from roar_core.capture.place import RunPlace
from roar_core.capture.record import EndedRun, run_record
from roar_core.capture.report import Report, load_report
from roar_core.capture.sources import find_sources
from roar_core.capture.surroundings import Surroundings
from roar_core.capture.waiting import waiting_entries
from roar_core.errors import DamagedReport, StoreError
from roar_core.store.spool import (
    SpoolEntry,
    adopt,
    read_record,
    release,
    remove_entry,
    remove_leftovers,
)

if TYPE_CHECKING:
    from roar_core.store.store import Store

PENDING_SECONDS = 1.0


def take_in_waiting(around: Surroundings, store: Store) -> None:
    """Records the runs that wait in the spool and that nobody is at work on, and settles digests that were put off.

    What can't be taken in stays and is named.
    """
    entries = waiting_entries(around.project, around.environment)
    for entry in entries:
        adopted = adopt(entry)
        if adopted is not None:
            _take_in(around, store, adopted)
    if entries:
        remove_leftovers(around.project)
    settle_pending(around, store, PENDING_SECONDS)


def _take_in(around: Surroundings, store: Store, entry: SpoolEntry) -> None:
    try:
        if entry.record.exists():
            store.record_run(read_record(entry))
        else:
            run = _rebuild(entry)
            if run is not None:
                _record(around, store, run)
        remove_entry(entry)
    except (StoreError, DamagedReport, OSError, ValueError) as error:
        around.warn(f"cannot take in a run that waits in `{entry.directory}`: {error}", "roar doctor")
        release(entry)


def _rebuild(entry: SpoolEntry) -> EndedRun | None:
    """Returns the run of a roar that was killed, as far as its tracer has reported it; None: it had not started."""
    header = parse_header(entry.header.read_bytes())
    report: Report | None = load_report(entry.report)
    if not entry.report.exists() or entry.report.stat().st_size == 0:
        if header.tracer != "none":
            return None
        report = None
    return EndedRun(header, report, None, load_facts(RunPlace(entry, entry.uid).facts))


def _record(around: Surroundings, store: Store, run: EndedRun) -> None:
    deadline = time.monotonic() + around.settings.number("run.digest_seconds")
    with run_digester(around, run.header.algorithms, store, lambda: time.monotonic() > deadline) as digester:
        store.record_run(run_record(run, around.project, find_sources(around, run), digester))


def settle_pending(
    around: Surroundings, store: Store, seconds: float, stop: Callable[[], bool] = lambda: False
) -> int:
    """Digests what earlier runs had put off, for about `seconds`; returns how many digests are still pending."""
    from roar_core.store.counts import count_pending
    from roar_core.store.pending import Resolution, list_pending

    if not count_pending(store.connection):
        return 0
    deadline = time.monotonic() + seconds
    resolutions: list[Resolution] = []
    with run_digester(around, (), store, lambda: stop() or time.monotonic() > deadline) as digester:
        for item in list_pending(store.connection):
            content = digester.digest(around.project.absolute(item.path), item.identity)
            if content.identity is not None:
                break
            resolutions.append(Resolution(item, content.digests, content.reason))
    store.resolve_pending(resolutions)
    return count_pending(store.connection)
