"""What every face detector does. Subclass it, give ``detector``, and it runs on the sample photographs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.kernel import Box
from countenance.vision import Face, FaceDetector, ModelUnusable
from weights import PEOPLE, blazeface, face_mesh, frame_of, sample_frame


def head_and_shoulders(name: str, *, height: int = 480) -> NDArray[np.uint8]:
    """A sample person cut to head and shoulders, of this height in pixels."""
    frame = sample_frame(name)
    box = blazeface().detect(frame)[0].box
    side = 1.9 * box.height
    left, top = int(box.centre.x - side / 2), int(box.centre.y - side / 2)
    cut = frame.pixels[max(top, 0) : top + int(side), max(left, 0) : left + int(side)]
    width = round(cut.shape[1] * height / cut.shape[0])
    return np.asarray(cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def only(faces: tuple[Face, ...]) -> Face:
    assert len(faces) == 1
    return faces[0]


class DetectorContract:
    """Fixtures to give: ``detector``, and ``build`` that takes the bytes and options."""

    @pytest.fixture
    def detector(self) -> FaceDetector:
        raise NotImplementedError

    @staticmethod
    def build(content: bytes, **options: float) -> FaceDetector:
        raise NotImplementedError

    @pytest.mark.parametrize("name", PEOPLE)
    def test_it_finds_the_one_face_of_a_portrait(self, detector: FaceDetector, name: str) -> None:
        face = only(detector.detect(frame_of(head_and_shoulders(name))))
        assert 0.5 <= face.score <= 1.0

    @pytest.mark.parametrize("name", PEOPLE)
    def test_the_box_holds_eyes_nose_and_mouth(self, detector: FaceDetector, name: str) -> None:
        frame = frame_of(head_and_shoulders(name))
        box = only(detector.detect(frame)).box
        points = face_mesh().locate(frame, blazeface().detect(frame)[0]).points
        for x, y, _ in points[[33, 263, 4, 61, 291]]:
            assert box.left < x < box.right
            assert box.top < y < box.bottom

    def test_keypoints_are_none_or_lie_on_the_face_in_order(self, detector: FaceDetector) -> None:
        face = only(detector.detect(frame_of(head_and_shoulders("obama"))))
        if face.keypoints:
            left, right, nose, mouth = face.keypoints[:4]
            assert left.x < nose.x < right.x
            assert max(left.y, right.y) < nose.y < mouth.y

    def test_two_people_are_two_faces(self, detector: FaceDetector) -> None:
        pair = np.hstack([head_and_shoulders("obama", height=300), head_and_shoulders("biden", height=300)])
        faces = detector.detect(frame_of(pair))
        assert len(faces) == 2
        assert faces[0].box.intersection_over_union(faces[1].box) == 0.0

    def test_the_surest_comes_first(self, detector: FaceDetector) -> None:
        pair = np.hstack([head_and_shoulders(name, height=300) for name in ("obama", "obama2", "biden")])
        scores = [face.score for face in detector.detect(frame_of(pair))]
        assert scores == sorted(scores, reverse=True)

    def test_boxes_are_in_pixels_of_the_frame(self, detector: FaceDetector) -> None:
        small, large = (
            only(detector.detect(frame_of(head_and_shoulders("obama", height=height)))).box
            for height in (240, 720)
        )
        grown = Box(3 * small.left, 3 * small.top, 3 * small.right, 3 * small.bottom)
        assert grown.intersection_over_union(large) > 0.85

    @pytest.mark.parametrize(
        ("left", "top"), [(0, 0), (240, 0), (0, 240), (160, 90)], ids=["corner", "right", "below", "inside"]
    )
    def test_a_face_that_moves_takes_its_box_along(self, detector: FaceDetector, left: int, top: int) -> None:
        face = head_and_shoulders("obama", height=360)
        room = np.full((720, 720, 3), 128, np.uint8)
        room[top : top + face.shape[0], left : left + face.shape[1]] = face
        plain = only(detector.detect(frame_of(face))).box
        moved = only(detector.detect(frame_of(room))).box
        expected = Box(plain.left + left, plain.top + top, plain.right + left, plain.bottom + top)
        assert moved.intersection_over_union(expected) > 0.75

    @pytest.mark.parametrize(
        "pixels",
        [
            pytest.param(np.zeros((480, 640, 3), np.uint8), id="black"),
            pytest.param(np.full((480, 640, 3), 255, np.uint8), id="white"),
            pytest.param(np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8), id="noise"),
            pytest.param(np.zeros((1, 1, 3), np.uint8), id="one-pixel"),
            pytest.param(np.zeros((1, 2000, 3), np.uint8), id="a-line"),
            pytest.param(np.zeros((2000, 1, 3), np.uint8), id="a-column"),
        ],
    )
    def test_nothing_is_found_where_nobody_is(
        self, detector: FaceDetector, pixels: NDArray[np.uint8]
    ) -> None:
        assert detector.detect(frame_of(pixels)) == ()

    def test_it_is_repeatable_and_leaves_the_frame_alone(self, detector: FaceDetector) -> None:
        pixels = head_and_shoulders("biden")
        before = pixels.copy()
        assert detector.detect(frame_of(pixels)) == detector.detect(frame_of(pixels))
        assert np.array_equal(pixels, before)

    def test_it_says_which_model_it_is(self, detector: FaceDetector) -> None:
        assert detector.model_id

    def test_another_network_is_unusable(self) -> None:
        with pytest.raises(ModelUnusable):
            self.build(b"no network")

    @pytest.mark.parametrize("option", ["least_score", "overlap"])
    @pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 2.0])
    def test_thresholds_lie_between_0_and_1(self, option: str, value: float) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            self.build(b"", **{option: value})
