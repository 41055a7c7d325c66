"""What must hold for every rule set and every set of facts. Found by search, on made-up and shipped rules."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from countenance.policy import (
    Effect,
    Facts,
    Phase,
    Rule,
    RulePack,
    RuleSet,
    Status,
    Verdict,
    Vocabulary,
    combine,
    evaluate,
)
from strategies.policy import (
    JURISDICTIONS,
    OPERATIONS,
    PLACES,
    TODAY,
    complete_statements,
    evidence_keys,
    facts_for,
    permissible,
    permitted,
    rule_lists,
    rule_set,
    shipped,
    some_facts,
    vocabulary,
)

CODES = ("*", *JURISDICTIONS)
WORDS = vocabulary()
SHIPPED_RULES, SHIPPED_WORDS = shipped()

made_up = settings(max_examples=200, deadline=None)
on_shipped = settings(max_examples=80, deadline=None)


def ask(rules: RuleSet, asked: Facts, words: Vocabulary = WORDS) -> Verdict:
    return evaluate(rules, asked, vocabulary=words)


def made(rules: tuple[Rule, ...]) -> RuleSet:
    return rule_set(*rules, codes=CODES)


@made_up
@given(st.data(), rule_lists(), some_facts())
def test_the_order_of_rules_never_changes_a_verdict(
    data: st.DataObject, rules: tuple[Rule, ...], asked: Facts
) -> None:
    shuffled = data.draw(st.permutations(rules))
    expected = ask(made(rules), asked)
    found = ask(made(tuple(shuffled)), asked)
    assert found == expected
    assert found.words() == expected.words()


@on_shipped
@given(st.data())
def test_the_order_of_shipped_packs_and_rules_never_changes_a_verdict(data: st.DataObject) -> None:
    asked = data.draw(facts_for(SHIPPED_RULES, SHIPPED_WORDS))
    packs = data.draw(st.permutations(SHIPPED_RULES.packs))
    turned = RuleSet.of(replace(pack, rules=pack.rules[::-1]) for pack in packs)
    assert ask(turned, asked, SHIPPED_WORDS) == ask(SHIPPED_RULES, asked, SHIPPED_WORDS)


@made_up
@given(permitted(), evidence_keys)
def test_more_evidence_never_turns_yes_into_no(case: tuple[RuleSet, Facts], more: frozenset[str]) -> None:
    rules, asked = case
    assert ask(rules, asked).allowed
    richer = replace(asked, evidence={**dict.fromkeys(more, ("evd_new",)), **asked.evidence})
    assert ask(rules, richer).allowed


@on_shipped
@given(st.data())
def test_more_evidence_never_turns_yes_into_no_on_shipped_rules(data: st.DataObject) -> None:
    asked = data.draw(facts_for(SHIPPED_RULES, SHIPPED_WORDS))
    less = data.draw(st.sets(st.sampled_from(sorted(SHIPPED_WORDS.evidence)), max_size=40))
    poorer = replace(asked, evidence={k: v for k, v in asked.evidence.items() if k not in less})
    if ask(SHIPPED_RULES, poorer, SHIPPED_WORDS).allowed:
        assert ask(SHIPPED_RULES, asked, SHIPPED_WORDS).allowed


def _take_each_requirement_away(rules: RuleSet, asked: Facts, verdict: Verdict, words: Vocabulary) -> int:
    """Remove, for each requirement in turn, every alternative; return how many were tried."""
    tried = 0
    for finding in verdict.findings:
        for requirement in finding.rule.requirements:
            if any(need.phase is Phase.DUTY for need in requirement.alternatives):
                continue
            left = {k: v for k, v in asked.evidence.items() if k not in requirement.keys}
            without = ask(rules, replace(asked, evidence=left), words)
            assert not without.allowed
            assert finding.rule_id in {f.rule_id for f in without.refusing}
            tried += 1
    return tried


@made_up
@given(permitted())
def test_removing_the_last_alternative_turns_yes_into_no(case: tuple[RuleSet, Facts]) -> None:
    rules, asked = case
    verdict = ask(rules, asked)
    assert verdict.allowed
    _take_each_requirement_away(rules, asked, verdict, WORDS)


@made_up
@given(permitted())
def test_removing_one_of_two_alternatives_changes_nothing(case: tuple[RuleSet, Facts]) -> None:
    rules, asked = case
    verdict = ask(rules, asked)
    for key in asked.evidence:
        left = {k: v for k, v in asked.evidence.items() if k != key}
        last = any(
            key in requirement.keys
            and all(need.phase is Phase.BEFORE for need in requirement.alternatives)
            and left.keys().isdisjoint(requirement.keys)
            for finding in verdict.findings
            for requirement in finding.rule.requirements
        )
        assert ask(rules, replace(asked, evidence=left)).allowed is not last


def test_removing_the_last_alternative_turns_yes_into_no_on_shipped_rules() -> None:
    """For every operation, place and country in which all evidence and no trigger is enough."""
    everything = {key: (f"evd_{key}",) for key in SHIPPED_WORDS.evidence}
    quiet = dict.fromkeys(SHIPPED_WORDS.triggers, False)
    tried = permitted = 0
    for operation in SHIPPED_WORDS.operations:
        for place in ("hotel_lobby", "airport", "online"):
            for country in sorted(SHIPPED_RULES.codes - {"*"}):
                asked = Facts(operation, place, (country,), TODAY, quiet, everything)
                verdict = ask(SHIPPED_RULES, asked, SHIPPED_WORDS)
                if verdict.allowed:
                    permitted += 1
                    tried += _take_each_requirement_away(SHIPPED_RULES, asked, verdict, SHIPPED_WORDS)
    assert permitted > 300
    assert tried > 3000


@made_up
@given(some_facts(triggers=complete_statements))
def test_an_empty_rule_set_permits_nothing(asked: Facts) -> None:
    assert not ask(rule_set(), asked).allowed
    assert not ask(rule_set(codes=CODES), asked).allowed


@on_shipped
@given(st.data())
def test_an_empty_rule_set_permits_nothing_of_the_shipped_words(data: st.DataObject) -> None:
    asked = data.draw(facts_for(SHIPPED_RULES, SHIPPED_WORDS))
    empty = RuleSet.of(replace(pack, rules=()) for pack in SHIPPED_RULES.packs)
    assert not ask(empty, asked, SHIPPED_WORDS).allowed


@made_up
@given(st.data(), rule_lists(), some_facts(triggers=complete_statements))
def test_forgetting_a_fact_never_permits(data: st.DataObject, rules: tuple[Rule, ...], asked: Facts) -> None:
    forgotten = data.draw(st.sets(st.sampled_from(sorted(asked.triggers)), min_size=1))
    left = {name: value for name, value in asked.triggers.items() if name not in forgotten}
    complete, partial = ask(made(rules), asked), ask(made(rules), replace(asked, triggers=left))
    used = {name for name, _ in complete.stated}
    if used & forgotten:
        assert not partial.allowed
        assert {u.trigger for u in partial.unknown} == used & forgotten
    else:
        assert partial.allowed == complete.allowed


def test_forgetting_a_fact_never_permits_on_shipped_rules() -> None:
    everything = {key: (f"evd_{key}",) for key in SHIPPED_WORDS.evidence}
    quiet = dict.fromkeys(SHIPPED_WORDS.triggers, False)
    tried = 0
    for operation in SHIPPED_WORDS.operations:
        for country in ("CN", "EU", "UK", "US/IL", "IN"):
            asked = Facts(operation, "retail", (country,), TODAY, quiet, everything)
            for name, _ in ask(SHIPPED_RULES, asked, SHIPPED_WORDS).stated:
                left = {k: v for k, v in quiet.items() if k != name}
                verdict = ask(SHIPPED_RULES, replace(asked, triggers=left), SHIPPED_WORDS)
                assert not verdict.allowed
                assert [u.trigger for u in verdict.unknown] == [name]
                tried += 1
    assert tried > 100


@made_up
@given(rule_lists(), some_facts(), st.sampled_from(JURISDICTIONS))
def test_another_jurisdiction_never_turns_no_into_yes(
    rules: tuple[Rule, ...], asked: Facts, another: str
) -> None:
    verdict = ask(made(rules), asked)
    assume(not verdict.allowed)
    for jurisdictions in ((*asked.jurisdictions, another), (another, *asked.jurisdictions)):
        assert not ask(made(rules), replace(asked, jurisdictions=jurisdictions)).allowed


@on_shipped
@given(st.data())
def test_another_jurisdiction_never_turns_no_into_yes_on_shipped_rules(data: st.DataObject) -> None:
    asked = data.draw(facts_for(SHIPPED_RULES, SHIPPED_WORDS))
    another = data.draw(st.sampled_from(sorted(SHIPPED_RULES.codes - {"*"})))
    wider = replace(asked, jurisdictions=(*asked.jurisdictions, another))
    if ask(SHIPPED_RULES, wider, SHIPPED_WORDS).allowed:
        assert ask(SHIPPED_RULES, asked, SHIPPED_WORDS).allowed


def test_a_city_is_never_laxer_than_its_country_at_any_place() -> None:
    """Place by jurisdiction: what the country refuses, the city inside it refuses too."""
    words = SHIPPED_WORDS
    everything = {key: (f"evd_{key}",) for key in SHIPPED_WORDS.evidence}
    for private in (True, False):
        stated = dict.fromkeys(SHIPPED_WORDS.triggers, False) | {"actor.private": private}
        for operation in SHIPPED_WORDS.operations:
            for place in SHIPPED_WORDS.places:
                asked = Facts(operation, place, (), TODAY, stated, everything)
                allowed = [
                    ask(SHIPPED_RULES, replace(asked, jurisdictions=(name,)), words).allowed
                    for name in ("US", "US/NY", "US/NY/NYC")
                ]
                assert allowed == sorted(allowed, reverse=True), (operation, place, private)


@made_up
@given(rule_lists(), some_facts())
def test_no_ban_that_fired_is_ever_lifted(rules: tuple[Rule, ...], asked: Facts) -> None:
    everything = replace(asked, evidence=dict.fromkeys(WORDS.evidence, ("evd_all",)))
    verdict = ask(made(rules), everything)
    if any(f.rule.effect is Effect.BAN and f.status is Status.BANNED for f in verdict.findings):
        assert not verdict.allowed


@made_up
@given(rule_lists(), some_facts())
def test_a_refusal_always_says_why(rules: tuple[Rule, ...], asked: Facts) -> None:
    verdict = ask(made(rules), asked)
    banned = any(f.status is Status.BANNED for f in verdict.findings)
    assert verdict.allowed or verdict.missing or verdict.unknown or banned or _gap(verdict)
    assert bool(verdict.unknown) == any(f.status is Status.ASKS for f in verdict.findings)
    assert bool(verdict.missing) == any(f.status is Status.REFUSED for f in verdict.findings)


def _gap(verdict: Verdict) -> bool:
    return any("silence is a refusal" in note or "permit" in note for note in verdict.notes)


@made_up
@given(st.data(), permissible(), evidence_keys)
def test_supplying_what_is_missing_is_enough(
    data: st.DataObject, case: tuple[RuleSet, Facts], filed: frozenset[str]
) -> None:
    """A verdict lists all that is missing: any one alternative of each entry suffices."""
    rules, asked = case
    evidence = dict.fromkeys(filed, ("evd_old",))
    verdict = ask(rules, replace(asked, evidence=evidence))
    supplied = {data.draw(st.sampled_from(m.alternatives)): ("evd_new",) for m in verdict.missing}
    assert verdict.allowed is not bool(supplied)
    assert ask(rules, replace(asked, evidence={**evidence, **supplied})).allowed


@made_up
@given(st.data(), rule_lists(), complete_statements, evidence_keys)
def test_parts_join_by_deny_overrides(
    data: st.DataObject, rules: tuple[Rule, ...], stated: dict[str, bool], filed: frozenset[str]
) -> None:
    evidence = {key: (f"evd_{key}",) for key in filed}
    parts = [
        ask(made(rules), Facts(operation, place, ("AA/B",), TODAY, stated, evidence))
        for operation in OPERATIONS
        for place in PLACES
    ]
    chosen = data.draw(st.lists(st.sampled_from(parts), min_size=1, max_size=4))
    joined = combine(chosen)
    assert joined.allowed == all(part.allowed for part in chosen)
    turned = combine(chosen[::-1])
    assert replace(turned, notes=()) == replace(joined, notes=())
    assert sorted(turned.notes) == sorted(joined.notes)
    assert {f.rule_id for f in joined.findings} == {f.rule_id for p in chosen for f in p.findings}
    assert combine([joined, *chosen]).allowed == joined.allowed


def test_a_pack_of_another_version_is_another_text_but_the_same_rules() -> None:
    pack = SHIPPED_RULES.packs[0]
    other = RulePack(pack.code, pack.title, TODAY, pack.rules, "f" * 64)
    rest = SHIPPED_RULES.packs[1:]
    assert RuleSet.of([other, *rest]).sha256 == SHIPPED_RULES.sha256


@pytest.mark.parametrize(
    "operation", ["sell", "scrape", "appearance_score", "categorise_sensitive", "publish"]
)
def test_no_complete_context_allows_what_the_house_bans(operation: str) -> None:
    everything = {key: (f"evd_{key}",) for key in SHIPPED_WORDS.evidence}
    for stated in (True, False):
        facts = dict.fromkeys(SHIPPED_WORDS.triggers, stated)
        for place in SHIPPED_WORDS.places:
            for country in SHIPPED_RULES.codes - {"*"}:
                asked = Facts(operation, place, (country,), TODAY, facts, everything)
                assert not ask(SHIPPED_RULES, asked, SHIPPED_WORDS).allowed
