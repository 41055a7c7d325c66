"""The same rules in Cedar: one permit, one forbid for each rule, under a schema.

Another language with another evaluator answers the same question, for facts that are complete. Cedar
skips a forbid whose fact is absent, and then allows; that is why it is an oracle here and not the engine.
It doesn't know what silence means either: where no rule speaks, only our own evaluator refuses.
"""

from __future__ import annotations

import json

import cedarpy

from countenance.policy import Facts, Phase, Requirement, Rule, RuleSet, Vocabulary

__all__ = ["CedarOracle"]


class CedarOracle:
    """Asks Cedar whether any rule forbids.

    Args:
        rules: what is translated.
        vocabulary: gives the actions of the schema and the standing duties.
        early: rules that are kept before they apply.
    """

    def __init__(self, rules: RuleSet, vocabulary: Vocabulary, *, early: frozenset[str]) -> None:
        self._vocabulary = vocabulary
        policies = ["permit(principal, action, resource);"]
        policies += [self._forbid(rule, early) for rule in rules.rules]
        self.text = "\n".join(policies)
        self.schema = _schema(vocabulary)
        self._policies = cedarpy.PolicySet.from_str(self.text)
        self._schema = cedarpy.Schema.from_str(self.schema)
        self._entities = cedarpy.Entities.from_json_str("[]")

    def validate(self) -> list[str]:
        """Return what Cedar's validator finds wrong with the policies under the schema."""
        result = cedarpy.validate_policies(self.text, self._schema)
        return [str(error) for error in result.errors]

    def allows(self, facts: Facts) -> bool:
        """Return whether no rule forbids. Every trigger must be stated.

        Raises:
            AssertionError: if Cedar couldn't evaluate a policy.
        """
        request = {
            "principal": 'Desk::"desk"',
            "action": f"Action::{json.dumps(facts.operation)}",
            "resource": 'Place::"place"',
            "context": {
                "place": facts.place_kind,
                "jurisdictions": _around(facts.jurisdictions),
                "day": facts.at.toordinal(),
                "triggers": {_member(name): value for name, value in facts.triggers.items()},
                "evidence": sorted(key for key, ids in facts.evidence.items() if ids),
            },
        }
        result = cedarpy.is_authorized(request, self._policies, self._entities, self._schema)
        assert not result.diagnostics.errors, result.diagnostics.errors
        return bool(result.allowed)

    def _forbid(self, rule: Rule, early: frozenset[str]) -> str:
        actions = ", ".join(f"Action::{json.dumps(name)}" for name in sorted(rule.operations))
        conditions = []
        if rule.jurisdiction != "*":
            conditions.append(f"context.jurisdictions.contains({json.dumps(rule.jurisdiction)})")
        if "any" not in rule.places:
            conditions.append(f"{json.dumps(sorted(rule.places))}.contains(context.place)")
        if rule.applies_from is not None and rule.rule_id not in early:
            conditions.append(f"context.day >= {rule.applies_from.toordinal()}")
        if rule.trigger is not None:
            conditions.append(f"context.triggers.{_member(rule.trigger)}")
        if rule.requirements:
            met = [self._met(requirement) for requirement in rule.requirements]
            conditions.append(f"!({' && '.join(met)})")
        when = f" when {{ {' && '.join(conditions)} }}" if conditions else ""
        return f"@id({json.dumps(rule.rule_id)})\nforbid(principal, action in [{actions}], resource){when};"

    def _met(self, requirement: Requirement) -> str:
        # What can be done afterwards forbids nothing beforehand.
        if any(need.phase is Phase.DUTY for need in requirement.alternatives):
            return "true"
        return f"context.evidence.containsAny({json.dumps(sorted(requirement.keys))})"


def _schema(vocabulary: Vocabulary) -> str:
    actions = ", ".join(json.dumps(name) for name in sorted(vocabulary.operations))
    triggers = ", ".join(f"{_member(name)}: Bool" for name in sorted(vocabulary.triggers))
    return f"""
        entity Desk;
        entity Place;
        action {actions} appliesTo {{
            principal: [Desk],
            resource: [Place],
            context: {{
                place: String,
                jurisdictions: Set<String>,
                day: Long,
                triggers: {{ {triggers} }},
                evidence: Set<String>,
            }},
        }};
    """


def _member(trigger: str) -> str:
    return trigger.replace(".", "_")


def _around(jurisdictions: tuple[str, ...]) -> list[str]:
    found = set()
    for name in jurisdictions:
        while name:
            found.add(name)
            name = name.rpartition("/")[0]  # noqa: PLW2901  walks outwards
    return sorted(found)
