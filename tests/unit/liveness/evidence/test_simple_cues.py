"""Frames that came twice, a face that becomes another, a second face."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.evidence import EvidenceContract
from countenance.liveness import Advice, Species
from countenance.liveness.evidence import (
    Bearing,
    Evidence,
    FrozenFrames,
    IdentityContinuity,
    OneFace,
    Take,
)
from liveness_heads import live_take, picked


class TestFrozenFrames(EvidenceContract):
    @pytest.fixture
    def evidence(self) -> Evidence:
        return FrozenFrames()


class TestIdentityContinuity(EvidenceContract):
    @pytest.fixture
    def evidence(self) -> Evidence:
        return IdentityContinuity(denied_below=0.4)


class TestOneFace(EvidenceContract):
    @pytest.fixture
    def evidence(self) -> Evidence:
        return OneFace()


@settings(max_examples=20)
@given(source=st.integers(0, 59), at=st.integers(0, 59))
def test_a_frame_that_comes_twice_is_denied(source: int, at: int) -> None:
    order = np.arange(60)
    order[at] = source
    reading = FrozenFrames().read(picked(live_take(1), order))
    assert (reading.bearing is Bearing.DENIES) == (source != at)


def test_black_frames_ask_for_light() -> None:
    take = live_take(1)
    black = dataclasses.replace(take, thumbnails=np.zeros_like(take.thumbnails))
    assert FrozenFrames().read(black).advice is Advice.MORE_LIGHT


def with_likeness(take: Take, at: int, value: float) -> Take:
    likeness = take.likeness.copy()
    likeness[at] = value
    return dataclasses.replace(take, likeness=likeness)


def test_another_face_is_denied() -> None:
    take = live_take(1)
    straight = int(np.flatnonzero(np.abs(take.yaw) < 10)[-1])
    reading = IdentityContinuity(denied_below=0.4).read(with_likeness(take, straight, 0.1))
    assert reading.species is Species.SWITCHED_FACE
    assert reading.figure == pytest.approx(0.1)


def test_a_face_from_the_side_does_not_count() -> None:
    take = live_take(1)
    aside = int(np.argmax(take.yaw))
    reading = IdentityContinuity(denied_below=0.4).read(with_likeness(take, aside, 0.1))
    assert reading.bearing is Bearing.SILENT


def test_a_face_that_was_not_looked_at_for_long_says_so() -> None:
    take = live_take(1)
    likeness = np.full(len(take), np.nan)
    likeness[:3] = 0.9
    slow = dataclasses.replace(take, taken=take.taken * 3, likeness=likeness)
    assert IdentityContinuity(denied_below=0.4).read(slow).advice is Advice.STAY_IN_VIEW


@pytest.mark.parametrize(
    ("frames", "bearing", "advice"),
    [
        (0, Bearing.SILENT, None),
        (1, Bearing.SILENT, Advice.ONE_FACE),
        (29, Bearing.SILENT, Advice.ONE_FACE),
        (30, Bearing.DENIES, None),
        (60, Bearing.DENIES, None),
    ],
)
def test_a_second_face(frames: int, bearing: Bearing, advice: Advice | None) -> None:
    take = live_take(1)
    faces = take.faces.copy()
    faces[:frames] = 2
    reading = OneFace().read(dataclasses.replace(take, faces=faces))
    assert (reading.bearing, reading.advice) == (bearing, advice)


def test_a_frame_without_a_face_asks_to_stay_in_view() -> None:
    take = live_take(1)
    faces = take.faces.copy()
    faces[7] = 0
    assert OneFace().read(dataclasses.replace(take, faces=faces)).advice is Advice.STAY_IN_VIEW
