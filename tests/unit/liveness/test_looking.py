from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest

import weights
from countenance.kernel import Box, Frame, Point
from countenance.liveness import FaceWatcher, Sighting, measured, take_of
from countenance.liveness.evidence import FrozenFrames, NoseRelief
from countenance.vision import Face, Mesh
from liveness_session import SpelledFaces, SpelledMesh


class Faces:
    model_id = "made-up-detector"

    def __init__(self, widths: Sequence[float]) -> None:
        self._widths = widths

    def detect(self, frame: Frame) -> tuple[Face, ...]:  # noqa: ARG002
        return tuple(Face(Box(0, 0, width, width), 0.9, (Point(1, 1), Point(2, 1))) for width in self._widths)


class OneMesh:
    model_id = "made-up-mesh"

    def __init__(self, presence: float = 1.0) -> None:
        self._presence = presence
        self.widths: list[float] = []

    def locate(self, frame: Frame, face: Face) -> Mesh:  # noqa: ARG002
        self.widths.append(face.box.width)
        points = np.random.default_rng(1).normal(0, 30, (468, 3)).astype(np.float32)
        return Mesh(points, self._presence)


def noise(seed: int = 0) -> Frame:
    pixels = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    return weights.frame_of(pixels)


@pytest.mark.parametrize(
    ("widths", "count"),
    [((), 0), ((50,), 1), ((50, 29), 1), ((50, 31), 2), ((31, 50, 50), 3)],
    ids=["nobody", "one", "somebody behind", "somebody beside", "three"],
)
def test_faces_count_by_their_size(widths: tuple[float, ...], count: int) -> None:
    mesh = OneMesh()
    seen = FaceWatcher(detector=Faces(widths), mesh=mesh).look(noise())
    assert seen.faces == count
    assert (seen.points is None) == (count == 0)
    assert mesh.widths == ([max(widths)] if widths else [])


def test_what_the_mesh_network_takes_for_no_face_is_none() -> None:
    watcher = FaceWatcher(detector=Faces((50,)), mesh=OneMesh(presence=0.4))
    assert watcher.look(noise()).faces == 0
    assert watcher.model_ids == ("made-up-detector", "made-up-mesh")


def test_a_digest_stands_for_a_frame() -> None:
    watcher = FaceWatcher(detector=Faces(()), mesh=OneMesh())
    frame = noise(3)
    assert watcher.look(frame).digest == hashlib.sha256(frame.pixels[::4, ::4].tobytes()).digest()
    assert watcher.look(frame).digest == watcher.look(noise(3)).digest
    assert watcher.look(frame).digest != watcher.look(noise(4)).digest


@pytest.mark.parametrize("shares", [(1.5, 0.6), (-0.1, 0.6), (0.5, 0.0), (0.5, 1.1)])
def test_shares_lie_between_0_and_1(shares: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="shares"):
        FaceWatcher(detector=Faces(()), mesh=OneMesh(), least_presence=shares[0], like_size=shares[1])


def test_a_frame_without_a_face_measures_nothing() -> None:
    one = measured(Sighting(0, None, None, b"x" * 32), number=7, taken=1.5)
    assert (one.number, one.taken, one.faces, one.size) == (7, 1.5, 0, 0.0)


def test_a_mesh_is_measured_in_space() -> None:
    watcher = FaceWatcher(detector=Faces((50,)), mesh=OneMesh())
    seen = watcher.look(noise())
    assert seen.points is not None
    assert seen.pose is not None
    one = measured(seen, number=0, taken=0.0)
    assert one.size == pytest.approx(float(np.linalg.norm(seen.points[10] - seen.points[152])))
    assert (one.yaw, one.pitch) == (seen.pose.yaw, seen.pose.pitch)
    assert one.x == pytest.approx(float(seen.points[:, 0].mean()))
    seen.wipe()
    assert not seen.points.any()


def test_a_take_keeps_the_order_and_says_what_was_not_measured() -> None:
    watcher = FaceWatcher(detector=Faces((50,)), mesh=OneMesh())
    sightings = [watcher.look(noise(i)) for i in range(3)]
    sightings.insert(1, Sighting(0, None, None, b"y" * 32))
    take = take_of(sightings, taken=[0.0, 0.2, 0.4, 0.6])
    assert len(take) == 4
    assert take.faces.tolist() == [1, 0, 1, 1]
    assert np.isnan(take.points[1]).all()
    assert np.isfinite(take.points[[0, 2, 3]]).all()
    assert np.isnan(take.likeness).all()
    assert np.isnan(take.corners).all()
    assert take.detected.all()
    assert take.thumbnails[1].tobytes() == b"y" * 32
    assert not len(take_of([], taken=[]))


