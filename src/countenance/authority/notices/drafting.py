"""Drafts a notice from what is on file. What only a person knows, or can put into a language, is a gap.

Rules kept here:

* Nothing is made up: a part comes from a record, from what the software does, or from the shipped error
  table. Else it is a gap that says what is wanted.
* A record's words are in one language. In the other one they are a gap that quotes them; the system
  doesn't translate.
* A draft is a file that a person edits; a gap that is left in it stops the notice from being published.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from countenance.authority.notices.contents import GAP_MARK, LANGUAGES, ErrorRates, NoticeDraft, Part
from countenance.authority.notices.errors import NoticeFileInvalid
from countenance.authority.notices.phrases import phrase, phrases
from countenance.authority.records import (
    Alternative,
    BasisKind,
    Channel,
    LegalBasis,
    Necessity,
    Pictogram,
    RetentionTerm,
)
from countenance.authority.records.base import Code, Identifier, Term
from countenance.store import Place, Purpose

__all__ = ["NoticeDraftDocument", "NoticeFacts", "draft_notice", "draft_text", "kind_of", "read_draft"]

_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_COUNTING: Final = frozenset({"crowd_count"})
_IDENTIFYING: Final = "identify"


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What is on file that a notice has to say.

    Attributes:
        basis: the legal basis.
        retention: what is kept for how long.
        alternative: the route without a face.
        withdrawal: how consent is taken back.
        appeal: where to complain.
        necessity: why a face is needed.
        errors: how often a comparison is wrong; ``None`` where none is made.
    """

    basis: LegalBasis | None = None
    retention: tuple[RetentionTerm, ...] = ()
    alternative: Alternative | None = None
    withdrawal: Channel | None = None
    appeal: Channel | None = None
    necessity: Necessity | None = None
    errors: ErrorRates | None = None


def kind_of(functions: Sequence[str]) -> Pictogram:
    """Return which kind of processing a device's declared functions are; the farthest-reaching one."""
    if any(function.startswith(_IDENTIFYING) for function in functions):
        return Pictogram.IDENTIFY
    faces = set(functions) - _COUNTING - {"capture"}
    return Pictogram.VERIFY if faces or not _COUNTING & set(functions) else Pictogram.COUNT


def draft_notice(
    *,
    notice_id: str,
    version: int,
    place: Place,
    purpose: Purpose,
    kind: Pictogram,
    facts: NoticeFacts,
) -> NoticeDraft:
    """Return a draft: what is known is written, what isn't is a gap that says what is wanted.

    Args:
        notice_id: the notice; the same in every version.
        version: which version, from 1.
        place: where it is to hang.
        purpose: what for.
        kind: which kind of processing it tells of.
        facts: what is on file.
    """
    place_titles = _in_languages(place.title, "place")
    texts: dict[Part, Mapping[str, str]] = {
        Part.TITLE: {
            language: phrase(
                "draft",
                "title",
                language,
                heading=phrase("heading", kind, language),
                place=place_titles[language],
            )
            for language in LANGUAGES
        },
        Part.KEEPER: _gap("keeper"),
        Part.CONTACT: _gap("contact"),
        Part.PURPOSE: _in_languages(purpose.description or purpose.title, "purpose"),
        Part.PROCESSING: _said(f"processing_{kind}"),
        Part.NECESSITY: _gap("necessity")
        if facts.necessity is None
        else _in_languages(facts.necessity.need, "necessity"),
        Part.IMPACT: _said(f"impact_{kind}"),
        Part.BASIS: _basis(facts.basis),
        Part.RETENTION: _retention(facts.retention),
        Part.RECIPIENTS: _gap("recipients"),
        Part.ALTERNATIVE: _gap("alternative")
        if facts.alternative is None
        else _in_languages(facts.alternative.route, "alternative"),
        Part.RIGHTS: _said("rights"),
        Part.WITHDRAWAL: _channel(facts.withdrawal, "withdrawal"),
        Part.APPEAL: _channel(facts.appeal, "appeal"),
        Part.ERRORS: _errors(facts.errors),
    }
    return NoticeDraft(
        notice_id=notice_id,
        version=version,
        place=place.place_id,
        place_title=place.title,
        place_kind=place.kind,
        jurisdictions=place.jurisdictions,
        purpose=purpose.purpose_id,
        purpose_term=purpose.dpv_term,
        kind=kind,
        by_consent=facts.basis is not None and facts.basis.basis is BasisKind.CONSENT,
        texts=texts,
    )


def _gap(wanted: str) -> dict[str, str]:
    return {language: f"{GAP_MARK} {phrase('wanted', wanted, language)}" for language in LANGUAGES}


def _said(name: str, **values: object) -> dict[str, str]:
    return {language: phrase("draft", name, language, **values) for language in LANGUAGES}


def _language_of(text: str) -> str:
    return "zh" if _HAN.search(text) else "en"


def _in_languages(text: str, wanted: str) -> dict[str, str]:
    """Return a record's words in their language, and a gap that quotes them in the other."""
    if not text.strip():
        return _gap(wanted)
    own = _language_of(text)
    return {
        language: text
        if language == own
        else f"{GAP_MARK} {phrase('wanted', 'translation', language, text=text)}"
        for language in LANGUAGES
    }


def _basis(basis: LegalBasis | None) -> dict[str, str]:
    if basis is None:
        return _gap("basis")
    if basis.basis is BasisKind.CONSENT:
        return _said("basis_consent", article=basis.article)
    return _in_languages(f"{basis.article}: {basis.reasoning}", "basis")


