from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import countenance
from countenance.capture import PendingPicture
from countenance.kernel import Material, sha256_hex
from pictures import quadrants

MATERIAL = Material(sha256_hex(b"a picture"))


def pending() -> tuple[PendingPicture, np.ndarray]:
    pixels = quadrants().copy()
    return PendingPicture(pixels=pixels, material=MATERIAL), pixels


def test_it_says_which_bytes_it_was_and_shows_nothing() -> None:
    picture, _ = pending()
    assert picture.material == MATERIAL
    assert "pixels" not in repr(picture)
    assert [name for name in dir(picture) if not name.startswith("_")] == [
        "hand_over",
        "material",
        "same_as",
        "wipe",
    ]


def test_the_pixels_are_handed_over_once_and_not_copied() -> None:
    picture, pixels = pending()
    assert picture.hand_over() is pixels
    with pytest.raises(RuntimeError, match="once"):
        picture.hand_over()


@pytest.mark.parametrize("opened", [False, True])
def test_leaving_it_overwrites_it_whatever_happened(opened: bool) -> None:
    picture, pixels = pending()
    if opened:
        picture.hand_over()
    with pytest.raises(ZeroDivisionError), picture:
        raise ZeroDivisionError
    assert not pixels.any()
    with pytest.raises(RuntimeError, match="overwritten"):
        picture.hand_over()


def test_two_of_one_picture_are_told_without_opening_them() -> None:
    one, _ = pending()
    other = PendingPicture(pixels=quadrants(64, 64)[:, ::-1].copy(), material=MATERIAL)
    assert one.same_as(pending()[0])
    assert not one.same_as(other)
    one.hand_over()  # neither was opened by that


def test_the_capture_door_alone_takes_pixels_over() -> None:
    source = Path(countenance.__file__).parent
    callers = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if re.search(r"\.hand_over\(", path.read_text())
    }
    assert callers == {"capture/door.py"}
