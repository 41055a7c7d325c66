"""Heads from the sample portrait, as it is and mirrored, and desks at which rendered sessions run."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
from PIL import Image

from countenance.liveness import FaceWatcher
from countenance.vision.rendering import RenderedHead, head_from_portrait, heads
from weights import blazeface, face_mesh, frame_of, sample_bytes

SAMPLE = "obama"
SIDE = 480


def portrait(name: str = SAMPLE, *, mirrored: bool = False) -> bytes:
    """Return a sample portrait as a small JPEG."""
    image = Image.open(io.BytesIO(sample_bytes(name))).convert("RGB")
    side = SIDE if name == SAMPLE else 2 * SIDE  # in the others the face is smaller
    image.thumbnail((side, side))
    if mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


@cache
def watcher() -> FaceWatcher:
    return FaceWatcher(detector=blazeface(), mesh=face_mesh())


@cache
def head(name: str = SAMPLE, *, mirrored: bool = False) -> RenderedHead:
    """Return a head of a sample portrait."""
    pixels = np.asarray(Image.open(io.BytesIO(portrait(name, mirrored=mirrored))).convert("RGB"))
    points = watcher().look(frame_of(pixels)).points
    assert points is not None
    if name == SAMPLE:
        return head_from_portrait(pixels, points)
    # The other samples look a little aside. For a second identity that is good enough; for a rate it isn't.
    with patch.object(heads, "_MOST_TURNED", 12.0):
        return head_from_portrait(pixels, points)


def portraits_folder(folder: Path) -> Path:
    """Return a folder of two people: the sample, and the sample mirrored."""
    for name, mirrored in (("Ann", False), ("Bea", True)):
        (folder / name).mkdir(parents=True)
        (folder / name / f"{name}_0001.jpg").write_bytes(portrait(mirrored=mirrored))
    return folder
