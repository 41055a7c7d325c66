"""Somebody at a door is searched for among those who are enrolled: the flow.

Rules kept here are those of the attended scenes: a fresh pseudonym for every visit, nothing taken down before
it is known that the search can be stated, and no default for what the person said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from countenance.authority import UnknownDevice, UnknownPlace, record_guest_consent
from countenance.decisions import IdentificationOrder
from countenance.kernel import DeviceId, PlaceId, PurposeId, SubjectId, new_id
from countenance.scenes.attended import GuestStatement

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.decisions import IdentificationDesk, Identified
    from countenance.liveness import PersonShown

__all__ = ["IdentificationFlow", "VisitOrder", "VisitResult"]

_SEARCH: Final = ("search", "one search for one photograph among those who are enrolled for this purpose")
"""What a visitor agrees to: the act in a word, and the method."""


@dataclass(frozen=True, slots=True)
class VisitOrder:
    """One search, as the clerk asks for it.

    Attributes:
        probe: the encoded picture. Left out of ``repr``.
        purpose: the registered purpose for which people are enrolled.
        place: the registered place.
        device: the registered device that took the picture.
        fpir: the false positive identification rate to keep; the installation's own where that is smaller,
            or nothing is asked.
        guest: what the visitor said.
        automatic: whether it is to be acted on without a person.
        scene: the scene profile that is carried out, where there is one.
        shown: that the picture is of a person who is there; streets and gates demand it.
    """

    probe: bytes = field(repr=False)
    purpose: PurposeId
    place: PlaceId
    device: DeviceId
    guest: GuestStatement
    fpir: float | None = None
    automatic: bool = False
    scene: str | None = None
    shown: PersonShown | None = None


@dataclass(frozen=True, slots=True, eq=False)
class VisitResult:
    """What the clerk gets.

    Attributes:
        identified: the decision, verdict, receipt, place in the log and the preview.
        subject: the pseudonym of this visit.
    """

    identified: Identified
    subject: SubjectId


class IdentificationFlow:
    """Carries out searches.

    Args:
        desk: searches under a permit.
        authority: takes down what the visitor said.
        fpir: the installation's own false positive identification rate.
    """

    __slots__ = ("_authority", "_desk", "fpir")

    def __init__(self, *, desk: IdentificationDesk, authority: AuthorityDesk, fpir: float) -> None:
        self._desk = desk
        self._authority = authority
        self.fpir = fpir

    def run(self, order: VisitOrder) -> VisitResult:
        """See that the search can be stated, take down what the visitor said, then search under a permit.

        Raises:
            UnknownPlace: if the place isn't registered; nothing is taken down then.
            UnknownDevice: if the device isn't; likewise.
            GalleryEmpty, FpirNotOffered, GalleryBeyondEvidence, PictureRefused: likewise.
            NotShownToBeAPerson: likewise, at a street or a gate.
            RefusedByRule: if the rules say no, a missing consent included.
            DutyOverdue: if an earlier permit's duty at this place is overdue.

        A picture that is no photograph of one face gives an inconclusive decision.
        """
        register, guest = self._authority.registrar, order.guest
        if order.place not in register.places():
            raise UnknownPlace("The place isn't registered.")
        if order.device not in register.devices():
            raise UnknownDevice("The device isn't registered.")
        subject = SubjectId(new_id("sub"))
        search = IdentificationOrder(
            purpose=order.purpose,
            place=order.place,
            device=order.device,
            subject=subject,
            fpir=self.fpir if order.fpir is None else min(self.fpir, order.fpir),
            probe=order.probe,
            automatic=order.automatic,
            scene=order.scene,
            caller=guest.stated_by,
            shown=order.shown,
        )
        with self._desk.receive(search) as received:
            record_guest_consent(
                self._authority,
                subject=subject,
                place=order.place,
                purpose=order.purpose,
                consents=guest.consents,
                age_band=guest.age_band.value,
                language=guest.language,
                stated_by=guest.stated_by,
                signed=guest.signed,
                agreed_to=_SEARCH,
            )
            return VisitResult(self._desk.carry_out(received), subject)
