"""Write the rule packs from a table of rules, or check that the packs agree with it.

The table is JSON: a list of objects with ``id``, ``jur``, ``cite``, ``effect``, ``text``, ``ops``,
``places``, ``evidence`` (``a|b`` for alternatives), ``trigger``, ``applies_from`` and ``conf``. The
second file gives the phase of each evidence key: ``{"before": [...], "duty": [...]}``. What the table
doesn't say, the force of each rule, stands in this script.

Usage::

    python scripts/convert_rules.py RULES.json PHASES.json --version 2026-11-22
    python scripts/convert_rules.py RULES.json PHASES.json --version 2026-11-22 --check
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import tomli_w

PACKS = Path(__file__).resolve().parent.parent / "src" / "countenance" / "policy" / "packs"
SCHEMA = 1

TITLES = {
    "*": "House rules",
    "AU": "Australia",
    "CN": "People's Republic of China",
    "EU": "European Union",
    "IN": "India",
    "UK": "United Kingdom",
    "US": "United States, federal",
    "US/CO": "Colorado",
    "US/IL": "Illinois",
    "US/NY": "New York",
    "US/NY/NYC": "New York City",
    "US/OR/PDX": "Portland, Oregon",
    "US/TX": "Texas",
    "US/WA": "Washington",
}

# Where a rule gets its authority from, by its identifier; the longest matching beginning decides.
# "statute" is legislation of any level: EU regulations and directives, city ordinances.
FORCES = {
    "AU-APP": "statute",
    "CN-CC-": "statute",
    "CN-CRIM-": "statute",
    "CN-FRT-": "regulation",
    "CN-FRT-11": "guidance",  # the article encourages, it doesn't oblige
    "CN-GBT-": "standard",
    "CN-JRT-": "standard",
    "CN-PIPL-": "statute",
    "CN-SCHOOL": "guidance",  # statements of the ministry of education
    "CN-SPC-": "court",  # interpretations of the Supreme People's Court bind the courts
    "CN-VID-": "regulation",
    "EU-AIA-": "statute",
    "EU-EDPB-": "guidance",
    "EU-GDPR-": "statute",
    "EU-LED-": "statute",
    "HX-": "house",
    "IN-DPDP-": "statute",
    "UK-ADM": "statute",
    "UK-BRIDGES": "court",
    "UK-GDPR-": "statute",
    "UK-ICO-": "guidance",
    "UK-PFA-": "statute",
    "UK-SERCO": "guidance",  # an enforcement notice binds the one it names; to others it is advice
    "US-BIPA-": "statute",
    "US-CO-": "statute",
    "US-COPPA": "regulation",
    "US-FTC-": "statute",
    "US-NYC-": "statute",
    "US-NYSED": "regulation",
    "US-PDX-": "statute",
    "US-TSA": "guidance",  # practice without a statute
    "US-TX-": "statute",
    "US-WA-": "statute",
}

# Citations of the table that name an article only; the instrument is put in front.
INSTRUMENTS = {"EU-AIA-": ("Art", "AI Act (Reg 2024/1689) ")}


def main() -> int:
    """Write the packs, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("rules", type=Path, metavar="RULES.json")
    parser.add_argument("phases", type=Path, metavar="PHASES.json")
    parser.add_argument("--version", type=date.fromisoformat, required=True, help="day of the table")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    rules = json.loads(arguments.rules.read_text(encoding="utf-8"))
    duties = phases(json.loads(arguments.phases.read_text(encoding="utf-8")), rules)
    texts = {
        pack_name(code): pack_text(code, [rule for rule in rules if rule["jur"] == code], duties, arguments)
        for code in sorted({rule["jur"] for rule in rules})
    }
    if arguments.check:
        return compare(texts)
    PACKS.mkdir(parents=True, exist_ok=True)
    for path in PACKS.glob("*.toml"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (PACKS / name).write_text(text, encoding="utf-8")
    print(f"{len(rules)} rules in {len(texts)} packs")
    return 0


def phases(table: dict[str, list[str]], rules: list[dict[str, Any]]) -> frozenset[str]:
    """Return the keys that are duties, having seen that every key of the rules has exactly one phase."""
    before, duty = set(table["before"]), set(table["duty"])
    used = {key for rule in rules for line in rule["evidence"] for key in line.split("|")}
    odd = sorted((before & duty) | (used - before - duty))
    if odd:
        message = f"no phase, or two, for: {', '.join(odd)}"
        raise SystemExit(message)
    return frozenset(duty)


def pack_name(code: str) -> str:
    """Return the file name of a pack: ``US/NY/NYC`` stands in ``US-NY-NYC.toml``."""
    return "house.toml" if code == "*" else f"{code.replace('/', '-')}.toml"


def pack_text(
    code: str, rules: list[dict[str, Any]], duties: frozenset[str], arguments: argparse.Namespace
) -> str:
    """Return a pack as TOML, rules sorted by identifier."""
    entries = [entry(rule, duties) for rule in sorted(rules, key=lambda rule: str(rule["id"]))]
    pack = {
        "schema": SCHEMA,
        "code": code,
        "title": TITLES[code],
        "version": arguments.version,
        "rule": entries,
    }
    return "# Written by scripts/convert_rules.py. Not legal advice.\n" + tomli_w.dumps(pack)


def entry(rule: dict[str, Any], duties: frozenset[str]) -> dict[str, Any]:
    """Return one rule as it stands in a pack."""
    made: dict[str, Any] = {
        "id": rule["id"],
        "citation": citation(rule),
        "force": longest(FORCES, rule["id"]),
        "effect": rule["effect"],
        "text": rule["text"],
        "operations": sorted(rule["ops"]),
        "places": sorted(rule["places"]),
        "evidence": [
            " | ".join(f"{key} (duty)" if key in duties else key for key in line.split("|"))
            for line in rule["evidence"]
        ],
        "trust": rule["conf"],
    }
    if rule["trigger"] is not None:
        made["trigger"] = rule["trigger"]
    if rule["applies_from"] is not None:
        made["applies_from"] = date.fromisoformat(rule["applies_from"])
    return made


def citation(rule: dict[str, Any]) -> str:
    """Return the citation with its instrument."""
    for beginning, (bare, instrument) in INSTRUMENTS.items():
        if rule["id"].startswith(beginning) and rule["cite"].startswith(bare):
            return f"{instrument}{rule['cite']}"
    return str(rule["cite"])


def longest(table: dict[str, str], name: str) -> str:
    """Return the value of the longest beginning of a name that the table holds."""
    fitting = [beginning for beginning in table if name.startswith(beginning)]
    if not fitting:
        message = f"no force is stated for {name}"
        raise SystemExit(message)
    return table[max(fitting, key=len)]


def compare(texts: dict[str, str]) -> int:
    """Return 1 and name the packs that differ from the table, if any do."""
    present = {path.name: path.read_text(encoding="utf-8") for path in PACKS.glob("*.toml")}
    differing = sorted(name for name in present.keys() | texts.keys() if present.get(name) != texts.get(name))
    for name in differing:
        print(f"differs from the table: {name}", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
