"""The script that writes the packs: what it wrote is what it would write again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from countenance.policy import Phase, Rule
from strategies.policy import shipped

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "convert_rules.py"
RULES, WORDS = shipped()


def row(rule: Rule) -> dict[str, Any]:
    """Return a rule as the table that the script reads would hold it."""
    return {
        "id": rule.rule_id,
        "jur": rule.jurisdiction,
        "cite": rule.citation,
        "effect": rule.effect.value,
        "text": rule.text,
        "ops": sorted(rule.operations),
        "places": sorted(rule.places),
        "evidence": ["|".join(requirement.keys) for requirement in rule.requirements],
        "trigger": rule.trigger,
        "applies_from": rule.applies_from.isoformat() if rule.applies_from else None,
        "conf": rule.trust.value,
    }


def check(folder: Path, table: list[dict[str, Any]], *, duties: set[str]) -> subprocess.CompletedProcess[str]:
    (folder / "rules.json").write_text(json.dumps(table))
    before = sorted(WORDS.evidence.keys() - duties)
    (folder / "phases.json").write_text(json.dumps({"before": before, "duty": sorted(duties)}))
    command = [sys.executable, str(SCRIPT), "rules.json", "phases.json"]
    version = RULES.packs[0].version.isoformat()
    return subprocess.run(
        [*command, "--version", version, "--check"], cwd=folder, capture_output=True, text=True, check=False
    )


DUTIES = {key for key, term in WORDS.evidence.items() if term.phase is Phase.DUTY}


def test_the_packs_agree_with_their_own_table(tmp_path: Path) -> None:
    result = check(tmp_path, [row(rule) for rule in RULES.rules], duties=DUTIES)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("member", "value"),
    [("text", "Something else"), ("effect", "limit"), ("trigger", "subject.child"), ("evidence", ["notice"])],
)
def test_a_changed_rule_is_found_by_its_pack(tmp_path: Path, member: str, value: object) -> None:
    table = [row(rule) for rule in RULES.rules]
    next(entry for entry in table if entry["id"] == "US-BIPA-15b")[member] = value
    result = check(tmp_path, table, duties=DUTIES)
    assert result.returncode == 1
    assert result.stderr.strip() == "differs from the table: US-IL.toml"


def test_a_key_without_a_phase_is_refused(tmp_path: Path) -> None:
    table = [row(rule) for rule in RULES.rules]
    table[-1]["evidence"] = ["amulet"]
    result = check(tmp_path, table, duties=DUTIES)
    assert result.returncode == 1
    assert "no phase, or two, for: amulet" in result.stderr


def test_a_rule_without_a_force_is_refused(tmp_path: Path) -> None:
    table = [row(rule) for rule in RULES.rules]
    table[-1]["id"] = "ZZ-1"
    result = check(tmp_path, table, duties=DUTIES)
    assert result.returncode == 1
    assert "no force is stated for ZZ-1" in result.stderr
