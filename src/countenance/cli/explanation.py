"""How a verdict came about, as a tree: the site, its rules, what each does, and what it was told."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from countenance.cli.verdicts import STATUS_LOOK, SUPPOSED_WORDS
from countenance.policy import Facts, Finding, Force, Phase, Requirement, Rule, Status, Verdict, Vocabulary

__all__ = ["explanation_rows", "render_explanation"]


def render_explanation(console: Console, verdict: Verdict, facts: Facts, vocabulary: Vocabulary) -> None:
    """Print the tree of a supposed question: the site, then rules with effect, trigger and evidence.

    Every colour stands beside a word that says the same.

    Args:
        console: where.
        verdict: what the rules said.
        facts: what they were told.
        vocabulary: where each trigger's answer comes from.
    """
    look = "bold green" if verdict.allowed else "bold red"
    tree = Tree(Text(verdict.words()[0], style=look))
    where = ", ".join(facts.jurisdictions) or "no jurisdiction"
    site = tree.add(Text(f"{facts.operation} at {facts.place_kind} in {where} on {facts.at}", style="bold"))
    for finding in (*verdict.refusing, *(f for f in verdict.findings if not f.status.refuses)):
        _add_rule(site, finding, facts, vocabulary)
    if verdict.not_yet_in_force:
        later = tree.add(Text(f"not yet in force ({len(verdict.not_yet_in_force)})", style="dim"))
        for finding in verdict.not_yet_in_force:
            later.add(
                Text(f"{finding.rule_id}, from {finding.rule.applies_from}: {finding.rule.text}", "dim")
            )
    for note in verdict.notes:
        tree.add(Text(f"note: {note}", style="dim"))
    console.print(tree)
    console.print(Text(SUPPOSED_WORDS, style="dim"))


def _add_rule(site: Tree, finding: Finding, facts: Facts, vocabulary: Vocabulary) -> None:
    rule = finding.rule
    word, style = STATUS_LOOK[finding.status]
    source = rule.force.words if rule.force is Force.HOUSE else f"{rule.force.words}; {rule.trust.words}"
    if rule.own:
        source = f"the operator's own pack; {source}"
    if rule.applies_from is not None:
        early = "kept early, applies from" if rule.applies_from > facts.at else "from"
        source = f"{source}; {early} {rule.applies_from}"
    branch = site.add(
        Text.assemble(
            (f"{word} ", style), (rule.rule_id, "bold"), f"  {rule.citation}", (f"  ({source})", "dim")
        )
    )
    effect = branch.add(Text.assemble((rule.effect.value, "bold"), f": {rule.effect.words}"))
    effect.add(Text(rule.text, style="italic"))
    if rule.trigger is not None:
        said, look = _trigger(rule.trigger, facts)
        asked_of = vocabulary.triggers[rule.trigger].source.words
        effect.add(Text.assemble((f"{said} ", look), rule.trigger, (f"  ({asked_of})", "dim")))
    for requirement in rule.requirements:
        said, look = _requirement(requirement, facts, vocabulary)
        effect.add(Text.assemble((f"{said} ", look), _written(requirement)))


def _trigger(trigger: str, facts: Facts) -> tuple[str, str]:
    value = facts.triggers.get(trigger)
    if value is None:
        return "not stated", "yellow"
    return ("true", "magenta") if value else ("false", "green")


def _requirement(requirement: Requirement, facts: Facts, vocabulary: Vocabulary) -> tuple[str, str]:
    for need in requirement.alternatives:
        counts = need.phase is Phase.BEFORE or vocabulary.evidence[need.key].standing
        if counts and facts.evidence.get(need.key):
            return "on file", "green"
    if any(need.phase is Phase.DUTY for need in requirement.alternatives):
        return "owed afterwards", "cyan"
    return "missing", "red"


def _written(requirement: Requirement) -> str:
    return " or ".join(
        f"{need.key} (duty)" if need.phase is Phase.DUTY else need.key for need in requirement.alternatives
    )


def explanation_rows(verdict: Verdict, facts: Facts, vocabulary: Vocabulary) -> list[Mapping[str, object]]:
    """Return the tree's rules as plain JSON values, in the tree's order."""
    ordered = (*verdict.refusing, *(f for f in verdict.findings if not f.status.refuses))
    return [_row(finding.rule, finding.status, facts, vocabulary) for finding in ordered]


def _row(rule: Rule, status: Status, facts: Facts, vocabulary: Vocabulary) -> Mapping[str, object]:
    return {
        "rule": rule.rule_id,
        "status": status.value,
        "effect": rule.effect.value,
        "trigger": None
        if rule.trigger is None
        else {"name": rule.trigger, "is": _trigger(rule.trigger, facts)[0]},
        "evidence": [
            {"any_of": list(requirement.keys), "is": _requirement(requirement, facts, vocabulary)[0]}
            for requirement in rule.requirements
        ],
    }
