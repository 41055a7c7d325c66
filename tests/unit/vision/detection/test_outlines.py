"""An outline of four sides around a face is found; one elsewhere isn't."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.kernel import Box
from countenance.vision.detection import enclosing_rectangle, outline_around
from weights import frame_of

FACE = Box(left=260, top=180, right=380, bottom=320)


def drawn(corners: list[tuple[int, int]], thickness: int = -1) -> NDArray[np.uint8]:
    picture = np.full((480, 640), 70, dtype=np.uint8)
    outline = np.array(corners, dtype=np.int32)
    if thickness < 0:
        cv2.fillPoly(picture, [outline], color=(190,))
    else:
        cv2.polylines(picture, [outline], isClosed=True, color=(190,), thickness=thickness)
    cv2.ellipse(picture, (320, 250), (55, 68), 0, 0, 360, color=(120,), thickness=-1)
    return picture


@pytest.mark.parametrize("thickness", [-1, 4])
@pytest.mark.parametrize(
    "corners",
    [
        [(200, 120), (440, 120), (440, 400), (200, 400)],
        [(210, 140), (450, 110), (430, 410), (190, 380)],
    ],
    ids=["upright", "tilted"],
)
def test_an_outline_around_a_face_is_found(corners: list[tuple[int, int]], thickness: int) -> None:
    found = enclosing_rectangle(drawn(corners, thickness), FACE)
    assert found is not None
    assert found.dtype == np.float32
    assert np.abs(found - np.array(corners)).max() < 8


def test_the_smallest_outline_is_taken() -> None:
    picture = drawn([(200, 120), (440, 120), (440, 400), (200, 400)])
    cv2.rectangle(picture, (60, 40), (600, 450), color=(230,), thickness=3)
    found = enclosing_rectangle(picture, FACE)
    assert found is not None
    assert np.abs(found[0] - (200, 120)).max() < 8


@pytest.mark.parametrize(
    "corners",
    [
        [(20, 20), (180, 20), (180, 170), (20, 170)],
        [(290, 210), (350, 210), (350, 290), (290, 290)],
    ],
    ids=["beside the face", "within the face"],
)
def test_an_outline_elsewhere_is_none(corners: list[tuple[int, int]]) -> None:
    assert enclosing_rectangle(drawn(corners), FACE) is None


def test_an_empty_wall_has_no_outline() -> None:
    assert enclosing_rectangle(np.full((480, 640), 90, dtype=np.uint8), FACE) is None


@pytest.mark.parametrize("thickness", [-1, 6])
def test_in_a_frame_it_is_found_at_half_the_size_and_told_in_the_frame_s_own_pixels(thickness: int) -> None:
    corners = [(210, 140), (450, 110), (430, 410), (190, 380)]
    pixels = np.repeat(drawn(corners, thickness)[..., None], 3, axis=2)
    found = outline_around(frame_of(pixels), FACE)
    assert found is not None
    assert found.dtype == np.float32
    assert np.abs(found - np.array(corners)).max() < 10


def test_a_frame_without_an_outline_or_of_one_row_has_none() -> None:
    wall = np.full((480, 640, 3), 70, np.uint8)
    assert outline_around(frame_of(wall), FACE) is None
    assert outline_around(frame_of(wall[:1]), FACE) is None
