"""Rules, packs and rule sets hold together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from countenance.kernel import OperatorError
from countenance.policy import (
    Effect,
    Force,
    Requirement,
    Rule,
    RulePack,
    RuleSet,
    RuleSetInvalid,
    TrustMark,
)
from countenance.policy.rules import jurisdiction_scope
from strategies.policy import TODAY, rule, rule_set, shipped


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"operations": frozenset()}, "no operation", id="no operation"),
        pytest.param({"places": frozenset()}, "no place", id="no place"),
        pytest.param({"places": frozenset({"any", "bank"})}, "every place", id="any and one more"),
        pytest.param({"requirements": ()}, "lists some", id="a requirement that asks for nothing"),
        pytest.param({"effect": Effect.BAN}, "a ban lists no evidence", id="a ban that asks for something"),
        pytest.param({"rule_id": ""}, "identifier", id="no identifier"),
        pytest.param({"citation": ""}, "citation", id="no citation"),
        pytest.param({"text": ""}, "text", id="no text"),
        pytest.param({"jurisdiction": ""}, "jurisdiction", id="no jurisdiction"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(rule(), **changes)  # type: ignore[arg-type]


def test_a_requirement_without_alternatives_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Requirement(())


def test_a_ban_needs_no_evidence() -> None:
    assert rule(effect=Effect.BAN).requirements == ()


@pytest.mark.parametrize(
    ("jurisdiction", "around"),
    [
        ("CN", ("CN",)),
        ("US/NY/NYC", ("US", "US/NY", "US/NY/NYC")),
        ("*", ()),
        ("US/*", ()),
        ("", ("",)),
    ],
)
def test_a_jurisdiction_lies_inside_those_before_it(jurisdiction: str, around: tuple[str, ...]) -> None:
    assert jurisdiction_scope(jurisdiction) == around


@pytest.mark.parametrize(
    ("jurisdiction", "covered"),
    [
        pytest.param("AA", True, id="the pack itself"),
        pytest.param("AA/B", True, id="inside the pack"),
        pytest.param("AAA", False, id="begins with the same letters"),
        pytest.param("BB", False, id="another country"),
        pytest.param("*", False, id="the house is no country"),
        pytest.param("", False, id="nothing"),
        pytest.param("aa", False, id="other letters"),
    ],
)
def test_a_rule_set_covers_what_its_packs_cover(jurisdiction: str, *, covered: bool) -> None:
    assert rule_set(rule(), codes=["*"]).covers(jurisdiction) is covered


@pytest.mark.parametrize(
    ("asked", "bites"),
    [
        (("verify", "bank"), True),
        (("verify", "phone"), False),
        (("capture", "bank"), False),
    ],
)
def test_a_rule_bites_at_its_operation_and_place(asked: tuple[str, str], *, bites: bool) -> None:
    narrow = rule(operations=["verify"], places=["bank"])
    assert narrow.bites_at(*asked) is bites
    assert (narrow in rule_set(narrow).select(*asked)) is bites
    assert rule(places=["any"]).bites_at("verify", "phone")


def test_rules_are_reported_strongest_first_then_by_identifier() -> None:
    rules = [
        rule("R-4", effect=Effect.LIMIT),
        rule("R-3", effect=Effect.REQUIRE),
        rule("R-2", effect=Effect.BAN_UNLESS),
        rule("R-9", effect=Effect.BAN),
        rule("R-1", effect=Effect.BAN),
    ]
    assert [r.rule_id for r in rule_set(*rules).rules] == ["R-1", "R-9", "R-2", "R-3", "R-4"]
    assert [r.rule_id for r in rule_set(*rules).select("verify", "bank")] == [
        "R-1", "R-9", "R-2", "R-3", "R-4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("packs", "words"),
    [
        pytest.param([("AA", ["R-1"]), ("AA", ["R-2"])], "pack AA", id="a pack twice"),
        pytest.param([("AA", ["R-1", "R-1"])], "rule R-1", id="a rule twice in a pack"),
    ],
)
def test_packs_that_dont_fit_together_are_refused(packs: list[tuple[str, list[str]]], words: str) -> None:
    made = [RulePack(code, code, TODAY, tuple(map(rule, names)), "0" * 64) for code, names in packs]
    with pytest.raises(RuleSetInvalid, match=words):
        RuleSet.of(made)


def test_one_identifier_in_two_packs_is_refused() -> None:
    with pytest.raises(RuleSetInvalid, match="rule R-1"):
        rule_set(rule("R-1", jurisdiction="AA"), rule("R-1", jurisdiction="CC"))


def test_a_rule_in_the_pack_of_another_jurisdiction_is_refused() -> None:
    with pytest.raises(RuleSetInvalid, match="stands in the pack CC") as caught:
        RuleSet.of([RulePack("CC", "CC", TODAY, (rule(jurisdiction="AA"),), "0" * 64)])
    assert isinstance(caught.value, OperatorError)
    assert caught.value.code == "rule-set-invalid"


def test_the_hash_is_of_the_content_whatever_the_order() -> None:
    first, second = rule("R-1"), rule("R-2")
    assert rule_set(first, second).sha256 == rule_set(second, first).sha256


@pytest.mark.parametrize(
    "changed",
    [
        rule("R-1", evidence=["sign"]),
        rule("R-1", effect=Effect.LIMIT),
        rule("R-1", trigger="actor.private"),
        rule("R-1", places=["bank"]),
        rule("R-1", operations=["capture"]),
        rule("R-1", applies_from=TODAY),
        rule("R-1", force=Force.GUIDANCE),
        rule("R-1", trust=TrustMark.DOUBTFUL),
        replace(rule("R-1"), text="Something else"),
        replace(rule("R-1"), citation="Another act"),
    ],
)
def test_the_hash_changes_with_every_member_of_a_rule(changed: Rule) -> None:
    assert rule_set(rule("R-1")).sha256 != rule_set(changed).sha256


def test_review_by_two_and_logs_are_kept_early() -> None:
    rules, _ = shipped()
    assert rules.honoured_early >= {"EU-AIA-12", "EU-AIA-14-5", "EU-AIA-26-6"}
    assert rules.honoured_early.isdisjoint({"EU-AIA-14-4", "EU-AIA-49", "IN-DPDP-9"})


@pytest.mark.parametrize("words", [Effect, Force, TrustMark])
def test_every_member_is_explained_in_words(words: type[Effect | Force | TrustMark]) -> None:
    told = [member.words for member in words]
    assert all(told)
    assert len(set(told)) == len(told)


def test_what_isnt_law_says_so() -> None:
    for force in (Force.GUIDANCE, Force.STANDARD, Force.HOUSE):
        assert "not law" in force.words
