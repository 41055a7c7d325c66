"""`countenance rules`, and the tree of `countenance may --explain`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from countenance.authority import shipped_rules, shipped_scene_forms
from countenance.cli import app
from countenance.cli.matrix import matrix_page, scene_matrix

RULES, WORDS = shipped_rules()
ROOT = Path(__file__).resolve().parents[3]
PACK = """\
schema = 1
code = "EU"
title = "Works agreement"
version = 2026-11-01

[[rule]]
id = "OWN-WORK-1"
citation = "Works agreement of 2026, clause 4"
force = "house"
effect = "require"
text = "The works council has agreed"
operations = ["verify"]
places = ["workplace"]
evidence = ["worker_notice"]
trust = "house"
"""


def run(*arguments: str) -> tuple[int, str]:
    answer = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "TERM": "dumb"})
    return answer.exit_code, answer.stdout


def ask(*arguments: str) -> tuple[int, dict[str, Any]]:
    status, said = run(*arguments, "--json")
    return status, json.loads(said)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    folder.joinpath("works-agreement.toml").write_text(PACK)
    return folder


class TestList:
    """countenance rules list."""

    def test_all_rules_with_the_hash_that_permits_carry(self) -> None:
        status, said = ask("rules", "list")
        assert status == 0
        assert said["rule_set"] == RULES.sha256
        assert {rule["id"] for rule in said["rules"]} == RULES.rule_ids
        assert {pack["code"] for pack in said["packs"]} == RULES.codes

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            (("--jurisdiction", "US/NY/NYC"), {r.rule_id for r in RULES.rules
                                               if r.jurisdiction in {"*", "US", "US/NY", "US/NY/NYC"}}),
            (("--jurisdiction", "US/NYX"), {r.rule_id for r in RULES.rules if r.jurisdiction in {"*", "US"}}),
            (("--operation", "sell"), {r.rule_id for r in RULES.rules if "sell" in r.operations}),
            (("--force", "court"), {r.rule_id for r in RULES.rules if r.force == "court"}),
            (("--jurisdiction", "CN", "--operation", "payment_reset", "--force", "house"),
             {"HX-PAD", "HX-PRIVATE", "HX-RESET"}),
        ],
    )  # fmt: skip
    def test_some_of_them(self, options: tuple[str, ...], expected: set[str]) -> None:
        assert {rule["id"] for rule in ask("rules", "list", *options)[1]["rules"]} == expected

    def test_the_operators_own_are_listed_as_such(self, own: Path) -> None:
        said = ask("rules", "list", "--set", f"rules_folder={own}")[1]
        mine = [rule for rule in said["rules"] if rule.get("own")]
        assert [rule["id"] for rule in mine] == ["OWN-WORK-1"]
        assert [pack["own"] for pack in said["packs"] if pack["own"]] == ["works-agreement"]
        assert said["rule_set"] != RULES.sha256
        assert "operator's own" in run("rules", "list", "--set", f"rules_folder={own}")[1]

    def test_in_words(self) -> None:
        status, said = run("rules", "list", "--operation", "sell")
        assert status == 0
        assert "HX-SELL" in said
        assert "our own rule, not law" in said

    @pytest.mark.parametrize(
        ("options", "code"),
        [(("--operation", "guess"), "unknown-operation"), (("--force", "magic"), "bad-usage")],
    )
    def test_unknown_words(self, options: tuple[str, ...], code: str) -> None:
        status, said = ask("rules", "list", *options)
        assert status == 2
        assert said["error"]["code"] == code


class TestShow:
    """countenance rules show."""

    @pytest.mark.parametrize("rule_id", sorted(RULES.rule_ids))
    def test_every_rule(self, rule_id: str) -> None:
        status, said = run("rules", "show", rule_id)
        rule = next(rule for rule in RULES.rules if rule.rule_id == rule_id)
        assert status == 0
        flat = " ".join(said.split())
        for words in (rule.citation, rule.text, rule.force.words, rule.effect.words):
            assert " ".join(words.split()) in flat
        for key in rule.keys:
            assert key in said

    def test_in_json(self) -> None:
        status, said = ask("rules", "show", "CN-PIPL-29")
        assert status == 0
        assert said["requirements"] == [[["consent.separate", "before"], ["statutory_basis", "before"]]]
        assert said["evidence"]["consent.separate"]["supply"]
        assert said["force_words"] == "statute"

    def test_none_of_that_name(self) -> None:
        status, said = ask("rules", "show", "CN-PIPL-999")
        assert status == 2
        assert said["error"]["code"] == "no-such-rule"
        assert "CN-PIPL-999" not in said["error"]["message"]


class TestCheck:
    """countenance rules check."""

    def test_a_good_pack(self, own: Path) -> None:
        status, said = ask("rules", "check", str(own / "works-agreement.toml"))
        assert status == 0
        assert said["outcome"] == "stricter only"
        assert said["rules"] == ["OWN-WORK-1"]
        assert said["remark"] == ""
        assert said["rule_set"] == ask("rules", "list", "--set", f"rules_folder={own}")[1]["rule_set"]

    def test_a_pack_for_a_country_without_one(self, own: Path) -> None:
        file = own / "japan.toml"
        file.write_text(PACK.replace('code = "EU"', 'code = "JP"'))
        status, said = run("rules", "check", str(file))
        assert status == 0
        assert "nothing is permitted there anyway" in said

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("OWN-WORK-1", "EU-GDPR-9", "isn't OWN-"),
            ('"require"', '"permit"', "effect"),
            ("worker_notice", "amulet", "amulet"),
            ('["verify"]', '["delete"]', "serves the person"),
        ],
    )
    def test_a_bad_one(self, own: Path, old: str, new: str, words: str) -> None:
        file = own / "works-agreement.toml"
        file.write_text(PACK.replace(old, new))
        status, said = ask("rules", "check", str(file))
        assert status == 2
        assert said["error"]["code"] == "own-pack-refused"
        assert words in said["error"]["message"]
        assert "works-agreement" in said["error"]["message"]

    def test_a_missing_one(self, own: Path) -> None:
        assert ask("rules", "check", str(own / "none.toml"))[1]["error"]["code"] == "own-pack-refused"


class TestDiff:
    """countenance rules diff."""

    def test_the_same(self) -> None:
        packs = str(ROOT / "src" / "countenance" / "policy" / "packs")
        assert ask("rules", "diff", packs, "shipped") == (
            0, {"outcome": "same", "added": [], "removed": [], "changed": {}}
        )  # fmt: skip

    def test_added_removed_and_changed(self, own: Path) -> None:
        before, after = own / "works-agreement.toml", own / "newer.toml"
        after.write_text(PACK.replace('"require"', '"ban_unless"'))
        status, said = ask("rules", "diff", str(before), str(after))
        assert status == 1
        assert said["changed"] == {"OWN-WORK-1": {"effect": ["require", "ban_unless"]}}
        after.write_text(PACK.replace("OWN-WORK-1", "OWN-WORK-2"))
        assert (said := ask("rules", "diff", str(before), str(after))[1])["added"] == ["OWN-WORK-2"]
        assert said["removed"] == ["OWN-WORK-1"]
        text = run("rules", "diff", str(before), str(after))[1]
        assert "+ added OWN-WORK-2" in text
        assert "- removed OWN-WORK-1" in text

    @pytest.mark.parametrize("name", ["none.toml", "broken.toml"])
    def test_what_is_no_pack(self, own: Path, name: str) -> None:
        own.joinpath("broken.toml").write_text("schema = ")
        status, said = ask("rules", "diff", str(own / name), "shipped")
        assert status == 2
        assert said["error"]["code"] in {"input-not-readable", "rule-pack-invalid"}
        assert name not in said["error"]["message"]


class TestMatrix:
    """countenance rules matrix."""

    def test_every_cell(self) -> None:
        status, said = ask("rules", "matrix", "--at", "2026-11-22")
        assert status == 0
        assert len(said["cells"]) == 24 * 7
        never = [
            (c["scene"], c["jurisdiction"], c["refused_by"]) for c in said["cells"] if not c["permitted"]
        ]
        assert never == [("lift-screen", "CN", ["CN-PIPL-26"]), ("shop-visitors", "CN", ["CN-PIPL-26"])]

    def test_in_words(self) -> None:
        status, said = run("rules", "matrix")
        assert status == 0
        assert "never: CN-PIPL-26" in " ".join(said.split())

    def test_the_page_is_what_the_command_writes(self, tmp_path: Path) -> None:
        file = tmp_path / "page.md"
        assert run("rules", "matrix", "--write", str(file))[0] == 0
        page = ROOT / "docs" / "reference" / "scene-matrix.md"
        assert file.read_text(encoding="utf-8") == page.read_text(encoding="utf-8")

    def test_the_page_names_every_choice(self) -> None:
        forms = shipped_scene_forms()
        at = max(pack.version for pack in RULES.packs)
        cells = scene_matrix(RULES, forms, vocabulary=WORDS, at=at)
        page = matrix_page(forms, cells, rules=RULES, at=at)
        for words in ("165 agree", "watchlist, EU", "mugshot-search, EU", "missing-person, EU",
                      "dataset-release, CN and EU", "lift-screen and shop-visitors, CN"):  # fmt: skip
            assert words in page

    def test_an_own_rule_changes_it(self, own: Path) -> None:
        own.joinpath("no-gates.toml").write_text(
            PACK.replace("OWN-WORK-1", "OWN-GATE-1").replace('"require"', '"ban"')
            .replace('["worker_notice"]', "[]").replace('["workplace"]', '["residential"]')
        )  # fmt: skip
        said = ask("rules", "matrix", "--set", f"rules_folder={own}")[1]
        cell = next(c for c in said["cells"] if (c["scene"], c["jurisdiction"]) == ("residential-gate", "EU"))
        assert cell["refused_by"] == ["OWN-GATE-1"]

    def test_a_file_that_cannot_be_written(self, tmp_path: Path) -> None:
        status, said = ask("rules", "matrix", "--write", str(tmp_path / "none" / "page.md"))
        assert status == 2
        assert said["error"]["code"] == "input-not-readable"


class TestExplain:
    """countenance may --explain."""

    ASKED = ("may", "verify", "--place", "hotel_lobby", "--jurisdiction", "CN", "--explain")

    def test_the_tree_goes_from_site_to_rule_to_effect_to_what_was_told(self) -> None:
        status, said = run(
            *self.ASKED, *(part for fact in ("notice", "consent.coerced=false", "legal_basis.consent")
                           for part in ("--fact", fact))
        )  # fmt: skip
        assert status == 3
        lines = said.splitlines()
        words = (
            "verify at hotel_lobby in CN on",
            "refused CN-FRT-5",
            "true legal_basis.consent",
            "missing notice.accessible",
            "on file notice",
            "not stated subject.under14",
            "owed afterwards",
        )
        depth = {word: next(line.index(word) for line in lines if word in line) for word in words}
        assert (
            depth["verify at hotel_lobby in CN on"]
            < depth["refused CN-FRT-5"]
            < depth["missing notice.accessible"]
        )
        assert depth["not stated subject.under14"] == depth["on file notice"]
        assert "CN-FRT-12" not in said
        assert "regulation; " in said
        assert "Supposed: no record stands behind these facts" in said

    def test_a_rule_that_is_kept_early_says_so(self) -> None:
        said = run("may", "emotion", "--place", "school", "--jurisdiction", "EU", "--explain",
                   "--at", "2026-11-22")[1]  # fmt: skip
        flat = " ".join(said.replace("│", " ").split())
        assert "duty EU-AIA-26-6" in flat
        assert "kept early, applies from 2027-12-02" in flat

    def test_in_json(self) -> None:
        _, said = ask(*self.ASKED, "--fact", "legal_basis.consent")
        rows = {row["rule"]: row for row in said["explanation"]}
        assert rows.keys() == {rule["id"] for rule in said["verdict"]["rules"]}
        assert rows["CN-PIPL-16"] == {
            "rule": "CN-PIPL-16",
            "status": "refused",
            "effect": "ban_unless",
            "trigger": {"name": "legal_basis.consent", "is": "true"},
            "evidence": [{"any_of": ["alternative_offered"], "is": "missing"}],
        }
        assert rows["CN-FRT-12"]["trigger"]["is"] == "not stated"
        assert "explanation" not in ask(*self.ASKED[:-1])[1]

    def test_a_duty_that_is_on_file_from_before_is_still_owed(self) -> None:
        _, said = ask(*self.ASKED, "--fact", "image_deleted")
        rows = {row["rule"]: row for row in said["explanation"]}
        owed = {"any_of": ["image_deleted", "consent.written"], "is": "owed afterwards"}
        assert owed in rows["CN-GBT-DEL"]["evidence"]

    def test_own_rules_are_asked(self, own: Path) -> None:
        _, said = ask("may", "verify", "--place", "workplace", "--jurisdiction", "EU", "--explain",
                      "--set", f"rules_folder={own}")  # fmt: skip
        assert "OWN-WORK-1" in {row["rule"] for row in said["explanation"]}
        text = run("may", "verify", "--place", "workplace", "--jurisdiction", "EU", "--explain",
                   "--set", f"rules_folder={own}")[1]  # fmt: skip
        assert "the operator's own pack" in text


@pytest.mark.parametrize(
    ("rule_id", "operation", "place", "first_day", "eve"),
    [
        ("EU-AIA-5-1-f", "emotion", "school", "2025-02-02", "2025-02-01"),
        ("EU-AIA-5-1-e", "scrape", "online", "2025-02-02", "2025-02-01"),
        ("EU-AIA-50-3", "attributes", "phone", "2026-08-02", "2026-08-01"),
        ("EU-AIA-10", "train", "online", "2027-12-02", "2027-12-01"),
        ("EU-AIA-26-7", "verify", "workplace", "2027-12-02", "2027-12-01"),
        ("EU-AIA-49", "retro_search", "public", "2027-12-02", "2027-12-01"),
        ("CN-FRT-5", "verify", "bank", "2025-06-01", "2025-05-31"),
    ],
)
def test_a_date_answers_for_that_day(
    rule_id: str, operation: str, place: str, first_day: str, eve: str
) -> None:
    asked = ("may", operation, "--place", place, "--jurisdiction", rule_id[:2])
    before = ask(*asked, "--at", eve)[1]["verdict"]
    after = ask(*asked, "--at", first_day)[1]["verdict"]
    assert rule_id in {rule["id"] for rule in before["not_yet_in_force"]}
    assert rule_id not in {rule["id"] for rule in before["rules"]}
    assert rule_id in {rule["id"] for rule in after["rules"]}
    assert rule_id not in {rule["id"] for rule in after["not_yet_in_force"]}
    assert (before["at"], after["at"]) == (eve, first_day)
