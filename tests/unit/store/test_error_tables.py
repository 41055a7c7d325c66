"""A deployment's own tables: one a network, and none that somebody changed or brought along."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from countenance.store import KeptErrorTable, RecordTampered, Store

NOON = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
KEPT = KeptErrorTable("network-1+int8", 'label = "calibrated"\n', NOON)


def test_what_was_kept_is_there_for_its_network_alone(store: Store) -> None:
    store.error_tables.put(KEPT)
    assert store.error_tables.get(KEPT.model_id) == KEPT
    assert store.error_tables.get("network-1") is None


def test_a_later_one_takes_its_place(store: Store) -> None:
    store.error_tables.put(KEPT)
    later = KeptErrorTable(KEPT.model_id, 'label = "later"\n', NOON + timedelta(days=1))
    store.error_tables.put(later)
    assert store.error_tables.get(KEPT.model_id) == later


def test_dropped_it_is_gone(store: Store) -> None:
    store.error_tables.put(KEPT)
    assert store.error_tables.drop(KEPT.model_id)
    assert not store.error_tables.drop(KEPT.model_id)
    assert store.error_tables.get(KEPT.model_id) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE error_tables SET content = content || 'threshold = 0.1'",
        "UPDATE error_tables SET model_id = 'network-2'",
        "UPDATE error_tables SET made_at = '2020-01-01T00:00:00.000000Z'",
    ],
)
def test_one_that_somebody_changed_is_told(store: Store, sql: Callable[[str], object], change: str) -> None:
    store.error_tables.put(KEPT)
    sql(change)
    with pytest.raises(RecordTampered):
        store.error_tables.get("network-2" if "model_id" in change else KEPT.model_id)


def test_hashes_are_of_what_lies_there(store: Store, sql: Callable[[str], object]) -> None:
    assert store.error_tables.hashes() == {}
    store.error_tables.put(KEPT)
    written = {KEPT.model_id: sha256(KEPT.content.encode()).hexdigest()}
    assert store.error_tables.hashes() == written
    sql("UPDATE error_tables SET content = content || 'threshold = 0.1'")
    assert store.error_tables.hashes() != written
