from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from roar_core.project import Project
from roar_core.store.details import get_documents, list_drops, list_gaps, list_processes
from roar_core.store.edges import iterate_inputs, iterate_outputs
from roar_core.store.jobs import find_job, list_jobs
from roar_core.store.records import Drops, Gap, GitState, InputRecord, OutputRecord, ProcessRecord, RunRecord
from roar_core.store.store import Store
from roar_core.store.transactions import write_transaction
from roar_core.store.write_edges import ensure_paths

MakeRun = Callable[..., Any]
BYTES_PATH = b"data/caf\xe9 \xff.csv".decode("utf-8", "surrogateescape")


def test_run_is_read_back_as_it_was_recorded(store: Store, make_run: MakeRun, rules: Any) -> None:
    git = GitState(
        "c0ffee", "main", "https://example.org/x.git", True, "a message", "diff \udcff", ("new.py",)
    )
    process = ProcessRecord(1, None, 4711, "/usr/bin/\udcff", ("python", "\udcfe"), "/", 1, 2, 0, None)
    job = make_run("aaaaaaaa").job._replace(git=git, environment={"LANG": "C"}, hardware={"cores": 8}, name="träin",
        packages=({"name": "numpy", "version": "2.0"},), peak_memory_bytes=5, cpu_seconds=0.5, parent_uid="bbbbbbbb",
    )  # fmt: skip
    inputs = [
        InputRecord("b.csv", {"blake3": b"\x01" * 32}, 5, 20, role="code", tracked_by_git=True),
        InputRecord(BYTES_PATH, {}, None, 10, reason="changed while it was read"),
    ]
    outputs = [
        OutputRecord("m.pt", {"blake3": b"\x02" * 32}, 7, 30, "created", True, shared=True),
        OutputRecord("gone", {}, None, 31, "modified", None, fate="removed"),
    ]
    gaps, drops = (Gap("io_uring", "a ring", 1),), (Drops("system", 17, ("/usr/lib/x", "/usr/\udcff")),)
    recorded = store.record_run(RunRecord(job, inputs, outputs, (process,), gaps, drops), rules)

    connection = store.connection
    row = find_job(connection, "aaaaaaaa")
    assert (row.id, row.step_name, row.argv, row.name) == (recorded.job_id, "@1", job.argv, "träin")
    assert (row.parent_uid, row.peak_memory_bytes, row.cpu_seconds) == ("bbbbbbbb", 5, 0.5)
    documents = get_documents(connection, row)
    assert documents.git == git
    assert (documents.environment, documents.hardware) == (job.environment, job.hardware)
    assert documents.packages == job.packages
    assert list_processes(connection, row.id) == (process,)
    assert list_gaps(connection, row.id) == gaps
    assert list_drops(connection, row.id) == drops
    first, second = iterate_inputs(connection, row.id)
    assert [row.path for row in iterate_inputs(connection, row.id, limit=1)] == [BYTES_PATH]
    assert (first.path, first.digests, first.reason) == (BYTES_PATH, {}, "changed while it was read")
    assert (second.path, second.digests, second.size) == ("b.csv", {"blake3": "01" * 32}, 5)
    assert (second.role, second.tracked_by_git, second.origin) == ("code", True, "root")
    made, gone = iterate_outputs(connection, row.id)
    assert (made.path, made.digests, made.created, made.shared) == ("m.pt", {"blake3": "02" * 32}, True, True)
    assert (gone.path, gone.fate, gone.created) == ("gone", "removed", None)


def test_same_run_recorded_twice_is_found(store: Store, make_run: MakeRun, rules: Any) -> None:
    first = store.record_run(make_run("aaaaaaaa", 10, 10), rules)
    assert store.record_run(make_run("aaaaaaaa", 10, 10), rules) == first
    assert len(list_jobs(store.connection)) == 1


def test_taken_uid_is_drawn_again_and_known_again(store: Store, make_run: MakeRun, rules: Any) -> None:
    store.record_run(make_run("aaaaaaaa"), rules)
    other = make_run("aaaaaaaa", started_ns=5)
    recorded = store.record_run(other, rules)
    assert recorded.uid != "aaaaaaaa"
    assert len(recorded.uid) == 8
    assert store.record_run(other, rules) == recorded
    assert len(list_jobs(store.connection)) == 2


def test_run_that_fails_half_way_leaves_nothing_and_can_be_recorded(
    store: Store, make_run: MakeRun, rules: Any
) -> None:
    class Broken(Exception):
        pass

    def break_off() -> Iterator[InputRecord]:
        yield from make_run("aaaaaaaa", 5000).inputs
        raise Broken

    run = make_run("aaaaaaaa", 5000)
    with pytest.raises(Broken):
        store.record_run(run._replace(inputs=break_off()), rules)
    for table in ("job", "job_input", "process"):
        assert store.connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert store.record_run(run, rules).uid == "aaaaaaaa"


