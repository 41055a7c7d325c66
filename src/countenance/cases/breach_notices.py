"""Drafts the words of the notices of an incident: what is known is filled in, what isn't is marked. Pure.

Rules kept here:

* A notice says what its law wants said, point by point, with the article. What only people know is a gap.
* What somebody wrote is in one language; in the other one it is a gap that quotes it. The system doesn't
  translate.
* A draft is sent by nobody here. It isn't kept, and names no person.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from pydantic import BaseModel, ConfigDict

from countenance.authority.notices import GAP_MARK, LANGUAGES
from countenance.cases.clocks import HOUSE, Addressee
from countenance.cases.incidents import Incident, OwedNotice
from countenance.kernel import CaseId

__all__ = ["DraftedNotice", "KnownFacts", "draft_notices"]

_HAN: Final = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What the installation knows besides the incident itself.

    Attributes:
        places: title and jurisdictions of each place of the incident.
        people: about how many people something is held at most.
        keeper: language -> who answers for the data, from the notice in force; empty if none is.
        contact: language -> whom to ask, from the same.
        now: the moment of drafting, UTC.
        demo: whether this is a demonstration.
    """

    places: tuple[tuple[str, tuple[str, ...]], ...]
    people: int
    keeper: Mapping[str, str]
    contact: Mapping[str, str]
    now: datetime
    demo: bool


@dataclass(frozen=True, slots=True)
class DraftedNotice:
    """The words of one notice in one language.

    Attributes:
        incident: of which incident.
        to: for whom.
        rule: the rule that asks for it; ``house`` for the house's own.
        law: the law whose contents it has; ``house`` where none lists any.
        language: ``en`` or ``zh``.
        due: until when it has to be sent, UTC.
        gaps: what a person has to write, in reading order.
        text: the whole notice, plain text.
    """

    incident: CaseId
    to: Addressee
    rule: str
    law: str
    language: str
    due: datetime
    gaps: tuple[str, ...]
    text: str = field(repr=False)


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    to: Addressee
    law: str
    points: tuple[tuple[str, str], ...]


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    form: tuple[_Form, ...]
    title: Mapping[str, Mapping[str, str]]
    heading: Mapping[str, Mapping[str, str]]
    wanted: Mapping[str, Mapping[str, str]]
    unit: Mapping[str, Mapping[str, str]]
    known: Mapping[str, Mapping[str, str]]


