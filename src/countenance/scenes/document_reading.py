"""One document read under a permit, for the clerk's check-in: what it says of age and expiry.

Rules kept here:

* The file is seen to be a picture before the guest's word is written down, so a bad one leaves no trace. The
  picture is opened at the capture door. No template is made: the permit opens no door that makes one.
* The guest agreed, under a fresh pseudonym. What the guest said of age is held against the document; the
  clerk decides what a difference means.
* The picture ends with the act. The log holds the kind and which checks failed, never a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Final
from zoneinfo import ZoneInfo

from countenance.authority import UnknownDevice, UnknownPlace, record_guest_consent
from countenance.kernel import (
    CountenanceError,
    DeviceId,
    Door,
    Material,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
    SubjectId,
    new_id,
)
from countenance.vision.documents import AgeBand as ReadAgeBand

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk, Granted
    from countenance.capture import CaptureDoor, PendingPicture
    from countenance.kernel.canonical import JsonValue
    from countenance.policy import Verdict
    from countenance.scenes.attended import GuestStatement
    from countenance.store import LogReceipt, Store
    from countenance.vision.documents import DocumentReader, DocumentReading

__all__ = ["AttendedDocument", "DocumentOrder", "DocumentResult"]

_SCENE = "document-reading"
_AUTHOR = "document desk"
_AGREED_TO = ("document reading", "one reading of the machine readable lines of one identity document")
_NOTHING_IS_COMPARED = 0.5
"""A request states an error target; with no comparison there is no match that it could be the error of."""

_DONE: Final[Mapping[str, str]] = {
    "image_deleted": "the decoded picture and the level document were overwritten in memory",
    "raw_deleted": "the lines that were read were dropped; no template was made",
}


@dataclass(frozen=True, slots=True)
class DocumentOrder:
    """One document that somebody hands over.

    Attributes:
        document: the encoded picture; left out of ``repr``.
        place: the registered place.
        device: the registered device that took it.
        guest: what the holder said.
        portrait: whether the side must show a portrait.
    """

    document: bytes = field(repr=False)
    place: PlaceId
    device: DeviceId
    guest: GuestStatement
    portrait: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class DocumentResult:
    """What comes back. The reading's picture is already overwritten.

    Attributes:
        reading: what the document says, as far as the check-in needs.
        age_agrees: whether the age band is the one that the guest stated; ``None`` if it couldn't be read.
        verdict: every rule that was asked.
        log: where the transparency log holds it.
        permit_id: the permit.
        demo: whether it rests on DEMO evidence.
    """

    reading: DocumentReading
    age_agrees: bool | None
    verdict: Verdict
    log: LogReceipt
    permit_id: str
    demo: bool


@dataclass(frozen=True, slots=True)
class _Errand:
    order: DocumentOrder
    request: ProcessingRequest
    granted: Granted
    subject: SubjectId
    today: date


class AttendedDocument:
    """Reads documents under permits.

    Args:
        authority: takes down the consent, asks the rules and gives the permit.
        capture_door: opens the picture under it.
        reader: reads the document.
        purpose: what the reading is for; that of the check-in.
        store: takes the log's entry.
    """

    BUDGET: ClassVar[Mapping[Door, int]] = {Door.CAPTURE: 1}
    """How often each door may be passed. Every other door stays shut."""

    __slots__ = ("_authority", "_capture_door", "_purpose", "_reader", "_store")

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        capture_door: CaptureDoor,
        reader: DocumentReader,
        purpose: PurposeId,
        store: Store,
    ) -> None:
        self._authority = authority
        self._capture_door = capture_door
        self._reader = reader
        self._purpose = purpose
        self._store = store

    def run(self, order: DocumentOrder) -> DocumentResult:
        """See that the file is a picture, take down what the guest said, then read it under a permit.

        Raises:
            RefusedByRule: if the rules say no, a missing consent included.
            DutyOverdue: if an earlier permit's duty at this place is overdue.
            UnknownPlace: if the place isn't registered; nothing is taken down then.
            UnknownDevice: if the device isn't; likewise.
            PictureRefused: if the file isn't a picture within the limits; likewise.
            SubjectError: if the document can't be read, of the kinds of ``countenance.vision.documents``.
        """
        self._require_registered(order)
        with self._capture_door.check(order.document) as picture:
            errand = self._prepare(order, picture.material)
            try:
                with ExitStack() as to_wipe:
                    reading = self._look(errand, picture, to_wipe)
            except CountenanceError as error:
                self._close(errand, {"outcome": "failed", "error": error.code})
                raise
        log = self._close(
            errand, {"outcome": "read", "kind": reading.kind.name, "checks_failed": list(reading.wrong)}
        )
        claims = errand.granted.claims
        return DocumentResult(
            reading=reading,
            age_agrees=_agrees(reading.age_band, order.guest.age_band.value),
            verdict=errand.granted.verdict,
            log=log,
            permit_id=claims.permit_id,
            demo=claims.demo,
        )

    def _require_registered(self, order: DocumentOrder) -> None:
        registrar = self._authority.registrar
        if order.place not in registrar.places():
            raise UnknownPlace("The place isn't registered.")
        if order.device not in registrar.devices():
            raise UnknownDevice("The device isn't registered.")

    def _prepare(self, order: DocumentOrder, material: Material) -> _Errand:
        subject = SubjectId(new_id("sub"))
        record_guest_consent(
            self._authority,
            subject=subject,
            place=order.place,
            purpose=self._purpose,
            consents=order.guest.consents,
            age_band=order.guest.age_band.value,
            language=order.guest.language,
            stated_by=order.guest.stated_by,
            signed=order.guest.signed,
            agreed_to=_AGREED_TO,
        )
        request = ProcessingRequest(
            request_id=RequestId(new_id("req")),
            operations=("capture",),
            purpose=self._purpose,
            place=order.place,
            device=order.device,
            materials=(material,),
            error_target=_NOTHING_IS_COMPARED,
            subject=subject,
            scene=_SCENE,
        )
        granted = self._authority.permit(request, budget=self.BUDGET)
        zone = ZoneInfo(self._authority.registrar.places()[order.place].time_zone)
        today = self._authority.now.astimezone(zone).date()
        return _Errand(order, request, granted, subject, today)

    def _look(self, errand: _Errand, picture: PendingPicture, to_wipe: ExitStack) -> DocumentReading:
        frame = self._capture_door.open(picture, permit=errand.granted.token, request=errand.request)
        to_wipe.callback(frame.wipe)
        reading = self._reader.read(frame, today=errand.today, portrait=errand.order.portrait)
        to_wipe.callback(reading.wipe)
        return reading

    def _close(self, errand: _Errand, entry: Mapping[str, JsonValue]) -> LogReceipt:
        """Write the log's entry and discharge what was done; what can't be done here stays open."""
        claims = errand.granted.claims
        bound = {"permit": claims.permit_id, "request": claims.request_digest, "rule_set": claims.rule_set}
        log = self._store.log.append(
            "document", {**entry, **bound}, subject=errand.subject, purpose=self._purpose
        )
        for duty in claims.duties:
            content: dict[str, JsonValue]
            if duty.key in _DONE:
                content = {"done": _DONE[duty.key]}
            elif duty.key == "processing_log":
                content = {"log_index": log.index, "leaf_hash": log.leaf_hash}
            else:
                continue
            self._authority.discharge(duty.duty_id, content=content, author=_AUTHOR)
        return log


def _agrees(read: ReadAgeBand, stated: str) -> bool | None:
    return None if read is ReadAgeBand.UNKNOWN else read.value == stated
