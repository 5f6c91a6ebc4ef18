"""Runs that ended without being recorded, and digests that were put off: the next command takes them in."""

from __future__ import annotations

import os
import shlex
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from roar_core.capture.digester import run_digester
from roar_core.capture.facts import load_facts
from roar_core.capture.header import parse_header
from roar_core.capture.kept_code import code_keeper
from roar_core.capture.place import RunPlace
from roar_core.capture.record import EndedRun, run_record
from roar_core.capture.report import load_report
from roar_core.capture.sources import find_readable_sources
from roar_core.capture.surroundings import Surroundings
from roar_core.capture.waiting import spool_elsewhere, waiting_entries
from roar_core.errors import StoreDamaged, StoreError
from roar_core.store.failures import read_only, translate
from roar_core.store.spool import (
    SpoolEntry,
    adopt,
    is_living,
    read_record,
    release,
    remove_entry,
    remove_leftovers,
)

if TYPE_CHECKING:
    from roar_core.store.store import Store


def _never() -> bool:
    return False


def take_in_waiting(
    around: Surroundings,
    store: Store,
    asked_to_stop: Callable[[], bool] = _never,
    must_stop: Callable[[], bool] = _never,
) -> None:
    """Records the runs that wait in the spool and that nobody is at work on, and settles digests that were put off.

    What can't be taken in stays and is named; a command that asks for this goes on all the same. `asked_to_stop`: the
    user wants no more of it. `must_stop`: there is no more time for digests that were put off, even within a file.
    """
    entries = waiting_entries(around.project, around.environment)
    try:
        if not os.access(around.project.directory, os.W_OK):
            if not all(is_living(entry) for entry in entries):
                raise read_only(around.project.directory)
            return
        for entry in entries:
            if asked_to_stop():
                return
            adopted = adopt(entry)
            if adopted is not None:
                _take_in_adopted(around, store, adopted, asked_to_stop)
        remove_leftovers(around.project)
        elsewhere = spool_elsewhere(around.project, around.environment)
        if elsewhere is not None:
            remove_leftovers(elsewhere)
        settle_pending(around, store, must_stop)
    except (StoreError, sqlite3.Error) as error:
        problem = error if isinstance(error, StoreError) else translate(error, around.project.database)
        around.warn(f"{problem.message}; what waits to be recorded goes on waiting", problem.hint)


def _take_in_adopted(
    around: Surroundings, store: Store, entry: SpoolEntry, asked_to_stop: Callable[[], bool]
) -> None:
    """Takes a run in and removes its entry. Raises `StoreError` for what will be so with other entries, too."""
    try:
        _take_in(around, store, entry, asked_to_stop)
    except (StoreError, sqlite3.Error):
        release(entry)
        raise
    except Exception as error:  # noqa: BLE001  # whatever damage does, it must not keep others from being taken in
        release(entry)
        aside = around.project.directory / "damaged"
        move = f"mkdir -p {_quoted(aside)} && mv {_quoted(entry.directory)} {_quoted(aside)}/"
        around.warn(f"cannot take in a damaged run: {error}: `{entry.directory}`", f"set it aside: {move}")
    else:
        with suppress(StoreError):
            remove_entry(entry)


def _take_in(
    around: Surroundings, store: Store, entry: SpoolEntry, asked_to_stop: Callable[[], bool]
) -> None:
    damage: StoreDamaged | None = None
    if entry.record.exists():
        try:
            store.record_run(read_record(entry), fold_from=around.settings.whole("composite.threshold"))
            return
        except StoreDamaged as error:
            damage = error  # of the record, as a rule: the report is there still
    run = _rebuild(entry)
    if run is not None:
        _record(around, store, run, asked_to_stop)
    elif damage is not None:
        raise ValueError(damage.message)


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _rebuild(entry: SpoolEntry) -> EndedRun | None:
    """Returns the run of a roar that was killed, as far as its tracer has reported it; None: it had not started."""
    header = parse_header(entry.header.read_bytes())
    facts = load_facts(RunPlace(entry, entry.uid).facts)
    if header.tracer == "none":
        return EndedRun(header, None, None, facts)
    if not entry.report.exists() or entry.report.stat().st_size == 0:
        return None
    return EndedRun(header, load_report(entry.report), None, facts)


def _record(around: Surroundings, store: Store, run: EndedRun, asked_to_stop: Callable[[], bool]) -> None:
    deadline = time.monotonic() + around.settings.number("run.digest_seconds")

    def must_stop() -> bool:
        return asked_to_stop() or time.monotonic() > deadline

    with run_digester(around, run.header.algorithms, store, must_stop) as digester:
        run, sources = find_readable_sources(around, run)
        record = run_record(run, around.project, sources, digester, code_keeper(around))
        store.record_run(record, fold_from=around.settings.whole("composite.threshold"))


def settle_pending(around: Surroundings, store: Store, must_stop: Callable[[], bool]) -> None:
    """Digests what earlier runs had put off, until `must_stop` says so or `run.digest_seconds` have passed.

    A file that was begun is finished, so that each command gets at least one further, however large it is.
    """
    from roar_core.store.counts import count_pending
    from roar_core.store.pending import Resolution, list_pending

    if not count_pending(store.connection):
        return
    deadline = time.monotonic() + around.settings.number("run.digest_seconds")
    resolutions: list[Resolution] = []
    with run_digester(around, (), store, must_stop) as digester:
        for item in list_pending(store.connection):
            content = digester.digest(around.project.absolute(item.path), item.identity)
            if content.identity is not None:
                break
            resolutions.append(Resolution(item, content.digests, content.reason))
            if must_stop() or time.monotonic() > deadline:
                break
    store.resolve_pending(resolutions, fold_from=around.settings.whole("composite.threshold"))
