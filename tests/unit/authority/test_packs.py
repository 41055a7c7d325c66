"""The rules that come with the package, as the desk reads them."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import ValidationError

from countenance.authority import AuthorityDesk, installed_rules, pack_schema, shipped_rules
from countenance.authority.pack_form import PackForm
from countenance.kernel import Door, Passage, PermitRevoked
from countenance.policy import OwnPackRefused, RulePackInvalid, parse_pack
from front_desk import LIFETIME, FrontDesk, system_observers
from strategies.policy import shipped


def test_all_packs_are_read_and_fit_the_vocabulary() -> None:
    rules, vocabulary = shipped_rules()
    expected_rules, expected_vocabulary = shipped()
    assert len(rules.rules) == 162
    assert rules.sha256 == expected_rules.sha256
    assert rules.codes == {
        "*", "AU", "CN", "EU", "IN", "UK", "US", "US/CO", "US/IL", "US/NY", "US/NY/NYC", "US/OR/PDX",
        "US/TX", "US/WA",
    }  # fmt: skip
    assert vocabulary == expected_vocabulary
    vocabulary.check(rules)


def test_they_are_read_once() -> None:
    assert shipped_rules() is shipped_rules()


def test_a_hash_is_known_for_every_pack() -> None:
    rules, _ = shipped_rules()
    assert len({pack.sha256 for pack in rules.packs}) == len(rules.packs) == 14
    assert all(len(pack.sha256) == 64 for pack in rules.packs)


# The operator's own.

NIGHT = """\
schema = 1
code = "CN"
title = "Night shift"
version = 2026-11-01

[[rule]]
id = "OWN-NIGHT-1"
citation = "House order 4"
force = "house"
effect = "ban_unless"
text = "A second person stands at the desk"
operations = ["verify"]
places = ["hotel_lobby"]
evidence = ["overseer_named | second_factor", "human_review (duty)"]
trust = "house"
"""


def test_an_own_pack_is_read_from_a_folder(tmp_path: Path) -> None:
    tmp_path.joinpath("night-shift.toml").write_text(NIGHT)
    rules, vocabulary = installed_rules(tmp_path)
    assert len(rules.rules) == 163
    assert [pack.own for pack in rules.packs if pack.own] == ["night-shift"]
    assert rules.sha256 != shipped_rules()[0].sha256
    assert rules.codes == shipped_rules()[0].codes
    assert vocabulary is shipped_rules()[1]


def test_without_a_folder_or_with_an_empty_one_the_shipped_rules_are_in_use(tmp_path: Path) -> None:
    assert installed_rules(None)[0] is shipped_rules()[0]
    assert installed_rules(tmp_path)[0] is shipped_rules()[0]


BROKEN = {
    "not TOML": ("schema = ", "can't be read as TOML"),
    "another form": (NIGHT.replace("schema = 1", "schema = 2"), "schema"),
    "a member too many": (NIGHT.replace('trust = "house"', 'trust = "house"\npermits = true'), "permits"),
    "an effect that permits": (NIGHT.replace('"ban_unless"', '"allow"'), "effect"),
    "a shipped identifier": (NIGHT.replace("OWN-NIGHT-1", "CN-PIPL-29"), "isn't OWN-"),
    "a ban with evidence": (NIGHT.replace('"ban_unless"', '"ban"'), "a ban lists no evidence"),
    "a phase of its own": (NIGHT.replace("human_review (duty)", "human_review"), "phase of human_review"),
    "an unknown operation": (NIGHT.replace('["verify"]', '["guess"]'), "operation guess"),
    "against erasing": (NIGHT.replace('["verify"]', '["delete"]'), "stands in the way of delete"),
    "a date with a time": (NIGHT.replace("2026-11-01", "2026-11-01T00:00:00"), "version"),
    "too large": (NIGHT + "#" * 1_000_000, "larger than"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_pack_is_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    tmp_path.joinpath("night-shift.toml").write_text(text)
    with pytest.raises(OwnPackRefused, match="night-shift") as refused:
        installed_rules(tmp_path)
    assert words in refused.value.message


@pytest.mark.parametrize("name", ["Night.toml", "night.toml.bak", "night", "night shift.toml", "-.toml"])
def test_a_file_that_would_be_left_out_is_refused(tmp_path: Path, name: str) -> None:
    tmp_path.joinpath(name).write_text(NIGHT)
    with pytest.raises(OwnPackRefused) as refused:
        installed_rules(tmp_path)
    assert name not in refused.value.message


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OwnPackRefused, match="rules_folder"):
        installed_rules(tmp_path / "nowhere")


# The published form.


def test_the_shipped_packs_are_of_the_published_form() -> None:
    for entry in files("countenance.policy").joinpath("packs").iterdir():
        assert PackForm.model_validate(tomllib.loads(entry.read_text("utf-8"))).rule


@pytest.mark.parametrize(
    "case", ["another form", "a member too many", "an effect that permits", "a date with a time"]
)
def test_what_is_not_of_the_form_is_refused_by_it(case: str) -> None:
    with pytest.raises(ValidationError):
        PackForm.model_validate(tomllib.loads(BROKEN[case][0]))


def test_the_schema_is_published_as_it_is() -> None:
    published = Path(__file__).parents[3] / "docs" / "reference" / "rule-pack.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == pack_schema()


def test_the_form_has_every_member_that_a_rule_has() -> None:
    properties = pack_schema()["$defs"]["RuleForm"]["properties"]
    written = {"id", "citation", "force", "effect", "text", "operations", "places", "evidence", "trust",
               "trigger", "applies_from"}  # fmt: skip
    assert properties.keys() == written
    with pytest.raises(RulePackInvalid):
        parse_pack(NIGHT.replace("trust =", "truth ="))


# At the desk.


def test_a_pack_refuses_at_the_desk_and_ends_what_was_permitted_before(
    tmp_path: Path, checkin: FrontDesk
) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    request = checkin.request()
    granted = checkin.grant(request)
    folder.joinpath("night-shift.toml").write_text(NIGHT)
    rules, vocabulary = installed_rules(folder)
    stricter = AuthorityDesk(
        store=checkin.store,
        rules=rules,
        vocabulary=vocabulary,
        clock=checkin.clock,
        observers=system_observers(checkin.store, checkin.clock),
        permit_lifetime=LIFETIME,
    )
    verdict = stricter.judge(checkin.request())
    assert [finding.rule_id for finding in verdict.refusing] == ["OWN-NIGHT-1"]
    assert verdict.rule_set == rules.sha256 != granted.claims.rule_set
    with pytest.raises(PermitRevoked, match="rules have changed"):
        stricter.verifier.admit(granted.token, Passage(Door.CAPTURE, "capture", request))
    checkin.desk.verifier.admit(granted.token, Passage(Door.CAPTURE, "capture", request))
