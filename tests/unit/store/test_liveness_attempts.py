"""Attempts are counted in one transaction, under names that say nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from countenance.kernel import FixedClock, KeyProvider, PurposeId, SubjectId
from countenance.store import AttemptCount, RecordTampered, Store, name_of_subject

NOON = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
NAMES = ("subject:sub_a", "device:dev_a")


def tried(store: Store, *names: str, at: datetime = NOON, most: int = 99) -> bool:
    def decide(counts: tuple[AttemptCount, ...]) -> tuple[bool, bool]:
        allowed = all(count.attempts < most for count in counts)
        return allowed, allowed

    return store.liveness_attempts.attempt(names, at=at, decide=decide)


def test_every_name_is_counted(store: Store) -> None:
    assert store.liveness_attempts.count(NAMES[0]) == AttemptCount()
    tried(store, *NAMES)
    tried(store, NAMES[0], at=NOON + timedelta(seconds=9))
    assert store.liveness_attempts.count(NAMES[0]) == AttemptCount(2, NOON + timedelta(seconds=9))
    assert store.liveness_attempts.count(NAMES[1]) == AttemptCount(1, NOON)


def test_the_decision_sees_the_counts_in_order(store: Store) -> None:
    tried(store, NAMES[1])
    seen: list[tuple[int, ...]] = []

    def decide(counts: tuple[AttemptCount, ...]) -> tuple[bool, str]:
        seen.append(tuple(count.attempts for count in counts))
        return False, "refused"

    assert store.liveness_attempts.attempt(NAMES, at=NOON, decide=decide) == "refused"
    assert seen == [(0, 1)]


def test_what_is_refused_is_not_counted(store: Store) -> None:
    assert tried(store, *NAMES, most=1)
    assert not tried(store, *NAMES, most=1)
    assert store.liveness_attempts.count(NAMES[0]).attempts == 1


def test_a_clock_that_goes_back_moves_no_count_back(store: Store) -> None:
    tried(store, NAMES[0])
    tried(store, NAMES[0], at=NOON - timedelta(days=2))
    assert store.liveness_attempts.count(NAMES[0]) == AttemptCount(2, NOON)


def test_a_cleared_name_starts_anew_and_another_does_not(store: Store) -> None:
    tried(store, *NAMES)
    store.liveness_attempts.clear(NAMES[0])
    store.liveness_attempts.clear("subject:nobody")
    assert store.liveness_attempts.count(NAMES[0]) == AttemptCount()
    assert store.liveness_attempts.count(NAMES[1]).attempts == 1


def test_old_counts_are_forgotten(store: Store) -> None:
    tried(store, NAMES[0])
    tried(store, NAMES[1], at=NOON + timedelta(days=2))
    assert store.liveness_attempts.forget_before(NOON + timedelta(days=1)) == 1
    assert store.liveness_attempts.count(NAMES[0]) == AttemptCount()
    assert store.liveness_attempts.count(NAMES[1]).attempts == 1


def test_of_many_at_once_no_more_than_allowed_are_counted(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(lambda _: tried(store, *NAMES, most=5), range(24)))
    assert sum(allowed) == 5
    assert store.liveness_attempts.count(NAMES[0]).attempts == 5


def test_counts_outlive_a_restart(folder: Path, provider: KeyProvider, clock: FixedClock) -> None:
    with Store.create(folder, key_provider=provider, clock=clock) as store:
        tried(store, *NAMES)
    with Store.open(folder, key_provider=provider, clock=clock) as store:
        assert store.liveness_attempts.count(NAMES[0]).attempts == 1


def test_two_openings_share_one_count(folder: Path, provider: KeyProvider, clock: FixedClock) -> None:
    with (
        Store.create(folder, key_provider=provider, clock=clock) as first,
        Store.open(folder, key_provider=provider, clock=clock) as second,
    ):
        allowed = [tried(one, *NAMES, most=3) for one in (first, second) * 3]
    assert allowed == [True, True, True, False, False, False]


def test_a_count_that_was_changed_is_not_believed(store: Store, sql: Callable[[str], None]) -> None:
    tried(store, *NAMES)
    sql("UPDATE liveness_attempts SET attempts = 0")
    with pytest.raises(RecordTampered):
        store.liveness_attempts.count(NAMES[0])
    with pytest.raises(RecordTampered):
        tried(store, *NAMES)


def test_the_file_does_not_say_whose_count_it_is(store: Store, folder: Path) -> None:
    tried(store, "subject:sub_findme")
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"findme" not in written


def test_an_erasure_takes_the_count_along(store: Store) -> None:
    subject = SubjectId("sub_erased")
    store.vault.seal(subject, PurposeId("pur_a"), b"held", context={"record": "decision"})
    tried(store, name_of_subject(subject), NAMES[1])
    store.erasures.erase(subject, None)
    assert store.liveness_attempts.count(name_of_subject(subject)) == AttemptCount()
    assert store.liveness_attempts.count(NAMES[1]).attempts == 1
