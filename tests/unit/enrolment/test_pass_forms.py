"""A pass as a picture and as a file: both hold its text, whole."""

from __future__ import annotations

import struct
from xml.etree import ElementTree as ET

import pytest

from countenance.capture import CaptureLimits, read_code
from countenance.enrolment import PassForm, draw_pass

TEXT = "CP1:" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 21


def test_its_code_is_read_back_from_the_picture() -> None:
    assert read_code(draw_pass(TEXT, PassForm.PNG), limits=CaptureLimits()) == TEXT


def test_the_picture_prints_as_large_as_a_card_takes() -> None:
    """By its own word on how many pixels a metre has (PNG's chunk pHYs)."""
    drawn = draw_pass(TEXT, PassForm.PNG)
    (side,) = struct.unpack(">I", drawn[16:20])
    at = drawn.index(b"pHYs") + 4
    across, down, unit = struct.unpack(">IIB", drawn[at : at + 9])
    assert (across, unit) == (down, 1)
    assert 1000 * side / across == pytest.approx(46, abs=0.2)


def test_the_file_is_its_text() -> None:
    assert draw_pass(TEXT, PassForm.TEXT) == TEXT.encode() + b"\n"


def test_the_drawing_is_one_path_of_that_code() -> None:
    drawn = draw_pass(TEXT, PassForm.SVG)
    root = ET.fromstring(drawn)  # noqa: S314 - drawn here
    width, height = struct.unpack(">II", draw_pass(TEXT, PassForm.PNG)[16:24])
    assert (root.get("width"), root.get("height")) == (str(width), str(height))
    assert TEXT.encode() not in drawn


def test_a_card_says_more_than_the_code() -> None:
    with pytest.raises(ValueError, match="card"):
        draw_pass(TEXT, PassForm.PDF)


@pytest.mark.parametrize("form", [form for form in PassForm if form is not PassForm.PDF])
def test_every_form_says_what_it_is_and_is_the_same_twice(form: PassForm) -> None:
    assert "/" in form.media_type
    assert draw_pass(TEXT, form) == draw_pass(TEXT, form)
    assert draw_pass(TEXT, form) != draw_pass(TEXT[:-1] + "A", form)
