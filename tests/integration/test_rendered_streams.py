"""One rendered take of a person, sent to real sessions as it is and altered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from countenance.evaluation.following import Follower, Told
from countenance.evaluation.presentations import Instrument, Performance, bona_fide_clip
from countenance.kernel import CountenanceError
from countenance.liveness import Outcome, challenge_steps
from countenance.runtime import Settings
from countenance.runtime.liveness_desk import FRAME_EVERY, SentFrame, SimulatedDesk, simulated_desk
from rendered_heads import head

pytestmark = pytest.mark.models

CHALLENGE = 5
Stream = tuple[SentFrame, ...]


def renumbered(frames: list[SentFrame]) -> Stream:
    """Frames under the numbers and times that a device would have given them in this order."""
    return tuple(
        SentFrame(i, i * FRAME_EVERY, i * FRAME_EVERY + 0.05, frame.picture) for i, frame in enumerate(frames)
    )


@pytest.fixture(scope="module")
def desk() -> Iterator[SimulatedDesk]:
    with simulated_desk(Settings(threads=1)) as opened:
        yield opened


class Kept(Performance):
    """A performance whose frames are kept."""

    def frame(self, moment: float, told: Told) -> bytes:
        picture = super().frame(moment, told)
        SENT.append(picture)
        return picture


SENT: list[bytes] = []


@pytest.fixture(scope="module")
def take(desk: SimulatedDesk) -> Stream:
    """What a person's camera sent in a session that found them bona fide."""
    SENT.clear()
    attempt = desk.attempt(
        Kept(Instrument.BONA_FIDE, head(), 1, Follower(1)), identity=0, challenge=CHALLENGE
    )
    assert attempt.bona_fide
    return renumbered([SentFrame(0, 0.0, 0.0, picture) for picture in SENT])


def shuffled(take: Stream) -> Stream:
    frames = list(take)
    random.Random(1).shuffle(frames)  # noqa: S311 - the same again
    return renumbered(frames)


def shuffled_a_little(take: Stream) -> Stream:
    frames = list(take)
    for i in range(0, len(frames) - 6, 6):
        frames[i], frames[i + 5] = frames[i + 5], frames[i]
    return renumbered(frames)


def dropped(take: Stream) -> Stream:
    return tuple(frame for i, frame in enumerate(take) if i % 9 != 4)


def dropped_and_hidden(take: Stream) -> Stream:
    return renumbered([frame for i, frame in enumerate(take) if i % 3 != 1] + list(take[: len(take) // 3]))


def repeated(take: Stream) -> Stream:
    frames = list(take)
    frames[40] = frames[39]
    return renumbered(frames)


def sped_up(take: Stream) -> Stream:
    return tuple(replace(frame, taken=frame.taken * 0.8) for frame in take)


def slowed_down(take: Stream) -> Stream:
    return tuple(replace(frame, sent=frame.sent * 1.08) for frame in take)


def backwards(take: Stream) -> Stream:
    return renumbered(list(reversed(take)))


def spliced(take: Stream) -> Stream:
    other = bona_fide_clip(
        head(mirrored=True),
        challenge_steps(random.Random(CHALLENGE + 1)),  # noqa: S311 - the same again
        seed=2,
        rate=1 / FRAME_EVERY,
    )
    half = len(take) // 2
    tail = [SentFrame(0, 0.0, 0.0, picture) for _, picture in other[half:]]
    return renumbered([*take[:half], *tail][: len(take)])


def test_the_take_itself_is_found_bona_fide_again(desk: SimulatedDesk, take: Stream) -> None:
    """A recording that happens to match is not withstood: the same frames under the same challenge pass."""
    result = desk.answer(take, challenge=CHALLENGE)
    assert result.statement.outcome is Outcome.BONA_FIDE


@pytest.mark.parametrize(
    "altered",
    [
        shuffled,
        shuffled_a_little,
        dropped,
        dropped_and_hidden,
        repeated,
        sped_up,
        slowed_down,
        backwards,
        spliced,
    ],
)
def test_altered_it_never_is(desk: SimulatedDesk, take: Stream, altered: object) -> None:
    assert callable(altered)
    try:
        result = desk.answer(altered(take), challenge=CHALLENGE)
    except CountenanceError:
        return
    assert result.statement.outcome is not Outcome.BONA_FIDE


def test_under_another_challenge_it_never_is(desk: SimulatedDesk, take: Stream) -> None:
    result = desk.answer(take, challenge=CHALLENGE + 1)
    assert result.statement.outcome is not Outcome.BONA_FIDE
