"""Which artifact digests lead to."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from roar_core.store.store import Store
from roar_core.store.transactions import write_transaction
from roar_core.store.write_artifacts import ensure_artifacts


@dataclass(frozen=True)
class Content:
    digests: dict[str, bytes] = field(default_factory=dict)
    size: int | None = 5


def _ensure(store: Store, *contents: dict[str, bytes]) -> list[int | None]:
    with write_transaction(store.connection):
        return ensure_artifacts(store.connection, [Content(digests) for digests in contents])


def _digests(store: Store, artifact: int | None) -> dict[str, bytes]:
    return dict(
        store.connection.execute("SELECT algorithm, value FROM digest WHERE artifact_id = ?", (artifact,))
    )


def test_same_digest_is_one_artifact(store: Store) -> None:
    first = _ensure(store, {"blake3": b"a"}, {"blake3": b"b"}, {"blake3": b"a"}, {})
    assert first[0] == first[2] != first[1]
    assert first[3] is None
    assert _ensure(store, {"blake3": b"b"}) == [first[1]]


def test_another_algorithm_joins_the_artifact_that_shares_one(store: Store) -> None:
    (artifact,) = _ensure(store, {"blake3": b"a"})
    assert _ensure(store, {"blake3": b"a", "sha256": b"s"}) == [artifact]
    assert _ensure(store, {"sha256": b"s"}) == [artifact]


def test_digests_of_two_artifacts_merge_them_with_their_edges(store: Store) -> None:
    first, second = _ensure(store, {"blake3": b"a"}, {"sha256": b"s"})
    connection = store.connection
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("INSERT INTO job_output (job_id, path_id, artifact_id, written_ns, write_kind)"
                       " VALUES (1, 1, ?, 1, 'created')", (second,))  # fmt: skip
    together = _ensure(store, {"sha256": b"s"}, {"blake3": b"a", "sha256": b"s"})
    assert together == [first, first]
    assert _digests(store, first) == {"blake3": b"a", "sha256": b"s"}
    assert connection.execute("SELECT artifact_id FROM job_output").fetchall() == [(first,)]
    assert connection.execute("SELECT count(*) FROM artifact").fetchone() == (1,)


@pytest.mark.parametrize("together", [True, False])
def test_forged_weak_digest_joins_nothing(store: Store, together: bool) -> None:
    (real,) = _ensure(store, {"blake3": b"a", "md5": b"m"})
    (forged,) = _ensure(store, {"blake3": b"z", "md5": b"m"} if together else {"blake3": b"z"})
    assert forged != real
    assert _digests(store, real) == {"blake3": b"a", "md5": b"m"}
    assert _digests(store, forged) == {"blake3": b"z"}


def test_chain_of_merges_in_one_chunk_leads_to_the_oldest(store: Store) -> None:
    a, b, c = _ensure(store, {"blake3": b"a"}, {"sha256": b"s"}, {"sha512": b"t"})
    joined = _ensure(
        store,
        {"sha512": b"t"},
        {"sha256": b"s", "sha512": b"t"},
        {"blake3": b"a", "sha256": b"s"},
        {"sha512": b"t"},
    )
    assert set(joined) == {a}
    assert len({a, b, c}) == 3


def test_known_and_new_digests_mix_in_either_order(store: Store) -> None:
    known = [{"blake3": bytes([number])} for number in range(5)]
    new = [{"blake3": bytes([number])} for number in range(100, 105)]
    first = _ensure(store, *known)
    assert _ensure(store, *new[:2], *known, *new[:3])[2:7] == first
    assert _ensure(store, *known, *new)[:5] == first
    connection = store.connection
    assert connection.execute("SELECT count(*), count(DISTINCT artifact_id) FROM digest").fetchone() == (
        10,
        10,
    )
    assert connection.execute("SELECT count(*) FROM artifact").fetchone() == (10,)
