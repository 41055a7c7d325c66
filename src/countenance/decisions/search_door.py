"""The search door: no permit that names how many people, no search.

Rules kept here:

* What was made for another request, or was wiped, is refused before the permit is asked.
* The permit says how many people may be searched at most; a gallery that is larger isn't.
* The threshold is that of the people who are there when they are searched, never of fewer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from countenance.decisions.identification import ScoredReference, SearchLevel
from countenance.kernel import (
    Door,
    Passage,
    PermitNotForThis,
    PermitToken,
    PermitVerifier,
    ProcessingRequest,
)
from countenance.store import RecordUnknown, StoreBusy
from countenance.templates import Template, TemplatesNotComparable

if TYPE_CHECKING:
    from countenance.gallery import Gallery, SearchAnswer
    from countenance.store import Store

__all__ = ["SearchDoor", "Searched"]

_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search gave.

    Attributes:
        level: the threshold that was used, and what is stated about it.
        found: the references that reach ``level.near``.
        compared: how many took part.
    """

    level: SearchLevel
    found: tuple[ScoredReference, ...]
    compared: int


class SearchDoor:
    """Searches a gallery, when a permit allows it.

    Args:
        gallery: where the references are.
        store: whose they are, and who looks alike.
        verifier: decides whether the permit opens this door.
        operation: the one operation that this door serves.
    """

    __slots__ = ("_gallery", "_operation", "_store", "_verifier")

    def __init__(
        self, *, gallery: Gallery, store: Store, verifier: PermitVerifier, operation: str = "identify"
    ) -> None:
        self._gallery = gallery
        self._store = store
        self._verifier = verifier
        self._operation = operation

    @property
    def model_id(self) -> str:
        """The network whose templates are searched."""
        return self._gallery.model_id

    def search(
        self,
        probe: Template,
        *,
        permit: PermitToken,
        request: ProcessingRequest,
        at: datetime,
        level_for: Callable[[int], SearchLevel],
    ) -> Searched:
        """Search the references of the request's purpose that take part at its place.

        Args:
            probe: of the face that is searched for.
            permit: the permit for this request; one passage through ``Door.COMPARE`` is counted.
            request: the request under which the probe was made.
            at: the moment of the act.
            level_for: says which threshold so many people have.

        Raises:
            TemplatesNotComparable: if the probe is another network's, purpose's or request's, or was wiped.
            PermitRefused: if the permit doesn't open this door, or not for so many people.
            GalleryBeyondEvidence: if more people were enrolled meanwhile than the evidence supports.
        """
        if (
            probe.model_id != self.model_id
            or probe.purpose != request.purpose
            or probe.request_digest != request.digest()
            or probe.material not in request.materials
            or not probe.has_unit_length()
        ):
            raise TemplatesNotComparable("The probe wasn't made under this request, or was wiped.")
        claims = self._verifier.admit(permit, Passage(Door.COMPARE, self._operation, request, probe.material))
        for _ in range(_TRIES):
            people = self._gallery.count(request.purpose)
            if people > claims.largest_gallery:
                raise PermitNotForThis("The permit is for searching fewer people than are enrolled.")
            level = level_for(people)
            answer = self._gallery.search(
                request.purpose,
                probe.vector,
                at=at,
                most=None,
                at_least=level.near,
                places=(request.place,),
            )
            if answer.compared <= people:
                return Searched(level, self._whose(answer), answer.compared)
        raise StoreBusy("Others are being enrolled for this purpose without a pause.", retry_after=1)

    def _whose(self, answer: SearchAnswer) -> tuple[ScoredReference, ...]:
        """Return the candidates with whose they are; who was taken out meanwhile is none."""
        found = []
        for one in answer.candidates:
            try:
                record = self._store.references.get(one.reference_id)
            except RecordUnknown:
                continue
            found.append(
                ScoredReference(
                    reference_id=record.reference_id,
                    subject=record.subject,
                    score=one.score,
                    consented=record.consent_id is not None,
                    look_alikes=self._store.look_alikes.of(record.reference_id),
                )
            )
        return tuple(found)
