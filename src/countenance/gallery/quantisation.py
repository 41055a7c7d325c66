"""Rows and probes as small integers, with how far off they may be. Pure.

Rules kept here:

* Whoever takes integers instead of the vector takes the bound too: no approximate score leaves without it.
* Residuals are computed in float64 and rounded up, never to the nearest.
* What is worked out of rows on the way is overwritten: nothing of a template is left behind.

For a row ``x`` and a probe ``y``, with ``s q`` and ``t p`` what their integers stand for::

    |x.y - (s q).(t p)|  <=  |x - s q| |y|  +  |s q| |y - t p|   (Cauchy and Schwarz, twice)
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.memory import overwrite

__all__ = ["LANE", "SLACK", "CodedRows", "ProbePlanes", "code_probe", "code_probes", "code_rows", "padded"]

LANE = 64
"""Codes are padded to a multiple of so many bytes: one register of the widest instruction set."""
SLACK = 1e-5
"""Added to every bound for what float32 arithmetic rounds away: 3e-7 where no vector is longer than 1."""

_LEVELS = 127
_OFFSET = 128
_PROBE_LEVELS = 8000  # hi stays within 63 and lo within 64, so that 16-bit sums can't overflow (AVX2)
_LOW = 128


@dataclass(frozen=True, slots=True, eq=False)
class CodedRows:
    """Rows as bytes.

    Attributes:
        codes: uint8, shape (n, d padded to :data:`LANE`): ``q + 128``. Left out of ``repr``.
        scales: float32, shape (n,): ``s``, positive.
        residuals: float32, shape (n,): an upper bound of ``|x - s q|``.
    """

    codes: NDArray[np.uint8] = field(repr=False)
    scales: NDArray[np.float32] = field(repr=False)
    residuals: NDArray[np.float32] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class ProbePlanes:
    """One or more probes as bytes: ``p = 128 hi + lo``, or ``p`` alone where there is one plane.

    Attributes:
        high: int8, shape (m, d padded); zero-sized where there is one plane.
        low: int8, shape (m, d padded).
        corrections: int32, shape (m,): ``128 * sum(p)``, what the rows' offset adds to a product.
        scales: float32, shape (m,): ``t``, positive.
        norms: float32, shape (m,): an upper bound of ``|y|``.
        errors: float32, shape (m,): an upper bound of ``|y - t p|``.
    """

    high: NDArray[np.int8] = field(repr=False)
    low: NDArray[np.int8] = field(repr=False)
    corrections: NDArray[np.int32] = field(repr=False)
    scales: NDArray[np.float32] = field(repr=False)
    norms: NDArray[np.float32] = field(repr=False)
    errors: NDArray[np.float32] = field(repr=False)


def padded(dimensions: int) -> int:
    """Return the number of bytes of one coded row."""
    return -(-dimensions // LANE) * LANE


def code_rows(rows: NDArray[np.float32]) -> CodedRows:
    """Return rows as bytes with their residuals.

    Args:
        rows: float32, shape (n, d), finite.
    """
    n, dimensions = rows.shape
    largest = np.maximum(rows.max(axis=1), -rows.min(axis=1))
    scales = np.where(largest > 0, largest / np.float32(_LEVELS), np.float32(1)).astype(np.float32)
    # A row of the smallest numbers there are may round its scale to zero.
    scales = np.maximum(scales, np.finfo(np.float32).tiny)
    levels = rows / scales[:, None]
    np.rint(levels, out=levels)
    np.clip(levels, -_LEVELS, _LEVELS, out=levels)
    missed, coded = rows.astype(np.float64), levels.astype(np.float64)
    coded *= scales[:, None].astype(np.float64)
    missed -= coded
    residuals = _rounded_up(np.sqrt(np.einsum("ij,ij->i", missed, missed)))
    levels += _OFFSET
    codes = np.full((n, padded(dimensions)), _OFFSET, dtype=np.uint8)
    codes[:, :dimensions] = levels
    overwrite(levels, missed, coded)
    return CodedRows(codes, scales, residuals)


def code_probe(probe: NDArray[np.float32]) -> ProbePlanes:
    """Return one probe in two planes, about 14 bits a coordinate.

    Args:
        probe: float32, shape (d,), finite.
    """
    scale = _scale_of(np.abs(probe).max(initial=np.float32(0)), _PROBE_LEVELS)
    levels = np.rint(probe / scale).astype(np.int32)
    high = (levels + _LOW // 2) // _LOW
    planes = np.zeros((2, 1, padded(probe.size)), dtype=np.int8)
    planes[0, 0, : probe.size] = high
    planes[1, 0, : probe.size] = levels - _LOW * high
    return _planes(planes[0], planes[1], levels[None, :], np.array([scale], dtype=np.float32), probe[None, :])


def code_probes(probes: NDArray[np.float32]) -> ProbePlanes:
    """Return several probes in one plane each, 8 bits a coordinate: coarser, for one pass over the rows.

    Args:
        probes: float32, shape (m, d), finite.
    """
    largest = np.abs(probes).max(axis=1, initial=np.float32(0))
    scales = np.array([_scale_of(one, _LEVELS) for one in largest], dtype=np.float32)
    levels = np.clip(np.rint(probes / scales[:, None]), -_LEVELS, _LEVELS).astype(np.int32)
    low = np.zeros((probes.shape[0], padded(probes.shape[1])), dtype=np.int8)
    low[:, : probes.shape[1]] = levels
    return _planes(np.empty((0, 0), dtype=np.int8), low, levels, scales, probes)


def _planes(
    high: NDArray[np.int8],
    low: NDArray[np.int8],
    levels: NDArray[np.int32],
    scales: NDArray[np.float32],
    probes: NDArray[np.float32],
) -> ProbePlanes:
    missed = probes.astype(np.float64) - scales[:, None].astype(np.float64) * levels
    return ProbePlanes(
        high=high,
        low=low,
        corrections=(_OFFSET * levels.sum(axis=1)).astype(np.int32),
        scales=scales,
        norms=_rounded_up(np.linalg.norm(probes.astype(np.float64), axis=1)),
        errors=_rounded_up(np.linalg.norm(missed, axis=1)),
    )


def _scale_of(largest: np.float32, levels: int) -> np.float32:
    if largest == 0:
        return np.float32(1)
    return max(np.float32(largest / np.float32(levels)), np.finfo(np.float32).tiny)


def _rounded_up(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return (values * (1 + 1e-6) + 1e-7).astype(np.float32)
