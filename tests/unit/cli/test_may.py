from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from countenance.authority import shipped_rules
from countenance.cli import app
from countenance.cli.may import parse_facts

RULES, VOCABULARY = shipped_rules()

# What has to be so for an attended check-in at a Chinese hotel's desk.
LOBBY = (
    "legal_basis.consent", "consent.coerced=false", "consent.bundled_or_forced=false",
    "subject.under14=false", "capture.area=false", "purpose", "minimised", "legal_basis",
    "consent.informed", "consent.purpose_match", "alternative_offered", "notice",
    "necessity_record", "security_measures", "consent.separate", "notice.necessity",
    "notice.impact", "pia", "least_intrusive", "notice.accessible", "withdrawal_channel",
    "national_id_considered", "encryption", "audit_log", "access_control", "intrusion_detection",
    "sign", "device_registered", "template_protected", "consent.record",
)  # fmt: skip


def ask(*arguments: str) -> tuple[int, dict[str, Any]]:
    answer = CliRunner().invoke(app, ["may", *arguments, "--json"])
    return answer.exit_code, json.loads(answer.stdout)


def facts(*stated: str) -> list[str]:
    return [part for fact in stated for part in ("--fact", fact)]


def test_with_everything_on_file_it_is_permitted() -> None:
    status, said = ask("verify", "--place", "hotel_lobby", "--jurisdiction", "CN", *facts(*LOBBY))
    assert (status, said["outcome"]) == (0, "permitted"), said["verdict"]["missing"]
    assert said["hypothetical"] is True
    assert said["verdict"]["allowed"] is True
    assert said["verdict"]["duties"]
    assert "permit" not in said


@pytest.mark.parametrize(
    "left_out", [fact for fact in LOBBY if "=" not in fact and fact != "legal_basis.consent"]
)
def test_without_one_of_them_it_is_refused_and_says_so(left_out: str) -> None:
    rest = [fact for fact in LOBBY if fact != left_out]
    status, said = ask("verify", "--place", "hotel_lobby", "--jurisdiction", "CN", *facts(*rest))
    needed = {key for one in said["verdict"]["missing"] for key in one["alternatives"]}
    assert status == 3
    assert left_out in needed


def test_an_unstated_fact_refuses_and_asks() -> None:
    rest = [fact for fact in LOBBY if not fact.startswith("consent.coerced")]
    status, said = ask("verify", "--place", "hotel_lobby", "--jurisdiction", "CN", *facts(*rest))
    assert status == 3
    assert [one["fact"] for one in said["verdict"]["unknown"]] == ["consent.coerced"]
    assert said["verdict"]["unknown"][0]["question"].endswith("?")


@pytest.mark.parametrize("jurisdiction", ["CN", "EU", "UK", "US/IL", "IN"])
def test_a_guest_room_is_refused_everywhere(jurisdiction: str) -> None:
    everything = [*VOCABULARY.evidence, *(f"{trigger}=false" for trigger in VOCABULARY.triggers)]
    status, said = ask(
        "verify", "--place", "private_space", "--jurisdiction", jurisdiction, *facts(*everything)
    )
    assert status == 3
    assert "HX-PRIVATE" in {rule["id"] for rule in said["verdict"]["rules"] if rule["status"] == "banned"}


@pytest.mark.parametrize(
    ("operation", "place"), [("sell", "retail"), ("emotion", "school"), ("publish", "street")]
)
def test_what_no_evidence_lifts(operation: str, place: str) -> None:
    everything = [*VOCABULARY.evidence, *(f"{trigger}=false" for trigger in VOCABULARY.triggers)]
    status, said = ask(operation, "--place", place, "--jurisdiction", "EU", *facts(*everything))
    assert status == 3
    assert any(rule["status"] == "banned" for rule in said["verdict"]["rules"])


def test_every_rule_comes_with_citation_and_words() -> None:
    _, said = ask("identify_live", "--place", "street", "--jurisdiction", "EU", "--jurisdiction", "UK")
    assert said["verdict"]["jurisdictions"] == ["EU", "UK"]
    for rule in said["verdict"]["rules"]:
        assert rule["citation"]
        assert rule["text"]
        assert rule["trust"]


