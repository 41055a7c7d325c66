from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countenance.vision.landmarks import (
    LIDS_AT_LEFT,
    LIDS_AT_RIGHT,
    MIRRORED_106,
    POINT_COUNT,
    SOURCES_106,
    FacePart,
    points_106,
)
from face_parts import drawn_eyes, flat_mesh, seen
from weights import PEOPLE


@pytest.mark.parametrize(
    ("part", "count"),
    [
        (FacePart.CONTOUR, 33),
        (FacePart.BROWS, 18),
        (FacePart.NOSE, 15),
        (FacePart.EYES, 20),
        (FacePart.MOUTH, 20),
    ],
)
def test_each_part_has_its_number_of_points(part: FacePart, count: int) -> None:
    assert len(part.indices) == count
    assert len(points_106(flat_mesh(), drawn_eyes()).part(part)) == count


def test_the_parts_cover_all_points_in_order() -> None:
    assert [index for part in FacePart for index in part.indices] == list(range(POINT_COUNT))
    assert len(SOURCES_106) == POINT_COUNT


def test_no_two_points_are_the_same() -> None:
    assert len(set(SOURCES_106)) == POINT_COUNT


def test_mirroring_twice_is_nothing_and_keeps_every_point_in_its_part() -> None:
    assert [MIRRORED_106[MIRRORED_106[index]] for index in range(POINT_COUNT)] == list(range(POINT_COUNT))
    for part in FacePart:
        assert all(MIRRORED_106[index] in part.indices for index in part.indices)


def test_points_in_the_middle_of_the_face_are_their_own_mirror_image() -> None:
    own = [index for index in range(POINT_COUNT) if MIRRORED_106[index] == index]
    assert own == [16, 51, 52, 53, 54, 63, 89, 95, 100, 104]
    assert [SOURCES_106[index].first for index in own] == [152, 168, 6, 195, 4, 2, 0, 17, 13, 14]


def test_each_point_comes_from_the_mesh_points_that_the_table_names() -> None:
    found = points_106(flat_mesh(), drawn_eyes()).points
    for index, source in enumerate(SOURCES_106):
        if source.origin != "mesh":
            continue
        assert 0.0 <= source.share < 1.0
        x = source.first * (1 - source.share) + source.second * source.share
        assert found[index] == pytest.approx([x, 1000 - x], abs=1e-3)


def test_contour_steps_are_even_along_the_meshs_edges() -> None:
    first = [SOURCES_106[index] for index in range(3)]
    assert (first[0].first, first[0].share) == (127, 0.0)
    assert (first[1].first, first[1].second, first[1].share) == (127, 234, 11 / 16)
    assert (first[2].first, first[2].second, first[2].share) == (234, 93, 6 / 16)
    assert (SOURCES_106[16].first, SOURCES_106[32].first) == (152, 356)


def test_eyes_come_from_the_iris_network() -> None:
    eyes = drawn_eyes(iris=(4, -1))
    found = points_106(flat_mesh(), eyes).points
    for first, eye, numbers in ((66, eyes.at_left, LIDS_AT_LEFT), (76, eyes.at_right, LIDS_AT_RIGHT)):
        chosen = [numbers.index(SOURCES_106[first + k].first) for k in range(8)]
        assert np.array_equal(found[first : first + 8], eye.lids[chosen])
        assert found[first + 8] == pytest.approx(eye.lids.mean(axis=0))
        assert found[first + 9] == pytest.approx(eye.iris[0])


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (16, "mesh 152"),
        (1, "0.6875 of the way from mesh 127 to 234"),
        (66, "lid point 33, by the iris network"),
        (74, "mean of the 16 lid points, eye at the image's left"),
        (85, "centre of the iris, eye at the image's right"),
    ],
)
def test_a_source_says_itself_in_words(index: int, words: str) -> None:
    assert SOURCES_106[index].words == words


def test_they_are_floats_that_can_be_wiped_and_arent_shown() -> None:
    found = points_106(flat_mesh(), drawn_eyes())
    assert found.points.shape == (106, 2)
    assert found.points.dtype == np.float32
    assert "array" not in repr(found)
    part = found.part(FacePart.NOSE)
    found.wipe()
    assert not found.points.any()
    assert part.any()


@pytest.mark.models
@pytest.mark.parametrize("name", PEOPLE)
class TestOnPhotographs:
    def test_mirroring_the_picture_swaps_left_and_right(self, name: str) -> None:
        frame, observation, eyes = seen(name)
        _, other, other_eyes = seen(name, mirrored=True)
        plain = points_106(observation.mesh, eyes).points
        back = points_106(other.mesh, other_eyes).points[list(MIRRORED_106)]
        back[:, 0] = frame.width - back[:, 0]
        apart = np.hypot(*(observation.five_points[1] - observation.five_points[0]))
        away = np.hypot(*(back - plain).T) / apart
        assert away.mean() < 0.05
        assert away.max() < 0.14

    def test_the_contour_runs_down_to_the_chin_and_up_again(self, name: str) -> None:
        _, observation, eyes = seen(name)
        contour = points_106(observation.mesh, eyes).part(FacePart.CONTOUR)
        turn = np.radians(-observation.pose.roll)
        y = contour @ np.array([np.sin(turn), np.cos(turn)])
        assert (np.diff(y[:15]) > 0).all()
        assert (np.diff(y[18:]) < 0).all()
        middle = contour.mean(axis=0)
        angles = np.unwrap(np.arctan2(*(contour - middle).T[::-1]))
        assert (np.diff(angles) < 0).all()

    def test_parts_lie_where_parts_of_a_face_lie(self, name: str) -> None:
        _, observation, eyes = seen(name)
        found = points_106(observation.mesh, eyes)
        turn = np.radians(-observation.pose.roll)
        level = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        height = {part: float((found.part(part) @ level.T)[:, 1].mean()) for part in FacePart}
        assert height[FacePart.BROWS] < height[FacePart.EYES] < height[FacePart.NOSE] < height[FacePart.MOUTH]
        contour = found.part(FacePart.CONTOUR) @ level.T
        for part in (FacePart.EYES, FacePart.MOUTH, FacePart.BROWS):
            inside = (found.part(part) @ level.T)[:, 0]
            assert contour[:, 0].min() < inside.min()
            assert inside.max() < contour[:, 0].max()


def test_the_documented_table_is_the_codes() -> None:
    page = (Path(__file__).parents[4] / "docs" / "explanation" / "landmarks.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and line[2].isdigit()]
    assert rows == [
        f"| {index} | {part.value} | {SOURCES_106[index].words} | {MIRRORED_106[index]} |"
        for part in FacePart
        for index in part.indices
    ]
