"""A level is what was confirmed, and says what gets past it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.liveness import Advice, Assurance, Cue, assurance_of

CUES = st.frozensets(st.sampled_from(Cue))
ACTIVE = {Cue.PASSIVE, Cue.CHALLENGE, Cue.CONTINUITY, Cue.RELIEF}


@pytest.mark.parametrize(
    ("confirmed", "level"),
    [
        (set(), Assurance.NONE),
        ({Cue.CHALLENGE, Cue.CONTINUITY}, Assurance.NONE),
        ({Cue.CHALLENGE, Cue.CONTINUITY, Cue.RELIEF}, Assurance.NONE),
        ({Cue.PASSIVE}, Assurance.PASSIVE),
        (ACTIVE, Assurance.ACTIVE),
        (ACTIVE | {Cue.FRESHNESS}, Assurance.ACTIVE),
        (ACTIVE | {Cue.FRESHNESS, Cue.REGISTERED_DEVICE}, Assurance.FRESH),
        (set(Cue) - {Cue.PASSIVE}, Assurance.NONE),
        (set(Cue), Assurance.TESTED),
    ],
)
def test_the_level_is_what_was_confirmed(confirmed: set[Cue], level: Assurance) -> None:
    assert assurance_of(frozenset(confirmed)) is level


@given(confirmed=CUES, more=CUES)
def test_more_confirmed_is_never_a_lower_level(confirmed: frozenset[Cue], more: frozenset[Cue]) -> None:
    assert assurance_of(confirmed | more) >= assurance_of(confirmed)


@given(confirmed=CUES)
def test_a_level_has_everything_that_it_asks_for(confirmed: frozenset[Cue]) -> None:
    assert assurance_of(confirmed).asks_for <= confirmed


@pytest.mark.parametrize("level", Assurance)
def test_every_level_says_what_gets_past_it_and_what_it_is_good_for(level: Assurance) -> None:
    assert level.does_not_withstand
    assert level.good_for
    assert any("forced" in line for line in level.does_not_withstand)


@pytest.mark.parametrize("level", [Assurance.NONE, Assurance.PASSIVE, Assurance.ACTIVE, Assurance.FRESH])
def test_no_level_of_ours_withstands_a_mask_or_a_puppet(level: Assurance) -> None:
    words = " ".join(level.does_not_withstand)
    assert "wax head" in words
    assert "puppet" in words


def test_advice_is_a_sentence() -> None:
    assert all(advice.value.endswith(".") and advice.value[0].isupper() for advice in Advice)