def test_run_is_invisible_until_it_is_complete(
    project: Project, store: Store, make_run: MakeRun, rules: Any
) -> None:
    seen: list[int] = []

    def watch() -> Iterator[InputRecord]:
        for number, record in enumerate(make_run("aaaaaaaa", 6000).inputs):
            if number % 2000 == 1999:
                with Store(project) as reader:
                    seen.append(len(list_jobs(reader.connection)))
            yield record

    store.record_run(make_run("aaaaaaaa")._replace(inputs=watch()), rules)
    assert seen == [0, 0, 0]
    assert len(list_jobs(store.connection)) == 1


def test_duplicate_paths_of_one_run_count_once(store: Store, make_run: MakeRun, rules: Any) -> None:
    twice = [InputRecord("x", {"blake3": b"1" * 32}, 1, 1), InputRecord("x", {"blake3": b"2" * 32}, 1, 2)]
    recorded = store.record_run(make_run("aaaaaaaa")._replace(inputs=twice), rules)
    (row,) = iterate_inputs(store.connection, recorded.job_id)
    assert row.digests == {"blake3": (b"1" * 32).hex()}


def test_documents_are_kept_once(store: Store, make_run: MakeRun, rules: Any) -> None:
    for number in range(3):
        store.record_run(make_run(f"aaaaaaa{number}", environment={"A": "1"}, hardware={"cores": 8}), rules)
    assert store.connection.execute("SELECT count(*) FROM document").fetchone() == (2,)


def test_all_runs_share_the_active_session(store: Store, make_run: MakeRun, rules: Any) -> None:
    sessions = {store.record_run(make_run(f"aaaaaaa{number}"), rules).session_uid for number in range(3)}
    assert len(sessions) == 1


def test_lineage_is_asked_by_parts_and_inside_the_last_transaction(store: Store, make_run: MakeRun) -> None:
    asked: list[tuple[object, ...]] = []

    class Rules:
        def assign_step(self, connection: Any, job_id: int, rerun_of: int | None) -> int:
            visible = connection.execute("SELECT visible FROM job WHERE id = ?", (job_id,)).fetchone()
            asked.append(("step", rerun_of, *visible, connection.in_transaction))
            return 7

        def settle_part(self, connection: Any, job_id: int, first: int, last: int) -> None:
            asked.append(("part", first, last, connection.in_transaction))

        def settle_readers(self, connection: Any, job_id: int) -> None:
            row = connection.execute("SELECT step, visible FROM job WHERE id = ?", (job_id,)).fetchone()
            asked.append(("readers", *row, connection.in_transaction))

    assert store.record_run(make_run("aaaaaaaa", 45_000, rerun_of=7), Rules()).step == 7
    parts = [("part", 1, 20_000, True), ("part", 20_001, 40_000, True), ("part", 40_001, 45_000, True)]
    assert asked == [*parts, ("step", 7, 0, True), ("readers", 7, 1, True)]


def test_job_visible_since_settling_began_is_settled_too(
    project: Project, store: Store, make_run: MakeRun, rules: Any, writer: Any
) -> None:
    asked: list[int] = []

    class Rules(writer.CountingRules):  # type: ignore[misc]  # a class of a module loaded by path
        def settle_part(self, connection: Any, job_id: int, first: int, last: int) -> None:
            connection.execute("COMMIT")  # as if the other came between two parts
            with Store(project) as other:
                other.record_run(make_run("bbbbbbbb"), rules)
            connection.execute("BEGIN IMMEDIATE")

        def settle_readers(self, connection: Any, job_id: int) -> None:
            asked.append(job_id)

    store.record_run(make_run("cccccccc"), rules)
    recorded = store.record_run(make_run("aaaaaaaa", 5), Rules())
    assert asked == [find_job(store.connection, "bbbbbbbb").id, recorded.job_id]


def test_rules_of_lineage_are_the_default(store: Store, make_run: MakeRun) -> None:
    recorded = store.record_run(make_run("aaaaaaaa", 3, 3))
    assert recorded.step == 1
    assert {row.origin for row in iterate_inputs(store.connection, recorded.job_id)} == {"root"}


def test_known_and_new_paths_mix_in_either_order(store: Store) -> None:
    with write_transaction(store.connection):
        known = ensure_paths(store.connection, ["a", "b", BYTES_PATH])
        mixed = ensure_paths(store.connection, ["new", "a", "b", BYTES_PATH, "new"])
        assert mixed[1:4] == known
        assert mixed[0] == mixed[4]
        assert ensure_paths(store.connection, ["a", "newer", "new"])[::2] == [known[0], mixed[0]]
        assert ensure_paths(store.connection, []) == []
    assert store.connection.execute("SELECT count(*) FROM path").fetchone() == (5,)
