"""Encoded pictures made in memory, for tests of what comes in."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WIDTH, HEIGHT = 96, 72


def quadrants(width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Red, green / blue, white quarters: every turn and mirroring of it looks different."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    pixels[: height // 2, width // 2 :] = (0, 255, 0)
    pixels[height // 2 :, : width // 2] = (0, 0, 255)
    pixels[height // 2 :, width // 2 :] = (255, 255, 255)
    return pixels


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the encoded file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(pixels: NDArray[np.uint8], **options: object) -> bytes:
    """Return a PNG of RGB pixels."""
    return encode(Image.fromarray(pixels), "PNG", **options)


def png_with_header(width: int, height: int) -> bytes:
    """Return a small PNG whose header states any size: a decompression bomb where it is large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 4096)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
