"""What the rules answer: whether, why, what is missing, what is to be done afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from countenance.policy.rules import Force, Rule
from countenance.policy.vocabulary import DutyStart, FactSource

__all__ = ["Duty", "Finding", "Missing", "Status", "UnknownFact", "Verdict"]


class Status(StrEnum):
    """How one rule stands towards the facts, best first."""

    SATISFIED = "satisfied"
    DUTY = "duty"
    ASKS = "asks"
    REFUSED = "refused"
    BANNED = "banned"

    @property
    def refuses(self) -> bool:
        """Whether a rule in this status refuses the act."""
        return self in _REFUSING

    @property
    def rank(self) -> int:
        """0 for satisfied, growing with how hard the rule refuses."""
        return _STATUS_RANKS[self]


_REFUSING = frozenset({Status.ASKS, Status.REFUSED, Status.BANNED})
_STATUS_RANKS = {status: rank for rank, status in enumerate(Status)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that fired, and how it stands."""

    rule: Rule
    status: Status

    @property
    def rule_id(self) -> str:
        """The rule's identifier."""
        return self.rule.rule_id

    def to_json(self) -> dict[str, object]:
        """Return the finding as plain JSON values."""
        rule = self.rule
        found: dict[str, object] = {
            "id": rule.rule_id,
            "jurisdiction": rule.jurisdiction,
            "citation": rule.citation,
            "force": rule.force.words,
            "effect": rule.effect.value,
            "text": rule.text,
            "trust": rule.trust.words,
            "status": self.status.value,
        }
        if rule.own:
            found["own"] = True
        if rule.applies_from is not None:
            found["applies_from"] = rule.applies_from.isoformat()
        return found


