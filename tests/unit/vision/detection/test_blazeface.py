from __future__ import annotations

import cv2
import numpy as np
import pytest

from contract.detector import DetectorContract, head_and_shoulders, only
from countenance.vision import FaceDetector, ModelUnusable
from countenance.vision.detection import BlazeFaceFullRange, BlazeFaceShort
from countenance.vision.detection.blazeface import _FULL, _SHORT, _anchors, _letterbox
from weights import blazeface, frame_of, full_range, model_bytes


@pytest.mark.models
class TestBlazeFaceShort(DetectorContract):
    @pytest.fixture
    def detector(self) -> FaceDetector:
        return blazeface()

    @staticmethod
    def build(content: bytes, **options: float) -> FaceDetector:
        return BlazeFaceShort(content=content, **options)  # type: ignore[arg-type]

    def test_it_gives_six_keypoints(self, detector: FaceDetector) -> None:
        face = only(detector.detect(frame_of(head_and_shoulders("obama"))))
        assert len(face.keypoints) == 6
        assert face.keypoints[4].x < face.keypoints[0].x < face.keypoints[1].x < face.keypoints[5].x

    def test_a_higher_threshold_finds_no_more(self) -> None:
        strict = BlazeFaceShort(content=model_bytes("blazeface-short-range"), least_score=0.99)
        frame = frame_of(head_and_shoulders("obama"))
        assert len(strict.detect(frame)) <= len(blazeface().detect(frame))

    def test_the_mesh_network_is_refused(self) -> None:
        with pytest.raises(ModelUnusable):
            BlazeFaceShort(content=model_bytes("face-landmark-468"))


@pytest.mark.models
class TestBlazeFaceFullRange(DetectorContract):
    @pytest.fixture
    def detector(self) -> FaceDetector:
        return full_range()

    @staticmethod
    def build(content: bytes, **options: float) -> FaceDetector:
        return BlazeFaceFullRange(content=content, **options)  # type: ignore[arg-type]

    def test_it_finds_a_face_too_small_for_the_near_detector(self) -> None:
        face = head_and_shoulders("obama", height=100)
        room = np.full((480, 640, 3), 128, np.uint8)
        room[200 : 200 + face.shape[0], 300 : 300 + face.shape[1]] = face
        assert len(full_range().detect(frame_of(room))) == 1
        assert blazeface().detect(frame_of(room)) == ()

    @pytest.mark.parametrize("model_id", ["blazeface-short-range", "face-landmark-468"])
    def test_another_network_with_one_input_is_refused(self, model_id: str) -> None:
        with pytest.raises(ModelUnusable, match="full-range"):
            BlazeFaceFullRange(content=model_bytes(model_id))

    def test_the_near_detector_does_not_take_its_file(self) -> None:
        with pytest.raises(ModelUnusable, match="short-range"):
            BlazeFaceShort(content=model_bytes("blazeface-full-range-sparse"))


class TestAnchors:
    def test_there_is_one_for_each_value_of_the_network(self) -> None:
        assert _anchors(_SHORT.grids).shape == (896, 2)
        assert _anchors(_FULL.grids).shape == (2304, 2)

    @pytest.mark.parametrize(
        ("index", "centre"),
        [
            pytest.param(0, (0.5 / 16, 0.5 / 16), id="first-cell"),
            pytest.param(1, (0.5 / 16, 0.5 / 16), id="its-second-anchor"),
            pytest.param(2, (1.5 / 16, 0.5 / 16), id="next-column"),
            pytest.param(32, (0.5 / 16, 1.5 / 16), id="next-row"),
            pytest.param(511, (15.5 / 16, 15.5 / 16), id="last-of-the-fine-grid"),
            pytest.param(512, (0.5 / 8, 0.5 / 8), id="first-of-the-coarse-grid"),
            pytest.param(518, (1.5 / 8, 0.5 / 8), id="six-anchors-a-cell"),
            pytest.param(895, (7.5 / 8, 7.5 / 8), id="last"),
        ],
    )
    def test_they_go_by_row_then_column_then_repeat(self, index: int, centre: tuple[float, float]) -> None:
        assert _anchors(_SHORT.grids)[index] == pytest.approx(centre)


class TestLetterbox:
    SIZES = ((300, 200), (200, 300), (256, 256), (999, 333), (64, 40), (128, 128), (1000, 1000), (3001, 2000))

    @pytest.mark.parametrize(("height", "width"), SIZES)
    @pytest.mark.parametrize("goal", [128, 192])
    def test_it_is_what_a_black_square_and_one_average_over_areas_give(
        self, height: int, width: int, goal: int
    ) -> None:
        noise = np.random.default_rng(7).integers(0, 255, (height, width, 3), np.uint8)
        smooth = np.asarray(cv2.GaussianBlur(noise, (0, 0), max(height, width) / 40), np.uint8)
        tensor, side, offset = _letterbox(smooth, goal)
        assert max(height, width) - 32 < side <= max(height, width)
        square = np.zeros((side, side, 3), np.uint8)
        left, top = int(offset[0]), int(offset[1])
        square[top : top + height, left : left + width] = smooth[: side - top, : side - left]
        way = cv2.INTER_AREA if side > goal else cv2.INTER_LINEAR
        expected = np.asarray(cv2.resize(square, (goal, goal), interpolation=way), np.float32) / 127.5 - 1
        apart = np.abs(tensor[0] - expected)
        # A few roundings to eight bits instead of one; where the picture ends, its last row or column is
        # shared between two pixels otherwise.
        edge = 2 + np.ceil(np.array([top, left]) * goal / side).astype(int)
        inner = (slice(edge[0], goal - edge[0]), slice(edge[1], goal - edge[1]))
        assert apart[inner].max() <= 3.01 / 127.5
        assert apart.mean() <= 1.5 / 127.5

    @pytest.mark.parametrize(("height", "width"), SIZES)
    def test_a_mark_comes_out_where_it_was(self, height: int, width: int) -> None:
        marked = np.zeros((height, width, 3), np.uint8)
        x, y = int(width * 0.7), int(height * 0.3)
        reach = max(height, width) // 40 + 1
        marked[y - reach : y + reach, x - reach : x + reach] = 255
        tensor, side, offset = _letterbox(marked, 128)
        light = tensor[0, :, :, 0] + 1.0
        rows, columns = np.indices(light.shape) + 0.5
        place = np.array([(columns * light).sum(), (rows * light).sum()]) / light.sum()
        assert place * side / 128 - offset == pytest.approx([x, y], abs=0.25 * side / 128)

    def test_every_pixel_counts(self) -> None:
        """Stripes as fine as the picture's pixels come out grey, not as a pattern."""
        stripes = np.zeros((1024, 1024, 3), np.uint8)
        stripes[:, ::2] = 254
        tensor, _, _ = _letterbox(stripes, 128)
        assert np.abs(tensor * 127.5 + 127.5 - 127).max() <= 1.01

    @pytest.mark.parametrize(("height", "width"), [(1, 5000), (5000, 1), (1, 1), (2, 4001)])
    def test_a_line_of_pixels_is_no_exception(self, height: int, width: int) -> None:
        tensor, side, _ = _letterbox(np.full((height, width, 3), 200, np.uint8), 128)
        assert tensor.shape == (1, 128, 128, 3)
        assert side <= max(height, width)

    def test_it_does_not_touch_the_picture(self) -> None:
        pixels = np.full((128, 128, 3), 90, np.uint8)
        _letterbox(pixels, 128)
        assert (pixels == 90).all()
