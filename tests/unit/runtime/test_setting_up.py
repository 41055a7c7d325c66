"""A place is set up from answers: what is stated is filed once, what isn't is drafted, never filed."""

from __future__ import annotations

import json
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from countenance.authority import Author, EvidenceNotAccepted, Role, RoleMayNot
from countenance.authority.notices import GAP_MARK
from countenance.kernel import FixedClock, PlaceId
from countenance.runtime import (
    Answers,
    AnswersInvalid,
    Settings,
    SetUp,
    create_installation,
    load_settings,
    open_setup_desk,
    read_answers,
)
from countenance.scenes import UnknownScene
from front_desk import NOON

SITE = """
schema = 1
[place]
id = "plc_desk"
title = "Front desk"
kind = "hotel_lobby"
jurisdictions = ["CN"]
time_zone = "Asia/Shanghai"
[device]
id = "dev_camera"
title = "Camera"
[purpose]
title = "Check-in"
description = "Compare once."
"""
PURPOSE = '[records.purpose]\nby = "officer"\nstatement = "Compare once, at check-in."\n'
OFFICER = Author(Role.OFFICER)
MONTH = timedelta(days=30)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    told = {"data_folder": tmp_path / "data", "root_key": f"file:{tmp_path / 'key' / 'root.key'}"}
    made = load_settings(file=None, overrides=told)
    create_installation(made, clock=FixedClock(NOON))
    return made


def apply(settings: Settings, text: str, *, author: Author = OFFICER) -> SetUp:
    with open_setup_desk(settings, clock=FixedClock(NOON)) as desk:
        return desk.apply(read_answers(text), author=author, within=MONTH)


def draft(settings: Settings, text: str) -> dict[str, Any]:
    with open_setup_desk(settings, clock=FixedClock(NOON)) as desk:
        answers = read_answers(text)
        return tomllib.loads(desk.draft(answers, desk.look(answers, author=OFFICER, within=MONTH)))


def test_nothing_is_filed_that_nobody_stated(settings: Settings) -> None:
    done = apply(settings, SITE)
    assert done.filed == ()
    assert done.device_key is not None
    drafted = draft(settings, SITE)
    assert all(GAP_MARK in record["by"] for record in drafted["records"].values())
    assert drafted["records"]["pia"]["error_rates"][0]["name"] == "FMR"
    again = apply(settings, SITE)
    assert (again.filed, again.device_key) == ((), None)


def test_a_stated_record_is_filed_once_and_an_answer_anew_replaces_it(settings: Settings) -> None:
    assert apply(settings, SITE + PURPOSE).filed == ("purpose",)
    again = apply(settings, SITE + PURPOSE)
    assert (again.filed, again.on_file) == ((), ("purpose",))
    assert apply(settings, SITE + PURPOSE.replace("once", "one time")).filed == ("purpose",)
    (item,) = [each for each in again.readiness.items if each.keys == ("purpose",)]
    assert len(item.records) == 1


def test_facts_are_signed_and_changed_without_contradiction(settings: Settings) -> None:
    facts = '[facts]\n"actor.private" = true\n"capture.area" = false\n'
    assert set(apply(settings, SITE + facts).filed) == {"actor.private", "capture.area"}
    assert apply(settings, SITE + facts).filed == ()
    assert apply(settings, SITE + facts.replace("false", "true")).filed == ("capture.area",)


def test_a_record_with_a_gap_or_without_a_role_waits(settings: Settings) -> None:
    gap = SITE + PURPOSE.replace("Compare once, at check-in.", f"{GAP_MARK} say it")
    assert apply(settings, gap).waiting == {"purpose": ("say it",)}
    assert "purpose" in apply(settings, SITE + PURPOSE.replace('by = "officer"\n', "")).waiting


def test_keys_are_issued_once_for_their_roles(settings: Settings) -> None:
    text = SITE + '[api_keys]\n"front desk" = ["clerk"]\n'
    assert set(apply(settings, text).api_keys) == {"front desk"}
    assert not apply(settings, text).api_keys


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (SITE + '[facts]\n"subject.under14" = false\n', AnswersInvalid),
        (SITE + '[facts]\n"actor.made_up" = true\n', AnswersInvalid),
        (SITE + '[records.sign]\nby = "officer"\n', AnswersInvalid),
        (SITE + '[records.audit_log]\nby = "officer"\n', AnswersInvalid),
        (SITE + PURPOSE.replace("officer", "clerk"), RoleMayNot),
        (SITE + PURPOSE.replace("officer", "king"), AnswersInvalid),
        (SITE + PURPOSE.replace("statement", "motto"), EvidenceNotAccepted),
        (SITE.replace("schema = 1", 'schema = 1\nscene = "watching"'), AnswersInvalid),
    ],
)
def test_what_may_not_be_answered_is_refused(settings: Settings, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        apply(settings, text)


def test_who_may_not_register_sets_nothing_up(settings: Settings) -> None:
    with pytest.raises(RoleMayNot):
        apply(settings, SITE, author=Author(Role.CLERK))


def test_a_place_that_is_registered_otherwise_isnt_taken_over(settings: Settings) -> None:
    apply(settings, SITE)
    with pytest.raises(AnswersInvalid):
        apply(settings, SITE.replace('["CN"]', '["EU"]'))


@pytest.mark.parametrize(
    "text",
    ["not = [toml", "schema = 2", SITE.replace("Compare once.", f"{GAP_MARK} why"), SITE + "[more]\na = 1\n"],
)
def test_a_file_that_isnt_answers_is_refused(text: str) -> None:
    with pytest.raises(AnswersInvalid):
        read_answers(text)


def test_the_form_reads_what_it_is_given() -> None:
    assert isinstance(read_answers(SITE), Answers)


def test_two_at_once_file_everything_once(settings: Settings) -> None:
    answers = read_answers(SITE + PURPOSE)
    with open_setup_desk(settings, clock=FixedClock(NOON)) as desk, ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(desk.apply, answers, author=OFFICER, within=MONTH) for _ in range(4)]
        done = [run.result() for run in runs]
    assert sorted(len(each.filed) for each in done) == [0, 0, 0, 1]
    assert sum(each.device_key is not None for each in done) == 1


def test_answers_travel_as_json_values_and_come_back(settings: Settings) -> None:
    with open_setup_desk(settings, clock=FixedClock(NOON)) as desk:
        answers = read_answers(SITE + PURPOSE)
        stands = desk.apply(answers, author=OFFICER, within=MONTH).readiness
        told = json.loads(json.dumps(desk.draft_document(answers, stands)))
        assert tomllib.loads(desk.draft(answers, stands))["records"] == told["records"]
        again = desk.apply(Answers.model_validate(told), author=OFFICER, within=MONTH)
    assert (again.filed, again.on_file) == ((), ("purpose",))


def test_an_unknown_scene_has_no_standing(settings: Settings) -> None:
    with open_setup_desk(settings, clock=FixedClock(NOON)) as desk, pytest.raises(UnknownScene):
        desk.readiness.look(author=OFFICER, place=PlaceId("plc_desk"), scene="watching", within=MONTH)


def test_a_key_sets_up_without_a_secret(settings: Settings) -> None:
    officer = Author(Role.OFFICER, "prefix")
    with pytest.raises(AnswersInvalid, match="public_key"):
        apply(settings, SITE, author=officer)
