from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from roar_core.store.artifacts import find_artifact
from roar_core.store.current import CurrentTables
from roar_core.store.jobs import find_job
from roar_core.store.paths import list_path_events
from roar_core.store.readers import inputs_at, inputs_of_content
from roar_core.store.records import InputRecord, OutputRecord, RunRecord
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


def _record_accesses(
    store: Store, make_run: MakeRun, rules: Any, number: int, reads: dict[str, int], writes: dict[str, int]
) -> None:
    """Records a job that read and wrote these paths at these times."""
    inputs = [InputRecord(path, {"blake3": ONE}, 5, at) for path, at in reads.items()]
    outputs = [OutputRecord(path, {"blake3": ONE}, 5, at, "created", True) for path, at in writes.items()]
    store.record_run(RunRecord(make_run(f"{number:08x}").job, inputs, outputs), rules)


@pytest.mark.parametrize("seed", range(20))
def test_changed_paths_are_all_found_from_any_job_on(
    store: Store, make_run: MakeRun, rules: Any, seed: int
) -> None:
    drawn = random.Random(seed)
    ids = []
    for number in range(12):
        reads, writes = (
            {path: drawn.randrange(100) for path in "abcdefgh" if drawn.random() < 0.2} for _ in range(2)
        )
        _record_accesses(store, make_run, rules, number, reads, writes)
        ids.append(number)
        if drawn.random() < 0.2:
            store.remove_jobs([find_job(store.connection, f"{ids.pop(drawn.randrange(len(ids))):08x}")])
    tables, rows = CurrentTables(store.connection), store.connection.execute
    for (first,) in rows("SELECT id FROM job").fetchall():
        touched = rows(
            "SELECT job_id, path_id FROM job_input WHERE job_id >= ? AND first_read_ns <"
            " (SELECT max(written_ns) FROM job_output WHERE job_output.path_id = job_input.path_id)",
            (first,),
        )
        assert {(read.job_id, read.path_id) for read in tables.touched_inputs(first)} == set(touched)
        writers: dict[int, set[int]] = {}
        for path_id, job_id in rows("SELECT path_id, job_id FROM job_output WHERE job_id >= ?", (first,)):
            writers.setdefault(path_id, set()).add(job_id)
        assert {path_id: set(map(int, jobs.split())) for path_id, jobs in tables.rewritten_paths(first)} == {
            path_id: jobs for path_id, jobs in writers.items() if len(jobs) > 1
        }


def test_paths_that_only_older_jobs_changed_are_not_looked_at(
    store: Store, make_run: MakeRun, rules: Any
) -> None:
    both = ["old", "old-and-new"]
    _record_accesses(store, make_run, rules, 1, {}, dict.fromkeys(both, 10))
    _record_accesses(store, make_run, rules, 2, dict.fromkeys(both, 20), {})
    _record_accesses(store, make_run, rules, 3, {}, dict.fromkeys(both, 30))
    _record_accesses(store, make_run, rules, 4, dict.fromkeys(both, 40), {})
    _record_accesses(store, make_run, rules, 5, {}, {"old-and-new": 50})
    looked_at = store.connection.execute(
        "SELECT text FROM changed_path JOIN path ON path.id = path_id WHERE overtaken_job_id >= 3"
    )
    assert looked_at.fetchall() == [("old-and-new",)]


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


def test_unknown_inputs_are_found_without_reading_the_known_ones(store: Store) -> None:
    queries: list[str] = []
    store.connection.set_trace_callback(queries.append)
    assert CurrentTables(store.connection).unknown_inputs() == []
    store.connection.set_trace_callback(None)
    plan = store.connection.execute(f"EXPLAIN QUERY PLAN {queries[0]}").fetchall()
    assert [step for *_, step in plan if "job_input" in step] == [
        "SCAN job_input USING INDEX job_input_unknown"
    ]


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
