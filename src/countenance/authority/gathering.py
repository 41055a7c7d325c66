"""Reads what is on file and sorts it, for the desk and for its doors alike."""

from __future__ import annotations

from datetime import datetime

from countenance.authority.outside import Vouching
from countenance.authority.resolver import Resolution, resolve
from countenance.policy import Vocabulary
from countenance.store import EvidenceScope, Store

__all__ = ["Gathering"]


class Gathering:
    """What the records of one store say.

    Args:
        store: where they are.
        vocabulary: who may issue what.
    """

    __slots__ = ("_store", "_vocabulary", "_vouching")

    def __init__(self, *, store: Store, vocabulary: Vocabulary) -> None:
        self._store = store
        self._vocabulary = vocabulary
        self._vouching = Vouching(store=store)

    @property
    def vouching(self) -> Vouching:
        """What looks whether signatures hold."""
        return self._vouching

    def resolution(self, scope: EvidenceScope, *, at: datetime) -> Resolution:
        """Return what the records say about a request of a scope at a moment.

        Args:
            scope: the request's place, purpose, device and subject.
            at: the moment, aware.
        """
        return resolve(
            self._store.evidence.at(at, scope=scope),
            scope=scope,
            at=at,
            vocabulary=self._vocabulary,
            demo=self._store.deployment.demo,
            vouched=lambda record: self._vouching.vouched(record, at=at),
        )
