"""One denial is a veto; nothing is averaged; what is demanded has to be confirmed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.liveness import Advice, Cue, Finding, Outcome, Species
from countenance.liveness.evidence import Bearing, Reading, weigh

FOLLOWED = Finding(Outcome.BONA_FIDE, confirmed=frozenset({Cue.CHALLENGE, Cue.CONTINUITY}))
MISSED = Finding(Outcome.INCONCLUSIVE, advice=(Advice.REACH_THE_MARK,))
REPLAYED = Finding(Outcome.ATTACK_SUSPECTED, species=(Species.REPLAY,))
RELIEF = Reading(Bearing.CONFIRMS, cue=Cue.RELIEF)
FLAT = Reading(Bearing.DENIES, species=Species.PRINT)
QUIET = Reading(Bearing.SILENT)
DARK = Reading(Bearing.SILENT, advice=Advice.MORE_LIGHT)
DEMANDED = frozenset({Cue.CHALLENGE, Cue.RELIEF})

READINGS = st.lists(st.sampled_from([RELIEF, FLAT, QUIET, DARK]), max_size=6)
FINDINGS = st.sampled_from([FOLLOWED, MISSED, REPLAYED])


@pytest.mark.parametrize(
    ("finding", "readings", "outcome"),
    [
        (FOLLOWED, (RELIEF,), Outcome.BONA_FIDE),
        (FOLLOWED, (RELIEF, QUIET, DARK), Outcome.BONA_FIDE),
        (FOLLOWED, (), Outcome.INCONCLUSIVE),
        (FOLLOWED, (QUIET,), Outcome.INCONCLUSIVE),
        (FOLLOWED, (RELIEF, RELIEF, RELIEF, FLAT), Outcome.ATTACK_SUSPECTED),
        (MISSED, (RELIEF,), Outcome.INCONCLUSIVE),
        (MISSED, (FLAT,), Outcome.ATTACK_SUSPECTED),
        (REPLAYED, (RELIEF,), Outcome.ATTACK_SUSPECTED),
    ],
)
def test_findings_and_readings_together(
    finding: Finding, readings: tuple[Reading, ...], outcome: Outcome
) -> None:
    assert weigh(finding, readings, demanded=DEMANDED).outcome is outcome


@given(finding=FINDINGS, readings=READINGS)
def test_a_denial_is_a_veto(finding: Finding, readings: list[Reading]) -> None:
    together = weigh(finding, [*readings, FLAT], demanded=frozenset())
    assert together.outcome is Outcome.ATTACK_SUSPECTED
    assert Species.PRINT in together.species


@given(finding=FINDINGS, readings=READINGS)
def test_bona_fide_takes_everything_that_is_demanded(finding: Finding, readings: list[Reading]) -> None:
    together = weigh(finding, readings, demanded=DEMANDED)
    if together.outcome is Outcome.BONA_FIDE:
        assert together.confirmed >= DEMANDED
        assert all(reading.bearing is not Bearing.DENIES for reading in readings)
        assert finding is FOLLOWED


@given(finding=FINDINGS, readings=READINGS, extra=st.sampled_from([QUIET, DARK, FLAT]))
def test_a_cue_that_confirms_nothing_never_helps(
    finding: Finding, readings: list[Reading], extra: Reading
) -> None:
    before = weigh(finding, readings, demanded=DEMANDED).outcome
    after = weigh(finding, [*readings, extra], demanded=DEMANDED).outcome
    assert after is Outcome.ATTACK_SUSPECTED or after is before


@given(readings=st.permutations([RELIEF, FLAT, QUIET, DARK]))
def test_the_order_makes_no_difference(readings: list[Reading]) -> None:
    assert weigh(FOLLOWED, readings, demanded=DEMANDED).species == (Species.PRINT,)


def test_a_reading_does_not_contradict_itself() -> None:
    with pytest.raises(ValueError, match="names a species"):
        Reading(Bearing.DENIES)
    with pytest.raises(ValueError, match="names a species"):
        Reading(Bearing.CONFIRMS, species=Species.PRINT)
    with pytest.raises(ValueError, match="confirms"):
        Reading(Bearing.SILENT, cue=Cue.RELIEF)
    with pytest.raises(ValueError, match="advice"):
        Reading(Bearing.CONFIRMS, cue=Cue.RELIEF, advice=Advice.ONE_FACE)
