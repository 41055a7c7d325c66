"""Detectors made of detectors: one after the other, and in tiles.

Rules kept here:

* A face counts once, however many of the networks or tiles saw it.
* A tile counts for small faces alone: those that fit into what two tiles share, so that some tile has each
  whole. Pieces at its inner edges are dropped, and what lies on a face of the whole picture is part of it.
* A large picture never costs more than a stated number of tiles.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box, Frame, Point
from countenance.vision.detection.base import Face, FaceDetector

__all__ = ["FirstThatFinds", "Tiled"]

_SAME = 0.5  # a finding of a tile that shares more than this part with another one is the same face


class FirstThatFinds:
    """Asks detectors in turn and gives what the first of them finds that finds anything.

    A cheap detector for near faces in front, a dearer one for small faces behind it: a face at the desk costs
    the first alone, and only a picture in which the first is blind costs both.

    Args:
        detectors: at least two, in the order in which they are asked.

    Raises:
        ValueError: if there are fewer than two.
    """

    __slots__ = ("_detectors",)

    def __init__(self, *, detectors: Sequence[FaceDetector]) -> None:
        if len(detectors) < 2:  # noqa: PLR2004
            msg = "one detector after another takes at least two"
            raise ValueError(msg)
        self._detectors = tuple(detectors)

    @property
    def model_id(self) -> str:
        """The detectors' names in order, joined by a plus sign."""
        return "+".join(detector.model_id for detector in self._detectors)

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces that the first detector found that found any."""
        for detector in self._detectors:
            faces = detector.detect(frame)
            if faces:
                return faces
        return ()


class Tiled:
    """Looks at the whole picture, and at overlapping tiles of a large one.

    A network shrinks what it is shown to its input; a 30-pixel face in a picture of 2,000 pixels has five
    pixels left. A tile is shrunk less. Pictures that aren't larger than a tile are looked at once.

    Args:
        detector: what looks at each tile.
        width: width of a tile in pixels. Default 640: UltraFace finds faces of 30 pixels in it.
        height: height of a tile in pixels. Default 480.
        shared: how much of a tile the next one repeats, above 0 and below 1, and so how large a face in it
            may be. Default 0.25: boxes of up to 160 x 120 pixels; larger ones are found in the whole picture.
        most_tiles: a picture that would take more is shrunk first, so that smaller faces are given up rather
            than minutes. Default 48.

    Raises:
        ValueError: if a size isn't positive, or the share is out of its range.
    """

    __slots__ = ("_detector", "_most_tiles", "_shared", "_size")

    def __init__(
        self,
        *,
        detector: FaceDetector,
        width: int = 640,
        height: int = 480,
        shared: float = 0.25,
        most_tiles: int = 48,
    ) -> None:
        if min(width, height, most_tiles) < 1 or not 0.0 < shared < 1.0:
            msg = "a tile has a positive size and shares a part of itself"
            raise ValueError(msg)
        self._detector = detector
        self._size = (width, height)
        self._shared = shared
        self._most_tiles = most_tiles

    @property
    def model_id(self) -> str:
        """The inner detector's name in the registry."""
        return self._detector.model_id

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces of a frame, the surest first."""
        found = self._detector.detect(frame)
        if frame.width <= self._size[0] and frame.height <= self._size[1]:
            return found
        every = list(found)
        for face in sorted(self._in_tiles(frame), key=lambda face: face.score, reverse=True):
            if all(_shared_part(face.box, other.box) <= _SAME for other in every):
                every.append(face)
        return tuple(sorted(every, key=lambda face: face.score, reverse=True))

    def _in_tiles(self, frame: Frame) -> Iterator[Face]:
        pixels, scale = self._affordable(frame.pixels)
        height, width = pixels.shape[:2]
        for top in _starts(height, self._size[1], self._shared):
            for left in _starts(width, self._size[0], self._shared):
                part = pixels[top : top + self._size[1], left : left + self._size[0]].copy()  # wiped below
                tile = Frame(pixels=part, material=frame.material)
                inner = (left > 0, top > 0, left + tile.width < width, top + tile.height < height)
                for face in self._detector.detect(tile):
                    if self._fits(face.box) and not _cut_off(face.box, tile, inner):
                        yield _moved(face, left, top, scale)
                tile.wipe()
        if scale != 1.0:
            pixels.fill(0)

    def _fits(self, box: Box) -> bool:
        return box.width <= self._shared * self._size[0] and box.height <= self._shared * self._size[1]

    def _affordable(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
        """Return the picture, shrunk if it takes too many tiles, and the factor that undoes it."""
        height, width = pixels.shape[:2]
        scale = 1.0
        while self._tiles(width / scale, height / scale) > self._most_tiles:
            scale *= 1.1
        if scale == 1.0:
            return pixels, scale
        size = (max(round(width / scale), 1), max(round(height / scale), 1))
        return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), scale

    def _tiles(self, width: float, height: float) -> int:
        across, down = (
            len(_starts(math.ceil(length), tile, self._shared))
            for length, tile in zip((width, height), self._size, strict=True)
        )
        return across * down


def _starts(length: int, tile: int, shared: float) -> list[int]:
    """Return where tiles begin, evenly spread, so that each repeats at least that share of the one before."""
    if length <= tile:
        return [0]
    step = max(tile * (1.0 - shared), 1.0)
    count = math.ceil((length - tile) / step) + 1
    return [round(number * (length - tile) / (count - 1)) for number in range(count)]


def _cut_off(box: Box, tile: Frame, inner: tuple[bool, bool, bool, bool]) -> bool:
    """Whether a box touches an edge of the tile behind which the picture goes on."""
    margin = 0.05 * max(box.width, box.height)
    beyond = (
        box.left < margin,
        box.top < margin,
        box.right > tile.width - margin,
        box.bottom > tile.height - margin,
    )
    return any(edge and open_ for edge, open_ in zip(beyond, inner, strict=True))


def _moved(face: Face, left: int, top: int, scale: float) -> Face:
    box = face.box
    return Face(
        box=Box(
            (box.left + left) * scale,
            (box.top + top) * scale,
            (box.right + left) * scale,
            (box.bottom + top) * scale,
        ),
        score=face.score,
        keypoints=tuple(Point((point.x + left) * scale, (point.y + top) * scale) for point in face.keypoints),
    )


def _shared_part(one: Box, other: Box) -> float:
    """Return the shared area over the smaller one: a part of a face lies on the whole of it."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(width, 0.0) * max(height, 0.0) / min(one.area, other.area)
