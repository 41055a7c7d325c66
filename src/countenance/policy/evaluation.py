"""How a verdict is reached. Three-valued, deny overrides, nothing left to the order of rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from countenance.kernel import canonical_sha256
from countenance.policy.facts import Facts
from countenance.policy.rules import (
    EVERYWHERE,
    Effect,
    Phase,
    Requirement,
    Rule,
    RuleSet,
    UnknownRule,
    jurisdiction_scope,
)
from countenance.policy.verdict import Duty, Finding, Missing, Status, UnknownFact, Verdict
from countenance.policy.vocabulary import EvidenceTerm, Vocabulary, VocabularyIncomplete

__all__ = ["combine", "evaluate"]

_NOTHING_ASKED: Final = "Nothing was asked, so nothing is permitted."


def evaluate(
    rules: RuleSet,
    facts: Facts,
    *,
    vocabulary: Vocabulary,
    honour_early: frozenset[str] | None = None,
) -> Verdict:
    """Ask every rule about one operation at one kind of place.

    Args:
        rules: the packs in use.
        facts: what was stated and filed.
        vocabulary: the words that the rules use.
        honour_early: identifiers of rules to keep before the day they apply from; ``None`` for what the
            house keeps early (review by two persons, and logs).

    Returns:
        The verdict. It allows only if at least one shipped rule speaks in every jurisdiction of the place
        and no rule refuses.

    Raises:
        UnknownOperation: if the operation isn't in the vocabulary.
        UnknownPlaceKind: if the kind of place isn't.
        UnknownRule: if ``honour_early`` names a rule that isn't loaded.
        VocabularyIncomplete: if a rule uses a word that the vocabulary lacks.
    """
    vocabulary.require_operation(facts.operation)
    vocabulary.require_place(facts.place_kind)
    early = rules.honoured_early if honour_early is None else _known(honour_early, rules)
    inquiry = _Inquiry(facts, vocabulary)
    scope = {EVERYWHERE}.union(*(jurisdiction_scope(name) for name in facts.jurisdictions))
    for rule in rules.select(facts.operation, facts.place_kind):
        if rule.jurisdiction in scope:
            later = rule.applies_from is not None and rule.applies_from > facts.at
            inquiry.ask(rule, in_force=not later or rule.rule_id in early)
    return inquiry.verdict(rules)


def combine(verdicts: Sequence[Verdict]) -> Verdict:
    """Join the verdicts about the parts of one request: it is allowed if every part is.

    A rule that fired for several parts is reported once, in its worst status. Of two deadlines the
    shorter counts.

    Args:
        verdicts: reached under one rule set, for one day. None at all is refused.

    Raises:
        ValueError: if they were reached under different rule sets or for different days.
    """
    if not verdicts:
        return _refusal_of_nothing()
    first = verdicts[0]
    if any((v.rule_set, v.at) != (first.rule_set, first.at) for v in verdicts):
        msg = "verdicts of one request are reached under one rule set, for one day"
        raise ValueError(msg)
    findings = _merged_findings(f for v in verdicts for f in v.findings)
    fired = {finding.rule_id for finding in findings}
    return Verdict(
        allowed=all(v.allowed for v in verdicts),
        operations=_union(v.operations for v in verdicts),
        place_kinds=_union(v.place_kinds for v in verdicts),
        jurisdictions=_union(v.jurisdictions for v in verdicts),
        at=first.at,
        findings=findings,
        missing=_merged_missing(m for v in verdicts for m in v.missing),
        unknown=_merged_unknown(u for v in verdicts for u in v.unknown),
        duties=_merged_duties(d for v in verdicts for d in v.duties),
        not_yet_in_force=_merged_findings(
            f for v in verdicts for f in v.not_yet_in_force if f.rule_id not in fired
        ),
        rule_set=first.rule_set,
        house_rules_only=_house_only(findings),
        notes=tuple(dict.fromkeys(note for v in verdicts for note in v.notes)),
        satisfied_by=_merged_evidence(pair for v in verdicts for pair in v.satisfied_by),
        stated=tuple(sorted({pair for v in verdicts for pair in v.stated})),
    )


class _Inquiry:
    """One pass over the rules; collects what they answer."""

    __slots__ = ("_duties", "_facts", "_findings", "_later", "_missing", "_rests_on", "_stated", "_terms",
                 "_unknown", "_vocabulary")  # fmt: skip

    def __init__(self, facts: Facts, vocabulary: Vocabulary) -> None:
        self._facts = facts
        self._vocabulary = vocabulary
        self._terms = vocabulary.evidence
        self._findings: list[Finding] = []
        self._later: list[Finding] = []
        self._missing: dict[tuple[str, ...], list[str]] = {}
        self._unknown: dict[str, list[str]] = {}
        self._duties: dict[tuple[str, ...], list[str]] = {}
        self._rests_on: dict[str, tuple[str, ...]] = {}
        self._stated: dict[str, bool] = {}

    def ask(self, rule: Rule, *, in_force: bool) -> None:
        """Let one rule that governs the act and the place say how it stands."""
        trigger = rule.trigger
        if trigger is not None:
            value = self._facts.triggers.get(trigger)
            # Only True and False are statements. Anything else that got here says nothing.
            if value is False:
                if in_force:
                    self._stated[trigger] = False
                return
            if value is not True:
                if in_force:
                    self._unknown.setdefault(trigger, []).append(rule.rule_id)
                self._record(rule, Status.ASKS, in_force=in_force)
                return
            if in_force:
                self._stated[trigger] = True
        status = Status.BANNED if rule.effect is Effect.BAN else Status.SATISFIED
        for requirement in rule.requirements:
            met = self._met(rule.rule_id, requirement, in_force=in_force)
            if met.rank > status.rank:
                status = met
        self._record(rule, status, in_force=in_force)

    def _record(self, rule: Rule, status: Status, *, in_force: bool) -> None:
        (self._findings if in_force else self._later).append(Finding(rule, status))

    def _met(self, rule_id: str, requirement: Requirement, *, in_force: bool) -> Status:
        evidence = self._facts.evidence
        owed = False
        for need in requirement.alternatives:
            duty = need.phase is Phase.DUTY
            owed = owed or duty
            ids = evidence.get(need.key)
            if ids and not (duty and not self._term(need.key).standing):
                if in_force:
                    self._rests_on[need.key] = tuple(ids)
                return Status.SATISFIED
        if in_force:
            keys = requirement.keys
            if owed:
                keys = tuple(n.key for n in requirement.alternatives if n.phase is Phase.DUTY)
            (self._duties if owed else self._missing).setdefault(keys, []).append(rule_id)
        return Status.DUTY if owed else Status.REFUSED

    def _term(self, key: str) -> EvidenceTerm:
        term = self._terms.get(key)
        if term is None:
            msg = f"The vocabulary doesn't explain the evidence {key}."
            raise VocabularyIncomplete(msg)
        return term

    def verdict(self, rules: RuleSet) -> Verdict:
        """Join what was collected."""
        facts = self._facts
        findings = tuple(self._findings)
        obstacles, remarks = _gaps_in_law(rules, facts, findings)
        refused = any(finding.status.refuses for finding in findings)
        return Verdict(
            allowed=any(not finding.rule.own for finding in findings) and not refused and not obstacles,
            operations=(facts.operation,),
            place_kinds=(facts.place_kind,),
            jurisdictions=tuple(facts.jurisdictions),
            at=facts.at,
            findings=findings,
            missing=tuple(Missing(ids, keys, self._supply(keys)) for keys, ids in _narrowest(self._missing)),
            unknown=tuple(self._question(name, ids) for name, ids in sorted(self._unknown.items())),
            duties=tuple(self._duty(keys, ids) for keys, ids in _narrowest(self._duties)),
            not_yet_in_force=tuple(self._later),
            rule_set=rules.sha256,
            house_rules_only=_house_only(findings),
            notes=(*obstacles, *remarks),
            satisfied_by=tuple(sorted(self._rests_on.items())),
            stated=tuple(sorted(self._stated.items())),
        )

    def _supply(self, keys: tuple[str, ...]) -> str:
        terms = [self._term(key) for key in keys]
        return " Or: ".join(f"{term.words}. {term.supply}" for term in terms)

    def _question(self, trigger: str, rule_ids: list[str]) -> UnknownFact:
        term = self._vocabulary.triggers.get(trigger)
        if term is None:
            msg = f"The vocabulary doesn't explain the trigger {trigger}."
            raise VocabularyIncomplete(msg)
        return UnknownFact(trigger, term.question, tuple(sorted(rule_ids)), term.source)

    def _duty(self, keys: tuple[str, ...], rule_ids: tuple[str, ...]) -> Duty:
        term = self._term(keys[0])
        if term.within is None:
            msg = f"The vocabulary states no deadline for {term.key}."
            raise VocabularyIncomplete(msg)
        words = self._supply(keys)
        return Duty(keys[0], keys, rule_ids, words, term.within, term.counted_from)


def _narrowest(
    asked: Mapping[tuple[str, ...], Iterable[str]],
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return alternatives with the rules that ask for them, sorted.

    Where one rule asks for A and another for A or B, supplying A answers both, so one entry stands.
    """
    sets = {keys: frozenset(keys) for keys in asked}
    rules: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for keys, rule_ids in asked.items():
        inside = [other for other in sets if sets[other] < sets[keys]]
        rules[min(inside, key=lambda other: (len(other), other), default=keys)].update(rule_ids)
    return [(keys, tuple(sorted(rules[keys]))) for keys in sorted(rules)]


