"""The homography that takes points of one picture to those of another, for many pictures at once.

A flat thing seen by a pinhole camera from two places obeys one (Hartley and Zisserman, Multiple View
Geometry, 2nd edition, section 4.1); a head doesn't.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["apply", "homographies"]


def homographies(points: NDArray[np.float64], onto: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the homography of every picture onto one, by least squares with h33 = 1.

    Points are normalised first (Hartley 1997: the mean at the origin, the mean distance sqrt 2), without
    which the equations are ill-conditioned in pixels.

    Args:
        points: shape (F, N, 2), N of 4 or more.
        onto: shape (N, 2).

    Returns:
        Shape (F, 3, 3).

    Raises:
        numpy.linalg.LinAlgError: if the points of a picture lie on one line.
    """
    source, before = _normalised(points)
    target, after = _normalised(onto[None])
    x, y = source[..., 0], source[..., 1]
    u, v = np.broadcast_to(target[..., 0], x.shape), np.broadcast_to(target[..., 1], y.shape)
    one, nil = np.ones_like(x), np.zeros_like(x)
    across = np.stack([x, y, one, nil, nil, nil, -u * x, -u * y], axis=-1)
    down = np.stack([nil, nil, nil, x, y, one, -v * x, -v * y], axis=-1)
    equations = np.concatenate([across, down], axis=1)
    wanted = np.concatenate([u, v], axis=1)
    transposed = np.swapaxes(equations, 1, 2)
    solved = np.linalg.solve(transposed @ equations, transposed @ wanted[..., None])[..., 0]
    full = np.concatenate([solved, np.ones((len(points), 1))], axis=1).reshape(-1, 3, 3)
    return np.asarray(np.linalg.inv(after[0]) @ full @ before)


def apply(found: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points of every picture where its homography takes them.

    Args:
        found: shape (F, 3, 3).
        points: shape (F, N, 2).

    Returns:
        Shape (F, N, 2).
    """
    lifted = np.concatenate([points, np.ones((*points.shape[:2], 1))], axis=2)
    moved = lifted @ np.swapaxes(found, 1, 2)
    return np.asarray(moved[..., :2] / moved[..., 2:])


def _normalised(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    middle = points.mean(axis=1, keepdims=True)
    distance = np.linalg.norm(points - middle, axis=2).mean(axis=1)
    scale = np.sqrt(2) / np.maximum(distance, 1e-12)
    transform = np.zeros((len(points), 3, 3))
    transform[:, 0, 0] = transform[:, 1, 1] = scale
    transform[:, :2, 2] = -scale[:, None] * middle[:, 0]
    transform[:, 2, 2] = 1
    return (points - middle) * scale[:, None, None], transform
