"""The limits hold for a person over devices, for a device over persons, and over two openings of a store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from countenance.kernel import DeviceId, FixedClock, SubjectId
from countenance.liveness import AttemptLimits, AttemptsUsedUp, Limit
from countenance.store import Store, create_root_key, key_provider

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ANA, BEN = SubjectId("sub_ana"), SubjectId("sub_ben")
DESK, GATE = DeviceId("dev_desk"), DeviceId("dev_gate")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def store(tmp_path: Path, clock: FixedClock) -> Iterator[Store]:
    uri = f"file:{tmp_path / 'keys' / 'root.key'}"
    create_root_key(uri)
    provider = key_provider(uri)
    with Store.create(tmp_path / "data", key_provider=provider, clock=clock) as opened:
        yield opened


@pytest.fixture
def limits(store: Store, clock: FixedClock) -> AttemptLimits:
    return AttemptLimits(counts=store.liveness_attempts, clock=clock)


def after(clock: FixedClock, seconds: float) -> None:
    clock.move_to(clock.now() + timedelta(seconds=seconds))


def test_the_sixth_attempt_waits(limits: AttemptLimits, clock: FixedClock) -> None:
    assert [limits.attempt(ANA, DESK).left for _ in range(5)] == [50, 49, 48, 47, 46]
    with pytest.raises(AttemptsUsedUp) as refused:
        limits.attempt(ANA, DESK)
    assert refused.value.retry_after == 30
    after(clock, 30)
    assert limits.attempt(ANA, DESK).left == 45
    with pytest.raises(AttemptsUsedUp) as again:
        limits.attempt(ANA, DESK)
    assert again.value.retry_after == 60


def test_another_device_is_no_way_round(limits: AttemptLimits) -> None:
    for _ in range(5):
        limits.attempt(ANA, DESK)
    with pytest.raises(AttemptsUsedUp):
        limits.attempt(ANA, GATE)
    assert limits.attempt(BEN, GATE).left == 50


def test_another_person_is_no_way_round_on_one_device(limits: AttemptLimits) -> None:
    for number in range(20):
        limits.attempt(SubjectId(f"sub_{number}"), DESK)
    with pytest.raises(AttemptsUsedUp):
        limits.attempt(ANA, DESK)
    assert limits.attempt(ANA, GATE).allowed


def test_success_clears_the_person_and_not_the_device(limits: AttemptLimits) -> None:
    for _ in range(20):
        limits.attempt(ANA, DESK)
        limits.succeeded(ANA)
    with pytest.raises(AttemptsUsedUp):
        limits.attempt(ANA, DESK)
    assert limits.attempt(ANA, GATE).left == 50


def test_a_device_starts_anew_the_next_day(limits: AttemptLimits, clock: FixedClock) -> None:
    for number in range(20):
        limits.attempt(SubjectId(f"sub_{number}"), DESK)
    after(clock, 86_400)
    assert limits.attempt(ANA, DESK).allowed


def test_at_the_cap_no_time_is_named(store: Store, clock: FixedClock) -> None:
    few = AttemptLimits(counts=store.liveness_attempts, clock=clock, subject=Limit(free=2, cap=2))
    few.attempt(ANA, DESK)
    few.attempt(ANA, DESK)
    after(clock, 1e7)
    with pytest.raises(AttemptsUsedUp) as refused:
        few.attempt(ANA, DESK)
    assert refused.value.retry_after is None
    assert "without a face" in refused.value.remedy


def test_what_is_refused_does_not_lengthen_the_wait(limits: AttemptLimits, clock: FixedClock) -> None:
    for _ in range(5):
        limits.attempt(ANA, DESK)
    for _ in range(10):
        with pytest.raises(AttemptsUsedUp):
            limits.attempt(ANA, DESK)
    after(clock, 30)
    assert limits.attempt(ANA, DESK).allowed
