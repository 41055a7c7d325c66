"""Write docs/reference/rules.md from the shipped rule packs and the vocabulary, or check it.

The JSON schema of a pack is written beside it, docs/reference/rule-pack.schema.json.

Usage::

    python scripts/document_rules.py            write
    python scripts/document_rules.py --check    exit 1 if a document is out of date
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from countenance.authority import pack_schema
from countenance.policy import (
    EvidenceTerm,
    Force,
    Phase,
    Rule,
    RulePack,
    RuleSet,
    TrustMark,
    Vocabulary,
    parse_pack,
    parse_vocabulary,
)

ROOT = Path(__file__).resolve().parent.parent
POLICY = ROOT / "src" / "countenance" / "policy"
DOCUMENT = ROOT / "docs" / "reference" / "rules.md"
SCHEMA = DOCUMENT.with_name("rule-pack.schema.json")

HEAD = """\
# Rules

Made by `scripts/document_rules.py` from the packs in `src/countenance/policy/packs`. **Not legal advice.**
How a verdict is reached from these rules is told in [policy](../explanation/policy.md).

Each rule names its source, how far that source binds, and how far our text of it was checked. A rule
whose text was written from memory must be checked before anyone relies on it.
"""


def main() -> int:
    """Write the document, or compare it."""
    packs = sorted(POLICY.joinpath("packs").glob("*.toml"))
    rules = RuleSet.of(parse_pack(path.read_text(encoding="utf-8")) for path in packs)
    vocabulary = parse_vocabulary(POLICY.joinpath("vocabulary.toml").read_text(encoding="utf-8"))
    written = {
        DOCUMENT: document(rules, vocabulary),
        SCHEMA: json.dumps(pack_schema(), indent=2, ensure_ascii=False) + "\n",
    }
    if "--check" in sys.argv[1:]:
        fresh = all(
            path.exists() and path.read_text(encoding="utf-8") == text for path, text in written.items()
        )
        return 0 if fresh else 1
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def document(rules: RuleSet, vocabulary: Vocabulary) -> str:
    """Return the whole document."""
    parts = [HEAD, summary(rules)]
    parts += [pack_section(pack) for pack in rules.packs]
    parts += [words_section(vocabulary), triggers_section(vocabulary), evidence_section(vocabulary)]
    return "\n".join(parts)


def summary(rules: RuleSet) -> str:
    """Return how many rules there are, by jurisdiction and by trust."""
    trust = Counter(rule.trust for rule in rules.rules)
    lines = [f"{len(rules.rules)} rules in {len(rules.packs)} packs; rule set `{rules.sha256[:16]}`.", ""]
    lines += table(
        ["pack", "rules", "as of"],
        [
            [f"{p.title} (`{p.code}`)", str(len(p.rules)), p.version.isoformat()]
            for p in rules.packs
        ],
    )  # fmt: skip
    lines += table(["how far checked", "rules"], [[mark.words, str(trust[mark])] for mark in TrustMark])
    return "\n".join(lines)


def pack_section(pack: RulePack) -> str:
    """Return the rules of a pack."""
    lines = [f"## {pack.title} (`{pack.code}`)", ""]
    for rule in sorted(pack.rules, key=lambda rule: rule.rule_id):
        lines += rule_entry(rule)
    return "\n".join(lines)


def rule_entry(rule: Rule) -> list[str]:
    """Return one rule."""
    lines = [
        f"### {rule.rule_id}",
        "",
        f"{rule.text}.",
        "",
        f"- source: {rule.citation}; {binding(rule)}",
        f"- effect: `{rule.effect}`, {rule.effect.words}",
        f"- operations: {names(rule.operations)}",
        f"- places: {names(rule.places)}",
    ]
    if rule.trigger:
        lines.append(f"- applies if: `{rule.trigger}`")
    if rule.applies_from:
        lines.append(f"- applies from: {rule.applies_from}")
    for requirement in rule.requirements:
        alternatives = " or ".join(
            f"`{need.key}`" + (" (duty)" if need.phase is Phase.DUTY else "")
            for need in requirement.alternatives
        )
        lines.append(f"- asks for: {alternatives}")
    return [*lines, ""]


def binding(rule: Rule) -> str:
    """Return how far a rule binds and how far its text was checked."""
    house = rule.force is Force.HOUSE
    return rule.force.words if house else f"{rule.force.words}; {rule.trust.words}"


def words_section(vocabulary: Vocabulary) -> str:
    """Return the operations and kinds of place."""
    lines = ["## Operations", ""]
    lines += table(
        ["operation", "meaning"], [[f"`{t.name}`", t.words] for t in vocabulary.operations.values()]
    )
    lines += ["## Kinds of place", ""]
    lines += table(["place", "meaning"], [[f"`{t.name}`", t.words] for t in vocabulary.places.values()])
    return "\n".join(lines)


def triggers_section(vocabulary: Vocabulary) -> str:
    """Return the triggers."""
    rows = [[f"`{t.name}`", t.words, t.question, t.source.words] for t in vocabulary.triggers.values()]
    return "\n".join(["## Triggers", "", *table(["trigger", "true when", "question", "who answers"], rows)])


def evidence_section(vocabulary: Vocabulary) -> str:
    """Return the evidence keys, what exists before the act apart from the duties."""
    terms = vocabulary.evidence.values()
    before = [
        [f"`{t.key}`", t.words, issuers(t), t.supply] for t in terms if t.phase is Phase.BEFORE
    ]  # fmt: skip
    duties = [
        [f"`{t.key}`", t.words, issuers(t), deadline(t), t.within_source or "", "yes" if t.standing else "no"]
        for t in terms
        if t.phase is Phase.DUTY
    ]
    lines = ["## Evidence before the act", ""]
    lines += table(["key", "a record of it proves", "vouched for by", "how to supply it"], before)
    lines += [
        "## Duties after the act",
        "",
        "A standing duty is fulfilled by a record already on file; the others by none of an earlier act.",
        "",
    ]
    heads = ["key", "a record of it proves", "vouched for by", "within", "source of the time", "standing"]
    return "\n".join([*lines, *table(heads, duties)]).rstrip() + "\n"


def issuers(term: EvidenceTerm) -> str:
    """Return who may vouch for evidence."""
    return ", ".join(sorted(issuer.value for issuer in term.issuers))


def deadline(term: EvidenceTerm) -> str:
    """Return the time a duty leaves, and from when."""
    seconds = int((term.within or timedelta()).total_seconds())
    if seconds % 3600:
        length = f"{seconds // 60} minutes"
    elif seconds <= 72 * 3600:
        length = f"{seconds // 3600} hours"
    else:
        length = f"{seconds // 86400} days"
    return f"{length} of the {term.counted_from}"


def names(words: frozenset[str]) -> str:
    """Return names in code type, sorted."""
    return ", ".join(f"`{word}`" for word in sorted(words))


def table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Return a Markdown table and an empty line."""
    body = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [heads, ["---"] * len(heads), *body]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


if __name__ == "__main__":
    raise SystemExit(main())
