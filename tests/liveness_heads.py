"""Made-up heads in front of a pinhole camera, and flat, bent and replayed pictures of them: no real face."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from countenance.liveness.evidence import Take

FOCAL = 554.0
"""Pixels, for 640 by 480."""

AWAY = 60.0
"""Centimetres from the camera to the face."""

PIVOT = 8.0
"""Centimetres behind the face around which a head turns."""

FRAMES = 60
Points = NDArray[np.float64]


def head(seed: int) -> Points:
    """A face of 468 points in centimetres (x right, y down, z towards the camera): a bowl with a nose."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-6.5, 6.5, 468), rng.uniform(-7, 7, 468)
    x[[33, 263]], y[[33, 263]] = (-4.4, 4.4), (-3.0, -3.0)
    x[:60], y[:60] = rng.uniform(-1.5, 1.5, 60), rng.uniform(-2, 1.5, 60)
    bowl = -0.045 * x**2 - 0.02 * y**2
    nose = rng.uniform(2.3, 2.9) * np.exp(-(x**2) / 1.6 - y**2 / 3)
    sockets = -0.7 * np.exp(-((np.abs(x) - 2.4) ** 2) / 1.2 - (y + 3) ** 2 / 1.5)
    return np.stack([x, y, bowl + nose + sockets], axis=1)


def shaken(degrees: float, frames: int = FRAMES) -> NDArray[np.float64]:
    """Yaw of a head that looks straight for a while, then turns to both sides."""
    still = max(4, frames // 15 + 1)
    swing = np.sin(np.linspace(0, 2 * np.pi, frames - still))
    return np.concatenate([np.zeros(still), degrees * swing])


def turned(shape: Points, yaw: NDArray[np.float64], pivot: float) -> Points:
    """Points of every frame in centimetres; a positive yaw is towards the right edge of the image."""
    angle = np.radians(yaw)[:, None]
    x, z = shape[:, 0], shape[:, 2] + pivot
    across = x * np.cos(angle) + z * np.sin(angle)
    towards = -x * np.sin(angle) + z * np.cos(angle) - pivot
    return np.stack([across, np.broadcast_to(shape[:, 1], across.shape), towards], axis=2)


def seen(space: Points) -> Points:
    """Pixels of points in front of the camera."""
    depth = AWAY - space[..., 2]
    pixels: Points = FOCAL * space[..., :2] / depth[..., None] + np.array([320.0, 240.0])
    return pixels


def bent(shape: Points, radius: float) -> Points:
    """A picture of a face around a cylinder that stands upright."""
    angle = shape[:, 0] / radius
    return np.stack([radius * np.sin(angle), shape[:, 1], radius * (np.cos(angle) - 1)], axis=1)


def flat(shape: Points) -> Points:
    """A picture of a face on a sheet."""
    return np.stack([shape[:, 0], shape[:, 1], np.zeros(len(shape))], axis=1)


def replayed(pixels: Points, tilt: NDArray[np.float64]) -> Points:
    """A recording on a flat screen that is held in the hand."""
    sheet = np.concatenate([(pixels - [320, 240]) * AWAY / FOCAL, np.zeros((*pixels.shape[:2], 1))], axis=2)
    return np.concatenate([seen(turned(s, np.array([t]), 0.0)) for s, t in zip(sheet, tilt, strict=True)])


def take_of(pixels: Points, shape: Points, yaw: NDArray[np.float64], seed: int, noise: float = 0.7) -> Take:
    """A take as a landmark network would give it: it sees the depth of a face in every picture of one."""
    rng = np.random.default_rng(seed)
    count = len(pixels)
    points = np.empty((count, 468, 3), dtype=np.float32)
    points[..., :2] = pixels + rng.normal(0, noise, pixels.shape)
    points[..., 2] = -shape[:, 2] * FOCAL / AWAY + rng.normal(0, noise, (count, 468))
    return Take(
        taken=np.arange(count) / 15 + rng.uniform(0, 0.005, count),
        points=points,
        yaw=yaw + rng.normal(0, 0.3, count),
        detected=np.zeros(count, dtype=np.bool_),
        faces=np.ones(count, dtype=np.int64),
        thumbnails=rng.integers(0, 255, (count, 16, 16)).astype(np.uint8),
        likeness=np.full(count, 0.8),
        corners=np.full((count, 4, 2), np.nan, dtype=np.float32),
    )


def live_take(seed: int, degrees: float = 30.0) -> Take:
    """A head that turns."""
    shape, yaw = head(seed), shaken(degrees)
    return take_of(seen(turned(shape, yaw, PIVOT)), shape, yaw, seed)


def print_take(seed: int, degrees: float = 30.0, radius: float | None = None) -> Take:
    """A sheet with a face on it that is turned, flat or bent."""
    shape, yaw = head(seed), shaken(degrees)
    sheet = flat(shape) if radius is None else bent(shape, radius)
    return take_of(seen(turned(sheet, yaw, 0.0)), shape, yaw, seed)


def replay_take(seed: int, degrees: float = 30.0) -> Take:
    """A recording of a head that turns, on a screen."""
    shape, yaw = head(seed), shaken(degrees)
    tilt = 5 * np.sin(np.linspace(0, 3, len(yaw)))
    return take_of(replayed(seen(turned(shape, yaw, PIVOT)), tilt), shape, yaw, seed)


def picked(take: Take, order: NDArray[np.intp]) -> Take:
    """The frames of a take in another order, or some of them."""
    single = [f.name for f in dataclasses.fields(take) if f.name != "passive"]
    passive = {name: values[order] for name, values in take.passive.items()}
    return Take(**{name: getattr(take, name)[order] for name in single}, passive=passive)


def empty_take() -> Take:
    """A take without a frame."""
    return picked(live_take(1), np.empty(0, dtype=np.intp))
