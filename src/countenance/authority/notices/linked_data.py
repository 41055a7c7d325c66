"""A notice as JSON-LD, with terms of the Data Privacy Vocabulary (W3C DPV 2.3) where it has them.

Rules kept here:

* A term of the DPV is used where its list has it; for what it hasn't (a crowd count, a notice that isn't
  about consent) a term of the namespace ``ctn:`` stands, and nothing is bent to fit.
* The version of a notice is the SHA-256 of the canonical JSON of all that it says; the same text in another
  version is another notice.
* A notice with a gap is never signed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from countenance.authority.notices.contents import LANGUAGES, NoticeDraft, Part
from countenance.authority.notices.errors import DocumentAltered, NoticeHasGaps
from countenance.authority.notices.signed import PROOF, Verifier, check_document, sign_document
from countenance.authority.records import Notice, Pictogram
from countenance.kernel import Signer, canonical_sha256, require_utc
from countenance.kernel.canonical import JsonValue

__all__ = [
    "DPV_TERMS",
    "NOTICE_KIND",
    "SignedNotice",
    "check_notice",
    "notice_of",
    "sign_notice",
    "term",
]

NOTICE_KIND: Final = "countenance-notice+jws"
"""The ``typ`` of a notice's JWS header."""
OWN: Final = "urn:countenance:terms:"

DPV_TERMS: Final = frozenset(
    {
        "ai:BiometricCategorisation",
        "ai:BiometricEmotionRecognition",
        "ai:BiometricIdentification",
        "ai:FaceRecognition",
        "dpv:ConsentExpired",
        "dpv:ConsentGiven",
        "dpv:ConsentNotice",
        "dpv:ConsentReceipt",
        "dpv:ConsentRecord",
        "dpv:ConsentRefused",
        "dpv:ConsentWithdrawn",
        "dpv:Counterterrorism",
        "dpv:EnforceAccessControl",
        "dpv:ExplicitlyExpressedConsent",
        "dpv:FraudPreventionAndDetection",
        "dpv:HumanInvolvementForVerification",
        "dpv:IdentityAuthentication",
        "dpv:IdentityVerification",
        "dpv:Profiling",
        "dpv:RightExerciseActivity",
        "dpv:StorageDuration",
        "dpv:TargetedAdvertising",
        "pd:Biometric",
        "pd:FacialExpression",
        "pd:FacialPrint",
    }
)
"""The terms of the DPV that this package may write; looked up in DPV 2.3 of 2026-02-28."""

_CONTEXT: Final[dict[str, JsonValue]] = {
    "@vocab": OWN,
    "ctn": OWN,
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "ai": "https://w3id.org/dpv/ai#",
    "texts": {"@id": "ctn:texts", "@container": "@index"},
}
_PROCESSING: Final[Mapping[Pictogram, dict[str, JsonValue]]] = {
    Pictogram.VERIFY: {
        "@type": "ctn:FaceVerification",
        "technology": {"@type": "ai:FaceRecognition"},
        "data": [{"@type": "pd:FacialPrint"}],
    },
    Pictogram.IDENTIFY: {
        "@type": "ai:BiometricIdentification",
        "technology": {"@type": "ai:FaceRecognition"},
        "data": [{"@type": "pd:FacialPrint"}],
    },
    Pictogram.COUNT: {"@type": "ctn:CrowdCount", "data": []},
}


@dataclass(frozen=True, slots=True)
class SignedNotice:
    """A notice that was signed.

    Attributes:
        version_id: SHA-256 of what it says, 64 hexadecimal digits: which version it is.
        document: the JSON-LD with its signature.
    """

    version_id: str
    document: Mapping[str, Any]

    @property
    def notice_id(self) -> str:
        """The notice; the same in every version."""
        return str(self.document["notice"])

    @property
    def version(self) -> int:
        """Which version, from 1."""
        return int(self.document["version"])

    @property
    def kind(self) -> Pictogram:
        """Which kind of processing it tells of."""
        return Pictogram(self.document["kind"])

    @property
    def demo(self) -> bool:
        """Whether it is a demonstration's."""
        return bool(self.document["demo"])

    @property
    def statement(self) -> str:
        """The compact JWS, from which the whole document can be made again."""
        return str(self.document[PROOF]["jws"])

    def text(self, part: Part, language: str) -> str:
        """Return what a part says in a language."""
        return str(self.document["texts"][language][part.value])

    def to_record(self) -> Notice:
        """Return the record's content under which it is filed."""
        said = {part: self.text(part, LANGUAGES[0]) for part in Part}
        return Notice(
            notice_id=self.notice_id,
            version=self.version,
            texts={language: canonical_sha256(self.document["texts"][language]) for language in LANGUAGES},
            purpose=said[Part.PURPOSE],
            keeper=said[Part.KEEPER],
            retention=said[Part.RETENTION],
            rights=said[Part.RIGHTS],
            appeal=said[Part.APPEAL],
            alternative=said[Part.ALTERNATIVE],
            statement=self.statement,
        )


