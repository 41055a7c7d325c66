"""Proofs of a stored log are those from its leaves; hashes of subtrees are never believed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from countenance.kernel import FixedClock
from countenance.release import check_store
from countenance.store import AuditReader, ProofNotPossible, RecordTampered, Store, open_checkpoint
from countenance.store.log_nodes import LOWEST_LEVEL
from countenance.store.merkle import consistency_proof, inclusion_proof

Sql = Callable[..., list[tuple[object, ...]]]
SIZE = 200


@pytest.fixture
def grown(store: Store) -> Store:
    with store.together():
        for number in range(SIZE):
            store.log.append("registered", {"number": number})
    return store


def leaves(store: Store) -> list[bytes]:
    return [bytes.fromhex(one.entry.leaf_hash) for one in AuditReader(store=store).read().entries]


def test_the_subtrees_are_kept_with_the_leaf_that_completes_them(grown: Store, sql: Sql) -> None:
    rows = sql("SELECT count(*) FROM log_nodes")
    assert rows == [(SIZE // 64 + SIZE // 128,)]
    assert LOWEST_LEVEL == 6


@pytest.mark.parametrize("size", [1, 63, 64, 65, 128, 199, 200])
def test_they_are_the_proofs_from_the_leaves(grown: Store, size: int) -> None:
    whole = leaves(grown)
    for index in {0, size // 2, size - 1}:
        assert grown.log.inclusion_proof(index, size) == inclusion_proof(whole[:size], index)
    for earlier in {1, size // 2 or 1, size}:
        assert grown.log.consistency_proof(earlier, size) == consistency_proof(whole[:size], earlier)


@pytest.mark.parametrize("change", ["UPDATE log_nodes SET hash = zeroblob(32)", "DELETE FROM log_nodes"])
def test_a_wrong_or_missing_subtree_changes_no_proof(grown: Store, sql: Sql, change: str) -> None:
    whole = leaves(grown)
    sql(change)
    assert grown.log.inclusion_proof(5, SIZE) == inclusion_proof(whole, 5)
    assert grown.log.inclusion_proof(5, 130) == inclusion_proof(whole[:130], 5)
    assert grown.log.consistency_proof(70, SIZE) == consistency_proof(whole, 70)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 201), (0, 0)])
def test_there_is_no_proof_outside(grown: Store, index: int, size: int) -> None:
    with pytest.raises(ProofNotPossible):
        grown.log.inclusion_proof(index, size)


def test_a_checkpoint_is_kept_after_so_many_entries(store: Store) -> None:
    store.log.keep_checkpoints(every_entries=10, every=timedelta(days=1))
    for number in range(25):
        store.log.append("registered", {"number": number})
    kept = AuditReader(store=store).read()
    sizes = [open_checkpoint(note, key=store.log.key).size for note in kept.checkpoints]
    assert (sizes, kept.checkpoints_whole) == ([10, 20], True)


def test_a_checkpoint_is_kept_after_so_long(store: Store, clock: FixedClock) -> None:
    store.log.keep_checkpoints(every_entries=1000, every=timedelta(minutes=5))
    for _ in range(3):
        clock.move_to(clock.now() + timedelta(minutes=3))
        store.log.append("registered", {})
    kept = AuditReader(store=store).read().checkpoints
    assert [open_checkpoint(note, key=store.log.key).size for note in kept] == [2]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM log_checkpoints WHERE size = 20",
        "DELETE FROM log_checkpoints WHERE size = 10",
        "DELETE FROM log_checkpoints",
        "UPDATE log_checkpoints SET size = 21 WHERE size = 20",
        "UPDATE log_kept SET count = 1",
        "DELETE FROM log_kept",
    ],
)
def test_a_checkpoint_that_is_dropped_is_missed(store: Store, sql: Sql, change: str) -> None:
    store.log.keep_checkpoints(every_entries=10, every=timedelta(days=1))
    for number in range(25):
        store.log.append("registered", {"number": number})
    assert check_store(store) == ()
    sql(change)
    assert "checkpoint-missing" in {finding.code.value for finding in check_store(store)}


def test_an_altered_count_is_not_stamped_anew(store: Store, sql: Sql) -> None:
    store.log.append("registered", {})
    sql("UPDATE log_kept SET count = 7")
    with pytest.raises(RecordTampered):
        store.log.checkpoint()
    store.log.append("registered", {})
    assert not AuditReader(store=store).read().checkpoints_whole
