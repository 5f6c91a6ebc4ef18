from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from roar_core.store.artifacts import find_artifact
from roar_core.store.jobs import find_job
from roar_core.store.paths import list_path_events
from roar_core.store.readers import inputs_at, inputs_of_content
from roar_core.store.records import InputRecord, RunRecord
from roar_core.store.store import Store

MakeRun = Callable[..., Any]
ONE, TWO = b"\x01" * 32, b"\x02" * 32


def _record(store: Store, make_run: MakeRun, rules: Any, uid: str, reads: dict[str, bytes]) -> None:
    inputs = [InputRecord(path, {"blake3": digest}, 5, 10) for path, digest in reads.items()]
    store.record_run(RunRecord(make_run(uid).job, inputs, ()), rules)


def _readers(store: Store, path: str) -> set[str]:
    return {event.job_uid for event in list_path_events(store.connection, path)}


def test_readers_of_a_path_are_all_found_when_it_was_read_many_times(
    store: Store, make_run: MakeRun, rules: Any
) -> None:
    for number in range(5):
        _record(store, make_run, rules, f"{number:08x}", {"a": ONE, f"only-{number}": ONE})
    assert _readers(store, "a") == {f"{number:08x}" for number in range(5)}
    assert _readers(store, "only-3") == {"00000003"}
    assert _readers(store, "never-read") == set()


@pytest.mark.parametrize("seed", range(5))
def test_readers_are_those_that_are_left_when_jobs_were_removed(
    store: Store, make_run: MakeRun, rules: Any, seed: int
) -> None:
    drawn = random.Random(seed)
    left = {}
    for number in range(12):
        uid = f"{number:08x}"
        left[uid] = {path: drawn.choice((ONE, TWO)) for path in "abcdef" if drawn.random() < 0.6}
        _record(store, make_run, rules, uid, left[uid])
        if drawn.random() < 0.4:
            gone = drawn.choice(sorted(left))
            del left[gone]
            store.remove_jobs([find_job(store.connection, gone)])
    for path in "abcdef":
        assert _readers(store, path) == {uid for uid, reads in left.items() if path in reads}
    for digest in (ONE, TWO):
        found = find_artifact(store.connection, digest.hex())
        assert set(found.used_by) == {uid for uid, reads in left.items() if digest in reads.values()}
    (rows,) = store.connection.execute(f"SELECT count(*) FROM {inputs_at('TRUE')}").fetchone()
    assert rows == sum(map(len, left.values()))


def test_reads_of_a_content_lead_to_it_when_two_contents_turn_out_to_be_one(
    store: Store, make_run: MakeRun, rules: Any
) -> None:
    _record(store, make_run, rules, "00000001", {"a": ONE})
    inputs = [InputRecord("b", {"sha256": TWO}, 5, 10)]
    store.record_run(RunRecord(make_run("00000002").job, inputs, ()), rules)
    both = [InputRecord("c", {"blake3": ONE, "sha256": TWO}, 5, 10)]
    store.record_run(RunRecord(make_run("00000003").job, both, ()), rules)
    assert set(find_artifact(store.connection, ONE.hex()).paths) == {"a", "b", "c"}


def test_queries_for_readers_scan_no_table_of_inputs(store: Store) -> None:
    for query in (inputs_at("path_id = 1"), inputs_of_content("1")):
        plan = store.connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {query}").fetchall()
        assert not [step for *_, step in plan if step.startswith("SCAN") and step != "SCAN reader"]


def test_run_changes_no_more_pages_when_many_have_read_the_same_files(
    store: Store, make_run: MakeRun, rules: Any, project: Any
) -> None:
    inputs = [InputRecord(f"data/{number}", {"blake3": ONE}, 5, 10) for number in range(2000)]
    pages = []
    for number in range(30):
        store.record_run(RunRecord(make_run(f"{number:08x}").job, inputs, ()), rules)
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        wal = Path(f"{project.database}-wal")
        _record(store, make_run, rules, f"{number + 100:08x}", {f"data/{n}": ONE for n in range(2000)})
        pages.append(wal.stat().st_size // 4096)
    assert pages[-1] < 3 * pages[0]
