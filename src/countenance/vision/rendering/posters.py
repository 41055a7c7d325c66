"""Pictures of faces as they stand in a street: on a wall, a bus, a banner, a shirt, a sheet in a hand.

Everything is flat or gently bent, in a made-up street before a pinhole camera that is held still or moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.vision.rendering.camera import FilmedBy, Sensor
from countenance.vision.rendering.surfaces import FRAME_SIZE

__all__ = ["CameraMotion", "PosterKind", "PosterScene"]

_WIDTH, _HEIGHT = FRAME_SIZE
_FOCAL: Final = 560.0
_WALL: Final = 8.0
_PER_METRE: Final = 90
_STREET: Final = (16.0, 9.0)
"""Metres of the wall that is painted; the camera never looks past it."""

Picture = Callable[[float], NDArray[np.uint8]]
"""What the poster shows at a moment, in seconds: uint8, shape (H, W, 3), RGB, always of one size."""


class PosterKind(StrEnum):
    """What the picture is on."""

    WALL = "wall"
    BUS = "bus"
    BANNER = "banner"
    SHIRT = "shirt"
    HELD = "held"


class CameraMotion(StrEnum):
    """What the camera does."""

    STILL = "still"
    HANDHELD = "handheld"
    PAN = "pan"
    WALK = "walk"
    ZOOM = "zoom"


@dataclass(frozen=True, slots=True)
class _Pose:
    """Where the camera is: metres to the right, down and ahead, radians of yaw and pitch, focal factor."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    zoom: float = 1.0

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return where points in metres, shape (N, 3), are in the frame, shape (N, 2) in pixels."""
        moved = points - (self.x, self.y, self.z)
        turn = cv2.Rodrigues(np.array([self.pitch, -self.yaw, 0.0]))[0]
        seen = moved @ np.asarray(turn, np.float64).T
        flat = seen[:, :2] / seen[:, 2:] * (_FOCAL * self.zoom)
        return np.asarray(flat + np.array([_WIDTH / 2, _HEIGHT / 2]), np.float32)


@dataclass(frozen=True, slots=True)
class PosterScene:
    """One picture in one street, filmed by one camera.

    Attributes:
        kind: what the picture is on.
        motion: what the camera does.
        seed: of the street, the sway, the wind and the camera's noise.
        height: metres of the picture's height.
        frames_a_second: of the camera.
        sensor: how the camera spoils pictures.
    """

    kind: PosterKind
    motion: CameraMotion
    seed: int
    height: float = 4.0
    frames_a_second: float = 15.0
    sensor: Sensor = field(default_factory=lambda: Sensor(quality=75))

    def frames(self, picture: Picture, *, seconds: float) -> Iterator[bytes]:
        """Yield the frames that the camera sends, as JPEG, 640 by 480.

        Args:
            picture: what the poster shows.
            seconds: how long it is filmed.
        """
        rng = np.random.default_rng(self.seed)
        street = _street(rng)
        phases = rng.uniform(0, 2 * np.pi, 8)
        filmed = FilmedBy(self.sensor, seed=self.seed)
        for number in range(int(seconds * self.frames_a_second)):
            at = number / self.frames_a_second
            pose = self._camera(at / seconds, at, phases)
            frame = np.zeros((_HEIGHT, _WIDTH, 3), np.uint8)
            across, down = _STREET[0] / 2, _STREET[1] / 2
            wall = _corners(across, down, (0.0, 0.0, _WALL))
            _lay(frame, street, pose.project(wall))
            self._put(frame, picture(at), pose, at=at, share=at / seconds, phases=phases)
            yield filmed.film(frame, at=at, moving=(0.0, 0.0))

    def _camera(self, share: float, at: float, phases: NDArray[np.float64]) -> _Pose:
        sway = 0.012 * np.sin(2.1 * at + phases[0]) + 0.005 * np.sin(7.3 * at + phases[1])
        nod = 0.010 * np.sin(1.7 * at + phases[2]) + 0.004 * np.sin(8.1 * at + phases[3])
        step = 0.03 * np.sin(3.0 * at + phases[4])
        match self.motion:
            case CameraMotion.STILL:
                return _Pose()
            case CameraMotion.HANDHELD:
                return _Pose(x=2 * step, y=step, yaw=sway, pitch=nod)
            case CameraMotion.PAN:
                return _Pose(yaw=0.3 * (share - 0.5) + 0.2 * sway)
            case CameraMotion.WALK:
                return _Pose(x=1.2 * (share - 0.5), y=step, z=1.5 * share, yaw=sway, pitch=nod)
            case CameraMotion.ZOOM:
                return _Pose(zoom=0.85 + 0.4 * share, yaw=0.3 * sway)

    def _put(
        self,
        frame: NDArray[np.uint8],
        picture: NDArray[np.uint8],
        pose: _Pose,
        *,
        at: float,
        share: float,
        phases: NDArray[np.float64],
    ) -> None:
        half = (self.height / 2 * picture.shape[1] / picture.shape[0], self.height / 2)
        match self.kind:
            case PosterKind.WALL:
                _lay(frame, picture, pose.project(_corners(*half, (0.0, 0.0, _WALL))))
            case PosterKind.BUS:
                middle = (2.4 * (share - 0.5), 0.1, 0.8 * _WALL)
                body = _corners(6.0, self.height / 2 + 0.5, middle)
                _lay(frame, _bus_side(), pose.project(body))
                _lay(frame, picture, pose.project(_corners(*half, middle)))
            case PosterKind.BANNER:
                waved = _waved(picture, at, phases, share=0.015)
                _lay(frame, waved, pose.project(_corners(*half, (0.0, 0.0, 0.95 * _WALL))))
            case PosterKind.SHIRT:
                self._on_a_shirt(frame, picture, pose, at=at, share=share, phases=phases)
            case PosterKind.HELD:
                close, scale = 0.4 * _WALL, 0.4
                wander = 0.25 * np.array([np.sin(1.3 * at + phases[5]), 0.6 * np.sin(1.9 * at + phases[6])])
                tilt = (0.35 * np.sin(1.1 * at + phases[7]), 0.25 * np.sin(0.8 * at + phases[5]))
                middle = (float(wander[0]), float(wander[1]), close)
                sheet = _corners(half[0] * scale, half[1] * scale, middle, tilt=tilt)
                margin = max(4, picture.shape[1] // 20)
                bordered = cv2.copyMakeBorder(
                    picture, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(238, 238, 234)
                )
                _lay(frame, np.asarray(bordered, np.uint8), pose.project(sheet))

    def _on_a_shirt(
        self,
        frame: NDArray[np.uint8],
        picture: NDArray[np.uint8],
        pose: _Pose,
        *,
        at: float,
        share: float,
        phases: NDArray[np.float64],
    ) -> None:
        """Draw somebody in a hood who walks by; the picture on their chest folds with each step."""
        scale, depth = 0.35, 0.4 * _WALL
        middle = (0.9 * (share - 0.5), 0.03 * np.sin(8 * at), depth)
        tilt = (0.25 * np.sin(4 * at + phases[5]), 0.0)
        body = _corners(0.55, 1.5, (middle[0], middle[1] + 0.6, depth + 0.05), tilt=tilt)
        _lay(frame, np.full((30, 20, 3), 70, np.uint8), pose.project(body))
        half = (self.height / 2 * scale * picture.shape[1] / picture.shape[0], self.height / 2 * scale)
        folded = _waved(picture, 2 * at, phases, share=0.03)
        _lay(frame, folded, pose.project(_corners(*half, middle, tilt=tilt)))


def _corners(
    across: float,
    down: float,
    middle: tuple[float, float, float],
    *,
    tilt: tuple[float, float] = (0.0, 0.0),
) -> NDArray[np.float64]:
    """Return the corners of a sheet in metres, shape (4, 3), clockwise from the top left.

    Args:
        across: half of its width.
        down: half of its height.
        middle: where its middle is.
        tilt: radians around its upright and its level axis.
    """
    flat = np.array([(-across, -down, 0), (across, -down, 0), (across, down, 0), (-across, down, 0)], float)
    turn = cv2.Rodrigues(np.array([tilt[1], tilt[0], 0.0]))[0]
    return np.asarray(flat @ np.asarray(turn, np.float64).T + middle, np.float64)


def _lay(frame: NDArray[np.uint8], picture: NDArray[np.uint8], onto: NDArray[np.float32]) -> None:
    """Draw a picture onto four corners of a frame, in place."""
    height, width = picture.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    move = cv2.getPerspectiveTransform(source, onto)
    # Where the picture is much larger than its place it is made smaller first: a lens doesn't alias.
    shrink = float(np.ptp(onto[:, 1])) / height
    if shrink < 0.5:  # noqa: PLR2004 - half: from here on linear sampling leaves pixels out
        small = cv2.resize(picture, None, fx=2 * shrink, fy=2 * shrink, interpolation=cv2.INTER_AREA)
        source *= (small.shape[1] / width, small.shape[0] / height)
        picture, move = np.asarray(small, np.uint8), cv2.getPerspectiveTransform(source, onto)
        height, width = picture.shape[:2]
    drawn = cv2.warpPerspective(picture, move, FRAME_SIZE, flags=cv2.INTER_LINEAR)
    there = cv2.warpPerspective(np.full((height, width), 255, np.uint8), move, FRAME_SIZE)
    cv2.copyTo(drawn, cv2.threshold(there, 127, 255, cv2.THRESH_BINARY)[1], frame)


def _waved(
    picture: NDArray[np.uint8], at: float, phases: NDArray[np.float64], *, share: float
) -> NDArray[np.uint8]:
    """Return a picture on cloth in the wind; waves move points by a share of its width."""
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    reach = share * width
    down, across = 2 * np.pi * rows / height, 2 * np.pi * columns / width
    moved_x = columns + reach * np.sin(1.1 * down + 0.6 * across + 3.0 * at + phases[5])
    moved_y = rows + 0.6 * reach * np.sin(1.3 * across + 0.4 * down + 2.3 * at + phases[6])
    return np.asarray(
        cv2.remap(
            picture,
            moved_x.astype(np.float32),
            moved_y.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def _street(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a wall with windows, doors and plaster, uint8, shape (810, 1440, 3)."""
    width, height = int(_STREET[0] * _PER_METRE), int(_STREET[1] * _PER_METRE)
    rough = (150 + rng.normal(0, 25, (height // 60, width // 60, 1)) + rng.normal(0, 6, 3)).astype(np.float32)
    wall = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, 10, (height // 2, width // 2, 1)).repeat(2, 0).repeat(2, 1)
    wall = np.clip(wall + grain, 0, 255).astype(np.uint8)
    for _ in range(120):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        size = rng.integers(15, 120, 2)
        level = rng.integers(30, 220)
        colour = tuple(int(value) for value in np.clip(level + rng.normal(0, 25, 3), 0, 255))
        cv2.rectangle(wall, (x, y), (x + int(size[0]), y + int(size[1])), colour, -1)
        cv2.rectangle(wall, (x, y), (x + int(size[0]), y + int(size[1])), (40, 40, 40), 2)
    return np.asarray(wall, np.uint8)


def _bus_side() -> NDArray[np.uint8]:
    """Return the side of a bus, uint8, shape (360, 1200, 3)."""
    side = np.full((360, 1200, 3), (176, 60, 46), np.uint8)
    for place in range(12):
        cv2.rectangle(side, (20 + place * 98, 20), (100 + place * 98, 70), (60, 74, 84), -1)
    cv2.line(side, (0, 330), (1200, 330), (230, 230, 225), 6)
    return side
