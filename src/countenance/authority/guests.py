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

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from countenance.authority.desk import AuthorityDesk
from countenance.authority.errors import EvidenceNotAccepted
from countenance.kernel import PlaceId, PurposeId, SubjectId
from countenance.kernel.canonical import JsonValue
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


def _consents(act: str, method: str) -> dict[str, str]:
    return {
        "consent.separate": f"asked for this {act} alone, on a screen that asks for nothing else",
        "consent.informed": "after the notice was shown",
        "consent.purpose_match": f"for this purpose and this method: {method}",
        "consent.explicit": "in so many words",
        "consent.record": "written down with the notice, the time and who wrote it",
    }


_SIGNED: Final = {
    "written_release": "released in writing, signed by the guest on paper or screen",
}


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
    statements = dict(AGE_BANDS[age_band])
    agreed: dict[str, str] = {}
    if consents:
        # Agreeing freely is what the guest was asked; whoever wrote it down answers for it.
        statements |= {"consent.coerced": False, "consent.bundled_or_forced": False}
        agreed = _consents(*agreed_to)
        if signed or (signed is None and desk.demo):
            agreed |= _SIGNED
    # A consent is to a purpose; where it was said is content. What the place owes stays the place's.
    scope = EvidenceScope(purpose=purpose, subject=subject)
    here = EvidenceScope(place=place, purpose=purpose, subject=subject)
    until = desk.now + valid_for
    common: dict[str, JsonValue] = {
        "schema": "countenance-consent-1",
        "purposes": [purpose],
        "place": place,
        "method": "declared at the desk, written down by who attended",
        "notices": [*desk.on_file(scope=here).evidence.get("notice", ())],
        "language": language,
    }
    if desk.demo:
        common["demo"] = "DEMO: nobody real said this."
    contents: dict[str, dict[str, JsonValue]] = {key: {"value": value} for key, value in statements.items()}
    contents |= {key: {**common, "given": words} for key, words in agreed.items()}
    return tuple(
        desk.record_evidence(key=key, content=content, author=stated_by, scope=scope, valid_until=until)
        for key, content in contents.items()
    )
