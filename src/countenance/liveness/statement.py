"""The signed result of a session: what was found, for whom and for what, and how long a decision may use it.

Rules of this module:

* It holds no measurement and no picture. It names by digest the frames in which the person looked straight
  ahead, so that a decision takes one of exactly these as its live photograph and no other.
* It counts for the person, the purpose and the device of the session, once, and for a short time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from countenance.kernel import (
    DeviceId,
    EvidenceError,
    Material,
    PermitId,
    PurposeId,
    Signer,
    SubjectId,
    require_utc,
)
from countenance.liveness.assurance import Assurance, Cue, Finding, Outcome, Species, assurance_of
from countenance.liveness.challenge import Binding
from countenance.liveness.errors import LivenessNotShown

__all__ = [
    "GOOD_FOR_SECONDS",
    "LIVENESS_KIND",
    "LivenessStatement",
    "LivenessStatementRefused",
    "check_statement",
    "sign_statement",
]

LIVENESS_KIND: Final = "countenance-liveness+jws"
"""The ``typ`` of its header."""

GOOD_FOR_SECONDS: Final = 120.0
"""How long a decision may rest on a session: whoever was there two minutes ago may have left."""


class LivenessStatementRefused(EvidenceError):
    """The text isn't a result of a liveness session that this installation signed."""

    code = "liveness-statement-refused"
    default_remedy = "Present the result exactly as it was issued, to the installation that issued it."


@dataclass(frozen=True, slots=True)
class LivenessStatement:
    """What a session found.

    Attributes:
        result_id: names the result; it is used once.
        binding: for whom, for what, on which device and under which permit.
        outcome: bona fide, attack suspected or inconclusive.
        species: the kinds of attack suspected.
        confirmed: what was confirmed.
        found_at: when, UTC, to the second.
        frames: digests of the frames in which the person looked straight ahead; none unless bona fide.
            Left out of ``repr``.
        demo: whether it rests on DEMO evidence.
    """

    result_id: str
    binding: Binding
    outcome: Outcome
    species: tuple[Species, ...]
    confirmed: frozenset[Cue]
    found_at: datetime
    frames: tuple[Material, ...] = field(repr=False)
    demo: bool

    @classmethod
    def of(
        cls,
        finding: Finding,
        *,
        result_id: str,
        binding: Binding,
        found_at: datetime,
        frames: tuple[Material, ...],
        demo: bool,
    ) -> LivenessStatement:
        """Return the statement of a finding; frames are named by one that is bona fide alone."""
        return cls(
            result_id=result_id,
            binding=binding,
            outcome=finding.outcome,
            species=finding.species,
            confirmed=finding.confirmed,
            found_at=require_utc(found_at).replace(microsecond=0),
            frames=frames if finding.outcome is Outcome.BONA_FIDE else (),
            demo=demo,
        )

    @property
    def assurance(self) -> Assurance:
        """The level that was reached."""
        return assurance_of(self.confirmed)

    @property
    def good_until(self) -> datetime:
        """From when on no decision may rest on it."""
        return self.found_at + timedelta(seconds=GOOD_FOR_SECONDS)

    def require(
        self,
        *,
        subject: SubjectId,
        purpose: PurposeId,
        device: DeviceId,
        live: Material,
        level: Assurance,
        now: datetime,
    ) -> None:
        """See that a decision may rest on this result. That it is used once is for whoever keeps count.

        Args:
            subject: whom the decision is about.
            purpose: what it is for.
            device: which device took the live photograph.
            live: digest of the live photograph.
            level: what the purpose demands.
            now: the time.

        Raises:
            LivenessNotShown: if anything of it differs, or it is too old, or the level wasn't reached. The
                message says which.
        """
        binding = self.binding
        differing = (
            (self.outcome is not Outcome.BONA_FIDE, "it wasn't found to be a bona fide presentation"),
            (binding.subject != subject, "it was for another person"),
            (binding.purpose != purpose, "it was for another purpose"),
            (binding.device != device, "it was on another device"),
            (live not in self.frames, "the live photograph isn't one of its frames"),
            (not self.found_at <= require_utc(now) < self.good_until, "it is too old"),
            (self.assurance < level, "it didn't reach the level that the purpose demands"),
        )
        for differs, words in differing:
            if differs:
                raise LivenessNotShown(words)

    def to_claims(self) -> dict[str, object]:
        """Return the claims that are signed."""
        return {
            "id": self.result_id,
            "sub": self.binding.subject,
            "pur": self.binding.purpose,
            "dev": self.binding.device,
            "prm": self.binding.permit,
            "out": self.outcome.value,
            "spc": [species.value for species in self.species],
            "cue": sorted(cue.value for cue in self.confirmed),
            "lvl": int(self.assurance),
            "iat": int(self.found_at.timestamp()),
            "exp": int(self.good_until.timestamp()),
            "frm": list(self.frames),
            "demo": self.demo,
        }

    @classmethod
    def from_claims(cls, claims: Mapping[str, object]) -> LivenessStatement:
        """Read claims back. Call it only on claims whose signature was verified.

        Raises:
            LivenessStatementRefused: if a member is missing or of another type.
        """
        try:
            return cls(
                result_id=str(claims["id"]),
                binding=Binding(
                    subject=SubjectId(str(claims["sub"])),
                    purpose=PurposeId(str(claims["pur"])),
                    device=DeviceId(str(claims["dev"])),
                    permit=PermitId(str(claims["prm"])),
                ),
                outcome=Outcome(str(claims["out"])),
                species=tuple(Species(each) for each in claims["spc"]),  # type: ignore[attr-defined]
                confirmed=frozenset(Cue(each) for each in claims["cue"]),  # type: ignore[attr-defined]
                found_at=datetime.fromtimestamp(int(claims["iat"]), UTC),  # type: ignore[call-overload]
                frames=tuple(Material(str(each)) for each in claims["frm"]),  # type: ignore[attr-defined]
                demo=bool(claims["demo"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            msg = "The result's claims don't have the form that this version writes."
            raise LivenessStatementRefused(msg) from error


def sign_statement(signer: Signer, statement: LivenessStatement) -> str:
    """Return the result as a compact JWS."""
    return signer.sign(statement.to_claims(), kind=LIVENESS_KIND)


def check_statement(signer: Signer, token: str) -> LivenessStatement:
    """Return what a result says.

    Args:
        signer: the signer of the installation that issued it.
        token: the result as it was issued; white space around it is ignored.

    Raises:
        LivenessStatementRefused: if it isn't a result that this signer signed.
    """
    try:
        claims = signer.verify(token.strip(), kind=LIVENESS_KIND)
    except EvidenceError as error:
        msg = "This is not a result of a liveness session that this installation signed."
        raise LivenessStatementRefused(msg) from error
    return LivenessStatement.from_claims(claims)
