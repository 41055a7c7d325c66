from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from contract.detector import DetectorContract, head_and_shoulders
from countenance.kernel import Box, Frame, Point
from countenance.vision import Face, FaceDetector
from countenance.vision.detection import (
    BlazeFaceShort,
    FirstThatFinds,
    Tiled,
    UltraFaceRfb320,
)
from countenance.vision.detection.arrangements import _starts
from weights import blazeface, frame_of, full_range, ultraface


class Spots:
    """A detector that can be checked by hand: each white square of ``side`` pixels is a face.

    In a picture longer than ``sees`` it finds nothing but what is larger than a twentieth of it, as a network
    that shrinks what it is shown.
    """

    model_id = "spots"

    def __init__(self, *, sees: int = 640) -> None:
        self.sees = sees
        self.shown: list[tuple[int, int]] = []

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        self.shown.append((frame.width, frame.height))
        faces = [self._face(box) for box in _white_squares(frame.pixels)]
        longest = max(frame.width, frame.height)
        return tuple(face for face in faces if longest <= self.sees or face.box.width > longest / 20)

    @staticmethod
    def _face(box: Box) -> Face:
        return Face(box=box, score=min(box.width / 1000 + 0.5, 1.0), keypoints=(box.centre,))


def _white_squares(pixels: NDArray[np.uint8]) -> list[Box]:
    white = pixels[..., 0] > 200
    boxes = []
    while white.any():
        top, left = (int(place) for place in np.argwhere(white)[0])
        right = left + int(np.argmin(np.append(white[top, left:], [False])))
        bottom = top + int(np.argmin(np.append(white[top:, left], [False])))
        boxes.append(Box(left, top, right, bottom))
        white[top:bottom, left:right] = False
    return boxes


def picture(size: tuple[int, int], *squares: tuple[int, int, int]) -> Frame:
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    for left, top, side in squares:
        pixels[top : top + side, left : left + side] = 255
    return frame_of(pixels)


def corners(faces: Sequence[Face]) -> list[tuple[float, ...]]:
    return sorted((face.box.left, face.box.top, face.box.right, face.box.bottom) for face in faces)


class TestTiling:
    def test_a_picture_no_larger_than_a_tile_is_looked_at_once(self) -> None:
        inner = Spots()
        Tiled(detector=inner).detect(picture((640, 480), (10, 10, 30)))
        assert inner.shown == [(640, 480)]

    @pytest.mark.parametrize(
        "square",
        [
            pytest.param((3, 3, 30), id="in-the-corner"),
            pytest.param((1960, 1460, 30), id="in-the-far-corner"),
            pytest.param((625, 465, 30), id="across-the-edges-of-the-first-tile"),
            pytest.param((470, 350, 30), id="across-the-start-of-the-next-tile"),
            pytest.param((900, 700, 95), id="just-small-enough-for-a-tile"),
        ],
    )
    def test_a_small_face_is_found_once_and_in_its_place(self, square: tuple[int, int, int]) -> None:
        frame = picture((2000, 1500), square)
        assert Spots().detect(frame) == ()
        left, top, side = square
        assert corners(Tiled(detector=Spots()).detect(frame)) == [(left, top, left + side, top + side)]

    def test_keypoints_move_along(self) -> None:
        face = Tiled(detector=Spots()).detect(picture((2000, 1500), (1200, 900, 40)))[0]
        assert face.keypoints == (Point(1220.0, 920.0),)

    def test_a_large_face_is_found_in_the_whole_picture_and_its_pieces_are_not_faces(self) -> None:
        found = Tiled(detector=Spots()).detect(picture((2000, 1500), (300, 200, 900)))
        assert corners(found) == [(300, 200, 1200, 1100)]

    def test_faces_of_the_whole_picture_that_touch_stay_two(self) -> None:
        class Neighbours(Spots):
            def detect(self, frame: Frame) -> tuple[Face, ...]:
                if frame.width < 2000:  # a tile
                    return ()
                return (self._face(Box(0, 0, 300, 300)), self._face(Box(100, 0, 400, 300)))

        assert len(Tiled(detector=Neighbours()).detect(picture((2000, 1500)))) == 2

    @settings(deadline=None, max_examples=25)
    @given(
        places=st.lists(
            st.tuples(st.integers(0, 10), st.integers(0, 7), st.integers(12, 90)),
            max_size=6,
            unique_by=lambda p: p[:2],
        )
    )
    def test_wherever_small_faces_are_each_is_found_once(self, places: list[tuple[int, int, int]]) -> None:
        squares = [(20 + 140 * column, 20 + 140 * row, side) for column, row, side in places]
        found = Tiled(detector=Spots()).detect(picture((1600, 1200), *squares))
        assert corners(found) == sorted((x, y, x + side, y + side) for x, y, side in squares)

    def test_a_huge_picture_costs_no_more_than_the_stated_tiles(self) -> None:
        inner = Spots()
        found = Tiled(detector=inner, most_tiles=12).detect(picture((5000, 4000), (1003, 1003, 200)))
        assert 2 <= len(inner.shown) <= 13
        assert len(found) == 1
        assert found[0].box.intersection_over_union(Box(1003, 1003, 1203, 1203)) > 0.9

    @pytest.mark.parametrize("size", [(2000, 1500), (400, 900), (640, 900), (900, 400)])
    def test_the_frame_is_left_alone(self, size: tuple[int, int]) -> None:
        frame = picture(size, (100, 100, 30))
        before = frame.pixels.copy()
        Tiled(detector=Spots(), most_tiles=4).detect(frame)
        assert np.array_equal(frame.pixels, before)

    def test_the_surest_comes_first(self) -> None:
        frame = picture((2000, 1500), (100, 100, 30), (600, 600, 80), (1200, 200, 500))
        scores = [face.score for face in Tiled(detector=Spots()).detect(frame)]
        assert scores == sorted(scores, reverse=True)
        assert len(scores) == 3

    @pytest.mark.parametrize(
        "wrong", [{"width": 0}, {"height": -1}, {"shared": 0.0}, {"shared": 1.0}, {"most_tiles": 0}]
    )
    def test_tiles_have_a_size_and_share_a_part(self, wrong: dict[str, float]) -> None:
        with pytest.raises(ValueError, match="a tile has a positive size"):
            Tiled(detector=Spots(), **wrong)  # type: ignore[arg-type]

    @given(length=st.integers(1, 5000), tile=st.integers(16, 900), shared=st.floats(0.05, 0.8))
    def test_tiles_cover_a_side_and_share_at_least_their_part(
        self, length: int, tile: int, shared: float
    ) -> None:
        starts = _starts(length, tile, shared)
        assert starts[0] == 0
        assert starts[-1] + tile >= length
        assert length <= tile or starts[-1] + tile == length
        for one, next_one in pairwise(starts):
            assert one + tile - next_one >= shared * tile - 1


