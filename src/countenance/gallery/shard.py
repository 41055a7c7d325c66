"""One part of a gallery that is spread over processes, and what is said to it and by it.

Rules kept here:

* A shard holds the references whose identifiers fall to it, read from the sealed records by itself: no
  reference is ever sent.
* Questions and answers travel sealed. An answer is bound to its question, and says up to which change of the
  purpose it is complete.
* A shard that came back after its machine died reads its part anew before it answers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.answers import Candidate, SearchAnswer
from countenance.gallery.errors import ReferenceUnknown, VectorUnusable
from countenance.gallery.sealed import SealedGallery
from countenance.kernel import CountenanceError, PlaceId, PurposeId
from countenance.store import ReferenceState, Wire

__all__ = ["GalleryShard", "Question", "Reply", "falls_to"]

_LENGTH_BYTES: Final = 4
_TOLD: Final[dict[str, type[CountenanceError]]] = {
    each.code: each for each in (ReferenceUnknown, VectorUnusable)
}
"""Errors that a caller causes; told again as what they are."""


def falls_to(reference_id: str, shards: int) -> int:
    """Return which of so many shards holds a reference: the same in every process."""
    digest = hashlib.sha256(reference_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") % shards


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked of a shard.

    Attributes:
        purpose: whose references.
        probes: float32, shape (m, d); none for bringing the shard up to date. Left out of ``repr``.
        at: the moment of the act.
        most: how many best ones.
        at_least: the least score.
        places: only references of these places.
        reference_id: compare with this one alone.
    """

    purpose: PurposeId
    probes: NDArray[np.float32] = field(repr=False)
    at: datetime
    most: int | None = None
    at_least: float | None = None
    places: tuple[PlaceId, ...] | None = None
    reference_id: str | None = None

    def pack(self) -> bytes:
        """Return it as bytes: a length, JSON, the probes."""
        head = json.dumps(
            {
                "purpose": self.purpose,
                "shape": list(self.probes.shape),
                "at": self.at.isoformat(),
                "most": self.most,
                "at_least": self.at_least,
                "places": None if self.places is None else list(self.places),
                "reference": self.reference_id,
            }
        ).encode()
        return len(head).to_bytes(_LENGTH_BYTES, "big") + head + self.probes.astype("<f4").tobytes()

    @classmethod
    def unpack(cls, packed: bytes) -> Question:
        """Return what :meth:`pack` made."""
        end = _LENGTH_BYTES + int.from_bytes(packed[:_LENGTH_BYTES], "big")
        head = json.loads(packed[_LENGTH_BYTES:end])
        probes = np.frombuffer(packed[end:], dtype="<f4").reshape(head["shape"]).astype(np.float32)
        return cls(
            purpose=PurposeId(head["purpose"]),
            probes=probes,
            at=datetime.fromisoformat(head["at"]),
            most=head["most"],
            at_least=head["at_least"],
            places=None if head["places"] is None else tuple(PlaceId(one) for one in head["places"]),
            reference_id=head["reference"],
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What a shard answers.

    Attributes:
        state: up to which change of the purpose it is complete.
        answers: one for each probe of a search.
        score: of a comparison with one reference. Left out of ``repr``.
        error: the code of what went wrong; empty if nothing did.
    """

    state: ReferenceState
    answers: tuple[SearchAnswer, ...] = ()
    score: float | None = field(default=None, repr=False)
    error: str = ""

    def pack(self) -> bytes:
        """Return it as bytes."""
        return json.dumps(
            {
                "state": [self.state.changes, self.state.removals],
                "answers": [
                    {
                        "candidates": [[one.reference_id, one.score] for one in answer.candidates],
                        "compared": answer.compared,
                        "rescored": answer.rescored,
                        "certified": answer.certified,
                        "kernel": answer.kernel,
                    }
                    for answer in self.answers
                ],
                "score": self.score,
                "error": self.error,
            }
        ).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> Reply:
        """Return what :meth:`pack` made."""
        said: dict[str, Any] = json.loads(packed)
        return cls(
            state=ReferenceState(*said["state"]),
            answers=tuple(
                SearchAnswer(
                    candidates=tuple(Candidate(*one) for one in each["candidates"]),
                    compared=each["compared"],
                    rescored=each["rescored"],
                    certified=each["certified"],
                    kernel=each["kernel"],
                )
                for each in said["answers"]
            ),
            score=said["score"],
            error=said["error"],
        )

    def require_good(self) -> None:
        """Raise what the caller caused, as what it is.

        Raises:
            ReferenceUnknown, VectorUnusable: as the shard met them.
        """
        if self.error in _TOLD:
            msg = "The gallery has no such reference, or it isn't valid now."
            if self.error == VectorUnusable.code:
                msg = "The probe isn't a finite vector of the right length."
            raise _TOLD[self.error](msg)


class GalleryShard:
    """Answers sealed questions about one part of a gallery.

    Args:
        open_part: opens the gallery of this part; called with what says which references it holds.
        wire: opens questions and seals answers.
        number: which part, from 0.
        of: how many parts there are.
    """

    def __init__(
        self, *, open_part: Callable[[Callable[[str], bool]], SealedGallery], wire: Wire, number: int, of: int
    ) -> None:
        self._wire = wire
        self._number = number
        self._of = of
        self._gallery = open_part(lambda reference_id: falls_to(reference_id, of) == number)

    def ask(self, sealed: bytes) -> bytes:
        """Answer a sealed question.

        Raises:
            SealBroken: if it isn't one of this deployment, to this part.
        """
        about = {"question": self._number, "of": self._of}
        question = Question.unpack(self._wire.open(sealed, about=about))
        try:
            reply = self._answered(question)
        except CountenanceError as error:
            reply = Reply(ReferenceState(), error=error.code)
        finally:
            question.probes[...] = 0.0
        return self._wire.seal(reply.pack(), about=answer_about(self._number, sealed))

    def close(self) -> None:
        """Overwrite what is in memory."""
        self._gallery.close()

    def _answered(self, question: Question) -> Reply:
        state = self._gallery.state(question.purpose)
        if question.reference_id is not None:
            score = self._gallery.verify(
                question.purpose, question.reference_id, question.probes[0], at=question.at
            )
            return Reply(state, score=score.value)
        if not len(question.probes):
            return Reply(state)
        answers = self._gallery.search_many(
            question.purpose,
            question.probes,
            at=question.at,
            most=question.most,
            at_least=question.at_least,
            places=question.places,
        )
        return Reply(state, answers)


def answer_about(number: int, sealed_question: bytes) -> dict[str, object]:
    """Return what an answer is bound to: the part, and the question as it was sealed."""
    return {"answer": number, "to": hashlib.sha256(sealed_question).hexdigest()}
