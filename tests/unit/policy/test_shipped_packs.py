"""The packs that come with the package hold what they should, in words that are explained."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

import pytest

from countenance.policy import Effect, Force, Phase, TrustMark, parse_pack
from strategies.policy import shipped

RULES, WORDS = shipped()


def test_the_rules_by_jurisdiction() -> None:
    assert len(RULES.rules) == 162
    assert Counter(rule.jurisdiction for rule in RULES.rules) == {
        "CN": 51, "EU": 46, "*": 38, "UK": 6, "US/IL": 5, "US": 3, "US/NY/NYC": 3, "IN": 3, "US/WA": 2,
        "US/TX": 1, "US/CO": 1, "US/OR/PDX": 1, "US/NY": 1, "AU": 1,
    }  # fmt: skip


def test_the_rules_by_effect() -> None:
    counted = Counter(rule.effect for rule in RULES.rules)
    assert counted == {Effect.BAN: 29, Effect.BAN_UNLESS: 53, Effect.REQUIRE: 76, Effect.LIMIT: 4}


def test_the_rules_by_trust() -> None:
    assert Counter(rule.trust for rule in RULES.rules) == {
        TrustMark.READ: 21, TrustMark.SECONDARY: 49, TrustMark.MEMORY: 51, TrustMark.DOUBTFUL: 3,
        TrustMark.HOUSE: 38,
    }  # fmt: skip


def test_every_identifier_is_unique() -> None:
    assert len(RULES.rule_ids) == len(RULES.rules)


def test_every_word_is_explained_and_every_phase_agrees() -> None:
    WORDS.check(RULES)


def test_no_word_stands_unused() -> None:
    assert {key for rule in RULES.rules for key in rule.keys} == WORDS.evidence.keys()
    assert {rule.trigger for rule in RULES.rules} - {None} == WORDS.triggers.keys()
    assert {name for rule in RULES.rules for name in rule.operations} == WORDS.operations.keys()
    assert {name for rule in RULES.rules for name in rule.places} - {"any"} == WORDS.places.keys()


def test_the_sizes_of_the_closed_lists() -> None:
    assert len(WORDS.operations) == 31
    assert len(WORDS.places) == 16
    assert len(WORDS.triggers) == 19
    assert Counter(term.phase for term in WORDS.evidence.values()) == {Phase.BEFORE: 96, Phase.DUTY: 19}


def test_each_pack_stands_in_the_file_of_its_name() -> None:
    for entry in files("countenance.policy").joinpath("packs").iterdir():
        pack = parse_pack(entry.read_text("utf-8"))
        name = "house" if pack.code == "*" else pack.code.replace("/", "-")
        assert entry.name == f"{name}.toml"
        assert pack.rules


def test_the_house_is_house_and_nothing_else_is() -> None:
    for rule in RULES.rules:
        house = (rule.jurisdiction == "*", rule.force is Force.HOUSE, rule.trust is TrustMark.HOUSE)
        assert house in ((True, True, True), (False, False, False)), rule.rule_id
        assert rule.rule_id.startswith("HX-") is house[0]


@pytest.mark.parametrize(
    ("rule_id", "force"),
    [
        ("CN-PIPL-26", Force.STATUTE),
        ("CN-FRT-10", Force.REGULATION),
        ("CN-FRT-11", Force.GUIDANCE),
        ("CN-SPC-10", Force.COURT),
        ("CN-GBT-14", Force.STANDARD),
        ("EU-AIA-5-1-f", Force.STATUTE),
        ("EU-EDPB-11-1N", Force.GUIDANCE),
        ("UK-BRIDGES", Force.COURT),
        ("UK-SERCO", Force.GUIDANCE),
        ("US-COPPA", Force.REGULATION),
        ("HX-PRIVATE", Force.HOUSE),
    ],
)
def test_where_rules_get_their_authority_from(rule_id: str, force: Force) -> None:
    assert {rule.rule_id: rule.force for rule in RULES.rules}[rule_id] is force


def test_every_citation_names_its_instrument() -> None:
    for rule in RULES.rules:
        assert not rule.citation.startswith("Art"), rule.rule_id


def test_private_rooms_are_closed_to_every_operation_on_faces() -> None:
    ban = next(rule for rule in RULES.rules if rule.rule_id == "HX-PRIVATE")
    assert ban.effect is Effect.BAN
    assert ban.trigger is None
    # Erasing and correcting must stay possible. Measuring runs on a data set, not on the room. On the
    # rest no rule that could permit it speaks about a private room.
    assert WORDS.operations.keys() - ban.operations == {
        "delete", "correct", "pay", "drowsiness_self", "appearance_score", "evaluate",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rule_id", "alternatives"),
    [
        ("CN-PIPL-29", ("consent.separate", "statutory_basis")),
        ("EU-GDPR-9", ("consent.explicit", "art9_law")),
        ("EU-GDPR-25", ("raw_deleted", "consent.written", "log.input")),
        ("US-PDX-34", ("legal_obligation", "own_device")),
    ],
)
def test_alternatives_survive_the_conversion(rule_id: str, alternatives: tuple[str, ...]) -> None:
    rule = next(rule for rule in RULES.rules if rule.rule_id == rule_id)
    assert alternatives in {requirement.keys for requirement in rule.requirements}
