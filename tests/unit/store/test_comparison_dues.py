"""Moments are looked at and moved in one transaction, under names that say nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from countenance.kernel import FixedClock, KeyProvider
from countenance.store import RecordTampered, Store

NOON = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
MINUTE = timedelta(minutes=1)
NAMES = ("device:dev_a", "reference:pass:00ff")


def moved(store: Store, *names: str, at: datetime = NOON, most: timedelta = timedelta(days=9)) -> bool:
    """Move each name a minute on if none would reach further than ``most``."""

    def decide(dues: tuple[datetime | None, ...]) -> tuple[list[datetime] | None, bool]:
        new = [max(at, due or at) + MINUTE for due in dues]
        allowed = all(due - at <= most for due in new)
        return (new if allowed else None), allowed

    return store.comparison_dues.take(names, at=at, decide=decide)


def test_every_name_is_moved(store: Store) -> None:
    assert store.comparison_dues.due(NAMES[0]) is None
    assert moved(store, *NAMES)
    assert moved(store, NAMES[0])
    assert store.comparison_dues.due(NAMES[0]) == NOON + 2 * MINUTE
    assert store.comparison_dues.due(NAMES[1]) == NOON + MINUTE


def test_the_decision_sees_the_moments_in_order(store: Store) -> None:
    moved(store, NAMES[1])
    seen: list[tuple[datetime | None, ...]] = []

    def decide(dues: tuple[datetime | None, ...]) -> tuple[None, str]:
        seen.append(dues)
        return None, "refused"

    assert store.comparison_dues.take(NAMES, at=NOON, decide=decide) == "refused"
    assert seen == [(None, NOON + MINUTE)]


def test_what_is_refused_moves_nothing(store: Store) -> None:
    assert moved(store, *NAMES, most=MINUTE)
    assert not moved(store, *NAMES, most=MINUTE)
    assert store.comparison_dues.due(NAMES[0]) == NOON + MINUTE


def test_a_cleared_name_starts_anew_and_another_does_not(store: Store) -> None:
    moved(store, *NAMES)
    store.comparison_dues.clear(NAMES[1])
    store.comparison_dues.clear("reference:never")
    assert store.comparison_dues.due(NAMES[1]) is None
    assert store.comparison_dues.due(NAMES[0]) == NOON + MINUTE


def test_what_has_passed_is_dropped_with_the_next_one(store: Store) -> None:
    moved(store, NAMES[1])
    moved(store, NAMES[0], at=NOON + MINUTE)
    assert store.comparison_dues.due(NAMES[1]) == NOON + MINUTE, "up to the moment itself it stands"
    moved(store, NAMES[0], at=NOON + 2 * MINUTE)
    assert store.comparison_dues.due(NAMES[1]) is None


def test_of_many_at_once_no_more_pass_than_one_after_another(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(lambda _: moved(store, *NAMES, most=5 * MINUTE), range(20)))
    assert sum(passed) == 5


def test_two_openings_count_as_one(
    folder: Path, provider: KeyProvider, clock: FixedClock, store: Store
) -> None:
    moved(store, *NAMES)
    with Store.open(folder, key_provider=provider, clock=clock) as other:
        assert not moved(other, NAMES[0], most=MINUTE)
        other.comparison_dues.clear(NAMES[0])
    assert moved(store, NAMES[0], most=MINUTE)


def test_the_file_says_neither_name(folder: Path, store: Store) -> None:
    moved(store, *NAMES)
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not any(name.encode() in written for name in (*NAMES, "dev_a", "00ff"))


def test_a_row_that_somebody_changed_is_told(store: Store, sql: Callable[[str], object]) -> None:
    moved(store, *NAMES)
    sql("UPDATE comparison_dues SET due = '2020-01-01T00:00:00.000000Z'")
    with pytest.raises(RecordTampered):
        moved(store, NAMES[0])
    with pytest.raises(RecordTampered):
        store.comparison_dues.due(NAMES[0])
