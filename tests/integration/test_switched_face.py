"""One face is shown for the first second and another one does what is asked: no session takes them for one.

The frames that a decision compares are those of the first second. So whoever shows somebody's picture then,
and their own face to the prompts, would be taken for that person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from countenance.evaluation.following import Moved, Told
from countenance.evaluation.liveness_attempts import Attempt
from countenance.evaluation.presentations import Instrument, Performance, perform
from countenance.liveness import BASELINE_SECONDS
from countenance.runtime import Settings
from countenance.runtime.liveness_desk import SimulatedDesk, simulated_desk
from rendered_heads import head

pytestmark = pytest.mark.models

CHALLENGES = (20, 21)


@dataclass
class Switched:
    """One performance until a moment, another one from then on."""

    before: Performance
    after: Performance
    at: float = BASELINE_SECONDS + 0.05

    @property
    def instrument(self) -> Instrument:
        return self.after.instrument

    @property
    def moves(self) -> list[Moved]:
        return self.after.moves

    def frame(self, moment: float, told: Told) -> bytes:
        return (self.before if moment < self.at else self.after).frame(moment, told)


@pytest.fixture(scope="module")
def desk() -> Iterator[SimulatedDesk]:
    with simulated_desk(Settings(threads=1)) as opened:
        yield opened


def person(name: str, challenge: int) -> Performance:
    return perform(Instrument.BONA_FIDE, head(name), seed=challenge)


def shown(desk: SimulatedDesk, presentation: object, challenge: int) -> Attempt:
    return desk.attempt(presentation, identity=0, challenge=challenge)  # type: ignore[arg-type]


@pytest.mark.parametrize("challenge", CHALLENGES)
@pytest.mark.parametrize("name", ["obama", "biden"])
def test_one_person_from_beginning_to_end_is_bona_fide(
    desk: SimulatedDesk, name: str, challenge: int
) -> None:
    attempt = shown(desk, person(name, challenge), challenge)
    assert attempt.bona_fide, attempt


@pytest.mark.parametrize("challenge", CHALLENGES)
@pytest.mark.parametrize("first", [Instrument.BONA_FIDE, Instrument.FLAT_PRINT])
def test_another_face_than_at_the_start_is_suspected(
    desk: SimulatedDesk, first: Instrument, challenge: int
) -> None:
    victim = perform(first, head(), seed=challenge)
    attempt = shown(desk, Switched(victim, person("biden", challenge)), challenge)
    assert attempt.outcome == "attack suspected"
    assert "switched face" in attempt.suspected


def test_a_switch_in_the_middle_is_suspected_as_well(desk: SimulatedDesk) -> None:
    late = Switched(person("obama", 20), person("biden", 20), at=8.0)
    assert "switched face" in shown(desk, late, 20).suspected
