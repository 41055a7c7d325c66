"""Legal holds: sealed grounds, an end, lifted once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from countenance.kernel import SubjectId
from countenance.store import RecordTampered, RecordUnknown, Store
from held_people import NOON, hold_on

ANN, BEN = SubjectId("sub_ann"), SubjectId("sub_ben")


def test_a_hold_is_kept_with_its_ground(store: Store) -> None:
    hold = hold_on(store, ANN)
    assert store.holds.of(ANN) == (hold,)
    assert store.holds.of(BEN) == ()
    assert store.holds.all_at(NOON) == (hold,)


def test_a_ground_is_not_on_disk_in_the_clear(store: Store, folder: Path) -> None:
    hold_on(store, ANN)
    assert all(b"court order" not in path.read_bytes() for path in folder.iterdir())
    assert "court order" not in repr(store.holds.of(ANN))


@pytest.mark.parametrize(("days", "counts"), [(-1, False), (0, False), (1, True)])
def test_a_hold_ends(store: Store, days: int, counts: bool) -> None:
    hold = hold_on(store, ANN, days=10)
    moment = NOON + timedelta(days=10 - days)
    assert hold.counts_at(moment) is counts
    assert bool(store.holds.all_at(moment)) is counts


def test_lifting_ends_every_hold_that_counts(store: Store) -> None:
    hold_on(store, ANN, days=5)
    hold_on(store, ANN, days=9)
    hold_on(store, BEN)
    lifted = store.holds.lift(ANN, at=NOON, by="officer")
    assert [(one.lifted_by, one.lifted_at) for one in lifted] == [("officer", NOON)] * 2
    assert [one.subject for one in store.holds.all_at(NOON)] == [BEN]
    with pytest.raises(RecordUnknown):
        store.holds.lift(ANN, at=NOON, by="officer")


def test_a_hold_edited_by_hand_is_not_believed(
    store: Store, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    hold_on(store, ANN)
    sql("UPDATE legal_holds SET until = '2026-01-01T00:00:00.000000Z'")
    with pytest.raises(RecordTampered):
        store.holds.of(ANN)
    assert [row.table for row in store.check_records()] == ["legal_holds"]
