"""Two photographs compared while a person looks on: the flow of every attended scene."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from countenance.authority import UnknownDevice, UnknownPlace, record_guest_consent
from countenance.decisions import DocumentDemand, Outcome, VerificationOrder
from countenance.kernel import DeviceId, PlaceId, SubjectId, new_id
from countenance.liveness import LivenessNotShown
from countenance.scenes.errors import GuestStatementInvalid
from countenance.scenes.profile import SceneProfile

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.decisions import Decision, FacePreview, VerificationDesk
    from countenance.liveness import LivenessStatement
    from countenance.policy import Verdict
    from countenance.scenes.liveness_gate import LivenessGate
    from countenance.store import LogReceipt

__all__ = ["AgeBand", "AttendedOrder", "AttendedResult", "AttendedVerification", "GuestStatement"]


class AgeBand(StrEnum):
    """How old a guest is, as far as a rule asks."""

    ADULT = "adult"
    FROM_14_TO_17 = "14-17"
    UNDER_14 = "under14"


@dataclass(frozen=True, slots=True)
class GuestStatement:
    """What the guest said, as somebody wrote it down. No member has a default: nobody consents by silence.

    Attributes:
        consents: whether the guest agrees, freely and to this purpose alone, to the comparison.
        age_band: how old the guest is.
        language: of the notice that the guest was given, as a BCP 47 tag such as ``zh`` or ``en``.
        stated_by: who wrote it down: the title of a clerk's key, never the guest's name.
        signed: whether the guest signed a written release as well, which some places ask for. Left out,
            nobody signed; in a demonstration the guest, who doesn't exist, did.

    Raises:
        GuestStatementInvalid: if the language or the author is empty.
    """

    consents: bool
    age_band: AgeBand
    language: str
    stated_by: str
    signed: bool | None = None

    def __post_init__(self) -> None:
        if not self.language.strip() or not self.stated_by.strip():
            msg = "A guest's statement names the language of the notice and who wrote it down."
            raise GuestStatementInvalid(msg)


@dataclass(frozen=True, slots=True)
class AttendedOrder:
    """One attended verification, as the clerk asks for it.

    Attributes:
        document: the encoded picture that the profile calls its reference; left out of ``repr``.
        live: the encoded picture that the profile calls its probe; left out of ``repr``.
        place: the registered place.
        device: the registered device that took the pictures.
        guest: what the guest said.
        liveness: the signed result of a liveness session, where the scene demands one; left out of ``repr``.
    """

    document: bytes = field(repr=False)
    live: bytes = field(repr=False)
    place: PlaceId
    device: DeviceId
    guest: GuestStatement
    liveness: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class AttendedResult:
    """What the clerk gets.

    Attributes:
        decision: the outcome, in words.
        verdict: every rule that was asked.
        receipt: the signed decision as a compact JWS; the guest's.
        log: where the transparency log holds it.
        previews: the aligned faces, for the clerk's eyes; in memory alone.
        subject: the pseudonym of this check-in.
    """

    decision: Decision
    verdict: Verdict
    receipt: str = field(repr=False)
    log: LogReceipt
    previews: tuple[FacePreview, ...] = field(repr=False)
    subject: SubjectId


class AttendedVerification:
    """Carries out one scene profile.

    Args:
        profile: what the scene asks for.
        desk: verifies under a permit.
        authority: takes down what the guest said.
        error_target: the false match rate to keep, where the installation asks for a stricter one than
            the profile; the smaller of both is used.
        gate: checks results of liveness sessions. Without it a scene that demands liveness decides nothing.
    """

    __slots__ = ("_authority", "_desk", "_error_target", "_gate", "profile")

    def __init__(
        self,
        *,
        profile: SceneProfile,
        desk: VerificationDesk,
        authority: AuthorityDesk,
        error_target: float | None = None,
        gate: LivenessGate | None = None,
    ) -> None:
        self.profile = profile
        self._gate = gate
        self._desk = desk
        self._authority = authority
        self._error_target = min(profile.error_target, error_target or profile.error_target)

    def run(self, order: AttendedOrder) -> AttendedResult:
        """See that both files are pictures, take down what the guest said, then verify under a permit.

        Raises:
            RefusedByRule: if the rules say no, a missing consent included.
            DutyOverdue: if an earlier permit's duty at this place is overdue.
            UnknownPlace: if the place isn't registered; nothing is taken down then.
            UnknownDevice: if the device isn't; likewise.
            PictureRefused: if a file isn't a picture within the limits; likewise.
            SamePicture: if both are one picture; likewise.
            AgeBandDisagrees: if the document says another age band than the guest.
            SubjectError: if the document can't be read as the profile asks, or a check of it doesn't hold.
            LivenessNotShown: if the profile demands liveness and no result of a session shows it for this
                decision; nothing is taken down then.
            LivenessStatementRefused: if the result wasn't signed here; likewise.

        A picture that is no photograph of one face gives an inconclusive decision.
        """
        demand = self._demand(order)
        shown = self._shown(order)
        subject = SubjectId(new_id("sub")) if shown is None else shown.binding.subject
        verification = VerificationOrder(
            purpose=self.profile.purpose,
            place=order.place,
            device=order.device,
            subject=subject,
            scene=self.profile.scene_id,
            error_target=self._error_target,
            reference=order.document,
            probe=order.live,
            reference_role=self.profile.reference.role,
            probe_role=self.profile.probe.role,
            document=demand,
            liveness=None if shown is None else int(shown.assurance),
            caller=order.guest.stated_by,
        )
        with self._desk.receive(verification) as received:
            if self._gate is not None and shown is not None:
                self._gate.spend(shown)
            self._take_down(order, subject)
            verified = self._desk.carry_out(received)
        if self._gate is not None and shown is not None and verified.decision.outcome is Outcome.MATCH:
            self._gate.matched(subject)
        return AttendedResult(
            decision=verified.decision,
            verdict=verified.verdict,
            receipt=verified.receipt,
            log=verified.log,
            previews=verified.previews,
            subject=subject,
        )

    def _shown(self, order: AttendedOrder) -> LivenessStatement | None:
        """Return the result that shows liveness; ``None`` where the scene demands none."""
        if self.profile.liveness == 0:
            return None
        if self._gate is None:
            raise LivenessNotShown("this installation holds no sessions")
        return self._gate.check(order.liveness, profile=self.profile, device=order.device, live=order.live)

    def _demand(self, order: AttendedOrder) -> DocumentDemand | None:
        """Return what the profile wants of the document, on the day that it is at the place."""
        places = self._authority.registrar.places()
        if order.place not in places:
            raise UnknownPlace("The place isn't registered.")
        if order.device not in self._authority.registrar.devices():
            raise UnknownDevice("The device isn't registered.")
        if self.profile.document is None:
            return None
        zone = ZoneInfo(places[order.place].time_zone)
        return DocumentDemand(
            need=self.profile.document,
            today=self._authority.now.astimezone(zone).date(),
            stated_age=order.guest.age_band.value,
            says=frozenset(self.profile.document_says),
            takes_expired=self.profile.expired_document == "warn",
        )

    def _take_down(self, order: AttendedOrder, subject: SubjectId) -> None:
        """File what the guest said, under the pseudonym of this check-in."""
        record_guest_consent(
            self._authority,
            subject=subject,
            place=order.place,
            purpose=self.profile.purpose,
            consents=order.guest.consents,
            age_band=order.guest.age_band.value,
            language=order.guest.language,
            stated_by=order.guest.stated_by,
            signed=order.guest.signed,
        )
