"""What people upload by mistake or on purpose: each picture once, with what is to come of it.

Drawn once a session. The guest is a published portrait; the card around another one of the same man is a
specimen of a state that doesn't exist.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageOps

from byte_scan import chunks, row_markers
from countenance.scenes import draw_specimen_card
from pictures import encode, png_with_header
from weights import sample_bytes

__all__ = [
    "READABLE",
    "REFUSED",
    "TAKEN",
    "UNJUDGED",
    "Odd",
    "card",
    "guest",
    "jpeg",
    "pieces",
    "plain_guest",
    "recoded_guest",
    "refused",
]

HEAD = (0.325, 0.0, 0.752, 0.44)  # head and shoulders of that photograph


@dataclass(frozen=True)
class Odd:
    """One picture.

    Attributes:
        name: which.
        make: draws it.
        code: the error's, or the reason's why it can't be judged; empty where it is taken.
        status: what HTTP says to it.
    """

    name: str
    make: Callable[[], bytes] = field(repr=False)
    code: str = ""
    status: int = 200

    @property
    def content(self) -> bytes:
        """The encoded file, made once."""
        return _made(self.make)


@cache
def _made(make: Callable[[], bytes]) -> bytes:
    return make()


@cache
def guest(side: int = 480) -> Image.Image:
    """The guest's live photograph, its longer side so many pixels; a copy is to be changed, not this one."""
    with Image.open(io.BytesIO(sample_bytes("obama2"))) as image:
        image.load()
    return ImageOps.contain(image.convert("RGB"), (side, side))


@cache
def card() -> bytes:
    """The guest's specimen card."""
    return draw_specimen_card(sample_bytes("obama"), part=HEAD)


@cache
def _card_image() -> Image.Image:
    with Image.open(io.BytesIO(card())) as image:
        return image.convert("RGB")


def jpeg(image: Image.Image, **options: object) -> bytes:
    return encode(image, "JPEG", quality=92, **options)


@cache
def plain_guest() -> bytes:
    return jpeg(guest())


