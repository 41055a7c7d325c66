"""Made-up faces followed through made-up scenes: they talk, blink, ride on a bus or hang on a wall."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from countenance.liveness import FaceTrack
from liveness_heads import PIVOT, flat, head, seen, turned

RATE = 15.0
_LIPS_ABOVE, _LIPS_BELOW = (13, 0), (14, 17)
_CORNERS = (61, 291, 78, 308)
_UPPER, _LOWER = (159, 158, 386, 385), (145, 153, 374, 380)


def face_shape(seed: int) -> NDArray[np.float64]:
    """A made-up head whose lips and lids lie where they do in a face, in centimetres."""
    shape = head(seed)
    places: dict[int, tuple[float, float]] = {
        33: (-4.4, -3.0),
        263: (4.4, -3.0),
        13: (0, 3.4),
        14: (0, 3.5),
        0: (0, 3.0),
        17: (0, 4.0),
        61: (-2.4, 3.4),
        291: (2.4, 3.4),
        78: (-2.1, 3.4),
        308: (2.1, 3.4),
    }
    for side, (above, below) in enumerate((((159, 158), (145, 153)), ((386, 385), (374, 380)))):
        for place, (upper, lower) in enumerate(zip(above, below, strict=True)):
            x = (-3.2 if side == 0 else 3.2) + 0.5 * place
            places[upper], places[lower] = (x, -3.45), (x, -2.75)
    for index, (x, y) in places.items():
        shape[index, :2] = x, y
    return shape


def track_of(
    pixels: NDArray[np.float64], yaw: NDArray[np.float64], *, seed: int = 1, noise: float = 0.3
) -> FaceTrack:
    """A track as the networks would measure it: it says nothing of what is around the face."""
    rng = np.random.default_rng(seed)
    count = len(pixels)
    points = np.zeros((count, 468, 3), np.float32)
    points[..., :2] = pixels + rng.normal(0, noise, pixels.shape)
    points[..., 2] = -head(seed)[:, 2] * 9 + rng.normal(0, noise, (count, 468))
    nothing = np.full(count, np.nan)
    return FaceTrack(
        number=0,
        taken=np.arange(count) / RATE,
        points=points,
        yaw=yaw,
        moved=nothing,
        along=nothing.copy(),
        corners=np.full((count, 4, 2), np.nan, np.float32),
    )


def still(frames: int) -> NDArray[np.float64]:
    return np.zeros(frames)


def talking(seed: int = 1, *, frames: int = 60, opens: float = 2.0) -> FaceTrack:
    """Somebody whose mouth opens so many centimetres, three times in four seconds."""
    shape = face_shape(seed)
    space = turned(shape, still(frames), PIVOT)
    gap = opens * np.abs(np.sin(np.linspace(0, 3 * np.pi, frames)))[:, None]
    space[:, _LIPS_ABOVE, 1] -= 0.3 * gap
    space[:, _LIPS_BELOW, 1] += 0.7 * gap
    space[:, _CORNERS, 0] *= 1 - 0.08 * gap
    return track_of(seen(space), still(frames), seed=seed)


def blinking(seed: int = 1, *, frames: int = 60) -> FaceTrack:
    """Somebody who shuts both eyes for a third of the time."""
    shape = face_shape(seed)
    space = turned(shape, still(frames), PIVOT)
    shut = (np.arange(frames) % 15 < 5)[:, None] * 0.6
    space[:, _UPPER, 1] += shut
    return track_of(seen(space), still(frames), seed=seed)


def poster(seed: int = 1, *, frames: int = 60, noise: float = 0.3) -> FaceTrack:
    """A picture on a wall before a camera that is held in a hand and comes closer."""
    shape = flat(face_shape(seed))
    space = turned(shape, still(frames), 0.0) + np.array([0.0, 0.0, 0.0])
    space[..., 2] += np.linspace(0, 8, frames)[:, None]
    space[..., 0] += 0.6 * np.sin(np.linspace(0, 9, frames))[:, None]
    return track_of(seen(space), still(frames), seed=seed, noise=noise)


def turned_poster(seed: int = 1, *, frames: int = 60) -> FaceTrack:
    """A sheet that is turned to both sides."""
    yaw = 32 * np.sin(np.linspace(0, 2 * np.pi, frames))
    yaw[:6] = 0
    return track_of(seen(turned(flat(face_shape(seed)), yaw, 0.0)), yaw, seed=seed)


def riding(track: FaceTrack, *, share: float = 1.0, far: float = 2.0) -> FaceTrack:
    """The same face on something that moves along, so many widths of the face in all."""
    width = float(np.median(np.ptp(track.points[..., 0], axis=1)))
    moved = np.full(len(track), far * width / len(track))
    return dataclasses.replace(track, moved=moved, along=np.full(len(track), share))


def framed(track: FaceTrack, *, share: float = 1.0) -> FaceTrack:
    """The same face with a rectangle around it in so many of the frames."""
    corners = track.corners.copy()
    corners[: round(share * len(track))] = [[200, 100], [440, 100], [440, 400], [200, 400]]
    return dataclasses.replace(track, corners=corners)


def picked(track: FaceTrack, order: NDArray[np.intp]) -> FaceTrack:
    """The frames of a track in another order, or some of them."""
    arrays = ("taken", "points", "yaw", "moved", "along", "corners")
    return dataclasses.replace(track, **{name: getattr(track, name)[order] for name in arrays})
