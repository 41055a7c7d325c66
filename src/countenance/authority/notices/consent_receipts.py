"""The receipt of a consent: its record in the shape of ISO/IEC TS 27560:2023, signed; and the way back.

Rules kept here:

* A receipt is about one consent to one purpose, and names a pseudonym. What isn't on file is ``null``, and
  is never filled with what would usually be so.
* The way back is a token of its own: it withdraws this one consent and does nothing else. It isn't part of
  the receipt, so a receipt can be shown without handing it out.
* Both are checked with the public key alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from countenance.authority.notices.errors import DocumentAltered
from countenance.authority.notices.linked_data import term
from countenance.authority.notices.signed import Verifier, check_document, sign_document
from countenance.authority.records import Consent
from countenance.kernel import EvidenceError, PurposeId, Signer, SubjectId, require_utc
from countenance.kernel.canonical import JsonValue

__all__ = [
    "CONSENT_RECEIPT_KIND",
    "WITHDRAWAL_KIND",
    "ConsentTold",
    "WithdrawalToken",
    "check_consent_receipt",
    "read_withdrawal_token",
    "sign_consent_receipt",
    "sign_withdrawal_token",
]

CONSENT_RECEIPT_KIND: Final = "countenance-consent-receipt+jws"
"""The ``typ`` of a consent receipt's JWS header."""
WITHDRAWAL_KIND: Final = "countenance-withdrawal+jws"
"""The ``typ`` of a withdrawal token's JWS header."""
_LONGEST_TOKEN: Final = 4_000


@dataclass(frozen=True, slots=True)
class ConsentTold:
    """What else is on file that a receipt says; ``None`` or empty where it isn't.

    Attributes:
        subject: whose consent, by pseudonym.
        deployment: which deployment keeps it.
        demo: whether it is a demonstration's.
        purpose_term: the purpose's term of the DPV.
        keeper: who keeps the data: the organisation.
        retention: how long what is kept.
        withdrawal: how it is withdrawn.
        rights: the person's rights.
        storage: where the disks are.
        place: where it was given.
        assessment: the assessment that stands behind the processing.
    """

    subject: SubjectId
    deployment: str
    demo: bool
    purpose_term: str
    keeper: str | None = None
    retention: str | None = None
    withdrawal: str | None = None
    rights: str | None = None
    storage: tuple[str, ...] = ()
    place: str | None = None
    assessment: str | None = None


@dataclass(frozen=True, slots=True)
class WithdrawalToken:
    """What a withdrawal token lets its bearer do: take back this one consent.

    Attributes:
        consent_id: which consent.
        subject: whose, by pseudonym.
        purpose: to which purpose.
    """

    consent_id: str
    subject: SubjectId
    purpose: PurposeId


def sign_consent_receipt(
    signer: Signer, consent: Consent, told: ConsentTold, *, issued_at: datetime
) -> dict[str, JsonValue]:
    """Return the receipt of a consent, signed.

    Args:
        signer: the deployment's.
        consent: as it is on file.
        told: what else is on file.
        issued_at: when the receipt is issued, aware.
    """
    controllers = list(consent.pii_controllers) or ([told.keeper] if told.keeper else [])
    purpose: dict[str, JsonValue] = {
        "purpose": consent.purpose,
        "type": term(told.purpose_term),
        "lawful_basis": "dpv:ExplicitlyExpressedConsent" if consent.explicit else "ctn:Consent",
        "pii_information": [term(each) for each in consent.pii_information],
        "pii_controllers": list(controllers),
        "collection_method": consent.method.value,
        "processing_method": consent.processing_method,
        "storage_locations": list(told.storage) or None,
        "retention_period": consent.retention_period or told.retention,
        "processing_locations": [told.place] if told.place else None,
        "jurisdiction": consent.jurisdiction,
        "recipients": list(consent.recipients),
        "withdrawal_method": consent.withdrawal_method or told.withdrawal,
        "privacy_rights": told.rights,
        "impact_assessment": told.assessment,
    }
    content: dict[str, JsonValue] = {
        "schema_version": consent.schema_version,
        "type": "dpv:ConsentReceipt",
        "record_id": consent.consent_id,
        "pii_principal_id": told.subject,
        "deployment": told.deployment,
        "demo": told.demo,
        "issued": require_utc(issued_at).isoformat(timespec="seconds"),
        "notice": consent.notice_id,
        "notice_version": consent.notice_version,
        "language": consent.language,
        "hash": consent.notice_sha256,
        "separate": consent.separate,
        "given": consent.given,
        "purposes": [purpose],
        "party_identification": [
            {"party_id": controller, "party_role": "pii_controller"} for controller in controllers
        ],
        "event": [
            {
                "time": require_utc(consent.given_at).isoformat(timespec="seconds"),
                "validity": None
                if consent.expires_at is None
                else require_utc(consent.expires_at).isoformat(timespec="seconds"),
                "type": "explicit" if consent.explicit else "not explicit",
                "state": "dpv:ConsentGiven",
            }
        ],
    }
    return sign_document(signer, content, kind=CONSENT_RECEIPT_KIND)


def check_consent_receipt(verifier: Verifier, document: Mapping[str, object]) -> Mapping[str, Any]:
    """Return what a consent's receipt says, if it is as it was signed.

    Raises:
        DocumentAltered: naming the member that isn't.
    """
    return check_document(verifier, document, kind=CONSENT_RECEIPT_KIND)


def sign_withdrawal_token(signer: Signer, token: WithdrawalToken) -> str:
    """Return the token as a compact JWS, short enough for a QR code."""
    claims = {"cns": token.consent_id, "sub": token.subject, "pur": token.purpose}
    return signer.sign(claims, kind=WITHDRAWAL_KIND)


def read_withdrawal_token(verifier: Verifier, text: str) -> WithdrawalToken:
    """Return what a token lets its bearer do.

    Raises:
        DocumentAltered: if it isn't a withdrawal token of this deployment.
    """
    msg = "This isn't a token that takes a consent back here."
    if len(text) > _LONGEST_TOKEN:
        raise DocumentAltered(msg)
    try:
        claims = verifier.verify(text.strip(), kind=WITHDRAWAL_KIND)
    except EvidenceError:
        raise DocumentAltered(msg) from None
    if set(claims) != {"cns", "sub", "pur"}:
        raise DocumentAltered(msg)
    return WithdrawalToken(str(claims["cns"]), SubjectId(str(claims["sub"])), PurposeId(str(claims["pur"])))