def _retention(terms: tuple[RetentionTerm, ...]) -> dict[str, str]:
    if not terms:
        return _gap("retention")
    own = _language_of("".join(f"{term.keeps}{term.counted_from}" for term in terms))
    said = [
        phrase(
            "draft",
            "retention" if term.days else "retention_none",
            own,
            keeps=term.keeps.rstrip(".。"),
            days=term.days,
            counted_from=term.counted_from,
        )
        for term in terms
    ]
    whole = phrase("draft", "retention_join", own).join(said) + phrase("draft", "retention_end", own)
    return _in_languages(whole, "retention")


def _channel(channel: Channel | None, wanted: str) -> dict[str, str]:
    if channel is None:
        return _gap(wanted)
    own = _language_of(channel.how)
    days = channel.answer_within_days
    when = phrase("draft", "answer_days", own, days=days) if days else phrase("draft", "answer_once", own)
    return _in_languages(f"{channel.how} ({channel.address}; {when})", wanted)


def _errors(rates: ErrorRates | None) -> dict[str, str]:
    if rates is None:
        return _said("errors_count")
    return _said(
        "errors",
        measured_on=rates.measured_on,
        label=rates.label,
        fmr=f"{rates.fmr * 1e6:.0f}",
        high=f"{rates.high * 1e6:.0f}",
        fnmr=f"{rates.fnmr * 1e3:.0f}",
    )


class NoticeDraftDocument(BaseModel):
    """A draft as a file or a request has it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    notice_id: Identifier
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    place: Identifier
    place_title: Term
    place_kind: Identifier
    jurisdictions: Annotated[list[Code], Field(min_length=1)]
    purpose: Identifier
    purpose_term: Term
    kind: Annotated[Pictogram, Field(strict=False)]
    by_consent: bool
    text: dict[Annotated[Part, Field(strict=False)], dict[str, Annotated[str, Field(max_length=4000)]]]

    @classmethod
    def of(cls, draft: NoticeDraft) -> NoticeDraftDocument:
        """Return a draft in this form."""
        return cls(
            notice_id=draft.notice_id,
            version=draft.version,
            place=draft.place,
            place_title=draft.place_title,
            place_kind=draft.place_kind,
            jurisdictions=list(draft.jurisdictions),
            purpose=draft.purpose,
            purpose_term=draft.purpose_term,
            kind=draft.kind,
            by_consent=draft.by_consent,
            text={part: dict(texts) for part, texts in draft.texts.items()},
        )

    def to_draft(self) -> NoticeDraft:
        """Return the draft.

        Raises:
            NoticeFileInvalid: if it is written in another language than notices are.
        """
        if {language for texts in self.text.values() for language in texts} - set(LANGUAGES):
            msg = f"A notice is written in {' and '.join(LANGUAGES)} and in no other language."
            raise NoticeFileInvalid(msg)
        return NoticeDraft(
            notice_id=self.notice_id,
            version=self.version,
            place=self.place,
            place_title=self.place_title,
            place_kind=self.place_kind,
            jurisdictions=tuple(sorted(self.jurisdictions)),
            purpose=self.purpose,
            purpose_term=self.purpose_term,
            kind=self.kind,
            by_consent=self.by_consent,
            texts={part: dict(texts) for part, texts in self.text.items()},
        )


def draft_text(draft: NoticeDraft) -> str:
    """Return a draft as a TOML file for a person to complete."""
    lines = [
        f"# A notice in {' and '.join(LANGUAGES)}. Replace every text that says {GAP_MARK}",
        "# then publish it: countenance notice publish FILE --by officer",
        "",
        f"notice_id = {_toml(draft.notice_id)}",
        f"version = {draft.version}",
        f"place = {_toml(draft.place)}",
        f"place_title = {_toml(draft.place_title)}",
        f"place_kind = {_toml(draft.place_kind)}",
        f"jurisdictions = {_toml(list(draft.jurisdictions))}",
        f"purpose = {_toml(draft.purpose)}",
        f"purpose_term = {_toml(draft.purpose_term)}",
        f"kind = {_toml(draft.kind.value)}",
        f"by_consent = {_toml(draft.by_consent)}",
    ]
    for part in Part:
        lines += ["", f"# {phrases()['label'][part]['en']}", f"[text.{part}]"]
        lines += [f"{language} = {_toml(draft.texts[part][language])}" for language in LANGUAGES]
    return "\n".join(lines) + "\n"


def read_draft(text: str) -> NoticeDraft:
    """Read a draft's file.

    Raises:
        NoticeFileInvalid: naming the members that aren't right; no value is repeated.
    """
    try:
        told = NoticeDraftDocument.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        msg = "The notice's draft isn't TOML."
        raise NoticeFileInvalid(msg) from None
    except ValidationError as error:
        known = {*NoticeDraftDocument.model_fields, *Part, *LANGUAGES}
        wrong = sorted(
            {"/".join(str(p) for p in item["loc"] if p in known) or "a member" for item in error.errors()}
        )
        msg = f"The notice's draft isn't right: {', '.join(wrong)}."
        raise NoticeFileInvalid(msg) from None
    return told.to_draft()


def _toml(value: object) -> str:
    """Return a value as TOML writes it; for texts, lists of texts and booleans that is JSON's form."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
