"""Every rule against what was written down for it in ``cases/``: when it fires, what keeps it, what it asks.

The cases were written from the table of rules, not from the packs, and are kept by hand. Each runs through
the real evaluation twice: among all shipped rules for the rule's status, and alone for what it misses and
asks, since a verdict reports an entry that several rules share under the narrowest of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from countenance.policy import (
    Effect,
    EvidenceNeed,
    Facts,
    Requirement,
    Rule,
    RulePack,
    RuleSet,
    Verdict,
    evaluate,
)
from strategies.policy import TODAY, shipped

RULES, WORDS = shipped()
BY_ID: Final = {rule.rule_id: rule for rule in RULES.rules}
FOLDER: Final = Path(__file__).with_name("cases")
KINDS: Final = ("fires", "satisfied", "unstated")
OTHER_KINDS: Final = ("elsewhere", "day")
MEMBERS: Final = {"effect", "operations", "places", "jurisdiction", "trigger", "applies_from"}

Entry = Mapping[str, Any]
"""What is written down for a rule, or one case of it."""


@cache
def entries() -> Mapping[str, Entry]:
    """Return what is written down, by rule."""
    found: dict[str, Entry] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        for name, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            assert name not in found, f"{name} stands twice"
            found[name] = entry
    return found


def lacking(written: Mapping[str, Entry], rule_ids: frozenset[str]) -> set[str]:
    """Return what is missing from the cases: a rule, or one of the three kinds of case for it."""
    return {f"{name}: {kind}" for name in rule_ids for kind in KINDS if not written.get(name, {}).get(kind)}


def alone(rule: Rule) -> RuleSet:
    """Return a rule set of one rule; the hash and the codes are its own."""
    return RuleSet.of([RulePack(rule.jurisdiction, "Alone", TODAY, (rule,), "0" * 64)])


def asked(entry: Entry, case: Entry) -> Facts:
    operation, place, jurisdiction, day = case["ask"]
    stated = {entry["trigger"]: case["stated"]} if "stated" in case else {}
    filed = {key: (f"evd_{key}",) for key in case.get("filed", ())}
    return Facts(operation, place, (jurisdiction,), date.fromisoformat(day), stated, filed)


def status(verdict: Verdict, rule_id: str) -> str:
    """Return how the rule stands in a verdict: its status, later, or silent."""
    for finding in verdict.findings:
        if finding.rule_id == rule_id:
            return finding.status.value
    return "later" if rule_id in {f.rule_id for f in verdict.not_yet_in_force} else "silent"


def differs(rule: Rule, entry: Entry, case: Entry) -> bool:
    """Return whether a rule, asked alone, answers otherwise than was written down."""
    verdict = evaluate(alone(rule), asked(entry, case), vocabulary=WORDS)
    missing = sorted(sorted(entry.alternatives) for entry in verdict.missing)
    duties = sorted(sorted(entry.alternatives) for entry in verdict.duties)
    unknown = [entry.trigger for entry in verdict.unknown]
    return (
        status(verdict, rule.rule_id) != case["answer"]
        or missing != sorted(sorted(keys) for keys in case.get("missing", ()))
        or duties != sorted(sorted(keys) for keys in case.get("duties", ()))
        or unknown != ([entry["trigger"]] if case["answer"] == "asks" else [])
    )


def complaints(rule: Rule, entry: Entry) -> Iterator[str]:
    """Say everything in which a rule isn't as was written down for it."""
    told = (
        ("effect", rule.effect.value),
        ("operations", sorted(rule.operations)),
        ("places", sorted(rule.places)),
        ("jurisdiction", rule.jurisdiction),
        ("trigger", rule.trigger),
        ("applies_from", rule.applies_from),
    )
    for member, value in told:
        if entry.get(member) != value:
            yield f"{member}: {value}"
    for kind in (*KINDS, *OTHER_KINDS):
        for number, case in enumerate(entry.get(kind, ())):
            if differs(rule, entry, case):
                yield f"{kind} {number}: {case.get('why', '')}"
    if differs(rule, entry, {**entry["fires"][0], "filed": sorted(WORDS.evidence.keys() - own_keys(entry))}):
        yield "evidence that isn't written down for it changes its answer"


def own_keys(entry: Entry) -> set[str]:
    """Return the evidence that is written down as keeping a rule."""
    return {key for case in entry["satisfied"] for key in case.get("filed", ())}


