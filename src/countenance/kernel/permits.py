"""The permit: what a yes of the rules yields, and what every door asks for.

Rules kept here:

* A permit is bound to one :class:`ProcessingRequest` by its digest: same operations, purpose, place,
  device, inputs. Another photograph is another request.
* It is counted: each door may be passed a stated number of times.
* It names the evidence it rests on; when one of these records is withdrawn, the permit is void.
* A door never decides. It states its :class:`Passage` and asks the injected
  :class:`PermitVerifier`, which raises one of the errors below or returns the claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType, Protocol

from countenance.kernel.canonical import canonical_sha256
from countenance.kernel.errors import EvidenceError
from countenance.kernel.ids import (
    DeploymentId,
    DeviceId,
    DutyId,
    EvidenceId,
    Material,
    PermitId,
    PlaceId,
    PurposeId,
    RequestId,
    SubjectId,
)

__all__ = [
    "Door",
    "DutyClaim",
    "EvidenceClaim",
    "Passage",
    "PermitAltered",
    "PermitClaims",
    "PermitExpired",
    "PermitNotForThis",
    "PermitRefused",
    "PermitRevoked",
    "PermitSpent",
    "PermitToken",
    "PermitVerifier",
    "ProcessingRequest",
]

PermitToken = NewType("PermitToken", str)
"""A permit as it travels: a compact JWS."""


class Door(StrEnum):
    """The places in the code that can't be passed without a permit."""

    CAPTURE = "capture"
    EXTRACT = "extract"
    COMPARE = "compare"
    ANALYSE = "analyse"
    ENROL = "enrol"


@dataclass(frozen=True, slots=True)
class ProcessingRequest:
    """What somebody asks to do, completely: the thing that is judged, permitted and carried out.

    Attributes:
        request_id: fresh for every request, so that no permit serves twice.
        operations: the operations asked for, such as ``("capture", "verify")``; sorted, not empty.
        purpose: the stored purpose that it serves.
        place: the stored place at which it happens.
        device: the stored device that takes the pictures.
        materials: SHA-256 of every input that may be used; sorted.
        error_target: the false match rate asked for, in (0, 1).
        subject: the pseudonym of the person concerned, where there is one.
        scene: the scene profile that is carried out, where there is one.
    """

    request_id: RequestId
    operations: tuple[str, ...]
    purpose: PurposeId
    place: PlaceId
    device: DeviceId
    materials: tuple[Material, ...]
    error_target: float
    subject: SubjectId | None = None
    scene: str | None = None

    def __post_init__(self) -> None:
        if not self.operations or tuple(sorted(set(self.operations))) != self.operations:
            msg = "operations are stated once each, sorted, and there is at least one"
            raise ValueError(msg)
        if tuple(sorted(set(self.materials))) != self.materials:
            msg = "materials are stated once each and sorted"
            raise ValueError(msg)
        if not 0.0 < self.error_target < 1.0:
            msg = "the error target is a rate between 0 and 1, both excluded"
            raise ValueError(msg)

    def digest(self) -> str:
        """Return the SHA-256 of the request's canonical JSON; what a permit is bound to."""
        return canonical_sha256(
            {
                "device": self.device,
                "error_target": self.error_target,
                "materials": list(self.materials),
                "operations": list(self.operations),
                "place": self.place,
                "purpose": self.purpose,
                "request_id": self.request_id,
                "scene": self.scene,
                "subject": self.subject,
            }
        )


@dataclass(frozen=True, slots=True)
class EvidenceClaim:
    """One record that a permit rests on: which key it satisfies, which record, what it held."""

    key: str
    evidence_id: EvidenceId
    content_hash: str


@dataclass(frozen=True, slots=True)
class DutyClaim:
    """Something that must be done after the act, and until when."""

    duty_id: DutyId
    key: str
    rule: str
    due: datetime


