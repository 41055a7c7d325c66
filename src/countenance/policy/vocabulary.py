"""The closed lists: operations, kinds of place, triggers and evidence keys, each with words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from countenance.kernel import CallerError, OperatorError
from countenance.policy.rules import ANY_PLACE, Phase, Rule, RuleSet

__all__ = [
    "DutyStart",
    "EvidenceTerm",
    "FactSource",
    "IssuerKind",
    "Term",
    "TriggerTerm",
    "UnknownOperation",
    "UnknownPlaceKind",
    "Vocabulary",
    "VocabularyIncomplete",
]


class UnknownOperation(CallerError):
    """An operation was asked for that isn't in the vocabulary."""

    code = "unknown-operation"
    default_remedy: ClassVar[str] = "Name one of the operations of docs/reference/rules.md."


class UnknownPlaceKind(CallerError):
    """A kind of place was named that isn't in the vocabulary."""

    code = "unknown-place-kind"
    default_remedy: ClassVar[str] = "Name one of the kinds of place of docs/reference/rules.md."


class VocabularyIncomplete(OperatorError):
    """A rule uses a word that the vocabulary doesn't explain."""

    code = "vocabulary-incomplete"
    default_remedy: ClassVar[str] = "Add the word to the vocabulary, or correct the rule."


class FactSource(StrEnum):
    """Where the truth of a trigger comes from. A clerk is asked for none that the system can know."""

    DEPLOYMENT = "deployment"
    DOCUMENT = "document"
    CONSENT_SCREEN = "consent screen"
    OPERATOR = "operator"

    @property
    def words(self) -> str:
        """Who answers, for a reader."""
        return _SOURCE_WORDS[self]


_SOURCE_WORDS = {
    FactSource.DEPLOYMENT: "stated once for the installation",
    FactSource.DOCUMENT: "read from the document",
    FactSource.CONSENT_SCREEN: "answered by the person on the consent screen",
    FactSource.OPERATOR: "stated by the operator",
}


class IssuerKind(StrEnum):
    """Who may vouch for a piece of evidence."""

    SYSTEM = "system"
    PERSON = "person"
    OUTSIDE = "outside"


class DutyStart(StrEnum):
    """What the deadline of a duty is counted from."""

    ACT = "act"
    ERASURE = "erasure"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Term:
    """An operation or a kind of place, in words."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class TriggerTerm:
    """A fact on which rules turn.

    Attributes:
        name: such as ``subject.under14``.
        words: when it is true.
        question: what to ask whoever has to state it; answered yes or no.
        source: who answers.
    """

    name: str
    words: str
    question: str
    source: FactSource


@dataclass(frozen=True, slots=True)
class EvidenceTerm:
    """A kind of record that satisfies rules.

    Attributes:
        key: such as ``consent.separate``.
        words: what the record proves.
        supply: how to supply it, as an instruction.
        phase: whether it can exist before the act.
        issuers: who may vouch for it; where the system can see it itself, the system alone.
        within: for a duty, how long after ``counted_from`` it must be there; else ``None``.
        within_source: where that time comes from; ``house`` if it is our own.
        counted_from: what the time is counted from.
        standing: for a duty, whether a record already on file fulfils it. A record of an earlier act
            (an image deleted yesterday) never does.
    """

    key: str
    words: str
    supply: str
    phase: Phase
    issuers: frozenset[IssuerKind]
    within: timedelta | None = None
    within_source: str | None = None
    counted_from: DutyStart = DutyStart.ACT
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word that rules and facts may use, by name."""

    operations: Mapping[str, Term]
    places: Mapping[str, Term]
    triggers: Mapping[str, TriggerTerm]
    evidence: Mapping[str, EvidenceTerm]

    def require_operation(self, name: str) -> Term:
        """Return an operation's entry.

        Raises:
            UnknownOperation: if there is none; the name isn't repeated, it came from outside.
        """
        term = self.operations.get(name)
        if term is None:
            msg = "There is no such operation in the vocabulary."
            raise UnknownOperation(msg, remedy=f"Name one of: {', '.join(sorted(self.operations))}.")
        return term

    def require_place(self, name: str) -> Term:
        """Return the entry of a kind of place.

        Raises:
            UnknownPlaceKind: if there is none.
        """
        term = self.places.get(name)
        if term is None:
            msg = "There is no such kind of place in the vocabulary."
            raise UnknownPlaceKind(msg, remedy=f"Name one of: {', '.join(sorted(self.places))}.")
        return term

    def check(self, rules: RuleSet) -> None:
        """See that every word of every rule is explained, and that the phases agree.

        Raises:
            VocabularyIncomplete: naming the rules and the words.
        """
        gaps = sorted(gap for rule in rules.rules for gap in self._gaps(rule))
        if gaps:
            msg = f"The vocabulary doesn't fit the rules: {'; '.join(gaps)}."
            raise VocabularyIncomplete(msg)

    def _gaps(self, rule: Rule) -> list[str]:
        words = [f"operation {name}" for name in rule.operations - self.operations.keys()]
        words += [f"place {name}" for name in rule.places - self.places.keys() - {ANY_PLACE}]
        if rule.trigger is not None and rule.trigger not in self.triggers:
            words.append(f"trigger {rule.trigger}")
        for requirement in rule.requirements:
            for need in requirement.alternatives:
                term = self.evidence.get(need.key)
                if term is None:
                    words.append(f"evidence {need.key}")
                elif term.phase is not need.phase:
                    words.append(f"phase of {need.key}")
        return [f"{rule.rule_id}: {word}" for word in words]