@cache
def _words() -> _Words:
    text = files("countenance.cases").joinpath("breach_notices.toml").read_text(encoding="utf-8")
    return _Words.model_validate(tomllib.loads(text))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("countenance.cases", "pages"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def draft_notices(
    incident: Incident,
    facts: KnownFacts,
    *,
    to: Addressee | None = None,
    languages: Iterable[str] = LANGUAGES,
) -> tuple[DraftedNotice, ...]:
    """Return a draft of every notice that is owed, one for each rule and addressee, in each language.

    Args:
        incident: what happened.
        facts: what is known besides.
        to: for whom alone; for everybody if left out.
        languages: in which languages.
    """
    first: dict[tuple[Addressee, str], OwedNotice] = {}
    for notice in incident.owed:
        if to in (None, notice.to):
            first.setdefault((notice.to, notice.rule), notice)
    wanted = tuple(languages)
    return tuple(
        _Draft(incident, notice, facts, language).made() for notice in first.values() for language in wanted
    )


def _form_of(notice: OwedNotice) -> _Form:
    named = {(form.rule, form.to): form for form in _words().form}
    return named.get((notice.rule, notice.to)) or named[HOUSE, notice.to]


@dataclass(frozen=True, slots=True)
class _Draft:
    """One notice in one language, put together point by point."""

    incident: Incident
    notice: OwedNotice
    facts: KnownFacts
    language: str

    def made(self) -> DraftedNotice:
        form = _form_of(self.notice)
        points = [
            {
                "heading": _words().heading[name][self.language],
                "source": source,
                "lines": list(lines),
            }
            for name, source in form.points
            if (lines := self._lines(name))
        ]
        text = (
            _environment()
            .get_template("breach_notice.txt")
            .render(
                title=_words().title[f"{self.incident.kind}.{self.notice.to}"][self.language],
                demo=self._known("demo") if self.facts.demo else "",
                draft=self._known("draft", mark=GAP_MARK),
                to=self._known(f"to_{self.notice.to}"),
                basis=self._basis(form),
                points=points,
            )
        )
        gaps = tuple(
            line.partition(GAP_MARK)[2].strip()
            for point in points
            for line in point["lines"]
            if GAP_MARK in line
        )
        return DraftedNotice(
            incident=self.incident.incident_id,
            to=self.notice.to,
            rule=self.notice.rule,
            law=form.law,
            language=self.language,
            due=self.notice.due,
            gaps=gaps,
            text=text.strip() + "\n",
        )

    def _basis(self, form: _Form) -> str:
        return self._known(
            "house" if form.law == HOUSE else "by",
            law=form.law,
            incident=self.incident.incident_id,
            due=_time(self.notice.due),
            within=self._within(),
        )

    def _within(self) -> str:
        """Return the time in the draft's language: ``72 hours``, ``72小时``."""
        amount, _, unit = self.notice.within.partition(" ")
        own = _words().unit.get(unit.removesuffix("s"), {}).get(self.language)
        return self.notice.within if own is None or self.language == LANGUAGES[0] else f"{amount}{own}"

    def _lines(self, point: str) -> tuple[str, ...]:
        """Return what is said under a point; nothing if it doesn't apply."""
        special: Mapping[str, Callable[[], tuple[str, ...]]] = {
            "what": self._what,
            "when": lambda: (self._known("aware", at=_time(self.incident.aware_at)), self._gap("when")),
            "where": self._where,
            "data": lambda: (self._known("kept"), self._gap("data")),
            "people": lambda: (self._known("people", people=self.facts.people), self._gap("people")),
            "measures": self._measures,
            "contact": self._contact,
            "delay": lambda: (self._gap("delay"),) if self.notice.overdue_at(self.facts.now) else (),
            "told": self._told,
        }
        return special[point]() if point in special else (self._gap(point),)

    def _what(self) -> tuple[str, ...]:
        return (self._quoted(self.incident.steps[0].words),)

    def _where(self) -> tuple[str, ...]:
        return tuple(
            self._known("places", place=title, where=", ".join(codes)) for title, codes in self.facts.places
        )

    def _measures(self) -> tuple[str, ...]:
        noted = (step for step in self.incident.steps if step.kind == "noted")
        done = tuple(self._known("done", at=_time(step.at), text=self._quoted(step.words)) for step in noted)
        return (*done, self._known("sealed"), self._gap("measures"))

    def _contact(self) -> tuple[str, ...]:
        return tuple(
            known.get(self.language) or self._gap(name)
            for name, known in (("keeper", self.facts.keeper), ("contact", self.facts.contact))
        )

    def _told(self) -> tuple[str, ...]:
        told = [step for step in self.incident.steps if step.to is Addressee.PEOPLE]
        if not told:
            return (self._known("not_told"), self._gap("told"))
        return tuple(
            self._known(
                "told" if step.needed else "needless",
                at=_time(step.sent_at or step.at),
                text=self._quoted(step.words),
            )
            for step in told
        )

    def _quoted(self, text: str) -> str:
        """Return somebody's words in their language, or a gap that quotes them."""
        said = " ".join(text.split())
        own = "zh" if _HAN.search(said) else "en"
        return said if own == self.language else self._gap("translation", text=said)

    def _gap(self, name: str, **values: object) -> str:
        return f"{GAP_MARK} {_filled(_words().wanted[name][self.language], values)}"

    def _known(self, name: str, **values: object) -> str:
        return _filled(_words().known[name][self.language], values)


def _filled(template: str, values: Mapping[str, object]) -> str:
    """Put values in at their names, once: a brace in somebody's words stays a brace."""
    return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), template)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
