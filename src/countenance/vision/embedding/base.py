"""What an embedding network is. Only the extraction door may use one."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Embedder", "check_crops", "to_unit_length"]


class Embedder(Protocol):
    """Turns aligned faces into vectors. Runs the contract suite ``tests/contract/embedder.py``."""

    @property
    def model_id(self) -> str:
        """The model's name in the registry; vectors of two models are never compared."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return one vector for each aligned face.

        Args:
            crops: uint8, shape (n, 112, 112, 3), RGB, aligned to the five-point template; n >= 1.

        Returns:
            float32, shape (n, dimension), each row of length 1. The cosine of two rows is their dot
            product. The caller wipes the array.

        Raises:
            ValueError: if the crops haven't that shape and type.
        """
        ...


_CROP = (112, 112, 3)


def check_crops(crops: NDArray[np.uint8]) -> None:
    """Hold an array against what every embedder takes.

    Raises:
        ValueError: if it isn't uint8 of shape (n, 112, 112, 3), n >= 1.
    """
    if crops.dtype != np.uint8 or crops.ndim != 4 or crops.shape[1:] != _CROP or len(crops) < 1:  # noqa: PLR2004
        msg = f"aligned faces are uint8 of shape (n, 112, 112, 3), n >= 1, not {crops.dtype} {crops.shape}"
        raise ValueError(msg)


def to_unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale each row to length 1, in place, and return the array.

    Raises:
        ValueError: if a row is zero or not finite: it has no direction, so it can't be compared.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        msg = "the network gave a vector without a direction"
        raise ValueError(msg)
    vectors /= lengths
    return vectors
