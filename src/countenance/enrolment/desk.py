"""The enrolment desk: a person's pictures, from order to sealed reference.

Rules kept here:

* In this order: nobody is enrolled twice, the files are seen to be pictures, the rules are asked, the
  pictures are opened, the samples are fused, the others of the purpose are searched, the reference is kept.
* Between search and keeping nobody else is enrolled for the purpose: if somebody was, it is searched again.
* A reference takes part no longer than the consent on which it rests counts.
* Every picture and vector is overwritten before anything is recorded, whatever happened; a failure leaves a
  log entry and no open duty that the desk could have discharged.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from countenance.authority import Granted
from countenance.enrolment.errors import AlreadyEnrolled, CloseToAnother, NoUsableSample
from countenance.enrolment.order import Enrolled, EnrolmentOrder
from countenance.enrolment.samples import receive_pictures
from countenance.enrolment.settlement import settle
from countenance.enrolment.taking import MadeTemplate, TemplateTaking, basis_of
from countenance.gallery import NewReference
from countenance.kernel import (
    Clock,
    CountenanceError,
    Door,
    PermitRefused,
    ProcessingRequest,
    PurposeId,
    RequestId,
    SubjectId,
    new_id,
)
from countenance.store import StoreBusy
from countenance.templates import ReferenceTemplate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.authority import AuthorityDesk
    from countenance.capture import CaptureDoor, PendingPicture
    from countenance.enrolment.door import EnrolmentDoor
    from countenance.gallery import Gallery
    from countenance.store import LogReceipt, Store
    from countenance.vision import ExtractionDoor, FaceAnalyser, QualityGate

__all__ = ["DuplicateRule", "EnrolmentDesk"]

_OPERATIONS: Final = ("capture", "enrol", "store")
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """From which score two references are looked at as one person's; both from the network's error table.

    Attributes:
        same: the threshold of comparing two pictures of one person; what samples of one person reach.
        close: the threshold from which somebody enrolled is close; the strictest one that was measured.
        fmr: the false match rate of ``close``: so many strangers reach it by chance.
    """

    same: float
    close: float
    fmr: float


@dataclass(frozen=True, slots=True, eq=False)
class _Errand:
    order: EnrolmentOrder
    request: ProcessingRequest
    granted: Granted


class EnrolmentDesk:
    """Enrols people.

    Args:
        authority: asks the rules and gives the permit.
        capture_door: checks the pictures, and opens them under it.
        analyser: finds and judges the faces.
        extraction_door: makes the embeddings under it; serves ``enrol``.
        enrolment_door: puts the reference into the gallery under it.
        gallery: searched for who is close.
        duplicates: from which score somebody is.
        store: takes the log entry.
        clock: says what time it is.
        quality_gate: what a face must reach to be enrolled.

    Raises:
        ValueError: if gallery and extraction door are of different networks.
    """

    __slots__ = (
        "_authority", "_capture_door", "_clock", "_duplicates", "_enrolment_door", "_gallery", "_store",
        "_taking",
    )  # fmt: skip

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        capture_door: CaptureDoor,
        analyser: FaceAnalyser,
        extraction_door: ExtractionDoor,
        enrolment_door: EnrolmentDoor,
        gallery: Gallery,
        duplicates: DuplicateRule,
        store: Store,
        clock: Clock,
        quality_gate: QualityGate,
    ) -> None:
        if gallery.model_id != extraction_door.model_id:
            msg = "gallery and extraction door are of one network"
            raise ValueError(msg)
        self._authority = authority
        self._capture_door = capture_door
        self._enrolment_door = enrolment_door
        self._gallery = gallery
        self._duplicates = duplicates
        self._store = store
        self._clock = clock
        self._taking = TemplateTaking(
            capture_door=capture_door,
            analyser=analyser,
            extraction_door=extraction_door,
            least_alike=duplicates.same,
            quality_gate=quality_gate,
        )

    @property
    def duplicates(self) -> DuplicateRule:
        """From which score somebody is close."""
        return self._duplicates

    def has_reference(self, subject: SubjectId, purpose: PurposeId) -> bool:
        """Say whether a person has a reference of this network for a purpose."""
        known = self._store.references.of(subject, purpose)
        return any(one.model_id == self._gallery.model_id for one in known)

    def enrol(self, order: EnrolmentOrder) -> Enrolled:
        """Enrol one person under a permit.

        Args:
            order: whom, for what, with which pictures.

        Raises:
            AlreadyEnrolled: if the person has a reference for the purpose.
            NoUsableSample: if none of the pictures can be used; the remedy says what to change.
            SamplesDisagree: if they don't show one person.
            CloseToAnother: if an enrolled person is closer than the threshold, and nobody has looked.
            RefusedByRule: if the rules say no; the verdict says why.
            DutyOverdue: if an earlier permit's duty is overdue at this place.
            PermitRefused: if the permit stops counting on the way, such as by a withdrawn consent.
            CallerError: if place, device or purpose isn't known.
            OperatorError: if a model or the store fails.
        """
        if self.has_reference(order.subject, order.purpose):
            raise AlreadyEnrolled("The person is enrolled for this purpose already.")
        with ExitStack() as to_wipe:
            pictures, refused = receive_pictures(order.pictures, self._capture_door, to_wipe)
            if not pictures:
                raise NoUsableSample(refused)
            errand = self._prepare(order, tuple(pictures.values()))
            try:
                made = self._taking.take(errand.granted, errand.request, pictures, refused, to_wipe)
                return self._keep(errand, made)
            except CountenanceError as error:
                to_wipe.close()
                self._record_failure(errand, error)
                raise

    def _prepare(self, order: EnrolmentOrder, pictures: tuple[PendingPicture, ...]) -> _Errand:
        request = ProcessingRequest(
            request_id=RequestId(new_id("req")),
            operations=_OPERATIONS,
            purpose=order.purpose,
            place=order.place,
            device=order.device,
            materials=tuple(sorted(one.material for one in pictures)),
            error_target=order.error_target,
            subject=order.subject,
            scene=order.scene,
        )
        count = len(pictures)
        budget = {Door.CAPTURE: count, Door.EXTRACT: count, Door.ENROL: 1}
        return _Errand(order, request, self._authority.permit(request, budget=budget))

    def _keep(self, errand: _Errand, made: MadeTemplate) -> Enrolled:
        order, references = errand.order, self._store.references
        for _ in range(_TRIES):
            state = references.state(order.purpose)
            compared, near = self._search(errand, made)
            with self._store.together():
                if references.state(order.purpose) != state:
                    continue
                # Whose consent was withdrawn meanwhile isn't enrolled; and nobody twice.
                self._authority.require_standing(errand.granted, errand.request)
                if self.has_reference(order.subject, order.purpose):
                    raise AlreadyEnrolled("The person was enrolled for this purpose meanwhile.")
                return self._put(errand, made, compared, near)
        raise StoreBusy("Others are being enrolled for this purpose without a pause.", retry_after=1)

    def _search(self, errand: _Errand, made: MadeTemplate) -> tuple[int, list[str]]:
        """Look for who is close; return how many references took part, and which are, of two people."""
        answer = self._gallery.search(
            errand.order.purpose,
            made.fused.vector,
            at=self._clock.now(),
            most=None,
            at_least=self._duplicates.close,
        )
        near = [one.reference_id for one in answer.candidates]
        if near and errand.order.looked_at_by is None:
            raise CloseToAnother(near, compared=answer.compared)
        return answer.compared, near

    def _put(self, errand: _Errand, made: MadeTemplate, compared: int, near: list[str]) -> Enrolled:
        order, claims = errand.order, errand.granted.claims
        consent, until = basis_of(errand.granted, self._store)
        record = self._enrolment_door.put(
            NewReference(
                subject=order.subject,
                purpose=order.purpose,
                template=ReferenceTemplate(
                    made.fused.vector, self._gallery.model_id, len(made.fused.kept), made.quality
                ),
                valid_from=self._clock.now(),
                valid_until=until,
                place=order.only_at,
                permit_id=claims.permit_id,
                consent_id=consent,
            ),
            permit=errand.granted.token,
            request=errand.request,
        )
        made.fused.vector.fill(0.0)
        self._store.look_alikes.note(record.reference_id, near)
        entry: dict[str, object] = {"outcome": "enrolled", "reference": record.reference_id}
        if order.looked_at_by is not None:
            entry["looked_at_by"] = order.looked_at_by
            entry["look_alikes"] = len(near)
        log = self._log(errand, entry)
        settle(self._authority, claims.duties, log=log, kept=True, until=until)
        return Enrolled(
            reference_id=record.reference_id,
            subject=order.subject,
            samples=len(made.fused.kept),
            quality=made.quality,
            left_out=made.left_out,
            valid_until=until,
            compared=compared,
            look_alikes=len(near),
            permit_id=claims.permit_id,
            log=log,
        )

    def _record_failure(self, errand: _Errand, error: CountenanceError) -> None:
        with self._store.together():
            log = self._log(errand, {"outcome": "not enrolled", "error": error.code})
            if not isinstance(error, PermitRefused):
                settle(self._authority, errand.granted.claims.duties, log=log, kept=False)

    def _log(self, errand: _Errand, entry: Mapping[str, object]) -> LogReceipt:
        claims = errand.granted.claims
        bound = {"permit": claims.permit_id, "request": claims.request_digest, "rule_set": claims.rule_set}
        return self._store.log.append(
            "enrolment", {**entry, **bound}, subject=errand.order.subject, purpose=errand.order.purpose
        )
