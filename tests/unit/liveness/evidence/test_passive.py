from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.evidence import EvidenceContract
from countenance.liveness import Advice, Cue, Sighting, Species, take_of
from countenance.liveness.evidence import Bearing, Evidence, PassiveVerdict, Take

NET = "made-up"
CONFIRMING = PassiveVerdict(NET, may_confirm=True)
DENYING = PassiveVerdict(NET, may_confirm=False)


def take(values: Sequence[float]) -> Take:
    count = len(values)
    bare = take_of([Sighting(0, None, None, bytes(32))] * count, taken=[i / 5 for i in range(count)])
    return replace(bare, passive={NET: np.array(values, dtype=np.float64)})


class TestPassiveVerdict(EvidenceContract):
    @pytest.fixture
    def evidence(self) -> Evidence:
        return CONFIRMING


@pytest.mark.parametrize(
    ("values", "bearing"),
    [
        ([0.0, 0.01, 0.04], Bearing.DENIES),
        ([0.0, 0.01, 0.99, 0.02], Bearing.DENIES),
        ([0.05, 0.05, 0.05], Bearing.SILENT),
        ([0.5, 0.6, 0.89], Bearing.SILENT),
        ([0.9, 0.9, 0.9], Bearing.CONFIRMS),
        ([0.99, 0.0, 0.95, 0.97], Bearing.CONFIRMS),
    ],
)
def test_the_median_decides(values: list[float], bearing: Bearing) -> None:
    reading = CONFIRMING.read(take(values))
    assert reading.bearing is bearing
    assert reading.figure == np.median(values)
    assert reading.cue is (Cue.PASSIVE if bearing is Bearing.CONFIRMS else None)
    assert reading.species is (Species.PRINT if bearing is Bearing.DENIES else None)


def test_one_that_may_not_confirm_says_nothing_of_a_live_face_and_asks_for_nothing() -> None:
    reading = DENYING.read(take([0.99, 1.0, 1.0]))
    assert (reading.bearing, reading.cue, reading.advice) == (Bearing.SILENT, None, None)
    assert DENYING.read(take([0.0, 0.0, 0.0])).bearing is Bearing.DENIES


@pytest.mark.parametrize("values", [[], [0.0], [0.0, 0.0], [1.0, np.nan, 1.0], [np.nan] * 9])
def test_fewer_than_three_answers_are_none(values: list[float]) -> None:
    reading = CONFIRMING.read(take(values))
    assert reading.bearing is Bearing.SILENT
    assert reading.advice is Advice.ROOM_AROUND


def test_a_network_that_wasnt_asked_says_nothing() -> None:
    other = PassiveVerdict("another", may_confirm=True)
    reading = other.read(take([1.0, 1.0, 1.0]))
    assert (reading.bearing, reading.advice) == (Bearing.SILENT, None)
    assert other.name == "passive-another"


@given(st.lists(st.floats(0, 1), min_size=3, max_size=20), st.integers(0, 6))
def test_frames_without_an_answer_change_nothing(values: list[float], unanswered: int) -> None:
    whole = CONFIRMING.read(take(values))
    mixed = CONFIRMING.read(take([*values[:1], *[float("nan")] * unanswered, *values[1:]]))
    assert (mixed.bearing, mixed.figure) == (whole.bearing, whole.figure)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=20), st.floats(0, 1))
def test_a_lower_answer_never_makes_it_livelier(values: list[float], factor: float) -> None:
    order = [Bearing.DENIES, Bearing.SILENT, Bearing.CONFIRMS]
    before = CONFIRMING.read(take(values)).bearing
    after = CONFIRMING.read(take([value * factor for value in values])).bearing
    assert order.index(after) <= order.index(before)


@pytest.mark.parametrize(("denied", "confirmed"), [(0.9, 0.1), (-0.1, 0.5), (0.5, 1.1)])
def test_thresholds_are_in_order(denied: float, confirmed: float) -> None:
    with pytest.raises(ValueError, match="what is denied"):
        PassiveVerdict(NET, may_confirm=True, denied_below=denied, confirmed_from=confirmed)