def test_a_rule_not_yet_in_force_is_told_apart() -> None:
    before = ask("verify", "--place", "hotel_lobby", "--jurisdiction", "CN", "--at", "2025-05-31")[1][
        "verdict"
    ]
    after = ask("verify", "--place", "hotel_lobby", "--jurisdiction", "CN", "--at", "2025-06-01")[1][
        "verdict"
    ]
    assert "CN-FRT-5" in {rule["id"] for rule in before["not_yet_in_force"]}
    assert "CN-FRT-5" not in {rule["id"] for rule in before["rules"]}
    assert "CN-FRT-5" in {rule["id"] for rule in after["rules"]}


def test_without_a_date_today_is_meant() -> None:
    assert ask("verify", "--place", "bank", "--jurisdiction", "CN")[1]["verdict"]["at"] == str(
        datetime.now(UTC).date()
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("verfy", "--place", "bank", "--jurisdiction", "CN"), "unknown-operation"),
        (("verify", "--place", "moon", "--jurisdiction", "CN"), "unknown-place-kind"),
        (("verify", "--place", "bank", "--jurisdiction", "CN", "--fact", "notise"), "unknown-fact-name"),
        (("verify", "--place", "bank", "--jurisdiction", "CN", "--at", "tomorrow"), "bad-usage"),
        (("verify", "--place", "bank"), "bad-usage"),
        (("verify", "--jurisdiction", "CN"), "bad-usage"),
        (("--place", "bank", "--jurisdiction", "CN"), "bad-usage"),
        (("verify", "--place", "bank", "--jurisdiction", "CN", "--frobnicate"), "bad-usage"),
    ],
)
def test_bad_usage_is_two_with_a_code_and_a_remedy(arguments: tuple[str, ...], code: str) -> None:
    status, said = ask(*arguments)
    assert status == 2
    assert said["error"]["code"] == code
    assert said["error"]["message"]
    assert said["error"]["remedy"]


def test_a_close_name_is_offered() -> None:
    _, said = ask("verify", "--place", "bank", "--jurisdiction", "CN", "--fact", "consent.seperate")
    assert "consent.separate" in said["error"]["remedy"]


def test_in_words_it_cites_asks_and_says_how_to_supply() -> None:
    answer = CliRunner().invoke(
        app,
        ["may", "verify", "--place", "hotel_lobby", "--jurisdiction", "CN"],
        env={"COLUMNS": "200", "TERM": "dumb"},
    )
    assert answer.exit_code == 3
    for words in (
        "Refused: verify at hotel_lobby in CN.",
        "Supposed",
        "CN-FRT-10",
        "State first",
        "File first",
    ):
        assert words in answer.stdout


class TestFacts:
    """NAME, NAME=true, NAME=false."""

    @pytest.mark.parametrize(
        ("stated", "expected"),
        [
            (["sign"], {"sign": True}),
            (["sign=true"], {"sign": True}),
            (["sign=FALSE"], {"sign": False}),
            (["sign=no", "notice=yes"], {"sign": False, "notice": True}),
            (["sign", "sign=true"], {"sign": True}),
            (["gallery_n<=accuracy_n"], {"gallery_n<=accuracy_n": True}),
            (["gallery_n<=accuracy_n=false"], {"gallery_n<=accuracy_n": False}),
            ([], {}),
        ],
    )
    def test_read(self, stated: list[str], expected: dict[str, bool]) -> None:
        assert parse_facts(stated) == expected

    @pytest.mark.parametrize("stated", [["sign=perhaps"], ["sign="], ["sign", "sign=false"]])
    def test_refused(self, stated: list[str]) -> None:
        with pytest.raises(typer.BadParameter):
            parse_facts(stated)

    @given(
        st.dictionaries(st.sampled_from(sorted({*VOCABULARY.triggers, *VOCABULARY.evidence})), st.booleans())
    )
    def test_what_is_written_is_read(self, stated: dict[str, bool]) -> None:
        assert parse_facts([f"{name}={str(value).lower()}" for name, value in stated.items()]) == stated
        assert parse_facts([name for name, value in stated.items() if value]) == {
            name: True for name, value in stated.items() if value
        }