def _gaps_in_law(rules: RuleSet, facts: Facts, findings: tuple[Finding, ...]) -> tuple[list[str], list[str]]:
    """Return what refuses although no rule does, and what a reader should know."""
    if not rules.rules:
        return ["The rule set is empty, and an empty rule set permits nothing."], []
    if not facts.jurisdictions:
        return ["No jurisdiction is stated for the place, so no rule can permit anything there."], []
    # The operator's own rules refuse; that they speak isn't a country's law speaking.
    fired = {finding.rule.jurisdiction for finding in findings if not finding.rule.own}
    obstacles, remarks = [], []
    for name in dict.fromkeys(facts.jurisdictions):
        if not rules.covers(name):
            obstacles.append(f"There is no pack of rules for {name}, so nothing is permitted there.")
        elif fired.isdisjoint(jurisdiction_scope(name)):
            if EVERYWHERE in fired:
                remarks.append(f"No rule of {name} in this rule set applies; house rules alone do.")
            else:
                obstacles.append(f"No rule applies to this in {name}, and silence is a refusal.")
    return obstacles, remarks


def _known(honour_early: frozenset[str], rules: RuleSet) -> frozenset[str]:
    unknown = sorted(honour_early - rules.rule_ids)
    if unknown:
        msg = f"There is no rule {', '.join(unknown)} to keep early."
        raise UnknownRule(msg)
    return honour_early


