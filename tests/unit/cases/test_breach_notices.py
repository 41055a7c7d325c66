"""The words of a notice: what its law wants said, in its order; what is known filled in, the rest marked."""

# ruff: noqa: RUF001 - Chinese texts have Chinese punctuation

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.authority.notices import GAP_MARK, LANGUAGES
from countenance.cases import Addressee, Incident, IncidentKind, IncidentStep, OwedNotice, shipped_clocks
from countenance.cases.breach_notices import DraftedNotice, KnownFacts, draft_notices
from countenance.kernel import CaseId, DutyId, PlaceId

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TABLE = tomllib.loads(files("countenance.cases").joinpath("breach_notices.toml").read_text(encoding="utf-8"))
FACTS = KnownFacts(
    places=(("Front desk", ("EU",)),),
    people=17,
    keeper={"en": "Specimen Hotel Ltd", "zh": "样例酒店有限公司"},
    contact={"en": "The officer, at the front desk", "zh": "前台，个人信息保护负责人"},
    now=NOON,
    demo=False,
)
OPENED = IncidentStep("opened", NOON, "officer", "a backup disk was lost")


def incident(
    rule: str = "EU-GDPR-33",
    to: Addressee = Addressee.AUTHORITY,
    *,
    kind: IncidentKind = IncidentKind.LEAK,
    steps: tuple[IncidentStep, ...] = (OPENED,),
    due: datetime = NOON + 72 * HOUR,
) -> Incident:
    notice = OwedNotice(
        duty_id=DutyId("dut_a"), place=PlaceId("plc_a"), to=to, rule=rule, due=due, within="72 hours",
        source="the law", house=False,
    )  # fmt: skip
    return Incident(CaseId("inc_a"), kind, (PlaceId("plc_a"),), NOON, steps, (notice,))


def drafted(about: Incident, *, language: str = "en", facts: KnownFacts = FACTS) -> DraftedNotice:
    (found,) = draft_notices(about, facts, languages=(language,))
    return found


def test_every_clock_of_a_rule_has_a_form_of_its_own() -> None:
    forms = {(form["rule"], form["to"]) for form in TABLE["form"]}
    assert {(clock.rule, clock.to.value) for clock in shipped_clocks().notices} <= forms
    assert len(forms) == len(TABLE["form"])


def test_every_word_is_there_in_each_language() -> None:
    for table in ("title", "heading", "wanted", "known", "unit"):
        for name, words in TABLE[table].items():
            assert set(words) == set(LANGUAGES), name
            assert all(text.strip() for text in words.values()), name
    points = {point for form in TABLE["form"] for point, _ in form["points"]}
    assert points <= set(TABLE["heading"])
    titles = {f"{kind}.{to}" for kind in IncidentKind for to in Addressee}
    assert titles == set(TABLE["title"])


