"""Faces in a drawn scene are framed, named and hidden; the picture that is drawn on isn't changed."""

from __future__ import annotations

import numpy as np
import pytest

from countenance.capture import CaptureLimits, decode
from countenance.kernel import Box
from countenance.vision.drawing import LabelledFace, draw_faces, png_of

RNG = np.random.default_rng(1)
PICTURE = RNG.integers(0, 255, (240, 320, 3)).astype(np.uint8)
BOX = Box(100, 80, 180, 180)


def test_a_face_is_framed_and_hidden_and_the_picture_stays() -> None:
    before = PICTURE.copy()
    drawn = draw_faces(PICTURE, [LabelledFace(BOX, "0: person", (0, 114, 78))])
    assert (before == PICTURE).all()
    assert tuple(drawn[130, 100]) == (0, 114, 78)
    inside = drawn[95:165, 110:170].reshape(-1, 3)
    assert len(np.unique(inside, axis=0)) <= 64
    assert (drawn[:60] == PICTURE[:60]).all()


def test_a_face_may_be_left_as_it_is() -> None:
    drawn = draw_faces(PICTURE, [LabelledFace(BOX, "0", (255, 0, 0))], hidden=False)
    assert (drawn[100:160, 120:160] == PICTURE[100:160, 120:160]).all()


@pytest.mark.parametrize(
    "box", [Box(-40, -30, 50, 60), Box(290, 200, 400, 300), Box(400, 400, 500, 500), Box(-50, -50, -10, -10)]
)
def test_a_box_beyond_the_picture_is_no_error(box: Box) -> None:
    drawn = draw_faces(PICTURE, [LabelledFace(box, "1: undetermined", (90, 90, 90))])
    assert drawn.shape == PICTURE.shape


def test_a_png_reads_back_as_it_was() -> None:
    assert (decode(png_of(PICTURE), limits=CaptureLimits()) == PICTURE).all()
    with pytest.raises(ValueError, match="three colours"):
        png_of(PICTURE[..., 0])
