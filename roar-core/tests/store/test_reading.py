from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from roar_core.errors import AmbiguousReference, NotFound, UsageError
from roar_core.store.artifacts import find_artifact
from roar_core.store.edges import count_edges
from roar_core.store.health import check_health, find_problems
from roar_core.store.jobs import count_jobs, find_job, list_children, list_jobs, list_step
from roar_core.store.records import InputRecord, OutputRecord
from roar_core.store.sessions import find_active_session
from roar_core.store.store import Store
from roar_core.store.version import SCHEMA_VERSION

MakeRun = Callable[..., Any]


def test_jobs_are_listed_newest_first(store: Store, make_run: MakeRun, rules: Any) -> None:
    for number in (2, 3, 1):
        store.record_run(make_run(f"aaaaaaa{number}", started_ns=number), rules)
    assert [job.uid[-1] for job in list_jobs(store.connection)] == ["3", "2", "1"]
    assert [job.uid[-1] for job in list_jobs(store.connection, limit=1)] == ["3"]
    assert count_jobs(store.connection) == 3


def test_job_is_found_by_uid_or_unique_prefix(store: Store, make_run: MakeRun, rules: Any) -> None:
    store.record_run(make_run("abcd0001"), rules)
    store.record_run(make_run("abcd0002", parent_uid="abcd0001"), rules)
    assert find_job(store.connection, "abcd0001").uid == "abcd0001"
    assert find_job(store.connection, "abcd0002").uid == "abcd0002"
    assert [job.uid for job in list_children(store.connection, "abcd0001")] == ["abcd0002"]
    with pytest.raises(AmbiguousReference):
        find_job(store.connection, "abcd")
    for missing in ("abce", ""):
        with pytest.raises(NotFound):
            find_job(store.connection, missing)


def test_steps_of_builds_are_apart(store: Store, make_run: MakeRun, writer: Any) -> None:
    class First(writer.CountingRules):  # type: ignore[misc]  # a class of a module loaded by path
        def assign_step(self, *_: object) -> int:
            return 1

    store.record_run(make_run("aaaaaaaa"), First())
    store.record_run(make_run("bbbbbbbb", kind="build"), First())
    session = find_active_session(store.connection)
    assert session is not None
    (run,) = list_step(store.connection, session.id, "run", 1)
    (build,) = list_step(store.connection, session.id, "build", 1)
    assert (run.step_name, build.step_name) == ("@1", "@B1")
    assert list_step(store.connection, session.id, "run", 2) == ()


def test_artifact_is_found_by_digest_with_makers_and_users(
    store: Store, make_run: MakeRun, rules: Any
) -> None:
    digest = bytes(range(32))
    made = OutputRecord("m.pt", {"blake3": digest}, 9, 10, "created", True)
    used = InputRecord("copy.pt", {"blake3": digest, "sha256": b"\xab" * 32}, 9, 20)
    store.record_run(make_run("aaaaaaaa")._replace(outputs=[made]), rules)
    store.record_run(make_run("bbbbbbbb")._replace(inputs=[used]), rules)
    for reference in (
        "00010203",
        "000102030",
        "blake3:00010203",
        digest.hex(),
        "ABABABAB",
        "sha256:abababab",
    ):
        artifact = find_artifact(store.connection, reference)
        assert (artifact.produced_by, artifact.used_by) == (("aaaaaaaa",), ("bbbbbbbb",))
        assert artifact.paths == ("m.pt", "copy.pt")
        assert artifact.digests == {"blake3": digest.hex(), "sha256": "ab" * 32}
        assert artifact.size == 9


def test_artifact_reference_that_fits_none_or_several_is_said(
    store: Store, make_run: MakeRun, rules: Any
) -> None:
    files = [
        InputRecord(f"f{number}", {"blake3": b"\x01" * 31 + bytes([number])}, 9, 20) for number in range(2)
    ]
    store.record_run(make_run("aaaaaaaa")._replace(inputs=files), rules)
    with pytest.raises(AmbiguousReference):
        find_artifact(store.connection, "01010101")
    for missing in ("ffffffff", "sha256:01010101"):
        with pytest.raises(NotFound):
            find_artifact(store.connection, missing)
    for wrong in ("0101", "data.csv", "blake3:", ""):
        with pytest.raises(UsageError):
            find_artifact(store.connection, wrong)


def test_health_of_a_sound_database(store: Store, make_run: MakeRun, rules: Any) -> None:
    recorded = store.record_run(make_run("aaaaaaaa", 20, 10), rules)
    assert count_edges(store.connection, recorded.job_id) == (20, 10)
    health = check_health(store.connection, store.project.database, thorough=True)
    assert health.problems == ()
    assert (health.journal_mode, health.version, health.unfinished_jobs) == ("wal", SCHEMA_VERSION, 0)
    assert (health.rows["job_input"], health.rows["job_output"], health.rows["artifact"]) == (20, 10, 30)
    assert health.database_bytes + health.wal_bytes > 0


def test_health_tells_of_a_row_without_its_parent(store: Store, make_run: MakeRun, rules: Any) -> None:
    store.record_run(make_run("aaaaaaaa", 20), rules)
    store.connection.execute("PRAGMA foreign_keys = OFF")
    store.connection.execute("DELETE FROM path WHERE id = 1")
    assert find_problems(store.connection) == ("row of job_input refers to a missing path",)
