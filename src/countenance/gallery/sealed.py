"""The gallery of one process: sealed records in the store, and one certified index per purpose in memory.

Rules kept here:

* What lies on disk is sealed and turned; what lies in memory is turned. A template as the network made it
  is here only while it is turned, and is overwritten.
* The store leads. Before every answer the purpose's count of changes is compared with that of the index, and
  what another process enrolled or erased since is made up for.
* A reference enters the index by being read back from its sealed row. So whatever was acknowledged can be
  opened again.
* The index keeps the key with which it was opened; references that were re-keyed since stay as they are in
  memory, and new ones are turned to fit. Scores are the same under every key.
* A row that isn't as it was written stops the purpose: an answer without it wouldn't be complete.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.answers import SearchAnswer, SearchFilter
from countenance.gallery.base import NewReference
from countenance.gallery.errors import IndexFull, ReferenceUnknown, VectorUnusable
from countenance.gallery.index import CertifiedIndex
from countenance.gallery.kernels import ScanKernel, exact_scores
from countenance.gallery.rotations import PurposeRotations
from countenance.gallery.selection import choose_kernel
from countenance.gallery.vectors import require_finite, require_unit
from countenance.kernel import Clock, PlaceId, PurposeId, SubjectId
from countenance.store import (
    OpenedReference,
    PurposeKeyMissing,
    RecordUnknown,
    ReferenceChange,
    ReferenceRecord,
    ReferenceState,
    Store,
)
from countenance.templates import ComparisonScore, ReferenceTemplate, decode_template, encode_template

__all__ = ["SealedGallery"]

_READ_AT_ONCE: Final = 2000
_LARGEST: Final = 2**31


class SealedGallery:
    """Implements :class:`~countenance.gallery.base.Gallery` over one store.

    Args:
        store: where the sealed references and the purposes' keys are.
        model_id: the network whose templates it takes; references of others are left alone.
        dimensions: of a template.
        clock: says when a reference was enrolled.
        kernel: what scans; the fastest that runs here if left out.
        threads: how many chunks of an index are scanned side by side.
        largest: how many references a purpose may have in memory.
        holds: says of a reference's identifier whether it is searched here; all of them if left out.
    """

    def __init__(
        self,
        *,
        store: Store,
        model_id: str,
        dimensions: int,
        clock: Clock,
        kernel: ScanKernel | None = None,
        threads: int = 1,
        largest: int = _LARGEST,
        holds: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._store = store
        self._holds = holds
        self._model_id = model_id
        self._dimensions = dimensions
        self._clock = clock
        self._kernel = kernel or choose_kernel()
        self._threads = threads
        self._largest = largest
        self._lock = threading.Lock()
        self._purposes: dict[PurposeId, _PurposeIndex] = {}
        self._closed = False
        self._unlisten = store.references.listen(self._changed)

    @property
    def model_id(self) -> str:
        """The network whose templates it takes."""
        return self._model_id

    @property
    def dimensions(self) -> int:
        """The length of a template."""
        return self._dimensions

    def enrol(self, references: Sequence[NewReference]) -> tuple[ReferenceRecord, ...]:
        """See :class:`~countenance.gallery.base.Gallery`."""
        for one in references:
            self._require_ours(one.template)
        for purpose, more in sorted(Counter(one.purpose for one in references).items()):
            self._store.purpose_keys.make(purpose)
            self._index_of(purpose, now=not self._store.changing)
            if self.count(purpose) + more > self._largest:
                raise IndexFull("The gallery may not hold more references.")
        # In one change with the version of the key: nobody replaces it in between.
        with self._store.together():
            opened = [self._turned(one) for one in references]
            self._store.references.add(opened)
        return tuple(one.record for one in opened)

    def erase(self, reference_ids: Sequence[str]) -> None:
        """See :class:`~countenance.gallery.base.Gallery`."""
        try:
            self._store.references.remove(reference_ids)
        except RecordUnknown:
            raise ReferenceUnknown("The gallery has no reference with this identifier.") from None

    def erase_subject(self, subject: SubjectId, purpose: PurposeId) -> int:
        """See :class:`~countenance.gallery.base.Gallery`."""
        with self._store.together():
            found = [record.reference_id for record in self._store.references.of(subject, purpose)]
            if found:
                self._store.references.remove(found)
        return len(found)

    def count(self, purpose: PurposeId) -> int:
        """See :class:`~countenance.gallery.base.Gallery`."""
        return self._store.references.count(purpose, model_id=self._model_id)

    def verify(
        self, purpose: PurposeId, reference_id: str, probe: NDArray[np.float32], *, at: datetime
    ) -> ComparisonScore:
        """See :class:`~countenance.gallery.base.Gallery`."""
        vector = require_finite(probe[None, :], (1, self._dimensions))
        require_unit(vector)
        try:
            record = self._store.references.get(reference_id)
        except RecordUnknown:
            record = None
        if record is None or record.purpose != purpose or not _valid(record, at):
            raise ReferenceUnknown("The purpose has no such reference, or it isn't valid now.")
        score = self._index_of(purpose).score(reference_id, vector)
        return ComparisonScore(value=min(1.0, max(-1.0, score)), model_id=self._model_id)

    def search(
        self,
        purpose: PurposeId,
        probe: NDArray[np.float32],
        *,
        at: datetime,
        most: int | None = 1,
        at_least: float | None = None,
        places: Collection[PlaceId] | None = None,
    ) -> SearchAnswer:
        """See :class:`~countenance.gallery.base.Gallery`."""
        (answer,) = self.search_many(
            purpose, probe[None, :], at=at, most=most, at_least=at_least, places=places
        )
        return answer

    def search_many(
        self,
        purpose: PurposeId,
        probes: NDArray[np.float32],
        *,
        at: datetime,
        most: int | None = 1,
        at_least: float | None = None,
        places: Collection[PlaceId] | None = None,
    ) -> tuple[SearchAnswer, ...]:
        """Return an answer for each of several probes, float32, shape (m, d), in one pass."""
        vectors = require_finite(probes, (len(probes), self._dimensions))
        try:
            index = self._index_of(purpose)
        except PurposeKeyMissing:
            # Nobody was ever enrolled for it. An empty index answers, so that a wrong question is refused.
            with_nobody = CertifiedIndex(dimensions=self._dimensions, kernel=self._kernel)
            return with_nobody.search_many(vectors, most=most, at_least=at_least)
        return index.search(vectors, at=at, most=most, at_least=at_least, places=places)

    def state(self, purpose: PurposeId) -> ReferenceState:
        """Bring a purpose's references into memory as they are now, and say which state that is.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
            RootKeyError: if the purpose's custodian doesn't answer.
        """
        try:
            return self._index_of(purpose).state
        except PurposeKeyMissing:
            return ReferenceState()

    def open(self, purpose: PurposeId) -> int:
        """Bring a purpose's references into memory before the first question; return how many.

        Raises:
            PurposeKeyMissing: if nobody was ever enrolled for it.
            RecordTampered: if a row isn't as this deployment wrote it.
            RootKeyError: if the purpose's custodian doesn't answer.
        """
        return self._index_of(purpose).count()

    def close(self) -> None:
        """Overwrite what is in memory."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._unlisten()
            for index in self._purposes.values():
                index.close()
            self._purposes = {}

    def _index_of(self, purpose: PurposeId, *, now: bool = True) -> _PurposeIndex:
        """Return a purpose's index, as the store is now."""
        with self._lock:
            index = self._purposes.get(purpose)
            if index is None:
                index = _PurposeIndex(
                    store=self._store,
                    purpose=purpose,
                    version=self._store.purpose_keys.active(purpose).version,
                    model_id=self._model_id,
                    holds=self._holds,
                    index=CertifiedIndex(
                        dimensions=self._dimensions,
                        kernel=self._kernel,
                        threads=self._threads,
                        largest=self._largest,
                    ),
                )
                self._purposes[purpose] = index
        if now:
            index.catch_up()
        return index

    def _turned(self, one: NewReference) -> OpenedReference:
        version = self._store.purpose_keys.active(one.purpose).version
        vector = self._purposes[one.purpose].rotations.protect(one.template.vector, version=version)
        template = ReferenceTemplate(vector, self._model_id, one.template.samples, one.template.quality)
        record = ReferenceRecord(
            reference_id=one.reference_id,
            subject=one.subject,
            purpose=one.purpose,
            model_id=self._model_id,
            key_version=version,
            place=one.place,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            samples=one.template.samples,
            added_at=self._clock.now(),
            permit_id=one.permit_id,
            consent_id=one.consent_id,
        )
        content = encode_template(template)
        template.wipe()
        return OpenedReference(record, content)

    def _require_ours(self, template: ReferenceTemplate) -> None:
        if template.model_id != self._model_id or template.vector.size != self._dimensions:
            raise VectorUnusable("The template is of another network than the gallery's.")

    def _changed(self, change: ReferenceChange) -> None:
        with self._lock:
            index = self._purposes.get(change.purpose)
        if index is not None:
            index.changed(change)


