"""Re-keying a purpose: every reference under a new key, without anybody coming again.

Rules kept here:

* References are moved some at a time, each time in one change: others search and enrol in between, and a
  crash loses nothing. Started again, it goes on with the key that it had made.
* A template is turned from one key to the other; the plain one doesn't appear. Scores stay to within 1e-6.
* The key before is deleted once nothing is under it. Where holder passes are given a grace, it stays until
  that is over and opens passes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from countenance.gallery.rotations import PurposeRotations
from countenance.kernel import PurposeId
from countenance.store import KeyState, OpenedReference, PurposeKey, Store
from countenance.templates import ReferenceTemplate, decode_template, encode_template

__all__ = ["Rekeyed", "Rekeying"]


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """What a re-keying did.

    Attributes:
        key: the active key now.
        moved: how many references this run moved.
        went_on: whether it finished what an earlier run had begun.
        ended: the versions of the key that were deleted.
        retiring: those that stay for passes until their grace is over.
    """

    key: PurposeKey
    moved: int
    went_on: bool
    ended: tuple[int, ...]
    retiring: tuple[PurposeKey, ...]


class Rekeying:
    """Re-keys purposes of one store.

    Args:
        store: where references and keys are.
    """

    __slots__ = ("_rotations", "_store")

    def __init__(self, *, store: Store) -> None:
        self._store = store
        self._rotations: dict[tuple[str, int], PurposeRotations] = {}

    def run(
        self,
        purpose: PurposeId,
        *,
        at: datetime,
        custodian: str | None = None,
        grace_until: datetime | None = None,
        moved: Callable[[int], None] = lambda _: None,
    ) -> Rekeyed:
        """Give a purpose a new key and move everything to it; or finish what was begun.

        Args:
            purpose: which.
            at: the moment, aware; keys whose grace is over then are deleted.
            custodian: URI of the new key's custodian; the present one's if left out.
            grace_until: until when holder passes under the key before are taken, aware.
            moved: called with how many references this run has moved.

        Raises:
            PurposeKeyMissing: if the purpose has no key.
            RootKeyError: if a custodian doesn't answer.
            RecordTampered: if a reference isn't as it was written.
            ErasureUnfinished: if all is done, but copies of the key before couldn't be overwritten.
        """
        keys = self._store.purpose_keys
        key = keys.active(purpose)
        went_on = any(version != key.version for _, version in self._behind(purpose))
        if not went_on:
            key = keys.renew(purpose, custodian=custodian, grace_until=grace_until)
        done = 0
        try:
            while step := self._store.references.seal_anew(
                purpose, key.version, moved=lambda some: self._turned(purpose, key.version, some)
            ):
                done += step
                moved(done)
        finally:
            for rotations in self._rotations.values():
                rotations.wipe()
            self._rotations = {}
        ended = tuple(one.version for one in keys.end_retired(at=at, purpose=purpose))
        retiring = tuple(one for one in keys.all(purpose) if one.state is KeyState.RETIRING)
        return Rekeyed(key, done, went_on, ended, retiring)

    def _behind(self, purpose: PurposeId) -> list[tuple[PurposeId, int]]:
        return [(whose, version) for whose, version in self._store.purpose_keys.counts() if whose == purpose]

    def _turned(self, purpose: PurposeId, version: int, references: Sequence[OpenedReference]) -> list[bytes]:
        """Return the templates as they are under a version of the key, in their order."""
        contents = []
        for one in references:
            template = decode_template(one.content)
            rotations = self._of(purpose, template.model_id, template.vector.size)
            vector = rotations.moved(template.vector, old=one.record.key_version, new=version)
            turned = ReferenceTemplate(
                np.ascontiguousarray(vector), template.model_id, template.samples, template.quality
            )
            contents.append(encode_template(turned))
            template.wipe()
            turned.wipe()
        return contents

    def _of(self, purpose: PurposeId, model_id: str, dimensions: int) -> PurposeRotations:
        known = self._rotations.get((model_id, dimensions))
        if known is None:
            known = self._rotations[model_id, dimensions] = PurposeRotations(
                keys=self._store.purpose_keys, purpose=purpose, model_id=model_id, dimensions=dimensions
            )
        return known
