from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from countenance.evaluation.following import acted
from countenance.evaluation.liveness_attempts import NON_RESPONSE, Attempt
from countenance.evaluation.presentations import Instrument, Performance, perform
from countenance.liveness import challenge_steps
from countenance.runtime import Settings
from countenance.runtime.liveness_desk import FRAME_EVERY, SimulatedDesk, simulated_desk
from rendered_heads import head

pytestmark = pytest.mark.models

CHALLENGE = 5
KNOWN_TO_PASS = (Instrument.MATCHING_REPLAY, Instrument.LIVE_PUPPET, Instrument.RIGID_MASK)


@pytest.fixture(scope="module")
def desk() -> Iterator[SimulatedDesk]:
    with simulated_desk(Settings(threads=1)) as opened:
        yield opened


def shown(desk: SimulatedDesk, instrument: Instrument, *, recording: Performance | None = None) -> Attempt:
    moves = tuple(recording.moves) if recording is not None else ()
    if instrument is Instrument.CANNED_REPLAY:
        desk.draws.seed(CHALLENGE + 1)
        moves = acted(challenge_steps(desk.draws), seed=2)
    performance = perform(instrument, head(), seed=1, wearer=head(mirrored=True), recording=moves)
    return desk.attempt(performance, identity=0, challenge=CHALLENGE)


@pytest.fixture(scope="module")
def person(desk: SimulatedDesk) -> tuple[Performance, Attempt]:
    performance = perform(Instrument.BONA_FIDE, head(), seed=1)
    return performance, desk.attempt(performance, identity=0, challenge=CHALLENGE)


def test_a_person_who_follows_is_found_bona_fide(person: tuple[Performance, Attempt]) -> None:
    performance, attempt = person
    assert attempt.bona_fide, attempt
    assert attempt.relief is not None
    assert attempt.relief > 40
    assert len(performance.moves) == attempt.frames
    assert attempt.frames * FRAME_EVERY < 20


@pytest.mark.parametrize("instrument", [one for one in Instrument if one.withstood])
def test_prints_and_canned_replays_are_not_found_bona_fide(
    desk: SimulatedDesk, instrument: Instrument
) -> None:
    attempt = shown(desk, instrument)
    assert not attempt.bona_fide
    assert attempt.suspected or attempt.advice


@pytest.mark.parametrize("instrument", KNOWN_TO_PASS)
def test_what_is_not_withstood_passes_today(
    desk: SimulatedDesk, person: tuple[Performance, Attempt], instrument: Instrument
) -> None:
    """Expected failures of the active evidence alone. Whoever makes one fail changes the documents."""
    assert not instrument.withstood
    assert shown(desk, instrument, recording=person[0]).bona_fide


def test_a_camera_that_sees_nobody_has_no_response(desk: SimulatedDesk) -> None:
    performance = perform(Instrument.FLAT_PRINT, head(), seed=1)
    blank = performance.head.surface.texture.copy()
    assert performance._sheet is not None
    performance._sheet.texture[..., :3] = 255
    attempt = desk.attempt(performance, identity=0, challenge=CHALLENGE)
    assert attempt.outcome == NON_RESPONSE
    assert attempt.relief is None
    assert (performance.head.surface.texture == blank).all()


def test_nothing_stays_of_a_desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with simulated_desk(Settings(threads=1)) as opened:
        assert opened.watcher.seen == 0
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []
