"""The extraction door: no permit, no vector."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import (
    Door,
    Material,
    Passage,
    PermitNotForThis,
    PermitToken,
    PermitVerifier,
    ProcessingRequest,
)
from countenance.vision.analysis import FaceObservation
from countenance.vision.embedding.base import Embedder

__all__ = ["Embedding", "ExtractionDoor"]


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """What identifies a person, in the clear: it lives for one comparison and is wiped.

    Attributes:
        vector: float32, shape (d,), of length 1. Left out of ``repr``.
        model_id: the network that made it.
        material: the picture that it was made from.
    """

    vector: NDArray[np.float32] = field(repr=False)
    model_id: str
    material: Material

    def wipe(self) -> None:
        """Overwrite the vector with zeros."""
        if self.vector.flags.writeable:
            self.vector[...] = 0


class ExtractionDoor:
    """Turns an observed face into an embedding, when a permit allows it.

    Args:
        embedder: the network; nothing else holds it.
        verifier: says whether the permit opens this door, and counts the passage.
        operation: the one operation that this door serves; a permit for another doesn't open it.
    """

    __slots__ = ("_embedder", "_operation", "_verifier")

    def __init__(self, *, embedder: Embedder, verifier: PermitVerifier, operation: str = "verify") -> None:
        self._embedder = embedder
        self._verifier = verifier
        self._operation = operation

    @property
    def model_id(self) -> str:
        """The network's name in the registry."""
        return self._embedder.model_id

    def extract(
        self,
        observation: FaceObservation,
        *,
        material: Material,
        permit: PermitToken,
        request: ProcessingRequest,
    ) -> Embedding:
        """Check the permit, then make the embedding.

        Args:
            observation: the face, as the analyser saw it in the picture.
            material: the picture that the face was seen in.
            permit: the permit as it was issued.
            request: what is being carried out.

        Raises:
            PermitNotForThis: if the face wasn't seen in that picture, or the request doesn't name it.
            PermitRefused: if the permit doesn't open this door.
        """
        if observation.material != material or material not in request.materials:
            msg = "This face isn't from a picture that the request names."
            raise PermitNotForThis(msg)
        passage = Passage(door=Door.EXTRACT, operation=self._operation, request=request, material=material)
        self._verifier.admit(permit, passage)
        vectors = self._embedder.embed(observation.aligned[None])
        return Embedding(vector=vectors[0], model_id=self._embedder.model_id, material=material)
