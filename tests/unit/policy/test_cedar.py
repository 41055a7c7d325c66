"""The same question, asked of another evaluator: Cedar answers alike wherever facts are complete."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.policy import Effect, Facts, Rule, RuleSet, Vocabulary, evaluate
from oracles.cedar import CedarOracle
from strategies.policy import (
    JURISDICTIONS,
    TODAY,
    complete_statements,
    facts_for,
    rule,
    rule_lists,
    rule_set,
    shipped,
    some_facts,
    vocabulary,
)

RULES, WORDS = shipped()
ORACLE = CedarOracle(RULES, WORDS, early=RULES.honoured_early)
COUNTRIES = sorted(RULES.codes - {"*"})


def agree(oracle: CedarOracle, rules: RuleSet, words: Vocabulary, asked: Facts) -> bool:
    """Assert that both answer alike, and return the answer.

    Where a country's rules are silent, Cedar's one permit stands alone; that silence refuses is ours.
    """
    verdict = evaluate(rules, asked, vocabulary=words)
    silent = any("silence is a refusal" in note or "empty rule set" in note for note in verdict.notes)
    assert verdict.allowed == (oracle.allows(asked) and not silent)
    return verdict.allowed


def test_the_policies_are_valid_under_the_schema() -> None:
    assert ORACLE.validate() == []


def test_the_validator_would_find_a_mistake() -> None:
    broken = CedarOracle(RULES, WORDS, early=RULES.honoured_early)
    broken.text = broken.text.replace("context.triggers.actor_private", "context.triggers.actor_privat")
    assert broken.validate()


def test_one_forbid_for_each_rule_and_one_permit() -> None:
    assert ORACLE.text.count("forbid(") == len(RULES.rules)
    assert ORACLE.text.count("permit(") == 1


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_shipped_rules_on_random_complete_contexts(data: st.DataObject) -> None:
    agree(ORACLE, RULES, WORDS, data.draw(facts_for(RULES, WORDS)))


def test_shipped_rules_at_every_operation_and_place() -> None:
    """Every pair once with everything in order, and several times with a little less."""
    chance = random.Random(20261122)  # noqa: S311  a fixed sequence, not a secret
    keys, triggers = sorted(WORDS.evidence), sorted(WORDS.triggers)
    answers = []
    for operation in sorted(WORDS.operations):
        for place in sorted(WORDS.places):
            for spoilt in range(3):
                lost = chance.sample(keys, chance.randint(0, 2)) if spoilt else ()
                true = chance.sample(triggers, chance.randint(0, 2)) if spoilt else ()
                asked = Facts(
                    operation=operation,
                    place_kind=place,
                    jurisdictions=tuple(chance.sample(COUNTRIES, chance.randint(1, 2))),
                    at=TODAY,
                    triggers={name: name in true for name in triggers},
                    evidence={key: (f"evd_{key}",) for key in keys if key not in lost},
                )
                answers.append(agree(ORACLE, RULES, WORDS, asked))
    # The comparison would say little if nearly everything were refused, or nearly everything permitted.
    assert len(answers) == 3 * len(WORDS.operations) * len(WORDS.places)
    assert 0.2 < sum(answers) / len(answers) < 0.8


@settings(max_examples=100, deadline=None)
@given(rule_lists(), st.lists(some_facts(triggers=complete_statements), min_size=3, max_size=6))
def test_made_up_rules(rules: tuple[Rule, ...], questions: list[Facts]) -> None:
    made, words = rule_set(*rules, codes=("*", *JURISDICTIONS)), vocabulary()
    oracle = CedarOracle(made, words, early=made.honoured_early)
    assert oracle.validate() == []
    for asked in questions:
        agree(oracle, made, words, asked)


def test_cedar_alone_would_be_no_engine() -> None:
    """A fact that nobody stated: under the schema Cedar gives no answer, and ours refuses and asks."""
    made = rule_set(rule(effect=Effect.BAN, trigger="actor.private"), rule("R-2", evidence=["notice"]))
    words = vocabulary()
    complete = {"actor.private": False, "subject.child": False, "use.scores": False}
    asked = Facts("verify", "bank", ("AA",), TODAY, complete, {"notice": ("evd_1",)})
    oracle = CedarOracle(made, words, early=frozenset())
    assert agree(oracle, made, words, asked)
    del complete["actor.private"]
    unstated = replace(asked, triggers=complete)
    with pytest.raises(AssertionError):
        oracle.allows(unstated)
    verdict = evaluate(made, unstated, vocabulary=words)
    assert not verdict.allowed
    assert [u.trigger for u in verdict.unknown] == ["actor.private"]
