"""What one person said at the desk, as records about that person alone.

Rules kept here:

* A record is written for what was said, and for nothing that wasn't. Who didn't agree has no consent on
  file, and the rules then refuse.
* A consent names its purpose, the notice that was shown, its language, and who wrote it down. It runs out
  soon: it is for this check-in.
* An age is known as a band; what the band leaves open stays unknown, and the rules ask.
* Records hold a pseudonym and no name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import ValidationError

from countenance.authority.desk import AuthorityDesk
from countenance.authority.errors import EvidenceNotAccepted
from countenance.authority.filing import Said
from countenance.authority.records import Consent, ConsentMethod, Notice, content_of
from countenance.authority.resolver import Resolution
from countenance.kernel import PlaceId, PurposeId, SubjectId, new_id
from countenance.kernel.canonical import JsonValue
from countenance.policy import FactSource
from countenance.store import EvidenceRecord, EvidenceScope

__all__ = ["AGE_BANDS", "record_guest_consent"]

AGE_BANDS: Final[Mapping[str, Mapping[str, bool]]] = {
    "adult": {
        "subject.under13": False,
        "subject.under14": False,
        "subject.under18": False,
        "subject.child": False,
    },
    # Whether someone of this age is a child in the sense of GDPR Art 8 differs between 13 and 16.
    "14-17": {"subject.under13": False, "subject.under14": False, "subject.under18": True},
    "under14": {"subject.under14": True, "subject.under18": True, "subject.child": True},
}
"""Age band -> what it says about each trigger of age; a trigger that isn't named stays unknown."""

COMPARISON: Final = ("comparison", "one comparison of two photographs")
"""What a guest agrees to at a check-in: the act in a word, and the method."""


_DEMO_MARK: Final = "DEMO, nobody real said this: "
_CONSENT_KEYS: Final = (
    "consent.separate",
    "consent.purpose_match",
    "consent.explicit",
    "consent.record",
)
_INFORMED: Final = "consent.informed"
_RELEASE: Final = "written_release"


def record_guest_consent(
    desk: AuthorityDesk,
    *,
    subject: SubjectId,
    place: PlaceId,
    purpose: PurposeId,
    consents: bool,
    age_band: str,
    language: str,
    stated_by: str,
    signed: bool | None = None,
    valid_for: timedelta = timedelta(hours=1),
    agreed_to: tuple[str, str] = COMPARISON,
) -> tuple[EvidenceRecord, ...]:
    """File what a guest said, as the word of whoever wrote it down.

    Args:
        desk: where it is filed and logged.
        subject: the pseudonym of the guest for this check-in.
        place: where it was said.
        purpose: the one purpose that was agreed to.
        consents: whether the guest agrees, freely, to this comparison.
        age_band: ``adult``, ``14-17`` or ``under14``.
        language: of the notice that was shown, a BCP 47 tag.
        stated_by: the role or key id of who wrote it down, never a name.
        signed: whether the guest signed a written release as well. Left out, nobody signed; in a
            demonstration, where nobody is real, the made-up guest did.
        valid_for: how long the records count.
        agreed_to: the act in a word and its method, as the guest was asked; a comparison if left out.

    Returns:
        The records, statements first. A consent's content has those members of a consent record of
        ISO/IEC TS 27560 that a desk can fill in.

    Raises:
        EvidenceNotAccepted: if the age band isn't one of the three, or a text is empty.
    """
    if age_band not in AGE_BANDS or not language.strip() or not stated_by.strip():
        msg = "A guest's statement names an age band, the language of the notice and who wrote it down."
        raise EvidenceNotAccepted(msg, remedy=f"The age bands are: {', '.join(AGE_BANDS)}.")
    stated = dict.fromkeys(AGE_BANDS[age_band], FactSource.DOCUMENT)
    values = dict(AGE_BANDS[age_band])
    # A consent is to a purpose; where it was said is content. What the place owes stays the place's.
    scope = EvidenceScope(purpose=purpose, subject=subject)
    agreed: dict[str, Consent] = {}
    if consents:
        # Agreeing freely is what the guest was asked; whoever wrote it down answers for it.
        for trigger in ("consent.coerced", "consent.bundled_or_forced"):
            stated[trigger], values[trigger] = FactSource.CONSENT_SCREEN, False
        notices = desk.on_file(scope=replace(scope, place=place))
        agreed = _consents(
            desk,
            scope=scope,
            place=place,
            language=language,
            agreed_to=agreed_to,
            notice=_notice_shown(notices, language),
            signed=signed or (signed is None and desk.demo),
            until=desk.now + valid_for,
        )
    until = desk.now + valid_for
    # What one person said stands on file whole or not at all, and costs one wait for the disk.
    statements = [
        Said(trigger, {"value": values[trigger]}, source, until) for trigger, source in stated.items()
    ]
    consents_given = [Said(key, content) for key, content in agreed.items()]
    return desk.record_all([*statements, *consents_given], author=stated_by, scope=scope)


def _consents(
    desk: AuthorityDesk,
    *,
    scope: EvidenceScope,
    place: PlaceId,
    language: str,
    agreed_to: tuple[str, str],
    notice: Mapping[str, str | int],
    signed: bool,
    until: datetime,
) -> dict[str, Consent]:
    """Return one consent under every key that it satisfies. Without a notice nobody was informed."""
    act, method = agreed_to
    told: dict[str, JsonValue] = {
        "consent_id": new_id("cns"),
        "purpose": scope.purpose,
        "screen_purposes": [scope.purpose],
        "separate": True,
        "explicit": True,
        "given": f"{_DEMO_MARK if desk.demo else ''}asked for this {act} alone; the guest said yes",
        "method": ConsentMethod.DECLARED.value,
        "language": language,
        "given_at": desk.now.isoformat(),
        "expires_at": until.isoformat(),
        "place": place,
        "processing_method": method,
        **notice,
    }
    keys = [*_CONSENT_KEYS, *([_INFORMED] if notice else [])]
    contents = dict.fromkeys(keys, told)
    if signed:
        contents[_RELEASE] = {**told, "method": ConsentMethod.SIGNED_SCREEN.value}
    try:
        return {key: Consent.model_validate_json(json.dumps(content)) for key, content in contents.items()}
    except ValidationError:
        msg = "The language of a notice is a language tag (BCP 47), such as en or zh."
        raise EvidenceNotAccepted(msg) from None


def _notice_shown(on_file: Resolution, language: str) -> dict[str, str | int]:
    """Return which notice on file was shown; the latest version, where there are several."""
    notices = [
        content
        for evidence_id in on_file.evidence.get("notice", ())
        if isinstance(content := content_of("notice", on_file.records[evidence_id].content), Notice)
    ]
    if not notices:
        return {}
    latest = max(notices, key=lambda notice: (notice.version, notice.notice_id))
    shown: dict[str, str | int] = {"notice_id": latest.notice_id, "notice_version": latest.version}
    return shown | ({"notice_sha256": latest.texts[language]} if language in latest.texts else {})
