"""The template of one face for one request, and the score of comparing two.

Rules kept here:

* A template names its model, its purpose and the request under which it was made.
* Neither value shows what was measured from a face in ``repr``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Material, PurposeId

__all__ = ["UNIT_TOLERANCE", "ComparisonScore", "Template"]

UNIT_TOLERANCE = 1e-3
"""How far the length of a template's vector may be from 1; float32 rounding stays far below it."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What a network says about one face, made for one request.

    Attributes:
        vector: float32, shape (d,), of length 1. Left out of ``repr``.
        model_id: the network that made it.
        purpose: the one purpose that it may serve.
        request_digest: SHA-256 of the request under whose permit it was made.
        material: SHA-256 of the picture that it was made from.

    Raises:
        TypeError: if the vector isn't float32.
        ValueError: if it isn't one-dimensional, isn't finite or isn't of length 1.
    """

    vector: NDArray[np.float32] = field(repr=False)
    model_id: str
    purpose: PurposeId
    request_digest: str
    material: Material

    def __post_init__(self) -> None:
        if self.vector.dtype != np.float32:
            msg = "a template's vector is float32"
            raise TypeError(msg)
        if self.vector.ndim != 1 or self.vector.size == 0:
            msg = "a template's vector has one dimension and isn't empty"
            raise ValueError(msg)
        if not self.has_unit_length():
            msg = "a template's vector is finite and of length 1"
            raise ValueError(msg)

    def has_unit_length(self) -> bool:
        """Return whether the vector is finite and of length 1; false once it was wiped."""
        length = float(np.linalg.norm(self.vector.astype(np.float64)))
        return math.isfinite(length) and abs(length - 1.0) <= UNIT_TOLERANCE

    def wipe(self) -> None:
        """Overwrite the vector with zeros.

        Raises:
            ValueError: if the array is read-only; a template that can't be wiped mustn't go unnoticed.
        """
        self.vector[...] = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonScore:
    """How alike two templates are.

    Attributes:
        value: the cosine of the angle between the vectors, in [-1, 1]; larger is more alike. Left out
            of ``repr``: an exact score that is shown is a hill to climb.
        model_id: the network that made both templates. Scores of two networks mean different things.

    Raises:
        ValueError: if the value isn't in [-1, 1].
    """

    value: float = field(repr=False)
    model_id: str

    def __post_init__(self) -> None:
        if not -1.0 <= self.value <= 1.0:
            msg = "a comparison score is a cosine in [-1, 1]"
            raise ValueError(msg)