def _house_only(findings: tuple[Finding, ...]) -> bool:
    shipped = [finding.rule for finding in findings if not finding.rule.own]
    return bool(shipped) and all(rule.jurisdiction == EVERYWHERE for rule in shipped)


def _refusal_of_nothing() -> Verdict:
    return Verdict(
        allowed=False,
        operations=(),
        place_kinds=(),
        jurisdictions=(),
        at=date.min,
        findings=(),
        missing=(),
        unknown=(),
        duties=(),
        not_yet_in_force=(),
        rule_set=canonical_sha256([]),
        house_rules_only=False,
        notes=(_NOTHING_ASKED,),
        satisfied_by=(),
        stated=(),
    )


def _union(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({name for part in parts for name in part}))


def _merged_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    worst: dict[str, Finding] = {}
    for finding in findings:
        known = worst.get(finding.rule_id)
        if known is None or finding.status.rank > known.status.rank:
            worst[finding.rule_id] = finding
    return tuple(sorted(worst.values(), key=lambda f: (f.rule.effect.rank, f.rule_id)))


def _merged_missing(entries: Iterable[Missing]) -> tuple[Missing, ...]:
    rules: dict[tuple[str, ...], set[str]] = defaultdict(set)
    words: dict[tuple[str, ...], str] = {}
    for entry in entries:
        rules[entry.alternatives].update(entry.rule_ids)
        words[entry.alternatives] = entry.words
    return tuple(Missing(ids, keys, words[keys]) for keys, ids in _narrowest(rules))


def _merged_unknown(entries: Iterable[UnknownFact]) -> tuple[UnknownFact, ...]:
    rules: dict[str, set[str]] = defaultdict(set)
    terms: dict[str, UnknownFact] = {}
    for entry in entries:
        rules[entry.trigger].update(entry.rule_ids)
        terms[entry.trigger] = entry
    return tuple(
        UnknownFact(name, terms[name].question, tuple(sorted(rules[name])), terms[name].source)
        for name in sorted(rules)
    )


def _merged_duties(entries: Iterable[Duty]) -> tuple[Duty, ...]:
    rules: dict[tuple[str, ...], set[str]] = defaultdict(set)
    strict: dict[tuple[str, ...], Duty] = {}
    for entry in entries:
        keys = entry.alternatives
        rules[keys].update(entry.rule_ids)
        if keys not in strict or entry.within < strict[keys].within:
            strict[keys] = entry
    return tuple(replace(strict[keys], rule_ids=ids) for keys, ids in _narrowest(rules))


def _merged_evidence(pairs: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    records: dict[str, set[str]] = defaultdict(set)
    for key, ids in pairs:
        records[key].update(ids)
    return tuple((key, tuple(sorted(records[key]))) for key in sorted(records))
