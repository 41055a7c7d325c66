"""The receipt: a signed statement of one decision that its holder can check and appeal with.

Rules kept here:

* It names no person and holds nothing measured from a face.
* It says what was decided, when, for what, where, under which permit and rules, with which stated
  error and models, where it stands in the log, and how to appeal.
* It is small: names of members are short, digests are base64url, so that it fits a QR code.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from countenance.decisions.decision import Assurance, Decision, Outcome
from countenance.kernel import DecisionId, EvidenceError, PermitId, PlaceId, PurposeId, Signer

__all__ = ["APPEAL", "RECEIPT_KIND", "Receipt", "ReceiptRefused", "check_receipt", "sign_receipt"]

RECEIPT_KIND = "countenance-receipt+jws"

APPEAL = "Wrong? Show this at the desk: a person decides anew."


class ReceiptRefused(EvidenceError):
    """The text isn't a receipt that this installation signed."""

    code = "receipt-refused"
    default_remedy = "Present the receipt exactly as it was issued, to the installation that issued it."


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says.

    Attributes:
        decision_id: the decision.
        outcome: how it ended.
        decided_at: when, UTC, to the second.
        purpose: for what.
        place: where.
        permit_id: under which permit.
        rule_set: SHA-256 of the rule packs, hexadecimal.
        asked: the false match rate asked for.
        fmr: the one measured at the threshold.
        low: lower end of its 95 % interval.
        high: upper end.
        table: label of the error table, such as ``development``.
        models: ids of the networks whose output was used.
        assurance: what stands behind the decision besides the comparison.
        demo: whether it rests on DEMO evidence.
        log_index: the entry's number in the transparency log.
        leaf_hash: the entry's leaf hash, hexadecimal.
        document: what was read of the document, in a clause; ``None`` where there was none.
        appeal: how to appeal, in words.
        people: of a search, how many were searched; the rates are those of falsely naming a stranger then
            (FPIR), and ``fmr`` is the predicted one. ``None`` for a comparison.
    """

    decision_id: DecisionId
    outcome: Outcome
    decided_at: datetime
    purpose: PurposeId
    place: PlaceId
    permit_id: PermitId
    rule_set: str
    asked: float
    fmr: float
    low: float
    high: float
    table: str
    models: tuple[str, ...]
    assurance: Assurance
    demo: bool
    log_index: int
    leaf_hash: str
    document: str | None = None
    appeal: str = APPEAL
    people: int | None = None

    @classmethod
    def of(
        cls, decision: Decision, *, purpose: PurposeId, place: PlaceId, log_index: int, leaf_hash: str
    ) -> Receipt:
        """Return the receipt of a decision."""
        stated = decision.stated_error
        return cls(
            decision_id=decision.decision_id,
            outcome=decision.outcome,
            decided_at=decision.decided_at.replace(microsecond=0),
            purpose=purpose,
            place=place,
            permit_id=decision.permit_id,
            rule_set=decision.rule_set,
            asked=stated.asked,
            fmr=stated.fmr,
            low=stated.low,
            high=stated.high,
            table=stated.label,
            models=decision.models,
            assurance=decision.assurance,
            demo=decision.demo,
            log_index=log_index,
            leaf_hash=leaf_hash,
            document=None if decision.document is None else decision.document.brief,
        )

    def to_claims(self) -> dict[str, object]:
        """Return the short claims that are signed."""
        document = {} if self.document is None else {"doc": self.document}
        searched = {} if self.people is None else {"n": self.people}
        return {
            **document,
            **searched,
            "id": self.decision_id,
            "out": self.outcome.value,
            "iat": int(self.decided_at.timestamp()),
            "pur": self.purpose,
            "plc": self.place,
            "prm": self.permit_id,
            "rul": _short(self.rule_set),
            "err": [self.asked, self.fmr, self.low, self.high, self.table],
            "mod": list(self.models),
            "asr": self.assurance.value,
            "demo": self.demo,
            "log": [self.log_index, _short(self.leaf_hash)],
            "app": self.appeal,
        }

    @classmethod
    def from_claims(cls, claims: Mapping[str, object]) -> Receipt:
        """Read claims back. Call it only on claims whose signature was verified.

        Raises:
            ReceiptRefused: if a member is missing or of another type.
        """
        try:
            asked, fmr, low, high, table = claims["err"]  # type: ignore[misc]
            log_index, leaf_hash = claims["log"]  # type: ignore[misc]
            return cls(
                decision_id=DecisionId(str(claims["id"])),
                outcome=Outcome(str(claims["out"])),
                decided_at=datetime.fromtimestamp(int(claims["iat"]), UTC),  # type: ignore[call-overload]
                purpose=PurposeId(str(claims["pur"])),
                place=PlaceId(str(claims["plc"])),
                permit_id=PermitId(str(claims["prm"])),
                rule_set=_long(str(claims["rul"])),
                asked=float(asked),  # type: ignore[has-type]
                fmr=float(fmr),  # type: ignore[has-type]
                low=float(low),  # type: ignore[has-type]
                high=float(high),  # type: ignore[has-type]
                table=str(table),  # type: ignore[has-type]
                models=tuple(str(model) for model in claims["mod"]),  # type: ignore[attr-defined]
                assurance=Assurance(str(claims["asr"])),
                demo=bool(claims["demo"]),
                log_index=int(log_index),  # type: ignore[has-type]
                leaf_hash=_long(str(leaf_hash)),  # type: ignore[has-type]
                document=str(claims["doc"]) if "doc" in claims else None,
                appeal=str(claims["app"]),
                people=int(str(claims["n"])) if "n" in claims else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            msg = "The receipt's claims don't have the form that this version writes."
            raise ReceiptRefused(msg) from error


def sign_receipt(signer: Signer, receipt: Receipt) -> str:
    """Return the receipt as a compact JWS."""
    return signer.sign(receipt.to_claims(), kind=RECEIPT_KIND)


def check_receipt(signer: Signer, token: str) -> Receipt:
    """Return what a receipt says.

    Args:
        signer: the signer of the installation that issued it.
        token: the receipt as it was issued; white space around it is ignored.

    Raises:
        ReceiptRefused: if it isn't a receipt that this signer signed.
    """
    try:
        claims = signer.verify(token.strip(), kind=RECEIPT_KIND)
    except EvidenceError as error:
        msg = "This is not a receipt that this installation signed."
        raise ReceiptRefused(msg) from error
    return Receipt.from_claims(claims)


def _short(hexadecimal: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(hexadecimal)).decode("ascii").rstrip("=")


def _long(short: str) -> str:
    try:
        return base64.urlsafe_b64decode(short + "=" * (-len(short) % 4)).hex()
    except binascii.Error as error:
        msg = "a digest in the receipt isn't base64url"
        raise ValueError(msg) from error
