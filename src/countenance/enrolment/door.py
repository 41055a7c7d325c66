"""The enrolment door: no permit, no reference."""

from __future__ import annotations

from countenance.gallery import Gallery, NewReference
from countenance.kernel import (
    Door,
    Passage,
    PermitNotForThis,
    PermitToken,
    PermitVerifier,
    ProcessingRequest,
)
from countenance.store import ReferenceRecord

__all__ = ["EnrolmentDoor"]


class EnrolmentDoor:
    """Puts a reference into the gallery, when a permit allows it to be stored.

    Args:
        gallery: takes the reference.
        verifier: says whether the permit opens this door, and counts the passage.
    """

    __slots__ = ("_gallery", "_verifier")

    def __init__(self, *, gallery: Gallery, verifier: PermitVerifier) -> None:
        self._gallery = gallery
        self._verifier = verifier

    def put(
        self, reference: NewReference, *, permit: PermitToken, request: ProcessingRequest
    ) -> ReferenceRecord:
        """Check the permit, then enrol.

        Args:
            reference: whom and for what; of the request's subject and purpose.
            permit: the permit as it was issued; one passage through ``Door.ENROL`` is counted.
            request: what is being carried out.

        Raises:
            PermitNotForThis: if the reference is another person's or for another purpose.
            PermitRefused: if the permit doesn't open this door.
        """
        if reference.subject != request.subject or reference.purpose != request.purpose:
            msg = "This reference isn't of the person and purpose that the request names."
            raise PermitNotForThis(msg)
        self._verifier.admit(permit, Passage(door=Door.ENROL, operation="store", request=request))
        (record,) = self._gallery.enrol([reference])
        return record