WANTED: dict[tuple[str, Addressee], tuple[str, ...]] = {
    ("EU-GDPR-33", Addressee.AUTHORITY): ("Art 33(3)(a)", "Art 33(3)(b)", "Art 33(3)(c)", "Art 33(3)(d)"),
    ("EU-GDPR-33", Addressee.PEOPLE): ("Art 34(2)", "33(3)(b)", "33(3)(c)", "33(3)(d)"),
    ("CN-PIPL-57", Addressee.AUTHORITY): ("Art 57(1)", "Art 57(2)", "Art 57(3)"),
    ("CN-PIPL-57", Addressee.PEOPLE): ("Art 57(1)", "Art 57(2)", "Art 57(3)"),
    ("IN-DPDP-5", Addressee.AUTHORITY): ("rule 7(2)(a)", "rule 7(2)(b)"),
    ("IN-DPDP-5", Addressee.PEOPLE): tuple(f"rule 7(1)({letter})" for letter in "abcde"),
}
"""Written down from the texts of the laws: which of their items a notice has to say."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("rule", "to"), WANTED)
def test_a_notice_says_what_its_law_wants_said(rule: str, to: Addressee, language: str) -> None:
    made = drafted(incident(rule, to), language=language)
    assert (made.rule, made.to, made.language, made.due) == (rule, to, language, NOON + 72 * HOUR)
    assert [item for item in WANTED[rule, to] if item not in made.text] == []
    assert made.law in made.text
    assert "inc_a" in made.text
    assert made.text.count(GAP_MARK) == len(made.gaps) + 1, "the line that says what a draft is has it too"
    assert all(made.gaps)


def test_what_is_known_is_filled_in() -> None:
    text = drafted(incident()).text
    for known in ("a backup disk was lost", "2026-11-22 12:00 UTC", "Front desk (EU).", "17 people at most",
                  "Specimen Hotel Ltd", "The officer, at the front desk", "AES-256-GCM",
                  "72 hours"):  # fmt: skip
        assert known in text
    assert "\n1. What happened (Art 33(3)(a))\n" in text
    assert "DEMO" not in text


def test_in_chinese_what_is_known_is_chinese() -> None:
    text = drafted(incident("CN-PIPL-57"), language="zh").text
    for known in ("个人信息安全事件报告", "样例酒店有限公司", "至多保存17人", "72小时", "2026-11-22 12:00"):
        assert known in text
    assert "hours" not in text


@pytest.mark.parametrize(
    ("said", "own", "other"),
    [("a disk was lost", "en", "zh"), ("备份硬盘丢失", "zh", "en")],
)
def test_words_in_one_language_are_quoted_in_a_gap_of_the_other(said: str, own: str, other: str) -> None:
    about = incident(steps=(replace(OPENED, words=said),))
    assert f"   {said}\n" in drafted(about, language=own).text
    quoting = drafted(about, language=other)
    assert [gap for gap in quoting.gaps if said in gap] == [quoting.gaps[0]]


def test_without_a_notice_in_force_keeper_and_contact_are_gaps() -> None:
    known = drafted(incident())
    unknown = drafted(incident(), facts=replace(FACTS, keeper={}, contact={}))
    assert len(unknown.gaps) == len(known.gaps) + 2


def test_what_was_done_since_stands_among_the_measures() -> None:
    steps = (OPENED, IncidentStep("noted", NOON + HOUR, "operator", "the keys were changed"))
    assert "2026-11-22 13:00 UTC: the keys were changed" in drafted(incident(steps=steps)).text


def test_lateness_has_to_be_explained_and_only_then() -> None:
    late = drafted(incident(due=NOON - HOUR))
    assert "Why this comes late" in late.text
    assert "Why this comes late" not in drafted(incident()).text
    assert len(late.gaps) == len(drafted(incident()).gaps) + 1


def test_india_hears_what_the_people_were_told() -> None:
    assert "haven't been told" in drafted(incident("IN-DPDP-5")).text
    step = IncidentStep("notified", NOON, "officer", "by letter", Addressee.PEOPLE, NOON)
    told = drafted(incident("IN-DPDP-5", steps=(OPENED, step))).text
    assert "Told at 2026-11-22 12:00 UTC: by letter" in told
    needless = drafted(incident("IN-DPDP-5", steps=(OPENED, replace(step, needed=False)))).text
    assert "They weren't told" in needless


def test_a_rule_without_a_form_has_the_house_s() -> None:
    own = drafted(incident("OWN-LEAK-1"))
    assert (own.rule, own.law) == ("OWN-LEAK-1", "house")
    assert "the operator's own rule" in own.text


def test_a_serious_incident_is_called_so() -> None:
    made = drafted(incident("EU-AIA-73", kind=IncidentKind.SERIOUS))
    assert made.text.startswith("Report of a serious incident\n")
    assert "breach" not in made.text
    assert "leak" not in made.text.lower()


def test_a_demonstration_says_so() -> None:
    assert "DEMO" in drafted(incident(), facts=replace(FACTS, demo=True)).text


def test_what_isnt_owed_isnt_drafted() -> None:
    about = incident()
    done = replace(about, notices=(replace(about.notices[0], done_at=NOON),))
    assert draft_notices(done, FACTS) == ()
    assert draft_notices(about, FACTS, to=Addressee.PEOPLE) == ()
    assert [one.language for one in draft_notices(about, FACTS, to=Addressee.AUTHORITY)] == list(LANGUAGES)


def test_one_notice_for_a_rule_however_many_places() -> None:
    about = incident()
    two = replace(about, notices=(about.notices[0], replace(about.notices[0], place=PlaceId("plc_b"))))
    assert len(draft_notices(two, FACTS)) == len(LANGUAGES)


@given(words=st.text(min_size=1, max_size=80).filter(str.strip), language=st.sampled_from(LANGUAGES))
def test_words_are_said_as_they_are_written(words: str, language: str) -> None:
    """Braces, tags and marks of a template are words like any other."""
    made = drafted(
        incident(steps=(replace(OPENED, words=f"x {{at}} <b> {{{{ y }}}} {words}"),)), language=language
    )
    assert "x {at} <b> {{ y }}" in made.text
    assert " ".join(words.split()) in made.text