def test_every_rule_has_a_case_of_each_kind() -> None:
    assert lacking(entries(), RULES.rule_ids) == set()
    assert entries().keys() == RULES.rule_ids


def test_a_rule_without_one_of_the_three_is_found() -> None:
    less = {name: {k: v for k, v in entry.items() if k != "unstated"} for name, entry in entries().items()}
    assert lacking(less, RULES.rule_ids) == {f"{name}: unstated" for name in RULES.rule_ids}
    assert lacking({}, frozenset({"CN-PIPL-6"})) == {f"CN-PIPL-6: {kind}" for kind in KINDS}


def test_a_case_holds_nothing_that_is_not_read() -> None:
    for name, entry in entries().items():
        assert entry.keys() <= MEMBERS | {*KINDS, *OTHER_KINDS}, name
        for kind in (*KINDS, *OTHER_KINDS):
            for case in entry.get(kind, ()):
                assert case.keys() <= {"why", "ask", "stated", "filed", "answer", "missing", "duties"}, name
                assert ("stated" in case) <= ("trigger" in entry), name


@pytest.mark.parametrize("rule_id", sorted(RULES.rule_ids))
def test_a_rule_is_as_written_down(rule_id: str) -> None:
    assert list(complaints(BY_ID[rule_id], entries()[rule_id])) == []


@pytest.mark.parametrize("rule_id", sorted(RULES.rule_ids))
def test_among_all_rules_it_stands_the_same(rule_id: str) -> None:
    entry = entries()[rule_id]
    for kind in (*KINDS, *OTHER_KINDS):
        for case in entry.get(kind, ()):
            verdict = evaluate(RULES, asked(entry, case), vocabulary=WORDS)
            assert status(verdict, rule_id) == case["answer"], case
            if case["answer"] in {"banned", "refused", "asks"}:
                assert not verdict.allowed


@pytest.mark.parametrize("rule_id", sorted(RULES.rule_ids))
def test_it_governs_what_is_written_down_and_nothing_else(rule_id: str) -> None:
    entry = entries()[rule_id]
    first = entry["fires"][0]
    _, place, jurisdiction, day = first["ask"]
    bites = {
        (operation, kind)
        for operation in WORDS.operations
        for kind in WORDS.places
        if status(
            evaluate(
                alone(BY_ID[rule_id]),
                asked(entry, {**first, "ask": [operation, kind, jurisdiction, day]}),
                vocabulary=WORDS,
            ),
            rule_id,
        )
        != "silent"
    }
    places = WORDS.places if entry["places"] == ["any"] else entry["places"]
    assert bites == {(operation, kind) for operation in entry["operations"] for kind in places}
    assert place in places


# A case that can't fail is no case: rules that were tampered with.


def _another(names: frozenset[str], known: Mapping[str, object]) -> str:
    return next(name for name in sorted(known) if name not in names)


def _without_evidence(rule: Rule) -> Iterator[Rule]:
    for number in range(len(rule.requirements)):
        left = rule.requirements[:number] + rule.requirements[number + 1 :]
        yield replace(rule, requirements=left or (Requirement((EvidenceNeed("purpose"),)),))


def _with_an_alternative(rule: Rule) -> Iterator[Rule]:
    for number, requirement in enumerate(rule.requirements):
        key = next(key for key in ("sign", "purpose", "notice") if key not in requirement.keys)
        wider = Requirement((*requirement.alternatives, EvidenceNeed(key)))
        yield replace(
            rule, requirements=(*rule.requirements[:number], wider, *rule.requirements[number + 1 :])
        )


def _without_an_alternative(rule: Rule) -> Iterator[Rule]:
    for number, requirement in enumerate(rule.requirements):
        for gone in requirement.alternatives if len(requirement.alternatives) > 1 else ():
            left = Requirement(tuple(need for need in requirement.alternatives if need != gone))
            yield replace(
                rule, requirements=(*rule.requirements[:number], left, *rule.requirements[number + 1 :])
            )


def _another_effect(rule: Rule) -> Iterator[Rule]:
    for effect in Effect:
        if effect is not rule.effect:
            lifted = (
                () if effect is Effect.BAN else rule.requirements or (Requirement((EvidenceNeed("pia"),)),)
            )
            yield replace(rule, effect=effect, requirements=lifted)


def _other_operations(rule: Rule) -> Iterator[Rule]:
    yield replace(rule, operations=rule.operations | {_another(rule.operations, WORDS.operations)})
    if len(rule.operations) > 1:
        for name in sorted(rule.operations):
            yield replace(rule, operations=rule.operations - {name})


