"""Which rules speak against something that this product doesn't compute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from countenance.policy import Effect, Force

if TYPE_CHECKING:
    from countenance.policy import Rule, RuleSet

__all__ = ["refusal_document", "rules_against"]


def rules_against(operation: str, rules: RuleSet) -> tuple[Rule, ...]:
    """Return the rules that ban an operation somewhere, the house's first.

    They explain; they aren't weighed. What isn't computed is refused in every place, also in one where
    none of them holds.

    Args:
        operation: in the words of the rules, such as ``emotion``.
        rules: those in use.
    """
    found = (
        rule
        for rule in rules.rules
        if operation in rule.operations
        and rule.effect in {Effect.BAN, Effect.BAN_UNLESS}
        and rule.trigger is None
        and "private_space" not in rule.places
    )
    return tuple(sorted(found, key=lambda rule: (rule.force is not Force.HOUSE, rule.rule_id)))


def refusal_document(operation: str, rules: RuleSet) -> Mapping[str, object]:
    """Return the refusal in the form in which a verdict is told as JSON."""
    return {
        "allowed": False,
        "operations": [operation],
        "rules": [
            {
                "id": rule.rule_id,
                "jurisdiction": rule.jurisdiction,
                "citation": rule.citation,
                "force": rule.force.value,
                "effect": rule.effect.value,
                "text": rule.text,
            }
            for rule in rules_against(operation, rules)
        ],
        "missing": [],
    }
