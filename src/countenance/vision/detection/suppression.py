"""One face, one box: two ways to merge overlapping findings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_of_overlapping", "mean_of_overlapping"]

_CORNERS = 4


def mean_of_overlapping(
    rows: NDArray[np.float32], scores: NDArray[np.float32], *, overlap: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Merge findings that overlap into their mean, weighted by score (BlazeFace's blending).

    Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs" (2019),
    section 3.3: the regression parameters of a box are the weighted mean of the overlapping ones.

    Args:
        rows: float32, shape (n, 4 + m): left, top, right, bottom, then whatever belongs to the box.
        scores: float32, shape (n,).
        overlap: findings with an intersection over union above this are one face.

    Returns:
        The merged rows, shape (k, 4 + m), and for each the best of its scores, best first.
    """
    order = np.argsort(-scores, kind="stable")
    rows, scores = rows[order], scores[order]
    merged: list[NDArray[np.float32]] = []
    best: list[np.float32] = []
    while len(rows):
        same = _overlaps(rows[0], rows) > overlap
        same[0] = True
        weights = scores[same]
        merged.append((rows[same] * weights[:, None]).sum(axis=0) / weights.sum())
        best.append(scores[0])
        rows, scores = rows[~same], scores[~same]
    if not merged:
        return np.zeros((0, rows.shape[1]), np.float32), np.zeros(0, np.float32)
    return np.stack(merged).astype(np.float32), np.asarray(best, np.float32)


def best_of_overlapping(
    rows: NDArray[np.float32], scores: NDArray[np.float32], *, overlap: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Keep the best of the findings that overlap, drop the others (greedy suppression).

    Args:
        rows: float32, shape (n, 4 + m): left, top, right, bottom, then whatever belongs to the box.
        scores: float32, shape (n,).
        overlap: findings with an intersection over union above this are one face.

    Returns:
        The kept rows, shape (k, 4 + m), and their scores, best first.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(order):
        kept.append(int(order[0]))
        order = order[1:][_overlaps(rows[order[0]], rows[order[1:]]) <= overlap]
    return rows[kept], scores[kept]


def _overlaps(box: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    near = np.maximum(box[:2], boxes[:, :2])
    far = np.minimum(box[2:_CORNERS], boxes[:, 2:_CORNERS])
    shared = np.prod(np.clip(far - near, 0.0, None), axis=1)
    area = np.prod(box[2:_CORNERS] - box[:2])
    areas = np.prod(boxes[:, 2:_CORNERS] - boxes[:, :2], axis=1)
    joint = np.maximum(area + areas - shared, np.finfo(np.float32).tiny)
    result: NDArray[np.float32] = (shared / joint).astype(np.float32)
    return result
