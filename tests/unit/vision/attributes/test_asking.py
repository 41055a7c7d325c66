from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.authority import shipped_rules
from countenance.policy import Effect
from countenance.vision.attributes import (
    NOT_COMPUTED,
    Attribute,
    AttributeNotComputed,
    UnknownAttribute,
    attributes_asked,
)


def test_asking_for_nothing_asks_for_everything_that_there_is() -> None:
    assert attributes_asked([]) == frozenset(Attribute)


def test_only_what_was_named_is_asked_for() -> None:
    assert attributes_asked(["pose", " Age "]) == {Attribute.POSE, Attribute.AGE}


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("mood", "emotion"),
        ("attractiveness", "appearance_score"),
        ("ethnicity", "categorise_sensitive"),
        ("religion", "categorise_sensitive"),
        ("Sexual Orientation", "categorise_sensitive"),
        ("sexual_orientation", "categorise_sensitive"),
        ("attention", "attention"),
        ("criminality", "decide_auto"),
    ],
)
def test_what_is_not_computed_names_the_operation_that_it_would_be(name: str, operation: str) -> None:
    with pytest.raises(AttributeNotComputed) as told:
        attributes_asked(["pose", name])
    assert told.value.operation == operation


def test_nothing_that_is_computed_is_among_what_is_not() -> None:
    assert not set(NOT_COMPUTED) & set(Attribute)


def test_every_operation_named_is_a_word_of_the_rules_and_a_rule_of_the_house_bans_it_somewhere() -> None:
    rules, vocabulary = shipped_rules()
    assert set(NOT_COMPUTED.values()) <= set(vocabulary.operations)
    for operation in set(NOT_COMPUTED.values()):
        banning = {
            rule.rule_id
            for rule in rules.rules
            if operation in rule.operations and rule.effect is Effect.BAN and rule.trigger is None
        }
        assert any(rule_id.startswith("HX-") for rule_id in banning), operation


def test_an_unknown_word_is_bad_usage_and_is_not_repeated() -> None:
    with pytest.raises(UnknownAttribute) as told:
        attributes_asked(["shoe-size"])
    assert "shoe" not in told.value.diagnostics()
    assert "pose" in told.value.remedy


@given(st.lists(st.text(max_size=12), min_size=1))
def test_no_word_is_read_as_an_attribute_that_it_is_not(names: list[str]) -> None:
    try:
        asked = attributes_asked(names)
    except (AttributeNotComputed, UnknownAttribute):
        return
    assert asked
    assert {str(attribute) for attribute in asked} == {name.strip().lower() for name in names}
