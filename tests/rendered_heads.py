"""Heads from the sample portrait, as it is and mirrored, and desks at which rendered sessions run."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from countenance.liveness import FaceWatcher
from countenance.vision.rendering import RenderedHead, head_from_portrait
from weights import blazeface, face_mesh, frame_of, sample_bytes

SAMPLE = "obama"
SIDE = 480


def portrait(*, mirrored: bool = False) -> bytes:
    """Return the sample portrait as a small JPEG."""
    image = Image.open(io.BytesIO(sample_bytes(SAMPLE))).convert("RGB")
    image.thumbnail((SIDE, SIDE))
    if mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


@cache
def watcher() -> FaceWatcher:
    return FaceWatcher(detector=blazeface(), mesh=face_mesh())


@cache
def head(*, mirrored: bool = False) -> RenderedHead:
    """Return a head of the sample portrait."""
    pixels = np.asarray(Image.open(io.BytesIO(portrait(mirrored=mirrored))).convert("RGB"))
    points = watcher().look(frame_of(pixels)).points
    assert points is not None
    return head_from_portrait(pixels, points)


def portraits_folder(folder: Path) -> Path:
    """Return a folder of two people: the sample, and the sample mirrored."""
    for name, mirrored in (("Ann", False), ("Bea", True)):
        (folder / name).mkdir(parents=True)
        (folder / name / f"{name}_0001.jpg").write_bytes(portrait(mirrored=mirrored))
    return folder
