"""Two photographs compared while a person looks on: the flow of every attended scene."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from countenance.kernel import DeviceId, PlaceId, SubjectId
from countenance.scenes.errors import GuestStatementInvalid
from countenance.scenes.profile import SceneProfile

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.decisions import Decision, FacePreview, VerificationDesk
    from countenance.kernel import Clock
    from countenance.policy import Verdict
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
        language: the language of the notice that the guest was given, as a BCP 47 tag such as ``zh`` or ``en``.
        stated_by: who wrote it down: the title of a clerk's key, never the guest's name.

    Raises:
        GuestStatementInvalid: if the language or the author is empty.
    """

    consents: bool
    age_band: AgeBand
    language: str
    stated_by: str

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
    """

    document: bytes = field(repr=False)
    live: bytes = field(repr=False)
    place: PlaceId
    device: DeviceId
    guest: GuestStatement


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
        clock: the time.
        error_target: the false match rate to keep, where the installation asks for a stricter one than
            the profile; the smaller of both is used.
    """

    __slots__ = ("_authority", "_clock", "_desk", "_error_target", "profile")

    def __init__(
        self,
        *,
        profile: SceneProfile,
        desk: VerificationDesk,
        authority: AuthorityDesk,
        clock: Clock,
        error_target: float | None = None,
    ) -> None:
        self.profile = profile
        self._desk = desk
        self._authority = authority
        self._clock = clock
        self._error_target = min(profile.error_target, error_target or profile.error_target)

    def run(self, order: AttendedOrder) -> AttendedResult:
        """Take down what the guest said, then verify under a permit.

        Raises:
            RefusedByRule: if the rules say no, a missing consent included.
            DutyOverdue: if an earlier permit's duty at this place is overdue.
            CallerError: if a picture can't be used or the place or device isn't registered.
        """
        raise NotImplementedError
