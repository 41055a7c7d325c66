"""A challenge is opened for one thing, told step by step and answered once."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import DeviceId, PermitId, PurposeId, SubjectId
from countenance.liveness import (
    Binding,
    Challenge,
    ChallengeNotForThis,
    ChallengeOver,
    ChallengeSpent,
    open_challenge,
)
from countenance.liveness.actions import every_choice
from countenance.liveness.challenge import BASELINE_SECONDS, GAP_SECONDS, LONGEST_SECONDS
from liveness_performances import chance

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NONCE = bytes(range(32))
BINDING = Binding(
    subject=SubjectId("sub_a"), purpose=PurposeId("pur_a"), device=DeviceId("dev_a"), permit=PermitId("prm_a")
)


def opened(seed: int = 1) -> Challenge:
    return open_challenge(binding=BINDING, now=NOW, nonce=NONCE, chance=chance(seed))


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_the_longest_draw_fits_into_twenty_seconds() -> None:
    longest = max(sum(task.seconds for task in tasks) for tasks, _ in every_choice())
    assert BASELINE_SECONDS + longest + 4 * GAP_SECONDS[1] <= LONGEST_SECONDS


@given(seed=st.integers(0, 2**32))
def test_steps_follow_one_another_with_a_pause(seed: int) -> None:
    challenge = opened(seed)
    ends = [BASELINE_SECONDS, *(step.ended for step in challenge.steps)]
    for step, before in zip(challenge.steps, ends, strict=False):
        assert GAP_SECONDS[0] - 1e-9 <= step.revealed - before <= GAP_SECONDS[1] + 1e-9
        assert step.revealed < step.released <= step.ended
    assert challenge.seconds <= LONGEST_SECONDS


def test_the_pauses_differ() -> None:
    assert len({opened(seed).steps[0].revealed for seed in range(20)}) == 20


def test_nothing_is_told_before_its_time() -> None:
    challenge = opened()
    assert challenge.prompt_at(NOW).task is None
    for number, step in enumerate(challenge.steps, start=1):
        before = challenge.prompt_at(later(step.revealed - 0.01))
        assert before.number == number - 1
        told = challenge.prompt_at(later(step.revealed + 0.01))
        assert (told.number, told.task, told.coming_back) == (number, step.task, False)
        after = challenge.prompt_at(later(step.ended + 0.01))
        assert (after.number, after.task, after.coming_back) == (number, None, True)


def test_the_word_to_come_back_is_told_when_its_time_comes() -> None:
    challenge = opened()
    for step in challenge.steps:
        if step.released < step.ended:
            assert not challenge.prompt_at(later(step.released - 0.01)).coming_back
            assert challenge.prompt_at(later(step.released + 0.01)).coming_back


def test_a_challenge_is_answered_once() -> None:
    spent = opened().spend(nonce=NONCE, binding=BINDING, now=later(19))
    assert spent.spent
    with pytest.raises(ChallengeSpent):
        spent.spend(nonce=NONCE, binding=BINDING, now=later(19))


@pytest.mark.parametrize("seconds", [-0.1, LONGEST_SECONDS, 3600.0])
def test_an_answer_at_another_time_is_refused(seconds: float) -> None:
    with pytest.raises(ChallengeOver):
        opened().spend(nonce=NONCE, binding=BINDING, now=later(seconds))
    with pytest.raises(ChallengeOver):
        opened().prompt_at(later(seconds))


@pytest.mark.parametrize("name", ["subject", "purpose", "device", "permit"])
def test_an_answer_for_anything_else_is_refused(name: str) -> None:
    other = dataclasses.replace(BINDING, **{name: "other"})  # type: ignore[arg-type]
    with pytest.raises(ChallengeNotForThis):
        opened().spend(nonce=NONCE, binding=other, now=later(19))


def test_another_nonce_is_refused() -> None:
    with pytest.raises(ChallengeNotForThis):
        opened().spend(nonce=bytes(32), binding=BINDING, now=later(19))


def test_a_spent_challenge_says_nothing_to_a_stranger() -> None:
    spent = opened().spend(nonce=NONCE, binding=BINDING, now=later(19))
    with pytest.raises(ChallengeNotForThis):
        spent.spend(nonce=bytes(32), binding=BINDING, now=later(19))


def test_a_short_nonce_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        open_challenge(binding=BINDING, now=NOW, nonce=bytes(16), chance=chance(1))


def test_a_time_without_a_zone_is_refused() -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        opened().prompt_at(naive)


def test_what_comes_next_is_not_in_the_repr() -> None:
    text = repr(opened())
    assert "turn" not in text
    assert "nonce" not in text


def test_a_refusal_says_what_to_do() -> None:
    for kind in (ChallengeSpent, ChallengeOver, ChallengeNotForThis):
        assert "new challenge" in kind().remedy
        assert kind().code.startswith("challenge-")
