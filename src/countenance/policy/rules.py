"""What a rule is, what a pack of rules is, and the indexed set of packs that is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final

from countenance.kernel import OperatorError, canonical_sha256

__all__ = [
    "ANY_PLACE",
    "EVERYWHERE",
    "Effect",
    "EvidenceNeed",
    "Force",
    "Phase",
    "Requirement",
    "Rule",
    "RulePack",
    "RuleSet",
    "RuleSetInvalid",
    "TrustMark",
    "UnknownRule",
    "jurisdiction_scope",
]

EVERYWHERE: Final = "*"
"""The jurisdiction of house rules: they apply in every country."""

ANY_PLACE: Final = "any"
"""What a rule states as its place when it bites at every kind of place."""


class Effect(StrEnum):
    """What a rule does, strongest first."""

    BAN = "ban"
    BAN_UNLESS = "ban_unless"
    REQUIRE = "require"
    LIMIT = "limit"

    @property
    def rank(self) -> int:
        """0 for the strongest; the order in which findings are reported."""
        return _EFFECT_RANKS[self]

    @property
    def words(self) -> str:
        """What the effect means, for a reader."""
        return _EFFECT_WORDS[self]


_EFFECT_RANKS = {effect: rank for rank, effect in enumerate(Effect)}
_EFFECT_WORDS = {
    Effect.BAN: "refuses; nothing lifts it",
    Effect.BAN_UNLESS: "refuses unless all that it names is on file",
    Effect.REQUIRE: "refuses while anything that it asks for is missing",
    Effect.LIMIT: "sets a bound that must be kept",
}


class Force(StrEnum):
    """Where a rule gets its authority from.

    ``STATUTE`` is legislation of any level (acts, regulations and directives of the European Union, city
    ordinances); ``REGULATION`` is what an authority issued under legislation; ``COURT`` a judgment or a
    court's binding interpretation; ``GUIDANCE`` what an authority advises or decided in another's case.
    """

    STATUTE = "statute"
    REGULATION = "regulation"
    COURT = "court"
    GUIDANCE = "guidance"
    STANDARD = "standard"
    HOUSE = "house"

    @property
    def words(self) -> str:
        """The force as a reader sees it."""
        return _FORCE_WORDS[self]


_FORCE_WORDS = {
    Force.STATUTE: "statute",
    Force.REGULATION: "regulation",
    Force.COURT: "court ruling",
    Force.GUIDANCE: "guidance, not law",
    Force.STANDARD: "standard, not law",
    Force.HOUSE: "our own rule, not law",
}


class TrustMark(StrEnum):
    """How far the text of a rule was checked against its source."""

    READ = "V"
    SECONDARY = "V2"
    MEMORY = "M"
    DOUBTFUL = "M?"
    HOUSE = "house"

    @property
    def words(self) -> str:
        """The mark as a reader sees it beside each citation."""
        return _TRUST_WORDS[self]


_TRUST_WORDS = {
    TrustMark.READ: "source text read",
    TrustMark.SECONDARY: "read in a secondary source or a draft",
    TrustMark.MEMORY: "written from memory, source not re-read",
    TrustMark.DOUBTFUL: "written from memory, number or wording not certain",
    TrustMark.HOUSE: "our own rule, no source",
}


class Phase(StrEnum):
    """When a piece of evidence can exist: before the act, or only after it."""

    BEFORE = "before"
    DUTY = "duty"


class RuleSetInvalid(OperatorError):
    """Packs don't fit together."""

    code = "rule-set-invalid"
    default_remedy: ClassVar[str] = "Load each pack once, and give every rule an identifier of its own."


class UnknownRule(OperatorError):
    """A setting names a rule that no loaded pack holds."""

    code = "unknown-rule"
    default_remedy: ClassVar[str] = (
        "Correct the identifier; docs/reference/rules.md lists the rules that are shipped."
    )