def _other_places(rule: Rule) -> Iterator[Rule]:
    yield replace(rule, places=frozenset({"border"} if rule.places != {"border"} else {"bank"}))
    if len(rule.places) > 1:
        for name in sorted(rule.places):
            yield replace(rule, places=rule.places - {name})


def _elsewhere(rule: Rule) -> Iterator[Rule]:
    for code in ("*", "CN", "EU", "US", "US/IL"):
        if code != rule.jurisdiction:
            yield replace(rule, jurisdiction=code)


def _another_trigger(rule: Rule) -> Iterator[Rule]:
    yield replace(rule, trigger=_another(frozenset({rule.trigger or ""}), WORDS.triggers))
    if rule.trigger is not None:
        yield replace(rule, trigger=None)


def _another_day(rule: Rule) -> Iterator[Rule]:
    if rule.applies_from is None:
        yield replace(rule, applies_from=TODAY + timedelta(days=1))
    else:
        yield replace(rule, applies_from=rule.applies_from + timedelta(days=1))
        yield replace(rule, applies_from=None)


MUTATIONS: Final[Mapping[str, Callable[[Rule], Iterator[Rule]]]] = {
    "another effect": _another_effect,
    "other operations": _other_operations,
    "other places": _other_places,
    "evidence dropped": _without_evidence,
    "an alternative added": _with_an_alternative,
    "an alternative dropped": _without_an_alternative,
    "another jurisdiction": _elsewhere,
    "another trigger": _another_trigger,
    "another day": _another_day,
}
WHAT_THE_FIRST_LINES_SAY: Final = (
    "effect:",
    "operations:",
    "places:",
    "jurisdiction:",
    "trigger:",
    "applies_from:",
)
ASKED_ALONE: Final = ("evidence dropped", "an alternative added", "an alternative dropped")


@pytest.mark.parametrize("mutate", MUTATIONS.values(), ids=MUTATIONS)
def test_a_rule_that_was_tampered_with_is_noticed(mutate: Callable[[Rule], Iterator[Rule]]) -> None:
    unnoticed = []
    planted = 0
    for rule_id, entry in entries().items():
        for mutant in mutate(BY_ID[rule_id]):
            planted += 1
            if mutant == BY_ID[rule_id] or not list(complaints(mutant, entry)):
                unnoticed.append(f"{rule_id}: {mutant}")
    assert unnoticed == []
    assert planted >= 20


@pytest.mark.parametrize("name", ["another jurisdiction", "another trigger", "another day", *ASKED_ALONE])
def test_the_cases_notice_it_by_asking(name: str) -> None:
    """Not by the first lines of an entry, which state what a rule says of itself.

    The day of a rule that the house keeps early changes no answer, so there the first lines have to do.
    """
    for rule_id, entry in entries().items():
        if name == "another day" and rule_id in RULES.honoured_early:
            continue
        for mutant in MUTATIONS[name](BY_ID[rule_id]):
            found = [
                said for said in complaints(mutant, entry) if not said.startswith(WHAT_THE_FIRST_LINES_SAY)
            ]
            assert found, f"{rule_id}: {mutant}"


@pytest.mark.parametrize("jurisdiction", ["US", "IN", "AU"])
def test_a_country_of_house_rules_alone_is_called_so(jurisdiction: str) -> None:
    """Where a pack is thin, a yes says that no law of it spoke."""
    everything = {key: (f"evd_{key}",) for key in WORDS.evidence}
    stated = {name: name == "actor.private" for name in WORDS.triggers}
    verdict = evaluate(
        RULES, Facts("verify", "bank", (jurisdiction,), TODAY, stated, everything), vocabulary=WORDS
    )
    assert verdict.allowed
    assert verdict.house_rules_only
    assert f"No rule of {jurisdiction} in this rule set applies; house rules alone do." in verdict.notes


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.rule_id)
def test_what_is_not_law_says_so_and_never_illegal(rule: Rule) -> None:
    entry = entries()[rule.rule_id]
    verdict = evaluate(alone(rule), asked(entry, entry["fires"][0]), vocabulary=WORDS)
    words = " ".join((*verdict.words(), *(str(f.to_json()) for f in verdict.findings))).lower()
    not_law = rule.force.value in {"guidance", "standard", "house"}
    assert ("not law" in rule.force.words) is not_law
    if not_law:
        assert "not law" in words
        assert "illegal" not in words
        assert "against the law" not in words
