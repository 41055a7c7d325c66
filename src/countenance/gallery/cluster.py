"""A gallery spread over processes or machines: the same answers as in one, or none.

Rules kept here:

* The store leads, as in one process. Each part reads its own references from the sealed records; what is said
  between the processes is sealed.
* Every part answers, up to the change that this process has seen, or there is no answer: one that misses a
  part wouldn't be complete.
* Answers are merged exactly: each part's is proved complete, so the best of all are among the best of
  each. Ties stand in the order of their identifiers, as in one process.
* What is enrolled or erased is acknowledged once the part that holds it follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.answers import SearchAnswer, Wanted
from countenance.gallery.base import NewReference
from countenance.gallery.errors import GalleryUnavailable, ReferenceUnknown
from countenance.gallery.sealed import SealedGallery
from countenance.gallery.shard import Question, Reply, answer_about, falls_to
from countenance.gallery.vectors import require_finite, require_unit
from countenance.kernel import Clock, PlaceId, PurposeId, SubjectId
from countenance.store import RecordUnknown, ReferenceRecord, SealBroken, Store
from countenance.templates import ComparisonScore

__all__ = ["ClusterGallery", "Shards", "merged"]


class Shards(Protocol):
    """The parts, wherever they run: carries sealed bytes, and waits for parts that come back."""

    @property
    def count(self) -> int:
        """How many there are."""

    def ask(self, sealed: Sequence[tuple[int, bytes]]) -> Sequence[bytes]:
        """Put each question to its part, all at once; return the answers in their order.

        Raises:
            GalleryUnavailable: if a part doesn't answer in time, nor after it was started again.
        """

    def close(self) -> None:
        """Let go of the parts."""


class ClusterGallery:
    """Implements :class:`~countenance.gallery.base.Gallery` over parts.

    Args:
        store: where the sealed references are.
        shards: the parts.
        model_id: the network whose templates it takes.
        dimensions: of a template.
        clock: says when a reference was enrolled.
    """

    def __init__(self, *, store: Store, shards: Shards, model_id: str, dimensions: int, clock: Clock) -> None:
        self._store = store
        self._shards = shards
        self._clock = clock
        # Turns and seals what is enrolled; it holds no reference itself.
        self._writer = SealedGallery(
            store=store, model_id=model_id, dimensions=dimensions, clock=clock, holds=lambda _: False
        )

    @property
    def model_id(self) -> str:
        """The network whose templates it takes."""
        return self._writer.model_id

    @property
    def dimensions(self) -> int:
        """The length of a template."""
        return self._writer.dimensions

    def enrol(self, references: Sequence[NewReference]) -> tuple[ReferenceRecord, ...]:
        """See :class:`~countenance.gallery.base.Gallery`."""
        records = self._writer.enrol(references)
        for purpose in sorted({one.purpose for one in references}):
            self._follow(purpose, (one.reference_id for one in references if one.purpose == purpose))
        return records

    def erase(self, reference_ids: Sequence[str]) -> None:
        """See :class:`~countenance.gallery.base.Gallery`."""
        purposes: dict[PurposeId, list[str]] = {}
        try:
            for one in reference_ids:
                purposes.setdefault(self._store.references.get(one).purpose, []).append(one)
        except RecordUnknown:
            raise ReferenceUnknown("The gallery has no reference with this identifier.") from None
        self._writer.erase(reference_ids)
        for purpose, ones in purposes.items():
            self._follow(purpose, ones)

    def erase_subject(self, subject: SubjectId, purpose: PurposeId) -> int:
        """See :class:`~countenance.gallery.base.Gallery`."""
        ones = [record.reference_id for record in self._store.references.of(subject, purpose)]
        gone = self._writer.erase_subject(subject, purpose)
        self._follow(purpose, ones)
        return gone

    def count(self, purpose: PurposeId) -> int:
        """See :class:`~countenance.gallery.base.Gallery`."""
        return self._writer.count(purpose)

    def verify(
        self, purpose: PurposeId, reference_id: str, probe: NDArray[np.float32], *, at: datetime
    ) -> ComparisonScore:
        """See :class:`~countenance.gallery.base.Gallery`."""
        vector = require_finite(probe[None, :], (1, self.dimensions))
        require_unit(vector)
        question = Question(purpose, vector, at, reference_id=reference_id)
        (reply,) = self._replies(question, (falls_to(reference_id, self._shards.count),))
        if reply.score is None:
            raise GalleryUnavailable("A part of the gallery didn't compare what it was asked to.")
        return ComparisonScore(value=reply.score, model_id=self.model_id)

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
        """Return an answer for each of several probes, float32, shape (m, d), in one pass of every part."""
        Wanted.of(most, at_least)
        vectors = require_finite(probes, (len(probes), self.dimensions))
        if not len(vectors):
            return ()
        question = Question(
            purpose, vectors, at, most, at_least, None if places is None else tuple(sorted(places))
        )
        replies = self._replies(question, range(self._shards.count))
        return tuple(
            merged([reply.answers[number] for reply in replies], most=most) for number in range(len(vectors))
        )

    def close(self) -> None:
        """Let go of the parts, and overwrite what is in this process."""
        self._writer.close()
        self._shards.close()

    def _follow(self, purpose: PurposeId, reference_ids: Iterable[str]) -> None:
        """Wait until the parts that hold references have seen what is on file; not inside a change of it."""
        owners = sorted({falls_to(one, self._shards.count) for one in reference_ids})
        if owners and not self._store.changing:
            nothing = np.empty((0, self.dimensions), dtype=np.float32)
            self._replies(Question(purpose, nothing, self._clock.now()), owners)

    def _replies(self, question: Question, parts: Iterable[int]) -> list[Reply]:
        """Ask some parts, and see that each is complete up to what this process has seen."""
        seen = self._store.references.state(question.purpose)
        packed, of = question.pack(), self._shards.count
        asked = [(part, self._store.wire.seal(packed, about={"question": part, "of": of})) for part in parts]
        answers = self._shards.ask(asked)
        replies = []
        for (part, sealed), answer in zip(asked, answers, strict=True):
            try:
                said = self._store.wire.open(answer, about=answer_about(part, sealed))
            except SealBroken:
                raise GalleryUnavailable("What a part of the gallery answered isn't its answer.") from None
            reply = Reply.unpack(said)
            reply.require_good()
            if reply.error:
                msg = f"A part of the gallery can't answer: {reply.error}."
                raise GalleryUnavailable(msg)
            if reply.state.changes < seen.changes:
                if self._store.changing:
                    # What isn't kept yet may be undone, and no part has it.
                    msg = "a gallery is asked before or after a change of its references, not inside it"
                    raise RuntimeError(msg)
                raise GalleryUnavailable("A part of the gallery is behind what is on file.")
            replies.append(reply)
        return replies


def merged(answers: Sequence[SearchAnswer], *, most: int | None) -> SearchAnswer:
    """Return the answer over all parts, from each part's complete one.

    Args:
        answers: of every part, to one probe.
        most: how many best ones were asked for; ``None`` for all that reach a score.
    """
    best = sorted(
        (one for answer in answers for one in answer.candidates),
        key=lambda one: (-one.score, one.reference_id),
    )
    return SearchAnswer(
        candidates=tuple(best[:most]),
        compared=sum(answer.compared for answer in answers),
        rescored=sum(answer.rescored for answer in answers),
        certified=all(answer.certified for answer in answers),
        kernel=", ".join(sorted({answer.kernel for answer in answers})),
    )
