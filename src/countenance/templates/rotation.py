"""The keyed rotation: templates of one purpose turned by a secret orthogonal matrix.

Turning two vectors alike leaves their inner product as it is, so scores stay. Without the key a turned
template can't be told from any other unit vector, and the templates of two keys aren't alike. Under another
key they are re-keyed without anybody coming again.

Rules kept here:

* It is pseudonymisation under a key, never counted as irreversible: who knows about as many pairs (plain,
  turned) as there are dimensions computes the matrix (orthogonal Procrustes), and the key gives everything
  away. Hence the seals around every template that is kept.
* The matrix is uniform among the orthogonal ones (Haar): the Q of a Gaussian matrix, signs taken from R
  (F. Mezzadri, "How to generate random matrices from the classical compact groups", 2007).
* The Gaussians come from 32 secret bytes alone: SHAKE256 (FIPS 202) over a label, the number of dimensions
  and the secret, read as uniform numbers of 53 bits, through Box and Muller's transform. SHAKE256 because the
  standard library has it: ciphers belong to ``store``.
* Everything is computed in float64 and rounded to float32 once: a score moves by less than 1e-6.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["ROTATION_SECRET_BYTES", "KeyedRotation", "Transfer"]

ROTATION_SECRET_BYTES: Final = 32
"""Length of the secret behind a rotation."""

_SMALLEST: Final = 2
_LARGEST: Final = 1024
_LABEL: Final = b"countenance/v1/template-rotation\x00"


class KeyedRotation:
    """One secret orthogonal matrix.

    Args:
        secret: 32 bytes; of one purpose, model and version of the key.
        dimensions: of a template, 2 to 1024.

    Raises:
        ValueError: if the secret or the dimensions are out of their range.
    """

    __slots__ = ("_matrix", "dimensions")

    def __init__(self, secret: bytes, *, dimensions: int) -> None:
        if len(secret) != ROTATION_SECRET_BYTES or not _SMALLEST <= dimensions <= _LARGEST:
            msg = "a rotation has a secret of 32 bytes and 2 to 1024 dimensions"
            raise ValueError(msg)
        self.dimensions = dimensions
        self._matrix = _orthogonal(_gaussians(secret, dimensions))

    def protect(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return vectors turned by the matrix.

        Args:
            vectors: float32, shape (d,) or (n, d).

        Returns:
            float32 of the same shape, fresh. Lengths and inner products stay, to float32 rounding.

        Raises:
            ValueError: if they aren't float32 of the rotation's dimensions.
        """
        return _turned(vectors, self._matrix.T)

    def to(self, other: KeyedRotation) -> Transfer:
        """Return what turns templates under this rotation into those under another one.

        Raises:
            ValueError: if the other has other dimensions.
        """
        if other.dimensions != self.dimensions:
            msg = "both rotations have the same dimensions"
            raise ValueError(msg)
        return Transfer(self._matrix @ other._matrix.T)

    def wipe(self) -> None:
        """Overwrite the matrix with zeros; what is turned afterwards is zero."""
        self._matrix[...] = 0.0

    def __repr__(self) -> str:
        return f"KeyedRotation(dimensions={self.dimensions})"


class Transfer:
    """Turns templates from one key to another, ``R_new R_old^T t``; the plain one never appears.

    Made by :meth:`KeyedRotation.to`.
    """

    __slots__ = ("_matrix",)

    def __init__(self, matrix: NDArray[np.float64]) -> None:
        self._matrix = matrix

    def move(self, templates: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return templates of the old key under the new one; float32, the same shape, fresh.

        Raises:
            ValueError: if they aren't float32 of the rotations' dimensions.
        """
        return _turned(templates, self._matrix)

    def wipe(self) -> None:
        """Overwrite the matrix with zeros."""
        self._matrix[...] = 0.0

    def __repr__(self) -> str:
        return f"Transfer(dimensions={self._matrix.shape[0]})"


def _turned(vectors: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    if vectors.dtype != np.float32 or vectors.shape[-1:] != matrix.shape[:1]:
        msg = "a rotation turns float32 vectors of its own dimensions"
        raise ValueError(msg)
    wide = vectors.astype(np.float64)
    turned: NDArray[np.float32] = (wide @ matrix).astype(np.float32)
    wide[...] = 0.0
    return turned


def _gaussians(secret: bytes, dimensions: int) -> NDArray[np.float64]:
    """Return a matrix of independent standard normal numbers, float64, shape (d, d)."""
    pairs = (dimensions * dimensions + 1) // 2
    stream = hashlib.shake_256(_LABEL + dimensions.to_bytes(2, "big") + secret).digest(16 * pairs)
    whole = np.frombuffer(stream, "<u8") >> np.uint64(11)
    # Never 0: it has no logarithm.
    uniform = (whole.astype(np.float64) + 0.5) * 2.0**-53
    radius = np.sqrt(-2.0 * np.log(uniform[:pairs]))
    angle = 2.0 * np.pi * uniform[pairs:]
    normal = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
    return normal[: dimensions * dimensions].reshape(dimensions, dimensions)


def _orthogonal(gaussians: NDArray[np.float64]) -> NDArray[np.float64]:
    q, r = np.linalg.qr(gaussians)
    # QR leaves the signs open; with those of R's diagonal the factor is unique, and Haar.
    matrix: NDArray[np.float64] = q * np.where(np.diag(r) < 0, -1.0, 1.0)
    return matrix