class _PurposeIndex:
    """One purpose's references in memory, all turned under one version of its key."""

    def __init__(
        self,
        *,
        store: Store,
        purpose: PurposeId,
        version: int,
        model_id: str,
        index: CertifiedIndex,
        holds: Callable[[str], bool],
    ) -> None:
        self._holds = holds
        self._store = store
        self._purpose = purpose
        self._version = version
        self._model_id = model_id
        self._index = index
        self._lock = threading.Lock()
        self._state = ReferenceState()
        # Numbers of places, as the index filters them; 0 is nowhere in particular.
        self._groups: dict[PlaceId, int] = {}
        self.rotations = PurposeRotations(
            keys=store.purpose_keys, purpose=purpose, model_id=model_id, dimensions=index.dimensions
        )

    @property
    def state(self) -> ReferenceState:
        """Up to which change of the purpose it follows."""
        return self._state

    def count(self) -> int:
        """Return how many references are in memory."""
        return len(self._index)

    def score(self, reference_id: str, probe: NDArray[np.float32]) -> float:
        """Return the inner product of a probe, shape (1, d), and a reference.

        Raises:
            ReferenceUnknown: if it isn't in memory.
        """
        reference = self._index.vector(reference_id)
        turned = self.rotations.protect(probe, version=self._version)
        score = float(exact_scores(reference[None, :], turned[0])[0])
        reference[...] = turned[...] = 0.0
        return score

    def search(
        self,
        probes: NDArray[np.float32],
        *,
        at: datetime,
        most: int | None,
        at_least: float | None,
        places: Collection[PlaceId] | None,
    ) -> tuple[SearchAnswer, ...]:
        """Return an answer for each probe, shape (m, d)."""
        groups = None
        if places is not None:
            groups = frozenset({0} | {self._groups[one] for one in places if one in self._groups})
        only = SearchFilter(at=at, groups=groups)
        turned = self.rotations.protect(probes, version=self._version)
        try:
            if len(turned) == 1:
                return (self._index.search(turned[0], most=most, at_least=at_least, only=only),)
            return self._index.search_many(turned, most=most, at_least=at_least, only=only)
        finally:
            turned[...] = 0.0

    def catch_up(self) -> None:
        """Make up for what was changed since, by whomever."""
        if self._store.references.state(self._purpose) == self._state:
            return
        if self._store.changing:
            # What isn't kept yet may be undone, and would stay in memory.
            msg = "a gallery is asked before or after a change of its references, not inside it"
            raise RuntimeError(msg)
        with self._lock, self._store.one_state():
            now = self._store.references.state(self._purpose)
            if now == self._state:
                return
            if now.removals != self._state.removals or now.changes < self._state.changes:
                self._drop(self._index.identifiers() - self._store.references.identifiers(self._purpose))
            came = self._store.references.changed_since(self._purpose, self._state.changes, holds=self._holds)
            while batch := list(islice(came, _READ_AT_ONCE)):
                self._take(batch)
            self._state = now

    def changed(self, change: ReferenceChange) -> None:
        """Follow a change of this process that is on disk now."""
        with self._lock:
            self._drop(change.removed)
            before = ReferenceState(
                change.state.changes - 1, change.state.removals - (1 if change.removed else 0)
            )
            if change.removed and self._state == before:
                self._state = change.state
        if not change.removed:
            self.catch_up()

    def close(self) -> None:
        """Overwrite everything."""
        with self._lock:
            self._index.close()
            self.rotations.wipe()
            self._state = ReferenceState()

    def _drop(self, reference_ids: Iterable[str]) -> None:
        for one in reference_ids:
            if one in self._index:
                self._index.remove(one)

    def _take(self, batch: Sequence[OpenedReference]) -> None:
        """Add what isn't in memory yet, those under one version of the key together."""
        alike: dict[int, list[OpenedReference]] = {}
        for one in batch:
            record = one.record
            if record.model_id == self._model_id and record.reference_id not in self._index:
                alike.setdefault(record.key_version, []).append(one)
        for version, ones in alike.items():
            vectors = np.stack([decode_template(one.content).vector for one in ones])
            turned = self.rotations.moved(vectors, old=version, new=self._version)
            records = [one.record for one in ones]
            self._index.add(
                [record.reference_id for record in records],
                turned,
                valid_from=[record.valid_from for record in records],
                valid_until=[record.valid_until for record in records],
                group=[self._group(record.place) for record in records],
            )
            vectors[...] = turned[...] = 0.0

    def _group(self, place: PlaceId | None) -> int:
        return 0 if place is None else self._groups.setdefault(place, len(self._groups) + 1)


def _valid(record: ReferenceRecord, at: datetime) -> bool:
    return record.valid_from <= at and (record.valid_until is None or at < record.valid_until)
