from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import Box
from countenance.vision.passive import context_crop

RAMP = np.zeros((480, 640, 3), np.uint8)
RAMP[..., 0] = np.linspace(0, 255, 640).astype(np.uint8)[None]
RAMP[..., 1] = np.linspace(0, 255, 480).astype(np.uint8)[:, None]


def box(x: float, y: float, width: float, height: float) -> Box:
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def test_a_face_in_the_middle_is_cut_about_its_middle() -> None:
    crop = context_crop(RAMP, box(320, 240, 100, 100), scale=2.0, least_scale=2.0, side=201)
    assert crop is not None
    np.testing.assert_array_equal(crop, RAMP[140:341, 220:421])


def test_a_face_at_the_edge_is_moved_and_not_shrunk() -> None:
    crop = context_crop(RAMP, box(30, 30, 100, 100), scale=2.0, least_scale=2.0, side=201)
    assert crop is not None
    np.testing.assert_array_equal(crop, RAMP[:201, :201])
    crop = context_crop(RAMP, box(620, 470, 100, 100), scale=2.0, least_scale=2.0, side=201)
    assert crop is not None
    np.testing.assert_array_equal(crop, RAMP[279:480, 439:640])


@pytest.mark.parametrize(("height", "given_back"), [(170, True), (239, True), (240, False), (400, False)])
def test_what_the_frame_cant_give_isnt_shown_to_a_network(height: float, given_back: bool) -> None:
    crop = context_crop(RAMP, box(320, 240, 60, height), scale=2.7, least_scale=2.0, side=80)
    assert (crop is not None) == given_back


@given(
    x=st.floats(-100, 740),
    y=st.floats(-100, 580),
    width=st.floats(5, 500),
    height=st.floats(5, 500),
    scale=st.floats(1.0, 4.0),
)
def test_a_crop_is_whole_or_none(x: float, y: float, width: float, height: float, scale: float) -> None:
    face = box(x, y, width, height)
    crop = context_crop(RAMP, face, scale=scale, least_scale=1.0, side=40)
    inside = 0 <= face.centre.x <= 639 and 0 <= face.centre.y <= 479
    if crop is None:
        assert not inside or min(479 / face.height, 639 / face.width) < 1.0
    else:
        assert inside
        assert crop.shape == (40, 40, 3)
        assert crop.dtype == np.uint8
