"""An operator's own packs only ever make the answer stricter. Found by search, on the shipped rules."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.policy import (
    OWN_PREFIX,
    Effect,
    EvidenceNeed,
    Facts,
    Force,
    OwnPackRefused,
    Requirement,
    Rule,
    RulePack,
    RuleSet,
    RuleSetInvalid,
    TrustMark,
    Verdict,
    combine,
    evaluate,
    with_own_packs,
)
from countenance.policy.own_rules import PERSONS_OPERATIONS
from strategies.policy import TODAY, facts_for, shipped

RULES, WORDS = shipped()
EVERYTHING = {key: (f"evd_{key}",) for key in WORDS.evidence}
NOTHING_TRUE = dict.fromkeys(WORDS.triggers, False)
NEEDS = sorted(WORDS.evidence)
GOVERNED = sorted(WORDS.operations.keys() - PERSONS_OPERATIONS)

searched = settings(max_examples=150, deadline=None)


def own_rule(rule_id: str = "OWN-1", *, jurisdiction: str = "CN", evidence: tuple[str, ...] = ("fria",),
             effect: Effect = Effect.REQUIRE, operations: tuple[str, ...] = ("verify",),
             trigger: str | None = None) -> Rule:  # fmt: skip
    lines = () if effect is Effect.BAN else evidence
    return Rule(
        rule_id=rule_id,
        jurisdiction=jurisdiction,
        citation="House order 4",
        force=Force.HOUSE,
        effect=effect,
        text="What the house asks beyond the law",
        operations=frozenset(operations),
        places=frozenset({"any"}),
        requirements=tuple(
            Requirement(tuple(EvidenceNeed(key, WORDS.evidence[key].phase) for key in line.split("|")))
            for line in lines
        ),
        trigger=trigger,
        applies_from=None,
        trust=TrustMark.HOUSE,
    )


def pack(*rules: Rule, name: str = "house-order") -> RulePack:
    code = rules[0].jurisdiction if rules else "CN"
    return RulePack(code, "House order", TODAY, rules, "0" * 64, own=name)


def joined(*packs: RulePack) -> RuleSet:
    return with_own_packs(RULES, packs, vocabulary=WORDS)


def ask(rules: RuleSet, asked: Facts) -> Verdict:
    return evaluate(rules, asked, vocabulary=WORDS)


@st.composite
def own_packs(draw: st.DrawFn) -> tuple[RulePack, ...]:
    """Draw packs as an operator could write them, for countries with and without shipped packs."""
    packs = []
    for number in range(draw(st.integers(1, 3))):
        code = draw(st.sampled_from(("*", "CN", "EU", "US/IL", "US/CA", "JP")))
        rules = tuple(
            own_rule(
                f"{OWN_PREFIX}{number}-{index}",
                jurisdiction=code,
                effect=draw(st.sampled_from(Effect)),
                evidence=tuple(
                    "|".join(line)
                    for line in draw(
                        st.lists(
                            st.lists(st.sampled_from(NEEDS), min_size=1, max_size=3, unique=True),
                            min_size=1,
                            max_size=2,
                        )
                    )
                ),
                operations=tuple(draw(st.sets(st.sampled_from(GOVERNED), min_size=1, max_size=8))),
                trigger=draw(st.sampled_from((None, *sorted(WORDS.triggers)))),
            )
            for index in range(draw(st.integers(0, 4)))
        )
        packs.append(RulePack(code, "Own", TODAY, rules, "0" * 64, own=f"own-{number}"))
    return tuple(packs)


@st.composite
def places_anywhere(draw: st.DrawFn) -> Facts:
    """Draw facts about countries with a pack, without one, and about none."""
    asked = draw(facts_for(RULES, WORDS))
    more = draw(st.sampled_from(((), ("JP",), ("US/CA",))))
    return replace(asked, jurisdictions=draw(st.sampled_from((asked.jurisdictions, more))))


@searched
@given(own_packs(), places_anywhere())
def test_no_pack_turns_a_no_into_a_yes(packs: tuple[RulePack, ...], asked: Facts) -> None:
    without, with_packs = ask(RULES, asked), ask(joined(*packs), asked)
    assert without.allowed or not with_packs.allowed
    assert without.house_rules_only is with_packs.house_rules_only
    assert without.notes == with_packs.notes


@searched
@given(own_packs(), places_anywhere())
def test_no_pack_changes_what_a_shipped_rule_says(packs: tuple[RulePack, ...], asked: Facts) -> None:
    without, with_packs = ask(RULES, asked), ask(joined(*packs), asked)
    assert set(without.findings) <= set(with_packs.findings)
    assert all(f.rule.own for f in set(with_packs.findings) - set(without.findings))
    for before in without.missing:
        assert any(set(m.alternatives) <= set(before.alternatives) for m in with_packs.missing)
    for duty in without.duties:
        assert any(
            set(d.alternatives) <= set(duty.alternatives) and d.within <= duty.within
            for d in with_packs.duties
        )
    assert {u.trigger for u in without.unknown} <= {u.trigger for u in with_packs.unknown}
    assert dict(without.satisfied_by).items() <= dict(with_packs.satisfied_by).items()


@searched
@given(own_packs(), st.data())
def test_no_pack_helps_a_request_of_several_operations(
    packs: tuple[RulePack, ...], data: st.DataObject
) -> None:
    asked = data.draw(facts_for(RULES, WORDS))
    operations = data.draw(st.sets(st.sampled_from(sorted(WORDS.operations)), min_size=1, max_size=4))
    each = [replace(asked, operation=name) for name in operations]
    whole = joined(*packs)
    assert (
        combine([ask(RULES, one) for one in each]).allowed
        or not combine([ask(whole, one) for one in each]).allowed
    )


def test_a_pack_can_turn_a_yes_into_a_no() -> None:
    asked = Facts("verify", "bank", ("EU",), TODAY, NOTHING_TRUE, EVERYTHING)
    assert ask(RULES, asked).allowed
    banned = ask(joined(pack(own_rule(jurisdiction="EU", effect=Effect.BAN))), asked)
    assert not banned.allowed
    assert [f.rule_id for f in banned.refusing] == ["OWN-1"]
    assert banned.findings[0].to_json()["own"] is True
    less = replace(asked, evidence={k: v for k, v in EVERYTHING.items() if k != "second_factor"})
    assert ask(RULES, less).allowed
    asking = ask(joined(pack(own_rule(jurisdiction="EU", evidence=("second_factor",)))), less)
    assert [m.alternatives for m in asking.missing] == [("second_factor",)]


def test_an_own_rule_alone_permits_nothing() -> None:
    """For a country without a pack, and where no shipped rule speaks."""
    rules = joined(pack(own_rule(jurisdiction="JP", evidence=("notice",))))
    assert not ask(rules, Facts("verify", "bank", ("JP",), TODAY, NOTHING_TRUE, EVERYTHING)).allowed
    only = RuleSet.of([pack_of_own_alone()])
    verdict = ask(only, Facts("verify", "bank", ("CN",), TODAY, NOTHING_TRUE, EVERYTHING))
    assert verdict.findings
    assert not verdict.allowed


def test_the_same_rule_as_a_shipped_one_would_permit() -> None:
    """What the operator's mark prevents: a pack that opens a country, and a yes that hides house rules."""
    easy = own_rule(jurisdiction="JP", evidence=("notice",))
    asked = Facts("verify", "bank", ("JP",), TODAY, NOTHING_TRUE, EVERYTHING)
    planted = RuleSet.of((*RULES.packs, replace(pack(easy), own=None)))
    assert ask(planted, asked).allowed
    assert not ask(joined(pack(easy)), asked).allowed
    thin = own_rule(jurisdiction="AU", evidence=("notice",))
    asked = replace(asked, jurisdictions=("AU",))
    assert ask(joined(pack(thin)), asked).house_rules_only
    packs = [replace(p, rules=(*p.rules, thin)) if p.code == "AU" else p for p in RULES.packs]
    assert not ask(RuleSet.of(packs), asked).house_rules_only


