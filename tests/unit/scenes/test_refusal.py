from __future__ import annotations

import pytest

from countenance.authority import shipped_rules
from countenance.policy import Effect
from countenance.scenes import refusal_document, rules_against
from countenance.vision.attributes import NOT_COMPUTED

RULES, _ = shipped_rules()


@pytest.mark.parametrize(
    ("attribute", "rule_id"),
    [
        ("mood", "HX-EMOTION-BAN"),
        ("mood", "EU-AIA-5-1-f"),
        ("attention", "HX-EMOTION-BAN"),
        ("attractiveness", "HX-BEAUTY"),
        ("ethnicity", "HX-RACE"),
        ("religion", "EU-AIA-5-1-g"),
        ("trustworthiness", "HX-CLASS"),
    ],
)
def test_the_rule_is_named(attribute: str, rule_id: str) -> None:
    assert rule_id in {rule.rule_id for rule in rules_against(NOT_COMPUTED[attribute], RULES)}


@pytest.mark.parametrize("operation", sorted(set(NOT_COMPUTED.values())))
def test_only_bans_are_named_and_the_houses_come_first(operation: str) -> None:
    found = rules_against(operation, RULES)
    assert {rule.effect for rule in found} <= {Effect.BAN, Effect.BAN_UNLESS}
    assert found[0].rule_id.startswith("HX-")
    document = refusal_document(operation, RULES)
    assert document["allowed"] is False
    assert document["operations"] == [operation]