@dataclass(frozen=True, slots=True)
class EvidenceNeed:
    """One evidence key and when a record of it can exist."""

    key: str
    phase: Phase = Phase.BEFORE


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something a rule asks for; any one of the alternatives meets it.

    Raises:
        ValueError: if there is no alternative; nothing could ever meet it or miss it.
    """

    alternatives: tuple[EvidenceNeed, ...]

    def __post_init__(self) -> None:
        if not self.alternatives:
            msg = "a requirement names at least one evidence key"
            raise ValueError(msg)

    @property
    def keys(self) -> tuple[str, ...]:
        """The evidence keys, in the rule's own order."""
        return tuple(need.key for need in self.alternatives)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as data.

    Attributes:
        rule_id: stable identifier, cited in decisions and logs.
        jurisdiction: ``*``, or segments separated by ``/`` such as ``US/NY/NYC``.
        citation: instrument and article.
        force: where its authority comes from.
        effect: what it does.
        text: the duty in our own words.
        operations: the operations that it governs; not empty.
        places: the kinds of place that it bites at, or ``any`` alone; not empty.
        requirements: what it asks for; empty for a ban and for nothing else.
        trigger: the fact that must be stated true for it to bite; ``None`` if it always does.
        applies_from: the day it starts to apply; ``None`` if it does already.
        trust: how far its text was checked.
        own: whether it is the operator's own, added to what is shipped. Such a rule can refuse; that it
            speaks never counts as a country's law speaking.

    Raises:
        ValueError: if one of the above isn't kept.
    """

    rule_id: str
    jurisdiction: str
    citation: str
    force: Force
    effect: Effect
    text: str
    operations: frozenset[str]
    places: frozenset[str]
    requirements: tuple[Requirement, ...]
    trigger: str | None
    applies_from: date | None
    trust: TrustMark
    own: bool = False

    def __post_init__(self) -> None:
        if not (self.rule_id and self.jurisdiction and self.citation and self.text):
            msg = "a rule has an identifier, a jurisdiction, a citation and a text"
            raise ValueError(msg)
        if not self.operations or not self.places:
            msg = f"rule {self.rule_id} names no operation or no place"
            raise ValueError(msg)
        if ANY_PLACE in self.places and len(self.places) > 1:
            msg = f"rule {self.rule_id} names every place and then some"
            raise ValueError(msg)
        if (self.effect is Effect.BAN) == bool(self.requirements):
            msg = f"rule {self.rule_id}: a ban lists no evidence, every other rule lists some"
            raise ValueError(msg)

    @property
    def keys(self) -> frozenset[str]:
        """Every evidence key that the rule names."""
        return frozenset(key for requirement in self.requirements for key in requirement.keys)

    def bites_at(self, operation: str, place_kind: str) -> bool:
        """Return whether the rule governs the operation at that kind of place."""
        return operation in self.operations and (ANY_PLACE in self.places or place_kind in self.places)

    def to_json(self) -> dict[str, object]:
        """Return the whole rule as plain JSON values; what the hash of a rule set is made of."""
        whole: dict[str, object] = {
            "id": self.rule_id,
            "jurisdiction": self.jurisdiction,
            "citation": self.citation,
            "force": self.force.value,
            "effect": self.effect.value,
            "text": self.text,
            "operations": sorted(self.operations),
            "places": sorted(self.places),
            "requirements": [
                [[need.key, need.phase.value] for need in requirement.alternatives]
                for requirement in self.requirements
            ],
            "trigger": self.trigger,
            "applies_from": self.applies_from.isoformat() if self.applies_from else None,
            "trust": self.trust.value,
        }
        return {**whole, "own": True} if self.own else whole


@dataclass(frozen=True, slots=True)
class RulePack:
    """The rules of one jurisdiction.

    Attributes:
        code: the jurisdiction, such as ``EU`` or ``US/IL``; ``*`` for the house's own.
        title: its name for a reader.
        version: the day as of which the rules were written down.
        rules: in the order of the file.
        sha256: of the text that the pack was read from.
        own: the name of an operator's own pack; ``None`` for what is shipped.
    """

    code: str
    title: str
    version: date
    rules: tuple[Rule, ...]
    sha256: str
    own: str | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The packs that are in use, indexed by operation and kind of place. Build it with :meth:`of`.

    Attributes:
        packs: sorted by code.
        rules: all rules, in the order in which they are reported: strongest effect first, then by id.
        sha256: over the rules' content; the order of packs and of rules in a pack doesn't change it.
        codes: the jurisdictions of the shipped packs; an operator's own pack covers none.
        rule_ids: the identifiers of the rules.
        honoured_early: the rules that the house keeps before they apply: review by two persons, and logs.
    """

    packs: tuple[RulePack, ...]
    rules: tuple[Rule, ...]
    sha256: str
    codes: frozenset[str]
    rule_ids: frozenset[str]
    honoured_early: frozenset[str]
    _index: dict[tuple[str, str], tuple[Rule, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, packs: Iterable[RulePack]) -> RuleSet:
        """Join packs.

        Raises:
            RuleSetInvalid: if two packs have one code, two rules one identifier, or a rule stands in the
                pack of another jurisdiction, or doesn't say whose it is as its pack does.
        """
        ordered = tuple(sorted(packs, key=lambda pack: (pack.own or "", pack.code)))
        rules = sorted(
            (rule for pack in ordered for rule in pack.rules),
            key=lambda rule: (rule.effect.rank, rule.rule_id),
        )
        _require_unique("pack", [pack.code for pack in ordered if pack.own is None])
        _require_unique("pack of the operator's own", [pack.own for pack in ordered if pack.own is not None])
        _require_unique("rule", [rule.rule_id for rule in rules])
        for pack in ordered:
            for rule in pack.rules:
                if rule.jurisdiction != pack.code:
                    msg = f"Rule {rule.rule_id} of {rule.jurisdiction} stands in the pack {pack.code}."
                    raise RuleSetInvalid(msg)
                if rule.own is (pack.own is None):
                    msg = f"Rule {rule.rule_id} doesn't say whose it is as its pack {pack.code} does."
                    raise RuleSetInvalid(msg)
        digest = canonical_sha256([rule.to_json() for rule in rules])
        return cls(
            packs=ordered,
            rules=tuple(rules),
            sha256=digest,
            codes=frozenset(pack.code for pack in ordered if pack.own is None),
            rule_ids=frozenset(rule.rule_id for rule in rules),
            honoured_early=frozenset(rule.rule_id for rule in rules if _kept_early(rule)),
        )

    def select(self, operation: str, place_kind: str) -> tuple[Rule, ...]:
        """Return the rules of every jurisdiction that govern an operation at a kind of place.

        Both names must have been checked against the vocabulary: what is found is kept in the index.
        """
        found = self._index.get((operation, place_kind))
        if found is None:
            found = tuple(rule for rule in self.rules if rule.bites_at(operation, place_kind))
            self._index[operation, place_kind] = found
        return found

    def covers(self, jurisdiction: str) -> bool:
        """Return whether a pack of law, not the house's, applies in a jurisdiction."""
        return any(code in self.codes for code in jurisdiction_scope(jurisdiction))


def jurisdiction_scope(jurisdiction: str) -> tuple[str, ...]:
    """Return a jurisdiction and those around it: ``US/NY/NYC`` gives ``US``, ``US/NY``, ``US/NY/NYC``.

    Whole segments count, so ``US/NYX`` isn't inside ``US/NY``. ``*`` is no jurisdiction and gives nothing.
    """
    segments = jurisdiction.split("/")
    if EVERYWHERE in segments:
        return ()
    return tuple("/".join(segments[: end + 1]) for end in range(len(segments)))


def _kept_early(rule: Rule) -> bool:
    return any(key == "human_review.two" or key.startswith("log.") for key in rule.keys)


def _require_unique(kind: str, names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        msg = f"There is more than one {kind} {', '.join(repeated)}."
        raise RuleSetInvalid(msg)
