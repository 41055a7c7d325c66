from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.vision.quality import measures

SIDE = 112


def grey(value: int) -> NDArray[np.uint8]:
    return np.full((SIDE, SIDE, 3), value, np.uint8)


def noise(*, low: int = 60, high: int = 200) -> NDArray[np.uint8]:
    values = np.random.default_rng(3).integers(low, high, (SIDE, SIDE, 1), np.uint8)
    return np.repeat(values, 3, axis=2)


class TestSharpness:
    def test_it_falls_with_every_blur(self) -> None:
        found = [
            measures.sharpness(np.asarray(cv2.GaussianBlur(noise(), (0, 0), sigma), np.uint8))
            for sigma in (0.5, 1.0, 2.0, 4.0)
        ]
        assert found == sorted(found, reverse=True)
        assert found[0] > 4 * found[-1]

    @given(st.floats(0.2, 1.0))
    def test_darkness_is_not_blur(self, share: float) -> None:
        bright = noise(low=100, high=240)
        dark = np.round(bright * share).astype(np.uint8)
        assert measures.sharpness(dark) == pytest.approx(measures.sharpness(bright), rel=0.05)

    def test_one_colour_has_no_detail(self) -> None:
        assert measures.sharpness(grey(120)) == 0.0


class TestLight:
    @pytest.mark.parametrize(
        ("value", "under", "over"),
        [(0, 1.0, 0.0), (25, 1.0, 0.0), (26, 0.0, 0.0), (246, 0.0, 0.0), (247, 0.0, 1.0), (255, 0.0, 1.0)],
    )
    def test_where_dark_and_bright_begin(self, value: int, under: float, over: float) -> None:
        luma = measures.luminance(grey(value))
        assert measures.under_exposed_share(luma) == under
        assert measures.over_exposed_share(luma) == over

    def test_a_quarter_is_a_quarter(self) -> None:
        luma = np.full((76, 62), 100, np.uint8)
        luma[:19] = 10
        luma[-19:] = 250
        assert measures.under_exposed_share(luma) == 0.25
        assert measures.over_exposed_share(luma) == 0.25

    @pytest.mark.parametrize("levels", [1, 2, 4, 64, 256])
    def test_equally_many_of_n_levels_are_log_n_bits(self, levels: int) -> None:
        values = np.repeat(np.linspace(0, 255, levels).astype(np.uint8), 256 // levels)
        assert measures.dynamic_range(values.reshape(16, 16)) == pytest.approx(np.log2(levels))

    @pytest.mark.parametrize(
        ("left", "right", "ratio"),
        [(100, 100, 1.0), (50, 100, 0.5), (100, 25, 0.25), (0, 80, 0.0), (0, 0, 0.0)],
    )
    def test_the_darker_half_over_the_lighter(self, left: int, right: int, ratio: float) -> None:
        luma = np.full((76, 62), left, np.uint8)
        luma[:, 31:] = right
        assert measures.illumination_uniformity(luma) == pytest.approx(ratio)


class TestSize:
    POINTS = np.array([[100, 100], [160, 180], [0, 0], [0, 0], [0, 0]], np.float32)

    def test_the_distance_of_the_eyes_in_pixels(self) -> None:
        assert measures.inter_eye_distance(self.POINTS, yaw=0.0) == pytest.approx(100.0)

    @pytest.mark.parametrize(("yaw", "factor"), [(60.0, 2.0), (-60.0, 2.0), (45.0, 2**0.5), (89.0, 2.0)])
    def test_a_turned_head_counts_as_if_it_were_not(self, yaw: float, factor: float) -> None:
        assert measures.inter_eye_distance(self.POINTS, yaw=yaw) == pytest.approx(100.0 * factor)

    def test_the_head_over_the_frame(self) -> None:
        mesh = np.zeros((468, 3), np.float32)
        mesh[10], mesh[152] = [50, 100, 0], [50, 300, 9]
        assert measures.head_size(mesh, frame_height=800) == pytest.approx(0.25)

    def test_the_share_in_the_image(self) -> None:
        mesh = np.full((468, 3), 50.0, np.float32)
        assert measures.share_in_image(mesh, width=100, height=100) == 1.0
        mesh[:117, 0] = -1
        mesh[117:234, 1] = 100
        assert measures.share_in_image(mesh, width=100, height=100) == pytest.approx(0.5)


class TestSkin:
    # Skin of four people, light to dark, as RGB.
    SKIN = ((233, 190, 165), (198, 140, 108), (141, 95, 68), (78, 50, 38))

    @pytest.mark.parametrize("skin", SKIN)
    def test_bare_skin_of_any_tone_is_all_skin(self, skin: tuple[int, int, int]) -> None:
        assert measures.skin_share(np.full((SIDE, SIDE, 3), skin, np.uint8)) == 1.0

    @pytest.mark.parametrize("skin", SKIN)
    @pytest.mark.parametrize("covering", [(130, 170, 210), (20, 160, 60), (200, 30, 120)])
    def test_a_covering_of_another_colour_is_seen_on_any_tone(
        self, skin: tuple[int, int, int], covering: tuple[int, int, int]
    ) -> None:
        face = np.full((SIDE, SIDE, 3), skin, np.uint8)
        face[82:] = covering
        found = measures.skin_share(face)
        assert found is not None
        assert found < 0.15

    def test_it_is_the_worst_third_that_counts(self) -> None:
        face = np.full((SIDE, SIDE, 3), self.SKIN[1], np.uint8)
        face[40:51] = (20, 60, 200)  # half of what lies around the eyes
        assert measures.skin_share(face) == pytest.approx(0.5)

    def test_a_grey_picture_is_not_measured(self) -> None:
        assert measures.skin_share(noise()) is None