def term(wanted: str) -> str:
    """Return a term of the DPV as it is; for any other one, a term of our own namespace."""
    if wanted in DPV_TERMS:
        return wanted
    return f"ctn:{wanted.rpartition(':')[2]}"


def sign_notice(
    signer: Signer, draft: NoticeDraft, *, deployment: str, issued_at: datetime, demo: bool
) -> SignedNotice:
    """Sign a complete notice.

    Args:
        signer: the deployment's.
        draft: what it says.
        deployment: which deployment issues it.
        issued_at: when, aware.
        demo: whether it is a demonstration's; then it says so.

    Raises:
        NoticeHasGaps: naming every gap.
    """
    if draft.gaps:
        wanted = "; ".join(f"{gap.part} ({gap.language})" for gap in draft.gaps)
        msg = f"The notice isn't complete: {wanted}."
        raise NoticeHasGaps(msg)
    content: dict[str, JsonValue] = {
        "@context": _CONTEXT,
        "@id": f"urn:countenance:notice:{draft.notice_id}:{draft.version}",
        "@type": "dpv:ConsentNotice" if draft.by_consent else "ctn:Notice",
        "notice": draft.notice_id,
        "version": draft.version,
        "kind": draft.kind.value,
        "demo": demo,
        "deployment": deployment,
        "issued": require_utc(issued_at).isoformat(timespec="seconds"),
        "place": {
            "id": draft.place,
            "title": draft.place_title,
            "kind": draft.place_kind,
            "jurisdictions": list(draft.jurisdictions),
        },
        "purpose": {"id": draft.purpose, "@type": term(draft.purpose_term)},
        "processing": _PROCESSING[draft.kind],
        "basis": {"@type": "dpv:ExplicitlyExpressedConsent" if draft.by_consent else "ctn:OtherBasis"},
        "texts": {
            language: {part.value: draft.texts[part][language].strip() for part in Part}
            for language in LANGUAGES
        },
    }
    document = sign_document(signer, content, kind=NOTICE_KIND)
    return SignedNotice(canonical_sha256(content), document)


def check_notice(verifier: Verifier, document: Mapping[str, object]) -> SignedNotice:
    """Return a notice if it is as it was signed.

    Raises:
        DocumentAltered: naming the member that isn't.
    """
    content = check_document(verifier, document, kind=NOTICE_KIND)
    return _notice(content, document)


def notice_of(verifier: Verifier, statement: str) -> SignedNotice:
    """Return the notice that a compact JWS states.

    Raises:
        DocumentAltered: if it doesn't hold under this key.
    """
    try:
        payload = statement.split(".")[1]
        content = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        msg = "The notice isn't a compact JWS."
        raise DocumentAltered(msg)
    # What was read so far is believed only if the signature covers it, which check_notice looks at.
    return check_notice(verifier, {**content, PROOF: {"type": NOTICE_KIND, "jws": statement}})


def _notice(content: Mapping[str, Any], document: Mapping[str, object]) -> SignedNotice:
    texts = content.get("texts")
    whole = isinstance(texts, Mapping) and all(
        isinstance(texts.get(language), Mapping) and set(texts[language]) == {*Part} for language in LANGUAGES
    )
    if not whole or not {"notice", "version", "kind", "demo", "place", "purpose"} <= set(content):
        msg = "The notice doesn't have the form that this version writes."
        raise DocumentAltered(msg)
    return SignedNotice(canonical_sha256(dict(content)), document)
