"""What was done to people with their faces is refused, by the rules that were written down before.

With everything on file that isn't named as lacking, so that nothing but these rules stands in the way. What
paper can lift is told apart and stands in docs/explanation/abuses.md with the rule that exposes it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from countenance.policy import Effect, Facts, Verdict, combine, evaluate
from strategies.policy import TODAY, shipped

RULES, WORDS = shipped()
DATA = tomllib.loads(Path(__file__).with_name("abuses.toml").read_text(encoding="utf-8"))
REFUSED: list[dict[str, Any]] = DATA["refused"]
PAPER: list[dict[str, Any]] = DATA["paper"]
PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "abuses.md"
COUNTRIES = ("CN", "EU")


def ask(told: dict[str, Any], country: str, *, true: set[str], lacking: set[str]) -> Verdict:
    assert true <= WORDS.triggers.keys()
    assert lacking <= WORDS.evidence.keys()
    stated = {name: name in true for name in WORDS.triggers}
    filed = {key: (f"evd_{key}",) for key in WORDS.evidence.keys() - lacking}
    return combine(
        [
            evaluate(RULES, Facts(name, told["place"], (country,), TODAY, stated, filed), vocabulary=WORDS)
            for name in told["operations"]
        ]
    )


def parts(told: dict[str, Any], member: str) -> set[str]:
    return set(told.get(member, ()))


def pairs(entries: list[dict[str, Any]]) -> list[Any]:
    return [
        pytest.param(told, country, id=f"{told['abuse']}, {country}")
        for told in entries
        for country in COUNTRIES
        if country in told
    ]


@pytest.mark.parametrize(("told", "country"), pairs(REFUSED))
def test_an_abuse_is_refused_by_exactly_these_rules(told: dict[str, Any], country: str) -> None:
    verdict = ask(told, country, true=parts(told, "true"), lacking=parts(told, "lacking"))
    assert not verdict.allowed
    assert {finding.rule_id for finding in verdict.refusing} == set(told[country])


@pytest.mark.parametrize(("told", "country"), pairs(PAPER))
def test_paper_lifts_these_and_the_truth_is_refused_by_exactly_these_rules(
    told: dict[str, Any], country: str
) -> None:
    true, lacking = parts(told, "true"), parts(told, "lacking")
    assert ask(told, country, true=true, lacking=lacking).allowed
    honest = ask(
        told,
        country,
        true=true | parts(told, "states"),
        lacking=lacking
        | parts(told, "lie")
        | ({"statutory_basis", "art9_law"} if parts(told, "lie") else set()),
    )
    assert not honest.allowed
    assert {finding.rule_id for finding in honest.refusing} == set(told[country])


def test_every_abuse_is_refused_in_both_countries() -> None:
    assert [told["abuse"] for told in REFUSED if not all(told.get(country) for country in COUNTRIES)] == []
    assert len(REFUSED) >= 18


def test_no_paper_lifts_an_abuse_that_is_banned_whatever_is_stated() -> None:
    """The bans without a trigger hold with everything on file and every trigger stated either way."""
    flat = [r for r in RULES.rules if r.effect is Effect.BAN and r.trigger is None and r.jurisdiction == "*"]
    assert len(flat) >= 9
    for rule in flat:
        place = "online" if "any" in rule.places else min(rule.places)
        told = {"place": place, "operations": [min(rule.operations)]}
        for true in (set(), set(WORDS.triggers)):
            for country in COUNTRIES:
                assert not ask(told, country, true=true, lacking=set()).allowed


@pytest.mark.parametrize("told", [*REFUSED, *PAPER], ids=lambda told: told["abuse"])
def test_the_page_lists_it_with_its_rules(told: dict[str, Any]) -> None:
    rows = [
        row for row in PAGE.read_text(encoding="utf-8").splitlines() if row.startswith(f"| {told['abuse']} |")
    ]
    assert len(rows) == 1
    for country in COUNTRIES:
        for rule_id in told.get(country, ()):
            assert f"`{rule_id}`" in rows[0]
    assert told.get("seen", "") in rows[0]


def test_the_page_lists_nothing_else() -> None:
    rows = [row for row in PAGE.read_text(encoding="utf-8").splitlines() if row.startswith("| ")]
    heads = [row for row in rows if row.startswith("| abuse |")]
    assert len(rows) - len(heads) == len(REFUSED) + len(PAPER)
