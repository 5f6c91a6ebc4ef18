from __future__ import annotations

from collections.abc import Callable
from typing import Any

from roar_core.store.counts import count_pending
from roar_core.store.edges import iterate_inputs, iterate_outputs
from roar_core.store.pending import Resolution, list_pending
from roar_core.store.records import PENDING, Identity, InputRecord, OutputRecord
from roar_core.store.store import Store

IDENTITY = Identity(2**63 + 1, 2**64 - 1, 700, 10, 11)


def _record(store: Store, make_run: Callable[..., Any], rules: Any) -> int:
    inputs = [InputRecord("in\udcff", {}, 700, 1, reason=PENDING, identity=IDENTITY)]
    outputs = [OutputRecord("out", {}, 700, 2, "created", True, reason=PENDING, identity=IDENTITY)]
    run = make_run("aaaaaaaa")._replace(inputs=inputs, outputs=outputs)
    return int(store.record_run(run, rules).job_id)


def test_pending_digests_are_listed_with_identity(
    store: Store, make_run: Callable[..., Any], rules: Any
) -> None:
    job_id = _record(store, make_run, rules)
    assert count_pending(store.connection) == 2
    listed = {(item.direction, item.path): item for item in list_pending(store.connection)}
    assert listed.keys() == {("input", "in\udcff"), ("output", "out")}
    assert all(item.identity == IDENTITY and item.job_id == job_id for item in listed.values())
    (row,) = iterate_inputs(store.connection, job_id)
    assert (row.digests, row.reason, row.size) == ({}, PENDING, 700)


def test_pending_digest_is_settled_by_digest_or_reason(
    store: Store, make_run: Callable[..., Any], rules: Any
) -> None:
    job_id = _record(store, make_run, rules)
    listed = {item.direction: item for item in list_pending(store.connection)}
    answers = [
        Resolution(listed["input"], {"blake3": b"a" * 32}),
        Resolution(listed["output"], {}, "changed since"),
    ]
    store.resolve_pending(answers, rules)
    (read,) = iterate_inputs(store.connection, job_id)
    (made,) = iterate_outputs(store.connection, job_id)
    assert (read.digests, read.reason, read.size) == ({"blake3": (b"a" * 32).hex()}, None, 700)
    assert (made.digests, made.reason) == ({}, "changed since")
    assert list_pending(store.connection) == ()
    store.resolve_pending([answer._replace(digests={"blake3": b"z" * 32}) for answer in answers], rules)
    assert next(iterate_inputs(store.connection, job_id)).digests == read.digests


def test_settled_digest_finds_its_producer(store: Store, make_run: Callable[..., Any], rules: Any) -> None:
    made = OutputRecord("data.csv", {"blake3": b"a" * 32}, 700, 1, "created", True)
    store.record_run(make_run("bbbbbbbb")._replace(outputs=[made]))
    late = InputRecord("data.csv", {}, 700, 2, reason=PENDING, identity=IDENTITY)
    recorded = store.record_run(make_run("aaaaaaaa")._replace(inputs=[late]))
    assert next(iterate_inputs(store.connection, recorded.job_id)).origin == "unknown"
    (pending,) = list_pending(store.connection)
    store.resolve_pending([Resolution(pending, {"blake3": b"a" * 32})])
    (row,) = iterate_inputs(store.connection, recorded.job_id)
    assert (row.origin, row.producer_uid) == ("job", "bbbbbbbb")
