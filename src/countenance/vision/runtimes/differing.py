"""How far two sessions of one network are apart, tried when it is loaded."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.vision.runtimes.base import InferenceSession

__all__ = ["largest_difference", "least_cosine"]

_BATCH: Final = 3
_INPUTS: Final = 4
_SEED: Final = 20_240_229


def largest_difference(original: InferenceSession, candidate: InferenceSession) -> float:
    """Return how far two sessions are apart, each input alone and, if the second takes one, as a batch.

    Returns:
        The largest absolute difference of an output value over the largest absolute value of that output;
        infinite where shapes differ or a value isn't finite.
    """
    worst = 0.0
    alone = [_trial_inputs(original, number) for number in range(_INPUTS)]
    expected = [original.run(inputs) for inputs in alone]
    for inputs, wanted in zip(alone, expected, strict=True):
        worst = max(worst, _apart(wanted, candidate.run(inputs)))
    if not all(spec.shape and spec.shape[0] is None for spec in candidate.inputs):
        return worst
    batch = {name: np.concatenate([inputs[name] for inputs in alone[-_BATCH:]]) for name in alone[0]}
    together = candidate.run(batch)
    for row, wanted in enumerate(expected[-_BATCH:]):
        part = {name: value[row : row + 1] for name, value in together.items()}
        worst = max(worst, _apart(wanted, part))
    return worst


def least_cosine(original: InferenceSession, candidate: InferenceSession) -> float:
    """Return the least cosine between the outputs of two sessions, each of several inputs alone.

    Returns:
        In [-1, 1]; -1 where shapes differ or a value isn't finite.
    """
    least = 1.0
    for number in range(_INPUTS):
        inputs = _trial_inputs(original, number)
        wanted, found = original.run(inputs), candidate.run(inputs)
        least = min([least, *(_cosine(value, found[name]) for name, value in wanted.items())])
    return least


def _cosine(wanted: NDArray[np.float32], found: NDArray[np.float32]) -> float:
    if wanted.shape != found.shape or not (np.isfinite(wanted).all() and np.isfinite(found).all()):
        return -1.0
    a, b = wanted.ravel().astype(np.float64), found.ravel().astype(np.float64)
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if lengths > 0.0 else -1.0


def _apart(wanted: dict[str, NDArray[np.float32]], found: dict[str, NDArray[np.float32]]) -> float:
    worst = 0.0
    for name, value in wanted.items():
        other = found[name]
        if value.shape != other.shape or not (np.isfinite(value).all() and np.isfinite(other).all()):
            return float("inf")
        scale = max(float(np.abs(value).max()), float(np.finfo(np.float32).tiny))
        worst = max(worst, float(np.abs(value - other).max()) / scale)
    return worst


def _trial_inputs(session: InferenceSession, number: int) -> dict[str, NDArray[np.float32]]:
    """Return noise for even numbers, smooth shades with the statistics of a photograph for odd ones."""
    source = np.random.default_rng(_SEED + number)
    inputs = {}
    for spec in session.inputs:
        value = source.uniform(-1.0, 1.0, tuple(size or 1 for size in spec.shape)).astype(np.float32)
        if number % 2 and value.ndim == 4:  # noqa: PLR2004
            planes = value.reshape(-1, *value.shape[2:])
            smooth = np.stack([cv2.GaussianBlur(plane, (0, 0), 5.0) for plane in planes])
            smooth /= max(float(np.abs(smooth).max()), 1e-6)
            value = smooth.reshape(value.shape).astype(np.float32)
        inputs[spec.name] = value
    return inputs
