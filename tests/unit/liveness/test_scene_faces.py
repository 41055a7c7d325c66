"""Faces are followed by place, ended by gaps and jumps, and little is kept of them."""

from __future__ import annotations

import numpy as np
import pytest

import weights
from countenance.kernel import Box, Frame
from countenance.liveness import SceneFaces
from countenance.liveness.scene_faces import MOST_FRAMES
from countenance.vision import Face
from countenance.vision.rendering import CameraMotion, PosterKind
from scene_clips import MadeUpDetector, MadeUpMesh, noise_frames, poster_frames
from weights import frame_of


def frames(count: int) -> list[Frame]:
    return [frame_of(pixels, material=str(i)) for i, pixels in enumerate(noise_frames(count))]


def faces(detector: object = None, mesh: object = None, **limits: float) -> SceneFaces:
    return SceneFaces(detector=detector or MadeUpDetector(), mesh=mesh or MadeUpMesh(), **limits)  # type: ignore[arg-type]


class Wanderer:
    """A face that stands elsewhere from a frame on."""

    model_id = "wanderer"

    def __init__(self, *, jumps_at: int) -> None:
        self.jumps_at, self.count = jumps_at, 0

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        del frame
        left = 100 if self.count < self.jumps_at else 420
        self.count += 1
        return (Face(Box(left, 100, left + 150, 260), 0.9),)


def test_two_faces_are_two_tracks_with_every_frame() -> None:
    seen = faces(MadeUpDetector(faces=2))
    for i, frame in enumerate(frames(12)):
        assert seen.note(frame, taken=i / 15) == ()
    assert [one.number for one in seen.standing()] == [0, 1]
    tracks = seen.end()
    assert [len(track) for track in tracks] == [12, 12]
    assert tracks[0].points.shape == (12, 468, 3)
    assert np.isnan(tracks[0].moved[0])
    assert np.isnan(tracks[0].corners).all(axis=(1, 2)).sum() >= 1
    assert seen.standing() == ()
    assert seen.end() == ()


def test_a_face_that_jumps_is_another_track() -> None:
    seen = faces(Wanderer(jumps_at=5))
    ended = [track for i, frame in enumerate(frames(9)) for track in seen.note(frame, taken=i / 15)]
    assert [(track.number, len(track)) for track in ended] == [(0, 5)]
    assert [(track.number, len(track)) for track in seen.end()] == [(1, 4)]


def test_a_gap_ends_every_track() -> None:
    seen = faces()
    first, second, third = frames(3)
    seen.note(first, taken=0.0)
    seen.note(second, taken=0.1)
    assert [len(track) for track in seen.note(third, taken=2.0)] == [2]
    assert [track.number for track in seen.end()] == [1]


@pytest.mark.parametrize("taken", [0.1, 0.05])
def test_frames_are_never_sorted(taken: float) -> None:
    seen = faces()
    first, second = frames(2)
    seen.note(first, taken=0.1)
    with pytest.raises(ValueError, match="in the order"):
        seen.note(second, taken=taken)


def test_only_the_newest_frames_are_kept() -> None:
    seen = faces()
    wall = frames(1)[0]
    for i in range(MOST_FRAMES + 20):
        seen.note(wall, taken=i / 15)
    (track,) = seen.end()
    assert len(track) == MOST_FRAMES
    assert track.taken[0] == pytest.approx(20 / 15)


@pytest.mark.parametrize(
    ("mesh", "limits"),
    [
        pytest.param(MadeUpMesh(presence=0.2), {}, id="no face for the mesh network"),
        pytest.param(MadeUpMesh(), {"least_width": 400.0}, id="too small"),
    ],
)
def test_what_is_hardly_a_face_is_not_followed(mesh: MadeUpMesh, limits: dict[str, float]) -> None:
    seen = faces(mesh=mesh, **limits)
    seen.note(frames(1)[0], taken=0.0)
    assert seen.standing() == ()
    with pytest.raises(KeyError):
        seen.track_of(0)


def test_a_frame_of_another_size_measures_no_movement() -> None:
    seen = faces()
    wall = noise_frames(1)[0]
    seen.note(frame_of(wall), taken=0.0)
    seen.note(frame_of(np.ascontiguousarray(wall[:400])), taken=0.1)
    (track,) = seen.end()
    assert np.isnan(track.moved).all()


@pytest.mark.models
def test_a_real_portrait_on_a_bus_rides_with_what_is_around_it() -> None:
    seen = SceneFaces(detector=weights.blazeface(), mesh=weights.face_mesh())
    for i, pixels in enumerate(poster_frames(PosterKind.BUS, CameraMotion.STILL)):
        seen.note(frame_of(pixels, material=str(i)), taken=i / 15)
    (track,) = seen.end()
    assert len(track) == 45
    assert float(np.nanmedian(track.along)) > 0.9
    assert float(np.nanmedian(track.moved)) > 2.0
