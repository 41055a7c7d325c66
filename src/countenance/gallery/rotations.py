"""The rotations of one purpose and model, by version of the purpose's key.

Rules kept here:

* A rotation is worked out once, when it is first needed, and kept while the gallery is open.
* Templates under one version are moved to another without the plain ones.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import PurposeId
from countenance.store import PurposeKeys
from countenance.templates import KeyedRotation, Transfer

__all__ = ["PurposeRotations"]


class PurposeRotations:
    """Turns the templates of one purpose and model. Safe to use from several threads.

    Args:
        keys: has the purpose's keys.
        purpose: whose.
        model_id: of which network's templates.
        dimensions: of a template.
    """

    __slots__ = ("_dimensions", "_keys", "_lock", "_model_id", "_purpose", "_rotations", "_transfers")

    def __init__(self, *, keys: PurposeKeys, purpose: PurposeId, model_id: str, dimensions: int) -> None:
        self._keys = keys
        self._purpose = purpose
        self._model_id = model_id
        self._dimensions = dimensions
        self._lock = threading.Lock()
        self._rotations: dict[int, KeyedRotation] = {}
        self._transfers: dict[tuple[int, int], Transfer] = {}

    def protect(self, vectors: NDArray[np.float32], *, version: int) -> NDArray[np.float32]:
        """Return vectors turned under one version of the key; float32, the same shape, fresh.

        Raises:
            PurposeKeyGone: if that version was deleted, and wasn't known here before.
            RootKeyError: if its custodian doesn't answer.
        """
        with self._lock:
            rotation = self._rotation(version)
        return rotation.protect(vectors)

    def moved(self, templates: NDArray[np.float32], *, old: int, new: int) -> NDArray[np.float32]:
        """Return templates under one version of the key as they are under another one.

        Raises:
            PurposeKeyGone: if a version was deleted, and wasn't known here before.
            RootKeyError: if a custodian doesn't answer.
        """
        if old == new:
            return templates
        with self._lock:
            transfer = self._transfers.get((old, new))
            if transfer is None:
                transfer = self._rotation(old).to(self._rotation(new))
                self._transfers[old, new] = transfer
        return transfer.move(templates)

    def wipe(self) -> None:
        """Overwrite every matrix."""
        with self._lock:
            for rotation in self._rotations.values():
                rotation.wipe()
            for transfer in self._transfers.values():
                transfer.wipe()
            self._rotations, self._transfers = {}, {}

    def _rotation(self, version: int) -> KeyedRotation:
        rotation = self._rotations.get(version)
        if rotation is None:
            secret = self._keys.rotation_secret(self._purpose, version, model_id=self._model_id)
            rotation = self._rotations[version] = KeyedRotation(secret, dimensions=self._dimensions)
        return rotation