class TestFirstThatFinds:
    def test_the_second_is_asked_only_when_the_first_finds_nothing(self) -> None:
        near, far = Spots(sees=100), Spots(sees=640)
        both = FirstThatFinds(detectors=[near, far])
        assert len(both.detect(picture((640, 480), (10, 10, 100)))) == 1
        assert far.shown == []
        assert len(both.detect(picture((640, 480), (10, 10, 20)))) == 1
        assert far.shown == [(640, 480)]

    def test_nobody_stays_nobody(self) -> None:
        assert FirstThatFinds(detectors=[Spots(), Spots()]).detect(picture((640, 480))) == ()

    def test_it_names_all_of_them(self) -> None:
        both = FirstThatFinds(detectors=[Spots(), Tiled(detector=Spots())])
        assert both.model_id == "spots+spots"

    @pytest.mark.parametrize("few", [[], [Spots()]], ids=["none", "one"])
    def test_fewer_than_two_are_refused(self, few: list[FaceDetector]) -> None:
        with pytest.raises(ValueError, match="at least two"):
            FirstThatFinds(detectors=few)


@pytest.mark.models
class TestTiledUltraFace(DetectorContract):
    @pytest.fixture
    def detector(self) -> FaceDetector:
        return Tiled(detector=ultraface())

    @staticmethod
    def build(content: bytes, **options: float) -> FaceDetector:
        return Tiled(detector=UltraFaceRfb320(content=content, **options))  # type: ignore[arg-type]

    def test_it_finds_faces_that_a_large_picture_hides(self, detector: FaceDetector) -> None:
        room = np.full((1440, 1920, 3), 128, np.uint8)
        face = head_and_shoulders("obama", height=64)  # the face about 34 pixels wide
        for left, top in [(100, 100), (620, 460), (1800, 1300)]:
            room[top : top + face.shape[0], left : left + face.shape[1]] = face
        assert len(detector.detect(frame_of(room))) == 3
        assert ultraface().detect(frame_of(room)) == ()


@pytest.mark.models
class TestNearThenSmall(DetectorContract):
    @pytest.fixture
    def detector(self) -> FaceDetector:
        return FirstThatFinds(detectors=[blazeface(), ultraface()])

    @staticmethod
    def build(content: bytes, **options: float) -> FaceDetector:
        near = BlazeFaceShort(content=content, **options)  # type: ignore[arg-type]
        return FirstThatFinds(detectors=[near, ultraface()])

    def test_a_small_face_is_found_by_the_second(self, detector: FaceDetector) -> None:
        room = np.full((480, 640, 3), 128, np.uint8)
        face = head_and_shoulders("biden", height=80)
        room[200 : 200 + face.shape[0], 300 : 300 + face.shape[1]] = face
        assert len(detector.detect(frame_of(room))) == 1


@pytest.mark.models
def test_a_tiled_blazeface_keeps_its_keypoints_on_the_face() -> None:
    room = np.full((1440, 1920, 3), 128, np.uint8)
    face = head_and_shoulders("obama", height=160)
    room[700 : 700 + face.shape[0], 1200 : 1200 + face.shape[1]] = face
    found = Tiled(detector=full_range()).detect(frame_of(room))
    assert len(found) == 1
    for point in found[0].keypoints[:4]:
        assert found[0].box.left < point.x < found[0].box.right
        assert found[0].box.top < point.y < found[0].box.bottom
