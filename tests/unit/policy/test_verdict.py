"""A verdict in words and as JSON."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from countenance.kernel import canonical_json
from countenance.policy import Effect, Facts, Force, Rule, Status, TrustMark, Verdict, evaluate
from countenance.policy.verdict import _period
from strategies.policy import TODAY, TOMORROW, facts, rule, rule_set, shipped, vocabulary


def ask(*rules: Rule, **given: Any) -> Verdict:
    codes = given.pop("codes", ["AA"])
    return evaluate(rule_set(*rules, codes=codes), facts(**given), vocabulary=vocabulary())


def test_a_permit_in_words() -> None:
    verdict = ask(rule("R-1", evidence=["notice", "erased"]), rule("R-2"), evidence=["notice"])
    assert verdict.words() == (
        "Permitted by these rules, on this evidence: verify at bank in AA (2 rules kept).",
        "Duty afterwards, within 1 hour of the act, erased: Proof of erased. File the erased. (From R-1.)",
    )


def test_a_refusal_in_words() -> None:
    verdict = ask(
        rule("R-1", effect=Effect.BAN, trigger="actor.private"),
        rule("R-2", effect=Effect.BAN),
        rule("R-3", evidence=["notice|sign"], force=Force.GUIDANCE, trust=TrustMark.MEMORY),
        rule("R-4", evidence=["consent"], applies_from=TOMORROW),
        rule("R-5", jurisdiction="*", evidence=["consent"], force=Force.HOUSE, trust=TrustMark.HOUSE),
        evidence=["consent"],
    )
    law = "statute; source text read"
    assert list(verdict.words()) == [
        "Refused: verify at bank in AA.",
        f"Ruled out, and no evidence lifts it, by Act of AA, Art R-2 (R-2; {law}): What R-2 says.",
        f"Refused until a fact is stated, by Act of AA, Art R-1 (R-1; {law}): What R-1 says.",
        (
            "Refused until its evidence is on file, by Act of AA, Art R-3 (R-3; guidance, not law; "
            "written from memory, source not re-read): What R-3 says."
        ),
        "Not stated: Is actor.private so? (stated by the operator; fact actor.private; asked by R-1)",
        (
            "Missing evidence notice or sign: Proof of notice. File the notice. "
            "Or: Proof of sign. File the sign. (Asked for by R-3.)"
        ),
        (
            "Not yet in force, from 2026-11-23; it would be kept: "
            f"Act of AA, Art R-4 (R-4; {law}): What R-4 says."
        ),
    ]


def test_a_house_rule_isnt_called_law() -> None:
    verdict = ask(
        rule("R-5", jurisdiction="*", effect=Effect.BAN, force=Force.HOUSE, trust=TrustMark.HOUSE),
        codes=["AA", "*"],
    )
    assert verdict.words()[1].endswith("Art R-5 (R-5; our own rule, not law): What R-5 says.")


def test_a_later_rule_says_what_it_would_do() -> None:
    verdict = ask(rule("R-1"), rule("R-2", evidence=["sign"], applies_from=TOMORROW), evidence=["notice"])
    assert verdict.allowed
    assert "from 2026-11-23; it would refuse:" in verdict.words()[-1]


def test_a_verdict_about_nothing_known_names_the_gap() -> None:
    assert ask(rule(), jurisdictions=("BB",)).words() == (
        "Refused: verify at bank in BB.",
        "There is no pack of rules for BB, so nothing is permitted there.",
    )


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=72), "3 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=25), "25 hours"),
    ],
)
def test_periods_in_words(time: timedelta, words: str) -> None:
    assert _period(time) == words


def test_json_holds_the_whole_verdict() -> None:
    verdict = ask(
        rule("R-1", evidence=["notice|sign", "erased"], applies_from=TODAY),
        rule("R-2", trigger="actor.private"),
        rule("R-3", applies_from=TOMORROW),
    )
    assert verdict.to_json() == {
        "allowed": False,
        "operations": ["verify"],
        "places": ["bank"],
        "jurisdictions": ["AA"],
        "at": "2026-11-22",
        "rules": [
            {
                "id": "R-1",
                "jurisdiction": "AA",
                "citation": "Act of AA, Art R-1",
                "force": "statute",
                "effect": "require",
                "text": "What R-1 says",
                "trust": "source text read",
                "status": "refused",
                "applies_from": "2026-11-22",
            },
            {
                "id": "R-2",
                "jurisdiction": "AA",
                "citation": "Act of AA, Art R-2",
                "force": "statute",
                "effect": "require",
                "text": "What R-2 says",
                "trust": "source text read",
                "status": "asks",
            },
        ],
        "missing": [
            {
                "alternatives": ["notice", "sign"],
                "rules": ["R-1"],
                "words": "Proof of notice. File the notice. Or: Proof of sign. File the sign.",
            }
        ],
        "unknown": [
            {
                "fact": "actor.private",
                "question": "Is actor.private so?",
                "source": "operator",
                "rules": ["R-2"],
            }
        ],
        "duties": [
            {
                "key": "erased",
                "alternatives": ["erased"],
                "rules": ["R-1"],
                "words": "Proof of erased. File the erased.",
                "within_seconds": 3600,
                "counted_from": "act",
            }
        ],
        "not_yet_in_force": [
            {
                "id": "R-3",
                "jurisdiction": "AA",
                "citation": "Act of AA, Art R-3",
                "force": "statute",
                "effect": "require",
                "text": "What R-3 says",
                "trust": "source text read",
                "status": "refused",
                "applies_from": "2026-11-23",
            }
        ],
        "rule_set": verdict.rule_set,
        "house_rules_only": False,
        "notes": [],
    }


def test_refusing_rules_come_strongest_and_surest_first() -> None:
    verdict = ask(
        rule("R-1", effect=Effect.REQUIRE),
        rule("R-2", effect=Effect.BAN, trigger="actor.private"),
        rule("R-3", effect=Effect.BAN_UNLESS),
        rule("R-4", effect=Effect.BAN),
        rule("R-5", effect=Effect.REQUIRE, evidence=["sign"]),
        evidence=["sign"],
    )
    assert [f.rule_id for f in verdict.refusing] == ["R-4", "R-2", "R-3", "R-1"]


def test_the_statuses_that_refuse() -> None:
    assert {s for s in Status if s.refuses} == {Status.ASKS, Status.REFUSED, Status.BANNED}


def test_every_shipped_verdict_is_canonical_json_and_gives_no_legal_opinion() -> None:
    rules, words = shipped()
    for operation in words.operations:
        for country in ("CN", "EU", "UK", "US/NY/NYC", "IN", "AU"):
            asked = Facts(operation, "retail", (country,), date(2026, 11, 22), {}, {})
            verdict = evaluate(rules, asked, vocabulary=words)
            assert json.loads(canonical_json(verdict.to_json())) == verdict.to_json()
            told = " ".join(verdict.words()).lower()
            assert "illegal" not in told
            for finding in verdict.findings:
                if finding.rule.force is Force.GUIDANCE and finding.status.refuses:
                    assert f"({finding.rule_id.lower()}; guidance, not law;" in told
