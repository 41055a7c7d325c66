"""Pairs of references that look alike: told for either, and gone with either."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from countenance.store import RecordExists, RecordTampered, Store
from countenance.store.look_alikes import forget_look_alikes


def test_a_pair_is_told_for_either_of_the_two(store: Store) -> None:
    store.look_alikes.note("ref_c", ["ref_b", "ref_a"])
    assert store.look_alikes.of("ref_c") == ("ref_a", "ref_b")
    assert store.look_alikes.of("ref_a") == store.look_alikes.of("ref_b") == ("ref_c",)
    assert store.look_alikes.of("ref_d") == ()


def test_nobody_who_is_close_leaves_nothing(store: Store) -> None:
    store.look_alikes.note("ref_a", [])
    assert store.look_alikes.of("ref_a") == ()


def test_a_pair_is_noted_once(store: Store) -> None:
    store.look_alikes.note("ref_b", ["ref_a", "ref_a"])
    with pytest.raises(RecordExists):
        store.look_alikes.note("ref_b", ["ref_a"])
    assert store.look_alikes.of("ref_b") == ("ref_a",)


@pytest.mark.parametrize("gone", ["ref_a", "ref_b"])
def test_it_is_gone_with_either(store: Store, gone: str) -> None:
    store.look_alikes.note("ref_b", ["ref_a"])
    store.look_alikes.note("ref_d", ["ref_c"])
    with store.together(), store.references._database.write() as session:
        forget_look_alikes(session, [gone, "ref_never"])
    assert store.look_alikes.of("ref_a") == store.look_alikes.of("ref_b") == ()
    assert store.look_alikes.of("ref_c") == ("ref_d",)


def test_a_failure_of_the_change_keeps_no_pair(store: Store) -> None:
    def enrol() -> None:
        with store.together():
            store.look_alikes.note("ref_b", ["ref_a"])
            raise LookupError

    with pytest.raises(LookupError):
        enrol()
    assert store.look_alikes.of("ref_a") == ()


def test_a_row_that_somebody_changed_is_told(store: Store, sql: Callable[[str], object]) -> None:
    store.look_alikes.note("ref_b", ["ref_a"])
    sql("UPDATE look_alikes SET other_id = 'ref_x'")
    with pytest.raises(RecordTampered):
        store.look_alikes.of("ref_b")
