"""Mirrored averaging: the vector of a face plus the vector of its mirror image.

Faces are nearly symmetric, pictures aren't: light falls from a side, heads turn. Adding the two vectors takes
out part of that, for twice the time. Measured gains stand in ``docs/explanation/embedders.md``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.vision.embedding.base import Embedder, check_crops, to_unit_length

__all__ = ["MIRRORED_SUFFIX", "Mirrored"]

MIRRORED_SUFFIX: Final = "+mirrored"
"""Ends the model id. A plus sign stands in no id of the registry, so no model can take the name."""


class Mirrored:
    """An embedder that adds the vector of each mirrored face.

    It has a model id of its own, so its templates are never compared with those of the embedder alone: the
    thresholds of the one aren't those of the other.

    Args:
        embedder: the embedder to ask twice.

    Raises:
        ValueError: if it is mirrored already.
    """

    __slots__ = ("_embedder",)

    def __init__(self, *, embedder: Embedder) -> None:
        if embedder.model_id.endswith(MIRRORED_SUFFIX):
            msg = "this embedder is mirrored already; a second mirror gives the same picture again"
            raise ValueError(msg)
        self._embedder = embedder

    @property
    def model_id(self) -> str:
        """The inner embedder's id with :data:`MIRRORED_SUFFIX`."""
        return self._embedder.model_id + MIRRORED_SUFFIX

    @property
    def dimension(self) -> int:
        """The length of a vector, as the inner embedder's."""
        return self._embedder.dimension

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return one vector of length 1 for each aligned face; see :class:`Embedder`."""
        check_crops(crops)
        both = np.concatenate([crops, crops[:, :, ::-1]])
        parts = self._embedder.embed(both)
        # Unit vectors are added, so that neither picture weighs more than the other.
        vectors: NDArray[np.float32] = parts[: len(crops)] + parts[len(crops) :]
        both.fill(0)
        parts.fill(0.0)
        return to_unit_length(vectors)
