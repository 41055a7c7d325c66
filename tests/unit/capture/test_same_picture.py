from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from countenance.capture.same_picture import same_picture
from pictures import encode
from weights import sample_bytes


def scene(seed: int = 0, size: tuple[int, int] = (480, 360)) -> NDArray[np.uint8]:
    """Smooth patches of colour, as a photograph has them."""
    small = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.mark.parametrize("quality", [95, 75, 50])
def test_a_picture_saved_again_is_the_same(quality: int) -> None:
    _, saved = cv2.imencode(".jpg", scene(), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert same_picture(scene(), np.asarray(cv2.imdecode(saved, 1), np.uint8))


@pytest.mark.parametrize("share", [0.5, 0.8, 2.0])
def test_so_is_one_in_another_size(share: float) -> None:
    resized = cv2.resize(scene(), None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    assert same_picture(scene(), np.asarray(resized, np.uint8))


@pytest.mark.models
@pytest.mark.parametrize("side", [320, 480, 640, 1000])
@pytest.mark.parametrize(
    ("kind", "share", "quality"),
    [("JPEG", 1.0, 50), ("JPEG", 1.0, 75), ("WEBP", 1.0, 80), ("WEBP", 0.9, 80), ("JPEG", 0.5, 75)],
)
def test_a_small_photograph_saved_again_is_the_same(side: int, kind: str, share: float, quality: int) -> None:
    """One at the desk need not be large: its errors of encoding stand closer together in the grid."""
    photograph = portrait(side)
    size = (round(photograph.width * share), round(photograph.height * share))
    saved = encode(photograph.resize(size), kind, quality=quality)
    with Image.open(io.BytesIO(saved)) as opened:
        again = np.asarray(opened.convert("RGB"))
    assert same_picture(np.asarray(photograph), again)


@pytest.mark.models
@pytest.mark.parametrize("side", [320, 480, 640, 1000])
def test_a_photograph_moved_by_a_pixel_isn_t(side: int) -> None:
    pixels = np.asarray(portrait(side))
    assert not same_picture(pixels[:, 1:], pixels[:, :-1])


def portrait(side: int) -> Image.Image:
    with Image.open(io.BytesIO(sample_bytes("obama2"))) as opened:
        return ImageOps.contain(opened.convert("RGB"), (side, side))


def test_another_scene_isn_t() -> None:
    assert not same_picture(scene(0), scene(1))


def test_one_changed_place_is_enough() -> None:
    changed = scene()
    changed[100:130, 200:230] = 255 - changed[100:130, 200:230]
    assert not same_picture(scene(), changed)


def test_another_shape_isn_t() -> None:
    assert not same_picture(scene(), scene()[:, :300])


def test_pictures_without_contrast_say_nothing() -> None:
    blank = np.full((50, 60, 3), 200, np.uint8)
    assert not same_picture(blank, blank)