def pack_of_own_alone() -> RulePack:
    made = pack(own_rule(evidence=("notice",)))
    return replace(made, rules=tuple(replace(rule, own=True) for rule in made.rules))


def test_the_packs_are_in_the_hash_and_the_order_of_them_is_not() -> None:
    one, two = pack(own_rule("OWN-1"), name="a"), pack(own_rule("OWN-2"), name="b")
    hashes = {RULES.sha256, joined(one).sha256, joined(two).sha256, joined(one, two).sha256}
    assert len(hashes) == 4
    assert joined(one, two).sha256 == joined(two, one).sha256
    assert joined() is RULES


def test_a_rule_of_the_same_words_has_another_hash_as_the_operators_own() -> None:
    made = own_rule()
    assert made.to_json() != replace(made, own=True).to_json()
    with pytest.raises(RuleSetInvalid, match="doesn't say whose"):
        RuleSet.of([replace(pack(replace(made, own=True)), own=None)])


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (own_rule("CN-PIPL-29"), "isn't OWN-"),
        (own_rule("HX-SELL"), "isn't OWN-"),
        (own_rule("own-1"), "isn't OWN-"),
        (own_rule("OWN-"), "isn't OWN-"),
        (own_rule("OWN-1\nCN-PIPL-29"), "isn't OWN-"),
        (own_rule(operations=("delete", "store")), "OWN-1 stands in the way of delete"),
        (own_rule(operations=("correct",)), "OWN-1 stands in the way of correct"),
        (own_rule(operations=("guess",)), "operation guess"),
        (own_rule(trigger="subject.tall"), "trigger subject.tall"),
    ],
)
def test_what_is_not_stricter_only_is_refused_by_name(rule: Rule, words: str) -> None:
    with pytest.raises(OwnPackRefused, match=words) as refused:
        joined(pack(rule, name="night-shift"))
    assert "night-shift" in refused.value.message


def test_evidence_that_the_vocabulary_lacks_is_refused() -> None:
    made = own_rule()
    unknown = replace(made, requirements=(Requirement((EvidenceNeed("amulet"),)),))
    with pytest.raises(OwnPackRefused, match="evidence amulet"):
        joined(pack(unknown))


def test_two_packs_share_neither_a_name_nor_an_identifier() -> None:
    with pytest.raises(RuleSetInvalid, match="pack of the operator's own"):
        joined(pack(own_rule("OWN-1")), pack(own_rule("OWN-2")))
    with pytest.raises(RuleSetInvalid, match="rule OWN-1"):
        joined(pack(own_rule(), name="a"), pack(own_rule(), name="b"))


def test_no_shipped_rule_begins_as_an_operators_own() -> None:
    assert not [name for name in RULES.rule_ids if name.startswith(OWN_PREFIX)]
    assert not any(rule.own for rule in RULES.rules)
