from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.vision.documents.rectification import (
    flatten,
    outline_of,
    turn,
    turn_regions,
    writing_angle,
)
from countenance.vision.text import TextRegion
from drawn_documents import TD1, TD3, draw_document, in_perspective, on_a_desk


def region(degrees: float, *, length: float = 200.0, height: float = 20.0) -> TextRegion:
    """A line that leans clockwise, its corners ordered by where they lie, as a detector gives them."""
    angle = np.radians(degrees)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    points = [np.zeros(2), along * length, along * length + across * height, across * height]
    by_x = sorted(points, key=lambda point: float(point[0]))
    left = sorted(by_x[:2], key=lambda point: float(point[1]))
    right = sorted(by_x[2:], key=lambda point: float(point[1]))
    return TextRegion(corners=np.array([left[0], right[0], right[1], left[1]], np.float32), score=1.0)


@pytest.mark.parametrize("degrees", [0.0, 7.0, -7.0, 40.0, -60.0, 89.0, -85.0])
def test_the_angle_of_the_writing(degrees: float) -> None:
    assert writing_angle([region(degrees)]) == pytest.approx(degrees, abs=0.1)


def test_long_lines_count_more_and_square_pieces_not_at_all() -> None:
    lines = [region(10.0, length=600.0), region(-30.0, length=90.0), region(45.0, length=20.0)]
    assert writing_angle(lines) == pytest.approx(10.0, abs=1.5)
    assert writing_angle([region(45.0, length=20.0)]) == 0.0
    assert writing_angle([]) == 0.0


def test_vertical_lines_of_either_direction_dont_cancel_each_other() -> None:
    assert abs(writing_angle([region(89.5), region(-89.5)])) == pytest.approx(90.0, abs=0.1)


@pytest.mark.parametrize("degrees", [90.0, 180.0, -90.0, 0.0])
def test_quarters_are_turned_without_sampling(degrees: float) -> None:
    picture = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    turned = turn(picture, degrees)
    assert (turned == np.rot90(picture, round(degrees / 90))).all()
    assert turned.flags.c_contiguous


def test_nothing_is_lost_in_turning() -> None:
    picture = np.full((100, 200, 3), 250, np.uint8)
    turned = turn(picture, 30.0)
    assert turned.shape[0] == pytest.approx(100 * np.cos(np.pi / 6) + 200 * np.sin(np.pi / 6), abs=1)
    assert turned.shape[1] == pytest.approx(200 * np.cos(np.pi / 6) + 100 * np.sin(np.pi / 6), abs=1)
    assert (turned > 200).all(axis=2).sum() == pytest.approx(100 * 200, rel=0.02)


def test_turning_by_the_angle_of_the_writing_levels_it() -> None:
    picture = np.full((400, 400, 3), 255, np.uint8)
    picture[190:210, 50:350] = 0
    leaning = turn(picture, -20.0)  # clockwise, as writing_angle counts
    level = turn(leaning, 20.0)
    rows = np.flatnonzero((level == 0).all(axis=2).sum(axis=1) > 250)
    assert 15 <= len(rows) <= 25


@pytest.mark.parametrize("lines", [TD1, TD3], ids=["ID-1", "ID-3"])
@pytest.mark.parametrize("degrees", [0.0, 12.0, -30.0])
def test_the_outline_of_a_document_on_a_desk(lines: tuple[str, ...], degrees: float) -> None:
    document = draw_document(lines)
    corners = outline_of(on_a_desk(document, degrees=degrees))
    assert corners is not None
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    assert sides[[0, 2]] == pytest.approx(document.shape[1], rel=0.02)
    assert sides[[1, 3]] == pytest.approx(document.shape[0], rel=0.02)


def test_the_corners_go_clockwise_from_a_long_side() -> None:
    corners = outline_of(on_a_desk(draw_document(TD3), degrees=90.0))
    assert corners is not None
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    assert np.hypot(*first) > np.hypot(*second)
    assert first[0] * second[1] - first[1] * second[0] > 0


def _middle_of_ink(picture: NDArray[np.uint8]) -> tuple[float, float]:
    rows, columns = np.nonzero(picture.max(axis=2) < 80)
    return float(rows.mean()) / picture.shape[0], float(columns.mean()) / picture.shape[1]


@pytest.mark.parametrize("lean", [0.05, 0.12])
def test_a_document_in_perspective_is_laid_flat(lean: float) -> None:
    document = draw_document(TD3)
    seen = in_perspective(document, lean=lean)
    corners = outline_of(seen)
    assert corners is not None
    flat = flatten(seen, corners)
    assert flat.shape[1] / flat.shape[0] == pytest.approx(125 / 88, rel=0.01)
    # Whichever long side came first, the ink lies where it does on the document, or half a turn from there.
    ink, found = np.array(_middle_of_ink(document)), np.array(_middle_of_ink(flat[6:-6, 6:-6]))
    assert min(abs(ink - found).max(), abs(1 - ink - found).max()) < 0.03


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(np.full((400, 600, 3), 128, np.uint8), id="nothing there"),
        pytest.param(draw_document(TD3), id="fills the picture"),
        pytest.param(on_a_desk(np.full((300, 300, 3), 240, np.uint8)), id="a square"),
        pytest.param(on_a_desk(np.full((100, 900, 3), 240, np.uint8)), id="a strip"),
    ],
)
def test_no_outline_is_better_than_a_wrong_one(picture: NDArray[np.uint8]) -> None:
    assert outline_of(picture) is None


@pytest.mark.parametrize("degrees", [90.0, -90.0, 180.0, 25.0])
def test_lines_are_turned_as_the_picture_is(degrees: float) -> None:
    picture = np.zeros((300, 400, 3), np.uint8)
    picture[100:120, 60:260] = 255
    corners = np.array([[60, 100], [259, 100], [259, 119], [60, 119]], np.float32)
    turned = turn(picture, degrees)
    (line,) = turn_regions(
        [TextRegion(corners=corners, score=1.0)], degrees, before=(300, 400), after=turned.shape[:2]
    )
    rows, columns = np.nonzero(turned[..., 0] > 200)
    assert line.centre == pytest.approx((columns.mean(), rows.mean()), abs=1.0)
    assert line.corners.min(axis=0) == pytest.approx((columns.min(), rows.min()), abs=2.0)
