from __future__ import annotations

import io
import random

import numpy as np
import pytest
from PIL import Image

from countenance.evaluation.following import Moved, told_by
from countenance.evaluation.presentations import Instrument, bona_fide_clip, perform
from countenance.liveness import Action, challenge_steps
from countenance.vision.landmarks import head_pose
from countenance.vision.rendering import Stance
from rendered_heads import head, watcher
from weights import frame_of

pytestmark = pytest.mark.models

STEPS = challenge_steps(random.Random(3))  # noqa: S311 - the same again
RECORDING = (Moved(0.0, Stance()), Moved(20.0, Stance()))


def decoded(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize("instrument", list(Instrument))
def test_every_instrument_shows_one_face_that_looks_straight(instrument: Instrument) -> None:
    shown = perform(instrument, head(), seed=2, wearer=head(mirrored=True), recording=RECORDING)
    picture = decoded(shown.frame(0.0, told_by((), 0.0)))
    assert picture.shape == (480, 640, 3)
    sighting = watcher().look(frame_of(picture))
    assert sighting.faces == 1
    assert sighting.pose is not None
    assert abs(sighting.pose.yaw) < 10
    assert instrument.is_attack == (instrument is not Instrument.BONA_FIDE)
    assert len(shown.moves) == 1


def test_what_is_meant_to_be_withstood_is_named_and_the_rest_is_not() -> None:
    assert {one.value for one in Instrument if one.withstood} == {
        "flat print",
        "bent print",
        "cut-out print",
        "canned replay",
    }


def test_the_same_seed_shows_the_same_and_another_another_room() -> None:
    def first(seed: int) -> bytes:
        return perform(Instrument.FLAT_PRINT, head(), seed=seed).frame(0.0, told_by((), 0.0))

    assert first(1) == first(1)
    assert first(1) != first(2)


def test_a_replay_shows_a_recording_or_is_none() -> None:
    with pytest.raises(ValueError, match="a replay shows a recording"):
        perform(Instrument.CANNED_REPLAY, head(), seed=1)


def test_a_clip_answers_its_challenge_before_the_real_networks() -> None:
    clip = bona_fide_clip(head(), STEPS, seed=1, rate=6.0)
    assert clip[0][0] == 0.0
    assert clip[-1][0] == pytest.approx(STEPS[-1].ended + 1.0, abs=0.4)
    assert all(data[:2] == b"\xff\xd8" for _, data in clip)
    yaws = []
    for _, data in clip[::2]:
        points = watcher().look(frame_of(decoded(data))).points
        assert points is not None
        yaws.append(head_pose(points).yaw)
    at = np.array([moment for moment, _ in clip[::2]])
    turned = np.array(yaws)
    for step in STEPS:
        if step.task.action.is_turn:
            side = 1 if step.task.action is Action.TURN_LEFT else -1
            during = (at > step.revealed + 1.2) & (at < step.released)
            assert (side * turned[during]).max() > 0.6 * step.task.level