@cache
def recoded_guest() -> bytes:
    """The same photograph once more, in another encoding and a little smaller."""
    return encode(guest().resize((guest().width * 9 // 10, guest().height * 9 // 10)), "WEBP", quality=80)


def _half_a_jpeg() -> bytes:
    return plain_guest()[: len(plain_guest()) // 2]


def _half_a_png() -> bytes:
    whole = encode(guest(), "PNG")
    return whole[: len(whole) // 2]


def _jpeg_with_header(width: int, height: int) -> bytes:
    """A small JPEG whose frame header (SOF0) states another size."""
    content = bytearray(jpeg(Image.new("RGB", (64, 64), (90, 120, 150))))
    start = content.index(b"\xff\xc0")
    content[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def _hundred_megapixels() -> bytes:
    """Not a lie in a header: every pixel is there, and packs into a few kilobytes."""
    return encode(Image.new("1", (10_000, 10_000)), "PNG", compress_level=1)


def _animated(kind: str) -> bytes:
    pictures = [guest(), ImageOps.mirror(guest())]
    return encode(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=80)


def _sixteen_bit(image: Image.Image) -> bytes:
    written, content = cv2.imencode(".png", np.asarray(image)[:, :, ::-1].astype(np.uint16) * 257)
    assert written
    return content.tobytes()


def _turned(image: Image.Image) -> bytes:
    """Lies on its side; EXIF orientation 6 says how it is to be shown."""
    exif = Image.Exif()
    exif[274] = 6
    return jpeg(image.transpose(Image.Transpose.ROTATE_90), exif=exif)


def _see_through(image: Image.Image) -> bytes:
    over = image.convert("RGBA")
    over.putpixel((0, 0), (0, 0, 0, 0))
    return encode(over, "PNG")


def _twins() -> bytes:
    both = Image.new("RGB", (guest().width * 2, guest().height))
    both.paste(guest(), (0, 0))
    both.paste(ImageOps.mirror(guest()), (guest().width, 0))
    return jpeg(both)


def _empty_room() -> bytes:
    return encode(Image.effect_noise((320, 240), 30).convert("RGB"), "PNG")


REFUSED: tuple[Odd, ...] = (
    Odd("empty", lambda: b"", "not-a-picture", 415),
    Odd("text-as-jpeg", lambda: b"Dear sirs, here is my photograph.\n" * 50, "not-a-picture", 415),
    Odd("pdf", lambda: b"%PDF-1.7\n" + b"x" * 4000, "not-a-picture", 415),
    Odd("truncated-jpeg", _half_a_jpeg, "picture-damaged", 422),
    Odd("truncated-png", _half_a_png, "picture-damaged", 422),
    Odd("jpeg-cut-in-its-header", lambda: plain_guest()[:100], "picture-damaged", 422),
    Odd("100-megapixel-png", _hundred_megapixels, "picture-too-large", 413),
    Odd("100-megapixel-header", lambda: _jpeg_with_header(10_000, 10_000), "picture-too-large", 413),
    Odd("40000-png", lambda: png_with_header(40_000, 40_000), "picture-too-large", 413),
    Odd("40000-jpeg", lambda: _jpeg_with_header(40_000, 40_000), "picture-too-large", 413),
    Odd("animated-webp", lambda: _animated("WEBP"), "picture-moves", 415),
    Odd("animated-png", lambda: _animated("PNG"), "picture-moves", 415),
    Odd("animated-gif", lambda: _animated("GIF"), "not-a-picture", 415),
    Odd("thumbnail", lambda: jpeg(guest(40)), "picture-too-small", 422),
)
"""No pixel of them is looked at, or not all of them can be."""

TAKEN: tuple[Odd, ...] = (
    Odd("plain", plain_guest),
    Odd("turned-by-exif", lambda: _turned(guest())),
    Odd("sixteen-bit", lambda: _sixteen_bit(guest())),
    Odd("cmyk", lambda: jpeg(guest().convert("CMYK"))),
    Odd("palette", lambda: encode(guest().quantize(256), "PNG")),
    Odd("grey", lambda: jpeg(guest().convert("L"))),
    Odd("grey-with-alpha", lambda: encode(guest().convert("LA"), "PNG")),
    Odd("alpha", lambda: _see_through(guest())),
    Odd("webp", lambda: encode(guest(), "WEBP", quality=90)),
    Odd("bmp", lambda: encode(guest(), "BMP")),
)
"""Unusual, and the guest all the same."""

READABLE: tuple[Odd, ...] = (
    Odd("plain", card),
    Odd("turned-by-exif", lambda: _turned(_card_image())),
    Odd("sixteen-bit", lambda: _sixteen_bit(_card_image())),
    Odd("cmyk", lambda: jpeg(_card_image().convert("CMYK"))),
    Odd("palette", lambda: encode(_card_image().quantize(256), "PNG")),
    Odd("grey", lambda: jpeg(_card_image().convert("L"))),
    Odd("alpha", lambda: _see_through(_card_image())),
)
"""The same of the card."""

UNJUDGED: tuple[Odd, ...] = (
    Odd("no-face", _empty_room, "no-face-found"),
    Odd("two-faces-of-like-size", _twins, "several-faces"),
    Odd("face-under-the-floor", lambda: encode(guest(128), "PNG"), "face-too-small"),
)
"""Good pictures that nobody can be compared by; in the last one the face has some thirty pixels."""


def refused(name: str) -> Odd:
    """Return one of the refused by its name."""
    return next(odd for odd in REFUSED if odd.name == name)


def pieces(label: str, sent: bytes) -> dict[str, bytes]:
    """Return pieces of a file that was sent and of its pixels, to be looked for; few of those that repeat."""
    if len(sent) <= 64:
        return {}
    found = chunks(f"{label} file", sent, step=max(256, len(sent) // 40))
    try:
        with Image.open(io.BytesIO(sent)) as image:
            if image.width * image.height < 1_000_000:
                found |= row_markers(f"{label} pixels", np.asarray(image.convert("RGB")))
    except (OSError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        pass  # no pixels to look for
    return found
