"""How single rules and small sets of rules answer, case by case."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from countenance.policy import (
    Effect,
    Facts,
    Rule,
    RuleSet,
    Status,
    UnknownOperation,
    UnknownPlaceKind,
    UnknownRule,
    Verdict,
    VocabularyIncomplete,
    combine,
    evaluate,
)
from strategies.policy import TODAY, TOMORROW, facts, rule, rule_set, vocabulary


def ask(rules: RuleSet, asked: Facts, **options: Any) -> Verdict:
    return evaluate(rules, asked, vocabulary=vocabulary(), **options)


def status(verdict: Verdict, rule_id: str = "R-1") -> Status:
    return next(f.status for f in verdict.findings if f.rule_id == rule_id)


@pytest.mark.parametrize(
    ("made", "stated", "filed", "expected"),
    [
        pytest.param(rule(), {}, ["notice"], Status.SATISFIED, id="what it requires is on file"),
        pytest.param(rule(), {}, [], Status.REFUSED, id="what it requires is missing"),
        pytest.param(rule(), {}, ["sign"], Status.REFUSED, id="something else is on file"),
        pytest.param(rule(effect=Effect.BAN_UNLESS), {}, ["notice"], Status.SATISFIED, id="ban lifted"),
        pytest.param(rule(effect=Effect.BAN_UNLESS), {}, [], Status.REFUSED, id="ban not lifted"),
        pytest.param(rule(effect=Effect.LIMIT), {}, ["notice"], Status.SATISFIED, id="bound kept"),
        pytest.param(rule(effect=Effect.LIMIT), {}, [], Status.REFUSED, id="bound not shown to be kept"),
        pytest.param(rule(effect=Effect.BAN), {}, ["notice", "consent"], Status.BANNED, id="ban"),
        pytest.param(
            rule(effect=Effect.BAN, trigger="actor.private"),
            {"actor.private": True},
            [],
            Status.BANNED,
            id="ban, trigger stated true",
        ),
        pytest.param(
            rule(effect=Effect.BAN, trigger="actor.private"),
            {},
            [],
            Status.ASKS,
            id="ban, trigger not stated",
        ),
        pytest.param(
            rule(trigger="actor.private"),
            {},
            ["notice"],
            Status.ASKS,
            id="trigger not stated although the evidence is there",
        ),
        pytest.param(
            rule(trigger="actor.private"),
            {"actor.private": None},
            ["notice"],
            Status.ASKS,
            id="None is no statement",
        ),
        pytest.param(
            rule(trigger="actor.private"),
            {"actor.private": 0},
            ["notice"],
            Status.ASKS,
            id="0 is no statement",
        ),
        pytest.param(
            rule(trigger="actor.private"),
            {"actor.private": "false"},
            ["notice"],
            Status.ASKS,
            id="a word is no statement",
        ),
        pytest.param(
            rule(trigger="actor.private"),
            {"actor.private": True},
            [],
            Status.REFUSED,
            id="trigger stated true, evidence missing",
        ),
        pytest.param(
            rule(evidence=["notice", "sign"]), {}, ["sign"], Status.REFUSED, id="one of two is missing"
        ),
        pytest.param(rule(evidence=["notice|sign"]), {}, ["sign"], Status.SATISFIED, id="second alternative"),
        pytest.param(rule(evidence=["notice|sign"]), {}, [], Status.REFUSED, id="neither alternative"),
        pytest.param(rule(evidence=["erased"]), {}, [], Status.DUTY, id="only possible afterwards"),
        pytest.param(rule(evidence=["erased"]), {}, ["erased"], Status.DUTY, id="an earlier act's duty"),
        pytest.param(rule(evidence=["filed"]), {}, [], Status.DUTY, id="standing duty, nothing on file"),
        pytest.param(rule(evidence=["filed"]), {}, ["filed"], Status.SATISFIED, id="standing duty on file"),
        pytest.param(
            rule(evidence=["erased|consent"]), {}, [], Status.DUTY, id="duty or evidence, nothing there"
        ),
        pytest.param(
            rule(evidence=["erased|consent"]),
            {},
            ["consent"],
            Status.SATISFIED,
            id="duty or evidence, evidence there",
        ),
        pytest.param(
            rule(evidence=["notice", "erased"]),
            {},
            [],
            Status.REFUSED,
            id="a duty doesn't hide what is missing",
        ),
        pytest.param(rule(evidence=["notice", "erased"]), {}, ["notice"], Status.DUTY, id="the duty remains"),
    ],
)
def test_one_rule(made: Rule, stated: dict[str, Any], filed: list[str], expected: Status) -> None:
    verdict = ask(rule_set(made), facts(triggers=stated, evidence=filed))
    assert status(verdict) is expected
    assert verdict.allowed is (expected in (Status.SATISFIED, Status.DUTY))


def test_a_rule_whose_trigger_is_stated_false_doesnt_apply() -> None:
    rules = rule_set(rule("R-1", trigger="actor.private", effect=Effect.BAN), rule("R-2"))
    verdict = ask(rules, facts(triggers={"actor.private": False}, evidence=["notice"]))
    assert [f.rule_id for f in verdict.findings] == ["R-2"]
    assert verdict.allowed
    assert verdict.stated == (("actor.private", False),)


def test_an_empty_tuple_of_records_is_no_evidence() -> None:
    asked = replace(facts(), evidence={"notice": ()})
    assert not ask(rule_set(rule()), asked).allowed


@pytest.mark.parametrize(
    ("rules", "asked", "note"),
    [
        pytest.param(rule_set(), facts(), "empty rule set", id="no pack"),
        pytest.param(rule_set(codes=["AA", "*"]), facts(), "empty rule set", id="packs without rules"),
        pytest.param(rule_set(rule()), facts(jurisdictions=()), "No jurisdiction", id="no jurisdiction"),
        pytest.param(
            rule_set(rule()), facts(jurisdictions=("BB",)), "no pack of rules for BB", id="no pack for it"
        ),
        pytest.param(
            rule_set(rule()),
            facts(jurisdictions=("AA", "BB")),
            "no pack of rules for BB",
            id="no pack for one",
        ),
        pytest.param(
            rule_set(rule(jurisdiction="*")),
            facts(),
            "no pack of rules for AA",
            id="the house alone is no pack",
        ),
        pytest.param(
            rule_set(rule(jurisdiction="*")),
            facts(jurisdictions=("*",)),
            "no pack of rules for \\*",
            id="everywhere is nowhere",
        ),
        pytest.param(
            rule_set(rule()),
            facts(operation="capture"),
            "silence is a refusal",
            id="no rule on this operation",
        ),
        pytest.param(
            rule_set(rule(places=["phone"])), facts(), "silence is a refusal", id="no rule at this place"
        ),
        pytest.param(
            rule_set(rule(), rule("R-2", jurisdiction="CC", places=["phone"])),
            facts(jurisdictions=("AA", "CC")),
            "to this in CC, and silence",
            id="one of two countries is silent",
        ),
        pytest.param(
            rule_set(rule(trigger="actor.private")),
            facts(triggers={"actor.private": False}),
            "silence is a refusal",
            id="the only rule doesn't apply",
        ),
        pytest.param(
            rule_set(rule(applies_from=TOMORROW)),
            facts(),
            "silence is a refusal",
            id="the only rule comes later",
        ),
    ],
)
def test_empty_means_deny(rules: RuleSet, asked: Facts, note: str) -> None:
    verdict = ask(rules, replace(asked, evidence={"notice": ("evd_1",)}))
    assert not verdict.allowed
    assert not verdict.refusing
    assert any(re.search(note, line) for line in verdict.notes), verdict.notes


@pytest.mark.parametrize(
    ("jurisdiction", "place", "fires"),
    [
        pytest.param("AA", "AA", True, id="the same"),
        pytest.param("AA", "AA/B", True, id="around it"),
        pytest.param("AA/B", "AA", False, id="inside it"),
        pytest.param("AA/B", "AA/BC", False, id="begins with the same letters"),
        pytest.param("*", "AA", True, id="everywhere"),
    ],
)
def test_whose_rules_apply(jurisdiction: str, place: str, *, fires: bool) -> None:
    rules = rule_set(rule("R-1", jurisdiction=jurisdiction), codes=["AA"])
    verdict = ask(rules, facts(jurisdictions=(place,), evidence=["notice"]))
    assert bool(verdict.findings) is fires
    assert verdict.allowed is fires


def test_the_strictest_jurisdiction_wins() -> None:
    rules = rule_set(rule("R-1"), rule("R-2", jurisdiction="CC", effect=Effect.BAN))
    assert ask(rules, facts(evidence=["notice"])).allowed
    both = ask(rules, facts(jurisdictions=("AA", "CC"), evidence=["notice"]))
    assert [f.rule_id for f in both.refusing] == ["R-2"]
    assert not both.allowed


class TestLaterRules:
    """Rules that apply from a day to come."""

    made = rule("R-9", applies_from=TOMORROW, evidence=["sign"])
    rules = rule_set(rule("R-1"), made)

    def test_are_reported_apart_and_dont_refuse(self) -> None:
        verdict = ask(self.rules, facts(evidence=["notice"]))
        assert verdict.allowed
        assert [(f.rule_id, f.status) for f in verdict.not_yet_in_force] == [("R-9", Status.REFUSED)]
        assert verdict.missing == ()

    def test_apply_from_their_day_on(self) -> None:
        verdict = ask(self.rules, facts(at=TOMORROW, evidence=["notice"]))
        assert not verdict.allowed
        assert verdict.not_yet_in_force == ()

    def test_can_be_kept_early(self) -> None:
        verdict = ask(self.rules, facts(evidence=["notice"]), honour_early=frozenset({"R-9"}))
        assert not verdict.allowed
        assert verdict.not_yet_in_force == ()

    def test_ask_nothing_and_oblige_to_nothing_before_their_day(self) -> None:
        later = [
            rule("R-7", applies_from=TOMORROW, trigger="actor.private"),
            rule("R-8", applies_from=TOMORROW, evidence=["erased"]),
        ]
        verdict = ask(rule_set(rule("R-1"), *later), facts(evidence=["notice"]))
        assert verdict.allowed
        assert (verdict.unknown, verdict.duties, verdict.stated) == ((), (), ())
        assert [f.status for f in verdict.not_yet_in_force] == [Status.ASKS, Status.DUTY]

    def test_review_by_two_and_logs_are_kept_early_by_the_house(self) -> None:
        words = vocabulary()
        for key in ("human_review.two", "log.period"):
            evidence = {**words.evidence, key: replace(words.evidence["erased"], key=key)}
            made = rule("R-9", applies_from=TOMORROW, evidence=["notice"])
            needs = tuple(
                replace(r, alternatives=tuple(replace(n, key=key) for n in r.alternatives))
                for r in rule(evidence=["erased"]).requirements
            )
            rules = rule_set(rule("R-1"), replace(made, requirements=needs))
            verdict = evaluate(
                rules, facts(evidence=["notice"]), vocabulary=replace(words, evidence=evidence)
            )
            assert [d.key for d in verdict.duties] == [key]
            assert not verdict.not_yet_in_force
            plain = evaluate(
                rules,
                facts(evidence=["notice"]),
                vocabulary=replace(words, evidence=evidence),
                honour_early=frozenset(),
            )
            assert plain.duties == ()
            assert len(plain.not_yet_in_force) == 1

    def test_a_misspelt_rule_to_keep_early_is_refused(self) -> None:
        with pytest.raises(UnknownRule, match="R-99") as caught:
            ask(self.rules, facts(), honour_early=frozenset({"R-9", "R-99"}))
        assert caught.value.code == "unknown-rule"


class TestMissing:
    def test_one_entry_for_one_need_with_all_its_rules(self) -> None:
        rules = rule_set(rule("R-2"), rule("R-1"), rule("R-3", evidence=["sign"]))
        missing = ask(rules, facts()).missing
        assert [(m.alternatives, m.rule_ids) for m in missing] == [
            (("notice",), ("R-1", "R-2")),
            (("sign",), ("R-3",)),
        ]
        assert missing[0].words == "Proof of notice. File the notice."

    def test_alternatives_are_all_named(self) -> None:
        (missing,) = ask(rule_set(rule(evidence=["sign|consent"])), facts()).missing
        assert missing.alternatives == ("sign", "consent")
        assert missing.words == "Proof of sign. File the sign. Or: Proof of consent. File the consent."

    def test_what_answers_both_is_asked_for_once(self) -> None:
        rules = rule_set(rule("R-1", evidence=["sign|consent"]), rule("R-2", evidence=["consent"]))
        (missing,) = ask(rules, facts()).missing
        assert (missing.alternatives, missing.rule_ids) == (("consent",), ("R-1", "R-2"))
        assert ask(rules, facts(evidence=["consent"])).allowed

    def test_a_rule_that_asks_for_a_fact_doesnt_ask_for_evidence_yet(self) -> None:
        verdict = ask(rule_set(rule(trigger="actor.private")), facts())
        assert verdict.missing == ()
        (unknown,) = verdict.unknown
        assert (unknown.trigger, unknown.question, unknown.rule_ids) == (
            "actor.private",
            "Is actor.private so?",
            ("R-1",),
        )


class TestDuties:
    def test_a_duty_has_the_deadline_of_its_evidence(self) -> None:
        (duty,) = ask(rule_set(rule(evidence=["reviewed"])), facts()).duties
        assert duty.key == "reviewed"
        assert duty.within == timedelta(hours=2)
        assert duty.rule_ids == ("R-1",)
        assert duty.words == "Proof of reviewed. File the reviewed."

    def test_evidence_of_before_discharges_no_duty(self) -> None:
        (duty,) = ask(rule_set(rule(evidence=["consent|erased|reviewed"])), facts()).duties
        assert duty.alternatives == ("erased", "reviewed")

    def test_duties_come_with_a_refusal_too(self) -> None:
        verdict = ask(rule_set(rule(evidence=["notice", "erased"])), facts())
        assert not verdict.allowed
        assert [d.key for d in verdict.duties] == ["erased"]


class TestWhatAYesRestsOn:
    def test_the_records_of_the_first_alternative_that_is_there(self) -> None:
        rules = rule_set(rule("R-1", evidence=["sign|consent", "notice"]))
        asked = replace(
            facts(), evidence={"consent": ("evd_2", "evd_3"), "notice": ("evd_1",), "assessment": ("evd_9",)}
        )
        assert ask(rules, asked).satisfied_by == (("consent", ("evd_2", "evd_3")), ("notice", ("evd_1",)))

    def test_and_the_facts_that_were_stated_and_used(self) -> None:
        rules = rule_set(rule("R-1"), rule("R-2", trigger="actor.private"), rule("R-3", trigger="use.scores"))
        stated = {"actor.private": True, "use.scores": False, "subject.child": True}
        verdict = ask(rules, facts(triggers=stated, evidence=["notice"]))
        assert verdict.stated == (("actor.private", True), ("use.scores", False))


class TestHouseRulesOnly:
    def test_when_only_the_house_speaks(self) -> None:
        rules = rule_set(rule("R-1", jurisdiction="*"), codes=["AA"])
        verdict = ask(rules, facts(evidence=["notice"]))
        assert verdict.allowed
        assert verdict.house_rules_only
        assert verdict.notes == ("No rule of AA in this rule set applies; house rules alone do.",)

    def test_not_when_a_law_speaks_too(self) -> None:
        rules = rule_set(rule("R-1", jurisdiction="*"), rule("R-2"))
        verdict = ask(rules, facts(evidence=["notice"]))
        assert not verdict.house_rules_only
        assert verdict.notes == ()

    def test_not_when_nothing_speaks(self) -> None:
        assert not ask(rule_set(codes=["AA"]), facts()).house_rules_only


def test_unknown_words_of_a_caller_are_refused() -> None:
    with pytest.raises(UnknownOperation):
        ask(rule_set(rule()), facts("sing"))
    with pytest.raises(UnknownPlaceKind):
        ask(rule_set(rule()), facts(place_kind="moon"))


@pytest.mark.parametrize(
    ("made", "word"),
    [
        pytest.param(rule(evidence=["amulet"]), "amulet", id="evidence"),
        pytest.param(rule(trigger="moon.full"), "moon.full", id="trigger"),
    ],
)
def test_a_rule_in_words_that_nobody_explains_stops_the_evaluation(made: Rule, word: str) -> None:
    with pytest.raises(VocabularyIncomplete, match=word):
        ask(rule_set(made), facts())


def test_a_duty_without_a_deadline_stops_the_evaluation() -> None:
    words = vocabulary()
    words = replace(
        words, evidence={**words.evidence, "erased": replace(words.evidence["erased"], within=None)}
    )
    with pytest.raises(VocabularyIncomplete, match="no deadline for erased"):
        evaluate(rule_set(rule(evidence=["erased"])), facts(), vocabulary=words)


class TestCombine:
    rules = rule_set(
        rule("R-1", operations=["capture", "verify"], evidence=["notice"]),
        rule("R-2", operations=["capture"], evidence=["sign|consent"]),
        rule("R-3", operations=["verify"], evidence=["consent", "erased"]),
        rule("R-4", operations=["verify"], trigger="actor.private", evidence=["erased|reviewed"]),
    )

    def both(self, **given: Any) -> Verdict:
        return combine([ask(self.rules, facts(name, **given)) for name in ("capture", "verify")])

    def test_nothing_is_refused(self) -> None:
        verdict = combine([])
        assert not verdict.allowed
        assert verdict.notes == ("Nothing was asked, so nothing is permitted.",)
        assert verdict.words() == ("Refused: nothing.", "Nothing was asked, so nothing is permitted.")
        assert verdict.rule_set == rule_set().sha256

    def test_one_stays_what_it_is(self) -> None:
        verdict = ask(self.rules, facts(evidence=["notice"]))
        assert combine([verdict]) == verdict

    def test_every_part_must_be_allowed(self) -> None:
        stated = {"actor.private": True}
        assert self.both(triggers=stated, evidence=["notice", "consent"]).allowed
        assert not self.both(triggers=stated, evidence=["notice", "sign"]).allowed
        assert not self.both(evidence=["notice", "consent"]).allowed

    def test_what_is_asked_twice_stands_once(self) -> None:
        verdict = self.both(triggers={"actor.private": True})
        assert verdict.operations == ("capture", "verify")
        assert [f.rule_id for f in verdict.findings] == ["R-1", "R-2", "R-3", "R-4"]
        assert [(m.alternatives, m.rule_ids) for m in verdict.missing] == [
            (("consent",), ("R-2", "R-3")),
            (("notice",), ("R-1",)),
        ]
        assert [(d.alternatives, d.rule_ids) for d in verdict.duties] == [(("erased",), ("R-3", "R-4"))]

    def test_the_worst_status_of_a_rule_is_told(self) -> None:
        allowed = ask(self.rules, facts(evidence=["notice"]))
        refused = ask(self.rules, facts(place_kind="phone"))
        for order in ([allowed, refused], [refused, allowed]):
            assert status(combine(order)) is Status.REFUSED

    def test_of_two_deadlines_the_shorter_counts(self) -> None:
        verdict = ask(rule_set(rule(evidence=["erased"])), facts(evidence=["notice"]))
        (duty,) = verdict.duties
        longer = replace(verdict, duties=(replace(duty, within=timedelta(days=9), rule_ids=("R-0",)),))
        for order in ([verdict, longer], [longer, verdict]):
            (joined,) = combine(order).duties
            assert joined.within == timedelta(hours=1)
            assert joined.rule_ids == ("R-0", "R-1")

    def test_unknown_facts_are_joined(self) -> None:
        rules = rule_set(
            rule("R-1", operations=["capture"], trigger="actor.private"),
            rule("R-2", operations=["verify"], trigger="actor.private"),
        )
        verdict = combine([ask(rules, facts(name)) for name in ("capture", "verify")])
        assert [(u.trigger, u.rule_ids) for u in verdict.unknown] == [("actor.private", ("R-1", "R-2"))]

    def test_records_and_statements_are_joined(self) -> None:
        verdict = self.both(triggers={"actor.private": True}, evidence=["notice", "consent"])
        assert verdict.satisfied_by == (("consent", ("evd_consent",)), ("notice", ("evd_notice",)))
        assert verdict.stated == (("actor.private", True),)

    def test_house_rules_only_is_told_of_the_whole(self) -> None:
        rules = rule_set(
            rule("R-1", jurisdiction="*", operations=["capture"]), rule("R-2", operations=["verify"])
        )
        verdicts = [ask(rules, facts(name, evidence=["notice"])) for name in ("capture", "verify")]
        assert verdicts[0].house_rules_only
        assert not combine(verdicts).house_rules_only

    @pytest.mark.parametrize("change", [{"rule_set": "0" * 64}, {"at": TODAY - timedelta(days=1)}])
    def test_verdicts_of_different_rules_or_days_are_no_request(self, change: dict[str, Any]) -> None:
        verdict = ask(self.rules, facts())
        with pytest.raises(ValueError, match="one rule set"):
            combine([verdict, replace(verdict, **change)])