def test_every_sighting_has_its_time() -> None:
    with pytest.raises(ValueError, match="time"):
        take_of([Sighting(0, None, None, b"")], taken=[])


def test_like_digests_are_seen_as_a_frame_that_came_twice() -> None:
    watcher = FaceWatcher(detector=SpelledFaces(), mesh=SpelledMesh())
    sightings = [watcher.look(noise(i % 5)) for i in range(6)]
    take = take_of(sightings, taken=[i / 5 for i in range(6)])
    assert FrozenFrames().read(take).figure == 1.0
    assert NoseRelief().name == "nose-relief"


@pytest.mark.models
def test_the_real_networks_find_the_one_face_of_a_photograph() -> None:
    watcher = FaceWatcher(detector=weights.blazeface(), mesh=weights.face_mesh())
    seen = watcher.look(weights.sample_frame("obama"))
    assert seen.faces == 1
    one = measured(seen, number=0, taken=0.0)
    assert abs(one.yaw) < 10
    assert one.size > 100


class Opinion:
    model_id = "made-up-opinion"

    def __init__(self) -> None:
        self.boxes: list[Box] = []

    def live(self, frame: Frame, box: Box) -> float | None:  # noqa: ARG002
        self.boxes.append(box)
        return 0.7


def test_passive_networks_are_asked_apart_and_about_the_largest_face() -> None:
    opinion = Opinion()
    watcher = FaceWatcher(detector=Faces((40, 50)), mesh=OneMesh(), passive=[opinion])
    assert watcher.passive_ids == ("made-up-opinion",)
    seen = watcher.look(noise())
    assert (dict(seen.passive), opinion.boxes) == ({}, [])
    asked = watcher.ask(noise(), seen)
    assert dict(asked.passive) == {"made-up-opinion": 0.7}
    assert opinion.boxes == [Box(0, 0, 50, 50)]
    assert asked.points is seen.points
    assert "0.7" not in repr(asked)


def test_where_nobody_is_no_network_is_asked() -> None:
    opinion = Opinion()
    watcher = FaceWatcher(detector=Faces(()), mesh=OneMesh(), passive=[opinion])
    seen = watcher.look(noise())
    assert watcher.ask(noise(), seen) is seen
    assert opinion.boxes == []


def test_a_take_says_which_frames_a_network_was_shown() -> None:
    bare = Sighting(0, None, None, b"x" * 32)
    told = [bare, Sighting(1, None, None, b"y" * 32, None, {"a": 0.5, "b": None}), bare]
    take = take_of(told, taken=[0.0, 0.1, 0.2])
    assert set(take.passive) == {"a", "b"}
    np.testing.assert_array_equal(take.passive["a"], [np.nan, 0.5, np.nan])
    assert np.isnan(take.passive["b"]).all()
    assert take_of([bare], taken=[0.0]).passive == {}


def test_an_outline_around_the_face_is_kept_and_where_there_is_none_the_take_says_so() -> None:
    pixels = np.full((480, 640, 3), 60, np.uint8)
    pixels[100:420, 180:460] = 200
    sheet = Frame(pixels=pixels, material=noise().material)
    finder = FaceWatcher(detector=Sheet(), mesh=OneMesh())
    framed, bare = finder.look(sheet), finder.look(noise())
    assert framed.corners is not None
    assert np.abs(framed.corners - [(180, 100), (460, 100), (460, 420), (180, 420)]).max() < 10
    assert bare.corners is None
    take = take_of([framed, bare], taken=[0.0, 0.1])
    assert np.isfinite(take.corners[0]).all()
    assert np.isnan(take.corners[1]).all()
    assert "corners" not in repr(framed)


class Sheet:
    model_id = "made-up-detector"

    def detect(self, frame: Frame) -> tuple[Face, ...]:  # noqa: ARG002
        return (Face(Box(250, 180, 390, 340), 0.9, (Point(290, 230), Point(350, 230))),)