@dataclass(frozen=True, slots=True)
class PermitClaims:
    """What a permit says.

    Attributes:
        permit_id: its identifier.
        deployment: the installation that issued it; no other accepts it.
        operations: what may be done.
        purpose: for what.
        place: where.
        device: with what.
        request_digest: the one request that it is for.
        budget: how many times each door may be passed.
        largest_gallery: how many people may be searched; 0 means none (verification only).
        error_target: the false match rate that the decision must keep.
        rule_set: hash of the rule packs that said yes.
        epoch: the number of changes that the evidence had seen when the permit was signed.
        evidence: the records that it rests on.
        duties: what it obliges to.
        issued_at: from when it holds, UTC.
        not_after: the moment after which it is expired, UTC.
        house_rules_only: whether no pack of law but the house's own rules was applied.
        demo: whether it rests on DEMO evidence, and so says nothing about a real person.
    """

    permit_id: PermitId
    deployment: DeploymentId
    operations: tuple[str, ...]
    purpose: PurposeId
    place: PlaceId
    device: DeviceId
    request_digest: str
    budget: Mapping[Door, int]
    largest_gallery: int
    error_target: float
    rule_set: str
    epoch: int
    evidence: tuple[EvidenceClaim, ...]
    duties: tuple[DutyClaim, ...]
    issued_at: datetime
    not_after: datetime
    house_rules_only: bool
    demo: bool

    def to_claims(self) -> dict[str, object]:
        """Return the claims as plain JSON values, for signing."""
        return {
            "permit_id": self.permit_id,
            "deployment": self.deployment,
            "operations": list(self.operations),
            "purpose": self.purpose,
            "place": self.place,
            "device": self.device,
            "request_digest": self.request_digest,
            "budget": {door.value: count for door, count in self.budget.items()},
            "largest_gallery": self.largest_gallery,
            "error_target": self.error_target,
            "rule_set": self.rule_set,
            "epoch": self.epoch,
            "evidence": [[e.key, e.evidence_id, e.content_hash] for e in self.evidence],
            "duties": [[d.duty_id, d.key, d.rule, d.due.isoformat()] for d in self.duties],
            "issued_at": self.issued_at.isoformat(),
            "not_after": self.not_after.isoformat(),
            "house_rules_only": self.house_rules_only,
            "demo": self.demo,
        }

    @classmethod
    def from_claims(cls, claims: Mapping[str, object]) -> PermitClaims:
        """Read claims back. Call it only on claims whose signature was verified.

        Raises:
            PermitAltered: if a member is missing or of another type.
        """
        try:
            return cls(
                permit_id=PermitId(str(claims["permit_id"])),
                deployment=DeploymentId(str(claims["deployment"])),
                operations=tuple(claims["operations"]),  # type: ignore[arg-type]
                purpose=PurposeId(str(claims["purpose"])),
                place=PlaceId(str(claims["place"])),
                device=DeviceId(str(claims["device"])),
                request_digest=str(claims["request_digest"]),
                budget={Door(k): int(v) for k, v in claims["budget"].items()},  # type: ignore[attr-defined]
                largest_gallery=int(claims["largest_gallery"]),  # type: ignore[call-overload]
                error_target=float(claims["error_target"]),  # type: ignore[arg-type]
                rule_set=str(claims["rule_set"]),
                epoch=int(claims["epoch"]),  # type: ignore[call-overload]
                evidence=tuple(EvidenceClaim(*row) for row in claims["evidence"]),  # type: ignore[attr-defined]
                duties=tuple(
                    DutyClaim(DutyId(i), key, rule, datetime.fromisoformat(due))
                    for i, key, rule, due in claims["duties"]  # type: ignore[attr-defined]
                ),
                issued_at=datetime.fromisoformat(str(claims["issued_at"])),
                not_after=datetime.fromisoformat(str(claims["not_after"])),
                house_rules_only=bool(claims["house_rules_only"]),
                demo=bool(claims["demo"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            msg = "The permit's claims don't have the form that this version writes."
            raise PermitAltered(msg) from error


@dataclass(frozen=True, slots=True)
class Passage:
    """What a door is about to do, in the door's own words.

    Attributes:
        door: which door asks.
        operation: the operation that the door serves, such as ``verify``.
        request: the request being carried out.
        material: the input at hand, where the door handles exactly one.
    """

    door: Door
    operation: str
    request: ProcessingRequest
    material: Material | None = None


class PermitRefused(EvidenceError):
    """A permit didn't open the door. One subclass for each reason."""

    code = "permit-refused"
    default_remedy = "Ask for a new permit for exactly what is to be done."


class PermitAltered(PermitRefused):
    """The signature, the form, the kind or the issuer isn't right."""

    code = "permit-altered"
    default_remedy: ClassVar[str] = "Use the permit as it was issued, in the installation that issued it."


class PermitExpired(PermitRefused):
    """Its time is over, or hasn't begun."""

    code = "permit-expired"


class PermitSpent(PermitRefused):
    """This door has been passed as often as the permit allows."""

    code = "permit-spent"


class PermitNotForThis(PermitRefused):
    """It was issued for another purpose, operation, place, device, input or request."""

    code = "permit-not-for-this"


class PermitRevoked(PermitRefused):
    """Evidence that it rests on was withdrawn or has run out."""

    code = "permit-revoked"
    default_remedy = "Supply the evidence again, then ask for a new permit."


class PermitVerifier(Protocol):
    """Decides whether a permit opens a door. Implemented by ``authority``; injected into doors."""

    def admit(self, token: PermitToken, passage: Passage) -> PermitClaims:
        """Count one passage through the door and return what the permit says.

        Raises:
            PermitRefused: one of its subclasses, and nothing was counted.
        """
        ...
