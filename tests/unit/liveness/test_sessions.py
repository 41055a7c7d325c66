"""Sessions are bounded, bound and answered once; twenty at a time lose nothing."""

from __future__ import annotations

import dataclasses
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from countenance.kernel import DeviceId, FixedClock, PermitId, PurposeId, SubjectId
from countenance.liveness import (
    Binding,
    Challenge,
    ChallengeNotForThis,
    ChallengeOver,
    ChallengeSessions,
    Finding,
    Measurement,
    Outcome,
    SessionsFull,
)
from countenance.liveness.measuring import MOST_MEASUREMENTS
from liveness_performances import chance, performance

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def binding(number: int = 1) -> Binding:
    return Binding(
        subject=SubjectId(f"sub_{number}"),
        purpose=PurposeId("pur_a"),
        device=DeviceId("dev_a"),
        permit=PermitId(f"prm_{number}"),
    )


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def sessions(clock: FixedClock) -> ChallengeSessions:
    return ChallengeSessions(clock=clock, chance=chance(5), nonce=lambda: secrets.token_bytes(32))


def challenge_of(sessions: ChallengeSessions, nonce: bytes) -> Challenge:
    """What only the server knows: a person who follows perfectly has to be told somehow."""
    return sessions._open[nonce].challenge


def walked(
    sessions: ChallengeSessions, clock: FixedClock, opened: dict[int, bytes], rate: float = 5.0
) -> dict[int, Finding]:
    """Send what willing people do, interleaved as it would arrive, and finish each."""
    waiting: list[tuple[float, int, Measurement | None]] = []
    for number, nonce in opened.items():
        steps = challenge_of(sessions, nonce).steps
        shown = performance(steps, np.random.default_rng(number), rate=rate)
        waiting += [(m.arrived, number, m) for m in shown]
        waiting.append((shown[-1].arrived + 0.01, number, None))
    found = {}
    for arrived, number, measured in sorted(waiting, key=lambda item: item[:2]):
        clock.move_to(NOW + timedelta(seconds=arrived))
        if measured is None:
            found[number] = sessions.finish(opened[number], binding(number))
        else:
            sessions.observe(opened[number], binding(number), measured)
    return found


def test_twenty_at_once_at_five_frames_a_second_are_all_judged(
    sessions: ChallengeSessions, clock: FixedClock
) -> None:
    opened = {number: sessions.open(binding(number)) for number in range(20)}
    found = walked(sessions, clock, opened)
    assert {finding.outcome for finding in found.values()} == {Outcome.BONA_FIDE}
    assert len(found) == 20
    assert len(sessions) == 0


def test_one_too_many_is_told_when_to_come_back(sessions: ChallengeSessions, clock: FixedClock) -> None:
    for number in range(20):
        clock.move_to(NOW + timedelta(seconds=number / 4))
        sessions.open(binding(number))
    with pytest.raises(SessionsFull) as refused:
        sessions.open(binding(99))
    assert refused.value.retry_after == 16
    clock.move_to(clock.now() + timedelta(seconds=16))
    assert sessions.open(binding(99))


def test_a_new_challenge_ends_the_one_before(sessions: ChallengeSessions) -> None:
    first = sessions.open(binding())
    second = sessions.open(binding())
    with pytest.raises(ChallengeNotForThis):
        sessions.prompt(first, binding())
    assert sessions.prompt(second, binding()).number == 0
    assert len(sessions) == 1


def test_opening_anew_takes_no_second_place(clock: FixedClock) -> None:
    one = ChallengeSessions(clock=clock, chance=chance(1), nonce=lambda: secrets.token_bytes(32), capacity=1)
    one.open(binding())
    assert one.open(binding())
    with pytest.raises(SessionsFull):
        one.open(binding(2))


def test_a_challenge_is_answered_for_what_it_was_opened(sessions: ChallengeSessions) -> None:
    nonce = sessions.open(binding())
    for wrong in (binding(2), dataclasses.replace(binding(), purpose=PurposeId("pur_b"))):
        with pytest.raises(ChallengeNotForThis):
            sessions.observe(nonce, wrong, Measurement(number=0, taken=0, arrived=0))
        with pytest.raises(ChallengeNotForThis):
            sessions.finish(nonce, wrong)
    with pytest.raises(ChallengeNotForThis):
        sessions.prompt(bytes(32), binding())


def test_two_answers_at_once_get_one_finding(sessions: ChallengeSessions, clock: FixedClock) -> None:
    nonce = sessions.open(binding())
    clock.move_to(NOW + timedelta(seconds=19))

    def answered(_: int) -> Outcome | None:
        try:
            return sessions.finish(nonce, binding()).outcome
        except ChallengeNotForThis:
            return None

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(answered, range(8)))
    assert outcomes.count(None) == 7
    assert Outcome.BONA_FIDE not in outcomes


def test_nothing_is_taken_when_the_time_is_over(sessions: ChallengeSessions, clock: FixedClock) -> None:
    nonce = sessions.open(binding())
    clock.move_to(NOW + timedelta(seconds=20))
    for act in (
        lambda: sessions.observe(nonce, binding(), Measurement(number=0, taken=0, arrived=0)),
        lambda: sessions.finish(nonce, binding()),
        lambda: sessions.prompt(nonce, binding()),
    ):
        with pytest.raises(ChallengeOver):
            act()
    assert len(sessions) == 0


def test_a_session_takes_so_many_measurements_and_no_more(sessions: ChallengeSessions) -> None:
    nonce = sessions.open(binding())
    for number in range(MOST_MEASUREMENTS):
        sessions.observe(nonce, binding(), Measurement(number=number, taken=0, arrived=0))
    with pytest.raises(ChallengeOver):
        sessions.observe(nonce, binding(), Measurement(number=0, taken=0, arrived=0))


def test_the_server_says_when_something_arrived(sessions: ChallengeSessions, clock: FixedClock) -> None:
    nonce = sessions.open(binding())
    shown = performance(challenge_of(sessions, nonce).steps, np.random.default_rng(1))
    clock.move_to(NOW + timedelta(seconds=18))
    # Everything is sent in one go at the end, with arrivals that look right.
    for measured in shown:
        sessions.observe(nonce, binding(), measured)
    assert sessions.finish(nonce, binding()).outcome is Outcome.ATTACK_SUSPECTED


def test_a_prompt_tells_no_more_than_its_time(sessions: ChallengeSessions, clock: FixedClock) -> None:
    nonce = sessions.open(binding())
    steps = challenge_of(sessions, nonce).steps
    assert sessions.prompt(nonce, binding()).task is None
    clock.move_to(NOW + timedelta(seconds=steps[1].revealed + 0.01))
    told = sessions.observe(nonce, binding(), Measurement(number=0, taken=0, arrived=0))
    assert (told.number, told.task) == (2, steps[1].task)


def test_no_room_is_no_capacity(clock: FixedClock) -> None:
    with pytest.raises(ValueError, match="at least one"):
        ChallengeSessions(clock=clock, chance=chance(1), nonce=lambda: bytes(32), capacity=0)