@dataclass(frozen=True, slots=True)
class Missing:
    """Evidence that has to be on file first.

    Attributes:
        rule_ids: the rules that ask for it, sorted.
        alternatives: evidence keys, any one of which is enough.
        words: what each would prove and how to supply it.
    """

    rule_ids: tuple[str, ...]
    alternatives: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class UnknownFact:
    """A fact that nobody stated, and that decides whether rules apply.

    Attributes:
        trigger: its name.
        question: what to ask, to be answered yes or no.
        rule_ids: the rules that wait for the answer, sorted.
        source: who answers.
    """

    trigger: str
    question: str
    rule_ids: tuple[str, ...]
    source: FactSource


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done after the act.

    Attributes:
        key: the evidence key whose record discharges it.
        alternatives: every key whose record discharges it, ``key`` first.
        rule_ids: the rules that oblige to it, sorted.
        words: what the record proves and how it comes about.
        within: how long after ``counted_from``.
        counted_from: what that time is counted from.
    """

    key: str
    alternatives: tuple[str, ...]
    rule_ids: tuple[str, ...]
    words: str
    within: timedelta
    counted_from: DutyStart


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a rule set about one or several operations and places.

    Attributes:
        allowed: whether the act is permitted by these rules, on this evidence.
        operations: what was asked about, sorted.
        place_kinds: where, sorted.
        jurisdictions: whose rules were asked, as stated.
        at: the day for which it was asked; ``date.min`` if nothing was asked.
        findings: every rule that fired, strongest effect first.
        missing: what has to be filed first.
        unknown: what has to be stated first.
        duties: what comes with a yes.
        not_yet_in_force: rules that will apply later, with the status that they would have.
        rule_set: hash of the rules that were asked.
        house_rules_only: whether rules fired and all of them are the house's own.
        notes: what else a reader has to know, such as a jurisdiction without a pack.
        satisfied_by: evidence key and ids of its records, for everything that a yes rests on; sorted.
        stated: triggers whose stated value the verdict rests on; sorted.
    """

    allowed: bool
    operations: tuple[str, ...]
    place_kinds: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    at: date
    findings: tuple[Finding, ...]
    missing: tuple[Missing, ...]
    unknown: tuple[UnknownFact, ...]
    duties: tuple[Duty, ...]
    not_yet_in_force: tuple[Finding, ...]
    rule_set: str
    house_rules_only: bool
    notes: tuple[str, ...]
    satisfied_by: tuple[tuple[str, tuple[str, ...]], ...]
    stated: tuple[tuple[str, bool], ...]

    @property
    def refusing(self) -> tuple[Finding, ...]:
        """The rules that refuse: strongest effect first, and what is certain before what is asked."""
        found = [finding for finding in self.findings if finding.status.refuses]
        return tuple(sorted(found, key=lambda f: (f.rule.effect.rank, -f.status.rank, f.rule_id)))

    def to_json(self) -> dict[str, object]:
        """Return the verdict as plain JSON values; what interfaces show and the log hashes."""
        return {
            "allowed": self.allowed,
            "operations": list(self.operations),
            "places": list(self.place_kinds),
            "jurisdictions": list(self.jurisdictions),
            "at": self.at.isoformat(),
            "rules": [finding.to_json() for finding in self.findings],
            "missing": [
                {"alternatives": list(m.alternatives), "rules": list(m.rule_ids), "words": m.words}
                for m in self.missing
            ],
            "unknown": [
                {
                    "fact": u.trigger,
                    "question": u.question,
                    "source": u.source.value,
                    "rules": list(u.rule_ids),
                }
                for u in self.unknown
            ],
            "duties": [
                {
                    "key": d.key,
                    "alternatives": list(d.alternatives),
                    "rules": list(d.rule_ids),
                    "words": d.words,
                    "within_seconds": int(d.within.total_seconds()),
                    "counted_from": d.counted_from.value,
                }
                for d in self.duties
            ],
            "not_yet_in_force": [finding.to_json() for finding in self.not_yet_in_force],
            "rule_set": self.rule_set,
            "house_rules_only": self.house_rules_only,
            "notes": list(self.notes),
        }

    def words(self) -> tuple[str, ...]:
        """Return the verdict as plain sentences: the answer, the rules, what is missing, what follows."""
        sentences = [self._answer()]
        sentences += [_rule_sentence(finding) for finding in self.refusing]
        sentences += [
            f"Not stated: {u.question} ({u.source.words}; fact {u.trigger}; asked by {_listed(u.rule_ids)})"
            for u in self.unknown
        ]
        sentences += [
            f"Missing evidence {' or '.join(m.alternatives)}: {m.words} (Asked for by {_listed(m.rule_ids)}.)"
            for m in self.missing
        ]
        sentences += [_duty_sentence(duty) for duty in self.duties]
        sentences += [_later_sentence(finding) for finding in self.not_yet_in_force]
        sentences += self.notes
        return tuple(sentences)

    def _answer(self) -> str:
        what = _listed(self.operations) or "nothing"
        where = f" at {_listed(self.place_kinds)}" if self.place_kinds else ""
        country = f" in {_listed(self.jurisdictions)}" if self.jurisdictions else ""
        if not self.allowed:
            return f"Refused: {what}{where}{country}."
        basis = "house rules only" if self.house_rules_only else f"{len(self.findings)} rules kept"
        return f"Permitted by these rules, on this evidence: {what}{where}{country} ({basis})."


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _cited(rule: Rule) -> str:
    marks = rule.force.words
    if rule.force is not Force.HOUSE:
        marks = f"{marks}; {rule.trust.words}"
    return f"{rule.citation} ({rule.rule_id}; {marks}): {rule.text}."


_OPENINGS = {
    Status.BANNED: "Ruled out, and no evidence lifts it, by",
    Status.REFUSED: "Refused until its evidence is on file, by",
    Status.ASKS: "Refused until a fact is stated, by",
}


def _rule_sentence(finding: Finding) -> str:
    return f"{_OPENINGS[finding.status]} {_cited(finding.rule)}"


def _later_sentence(finding: Finding) -> str:
    day = finding.rule.applies_from
    then = "it would refuse" if finding.status.refuses else "it would be kept"
    return f"Not yet in force, from {day}; {then}: {_cited(finding.rule)}"


_STARTS = {
    DutyStart.ACT: "the act",
    DutyStart.ERASURE: "the erasure",
    DutyStart.EVENT: "the event",
}


def _duty_sentence(duty: Duty) -> str:
    time = f"within {_period(duty.within)} of {_STARTS[duty.counted_from]}"
    keys = " or ".join(duty.alternatives)
    return f"Duty afterwards, {time}, {keys}: {duty.words} (From {_listed(duty.rule_ids)}.)"


def _period(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "0 seconds"
