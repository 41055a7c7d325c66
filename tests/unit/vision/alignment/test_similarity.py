from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from countenance.vision.alignment import (
    ALIGNED_SIDE,
    FIVE_POINT_TEMPLATE,
    PointsCoincide,
    align,
    similarity,
    warp,
)


def matrix_of(*, scale: float, degrees: float, x: float, y: float) -> NDArray[np.float64]:
    """A similarity: turn, scale, then shift."""
    angle = math.radians(degrees)
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    return np.array([[cosine, -sine, x], [sine, cosine, y]])


def applied(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def umeyama(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The fit as Umeyama (1991), equations 39 to 43, writes it: by singular values, in any dimension."""
    middle, goal = source.mean(axis=0), target.mean(axis=0)
    a, b = source - middle, target - goal
    u, d, vt = np.linalg.svd(b.T @ a / len(source))
    sign = np.eye(2)
    if np.linalg.det(u) * np.linalg.det(vt) < 0:
        sign[1, 1] = -1
    turn = u @ sign @ vt
    scale = (d * np.diag(sign)).sum() / ((a * a).sum() / len(source))
    return np.column_stack([scale * turn, goal - scale * turn @ middle])


GOLDEN = [
    pytest.param({"scale": 1.0, "degrees": 0.0, "x": 0.0, "y": 0.0}, id="nothing"),
    pytest.param({"scale": 1.0, "degrees": 0.0, "x": 7.5, "y": -3.25}, id="shift"),
    pytest.param({"scale": 0.31, "degrees": 0.0, "x": 0.0, "y": 0.0}, id="smaller"),
    pytest.param({"scale": 4.0, "degrees": 0.0, "x": 0.0, "y": 0.0}, id="larger"),
    pytest.param({"scale": 1.0, "degrees": 30.0, "x": 0.0, "y": 0.0}, id="turned"),
    pytest.param({"scale": 1.0, "degrees": 180.0, "x": 0.0, "y": 0.0}, id="upside-down"),
    pytest.param({"scale": 2.5, "degrees": -75.0, "x": 300.0, "y": 120.0}, id="all-of-it"),
]


class TestSimilarity:
    @pytest.mark.parametrize("parts", GOLDEN)
    def test_it_finds_the_similarity_that_made_the_points(self, parts: dict[str, float]) -> None:
        made = matrix_of(**parts)
        found = similarity(FIVE_POINT_TEMPLATE, applied(made, FIVE_POINT_TEMPLATE))
        np.testing.assert_allclose(found, made, atol=1e-9)

    def test_umeyamas_own_example(self) -> None:
        # Umeyama (1991), section IV: the mirrored triangle, whose best similarity is a rotation.
        source = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
        target = np.array([[0.0, 0.0], [-1.0, 0.0], [0.0, 2.0]])
        found = similarity(source, target)
        np.testing.assert_allclose(
            found[:, :2], 0.721 * np.array([[0.832, 0.555], [-0.555, 0.832]]), atol=1e-3
        )
        np.testing.assert_allclose(found[:, 2], [-0.8, 0.4], atol=1e-3)

    @given(
        arrays.arrays(np.float64, (5, 2), elements=st.floats(-500, 500)),
        arrays.arrays(np.float64, (5, 2), elements=st.floats(-500, 500)),
    )
    def test_it_is_umeyamas_fit_and_never_a_reflection(
        self, source: NDArray[np.float64], target: NDArray[np.float64]
    ) -> None:
        a, b = source - source.mean(axis=0), target - target.mean(axis=0)
        products = a.T @ b
        strength = math.hypot(products.trace(), products[0, 1] - products[1, 0])
        assume((a * a).sum() > 1.0 and strength > 1.0)
        found = similarity(source, target)
        assert np.linalg.det(found[:, :2]) > 0
        np.testing.assert_allclose(found[0, 0], found[1, 1])
        np.testing.assert_allclose(found[0, 1], -found[1, 0])
        np.testing.assert_allclose(found, umeyama(source, target), rtol=1e-6, atol=1e-6)

    @given(
        st.floats(0.05, 20),
        st.floats(-180, 180),
        st.floats(-1000, 1000),
        st.floats(-1000, 1000),
    )
    def test_any_similarity_is_found_again(self, scale: float, degrees: float, x: float, y: float) -> None:
        made = matrix_of(scale=scale, degrees=degrees, x=x, y=y)
        found = similarity(FIVE_POINT_TEMPLATE, applied(made, FIVE_POINT_TEMPLATE))
        np.testing.assert_allclose(found, made, atol=1e-6, rtol=1e-9)

    def test_points_on_one_spot_are_refused(self) -> None:
        with pytest.raises(PointsCoincide) as caught:
            similarity(np.full((5, 2), 3.0), FIVE_POINT_TEMPLATE)
        assert caught.value.code == "face-points-coincide"

    def test_points_that_are_not_numbers_are_refused(self) -> None:
        with pytest.raises(PointsCoincide):
            similarity(np.full((5, 2), np.nan), FIVE_POINT_TEMPLATE)

    @pytest.mark.parametrize("shape", [(5, 3), (1, 2), (5,)])
    def test_another_shape_is_refused(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match="shape"):
            similarity(np.zeros(shape), np.zeros(shape))


def dots(points: NDArray[np.float64], *, width: int, height: int, radius: int) -> NDArray[np.uint8]:
    """A black picture with a white disc at each point."""
    picture = np.zeros((height, width, 3), np.uint8)
    for x, y in points:
        cv2.circle(picture, (round(x * 16), round(y * 16)), radius * 16, (255, 255, 255), -1, cv2.LINE_AA, 4)
    return picture


def centre_near(
    picture: NDArray[np.uint8], point: NDArray[np.float64], *, reach: int = 6
) -> NDArray[np.float64]:
    """The centre of mass of the light around a point."""
    x0, y0 = int(point[0]) - reach, int(point[1]) - reach
    part = picture[y0 : y0 + 2 * reach + 1, x0 : x0 + 2 * reach + 1, 0].astype(float)
    ys, xs = np.mgrid[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]]
    return np.array([float((xs * part).sum()), float((ys * part).sum())]) / float(part.sum())


class TestAlign:
    @pytest.mark.parametrize(
        ("scale", "degrees"),
        [
            pytest.param(0.8, 0.0, id="enlarging"),
            pytest.param(1.0, 20.0, id="turning"),
            pytest.param(2.7, -35.0, id="shrinking"),
            pytest.param(5.0, 12.0, id="shrinking-by-averaging"),
            pytest.param(9.3, 160.0, id="shrinking-much-upside-down"),
        ],
    )
    def test_the_five_points_land_on_the_template(self, scale: float, degrees: float) -> None:
        away = applied(matrix_of(scale=scale, degrees=degrees, x=0, y=0), FIVE_POINT_TEMPLATE)
        away += 40 - away.min(axis=0)
        width, height = (int(size) + 40 for size in away.max(axis=0))
        picture = dots(away, width=width, height=height, radius=max(2, round(2.5 * scale)))
        found = align(picture, away)
        assert found.shape == (ALIGNED_SIDE, ALIGNED_SIDE, 3)
        assert found.dtype == np.uint8
        for point in FIVE_POINT_TEMPLATE:
            np.testing.assert_allclose(centre_near(found, point), point, atol=0.35)

    def test_a_mirrored_face_stays_mirrored(self) -> None:
        picture = np.zeros((112, 112, 3), np.uint8)
        picture[:, :40] = 255
        mirrored = np.ascontiguousarray(picture[:, ::-1])
        points = FIVE_POINT_TEMPLATE.copy()
        points[:, 0] = 111 - points[:, 0]
        points = points[[1, 0, 2, 4, 3]]
        found = align(mirrored, points)
        assert found[:, -30:].mean() > 200
        assert found[:, :40].mean() < 50

    def test_outside_the_frame_is_black(self) -> None:
        picture = np.full((112, 112, 3), 255, np.uint8)
        found = align(picture, FIVE_POINT_TEMPLATE - [60.0, 0.0])
        assert (found[:, :55] == 0).all()
        assert (found[:, 65:] == 255).all()

    def test_a_face_beyond_the_frame_is_all_black(self) -> None:
        picture = np.full((112, 112, 3), 255, np.uint8)
        for scale in (1.0, 8.0):
            assert not align(picture, FIVE_POINT_TEMPLATE * scale + 5000.0).any()

    def test_the_picture_is_not_changed_and_the_cut_is_ours(self) -> None:
        picture = np.random.default_rng(1).integers(0, 255, (112, 112, 3), np.uint8)
        before = picture.copy()
        align(picture, FIVE_POINT_TEMPLATE).fill(0)
        assert np.array_equal(picture, before)

    def test_already_aligned_stays(self) -> None:
        picture = np.random.default_rng(1).integers(0, 255, (112, 112, 3), np.uint8)
        assert np.array_equal(align(picture, FIVE_POINT_TEMPLATE), picture)


class TestWarp:
    def test_fine_patterns_become_grey_when_shrunk_much(self) -> None:
        fine = np.zeros((900, 900, 3), np.uint8)
        fine[::2] = 255
        found = warp(fine, matrix_of(scale=0.125, degrees=0, x=0, y=0), side=100)
        assert found[5:-5, 5:-5].std() < 3
        assert found[5:-5, 5:-5].mean() == pytest.approx(127, abs=3)

    def test_averaging_first_does_not_shift_the_picture(self) -> None:
        ramp = np.repeat(np.linspace(0, 255, 1000, dtype=np.float32)[None, :, None], 1000, axis=0)
        picture = np.repeat(ramp, 3, axis=2).astype(np.uint8)
        found = warp(picture, matrix_of(scale=0.2, degrees=0, x=0, y=0), side=200)
        # Pixel x of the cut shows pixel 5 x of the picture.
        expected = picture[0, np.arange(200) * 5, 0].astype(float)
        assert np.abs(found[100, 2:-2, 0] - expected[2:-2]).max() <= 1.5
