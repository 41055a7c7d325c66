"""Incidents: clocks from the moment of awareness, duties at every place, the rules told, all in the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from cases_rights import OFFICER
from countenance.authority import (
    Act,
    Author,
    DutyOverdue,
    Role,
    RoleMayNot,
    UnknownPlace,
    shipped_roles,
    shipped_rules,
)
from countenance.cases import (
    Addressee,
    Incident,
    IncidentDesk,
    IncidentKind,
    IncidentNotPossible,
    NoticesOwed,
    shipped_clocks,
)
from countenance.kernel import CaseId, PlaceId
from countenance.runtime import NoticeDesk
from countenance.store import EvidenceScope, Place, RecordUnknown
from drafted_notices import ERRORS, filled
from front_desk import NOON, FrontDesk, front_desk

HOUR = timedelta(hours=1)
ROOM = PlaceId("plc_office")


@dataclass(frozen=True)
class Case:
    hotel: FrontDesk
    desk: IncidentDesk

    def open(self, ago: timedelta = timedelta(0), **told: object) -> Incident:
        return self.desk.open(
            IncidentKind.LEAK,
            words="a backup was lost",
            author=OFFICER,
            aware_at=NOON - ago,
            **told,  # type: ignore[arg-type]
        )

    def stated(self, place: PlaceId) -> list[object]:
        now = self.hotel.clock.now()
        found = self.hotel.store.evidence.at(now, scope=EvidenceScope(place=place), keys={"event.leak"})
        return [record.content["value"] for record in found]

    def tell_all(self, incident: Incident) -> Incident:
        for to in sorted({notice.to for notice in incident.owed}):
            incident = self.desk.notify(incident.incident_id, to, words="by letter", author=OFFICER)
        return incident


def case_of(hotel: FrontDesk) -> Case:
    rules, _ = shipped_rules()
    return Case(
        hotel,
        IncidentDesk(
            store=hotel.store,
            authority=hotel.desk,
            rules=rules,
            clocks=shipped_clocks(),
            roles=shipped_roles(),
            clock=hotel.clock,
        ),
    )


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    with front_desk(tmp_path, jurisdiction="EU") as hotel:
        yield case_of(hotel)


def test_the_clock_runs_from_awareness(case: Case) -> None:
    incident = case.open(ago=10 * HOUR, places=[case.hotel.site.place])
    assert incident.aware_at == NOON - 10 * HOUR
    assert {(one.to, one.rule, one.due, one.house) for one in incident.notices} == {
        (Addressee.AUTHORITY, "EU-GDPR-33", NOON + 62 * HOUR, False),
        (Addressee.PEOPLE, "EU-GDPR-33", NOON + 62 * HOUR, True),
    }
    open_duties = case.hotel.store.duties.open(place=case.hotel.site.place)
    assert {duty.duty_id for duty in open_duties} >= {one.duty_id for one in incident.owed}


def test_each_place_has_the_clocks_of_its_own_jurisdictions(case: Case) -> None:
    case.hotel.store.places.add(Place(ROOM, "Office", "office", ("CN",), "Asia/Shanghai"))
    incident = case.open()
    found = {(one.place, one.rule, one.due - NOON) for one in incident.notices}
    assert (ROOM, "CN-PIPL-57", 24 * HOUR) in found
    assert (case.hotel.site.place, "EU-GDPR-33", 72 * HOUR) in found
    assert [one.due for one in incident.notices] == sorted(one.due for one in incident.notices)
    told = case.desk.notify(incident.incident_id, Addressee.AUTHORITY, words="by form", author=OFFICER)
    assert {one.to for one in told.owed} == {Addressee.PEOPLE}


def test_an_overdue_notice_closes_the_desk_until_they_are_told(case: Case) -> None:
    incident = case.open(ago=73 * HOUR)
    assert all(one.overdue_at(NOON) for one in incident.owed)
    case.hotel.welcome()
    with pytest.raises(DutyOverdue) as caught:
        case.hotel.grant()
    assert "EU-GDPR-33" in caught.value.message
    case.tell_all(incident)
    case.hotel.welcome()
    assert case.hotel.grant().claims.permit_id


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (IncidentKind.LEAK, "The notice of the leak to the authority"),
        (IncidentKind.SERIOUS, "The notice of the serious incident to the authority"),
    ],
)
def test_an_overdue_notice_says_of_what_it_is(case: Case, kind: IncidentKind, words: str) -> None:
    case.desk.open(kind, words="it went wrong", author=OFFICER, aware_at=NOON - timedelta(days=20))
    case.hotel.welcome()
    with pytest.raises(DutyOverdue) as caught:
        case.hotel.grant()
    assert words in caught.value.message
    assert ("leak" in caught.value.message) is (kind is IncidentKind.LEAK)


def test_the_words_of_every_owed_notice_are_drafted_and_nothing_is_kept(case: Case) -> None:
    incident = case.open()
    size = case.hotel.store.log.size()
    drafts = case.desk.draft(incident.incident_id, author=OFFICER)
    assert {(one.to, one.rule, one.language) for one in drafts} == {
        (to, "EU-GDPR-33", language) for to in Addressee for language in ("en", "zh")
    }
    assert all("DEMO" in one.text or "演示" in one.text for one in drafts)
    assert case.hotel.store.log.size() == size
    told = case.desk.notify(incident.incident_id, Addressee.AUTHORITY, words="by form", author=OFFICER)
    left = case.desk.draft(told.incident_id, author=OFFICER)
    assert {one.to for one in left} == {Addressee.PEOPLE}
    assert case.desk.draft(told.incident_id, author=OFFICER, to=Addressee.AUTHORITY) == ()


def test_keeper_and_contact_come_from_the_notice_in_force(case: Case) -> None:
    incident = case.open()
    before = case.desk.draft(incident.incident_id, author=OFFICER, to=Addressee.AUTHORITY)
    notices = NoticeDesk(
        store=case.hotel.store, authority=case.hotel.desk, clock=case.hotel.clock, roles=shipped_roles(),
        errors=ERRORS,
    )  # fmt: skip
    site = case.hotel.site
    draft = notices.draft(author=OFFICER, place=site.place, purpose=site.purpose, device=site.desk_device)
    notices.publish(filled(draft), author=OFFICER)
    after = case.desk.draft(incident.incident_id, author=OFFICER, to=Addressee.AUTHORITY)
    assert "Specimen Hotel Ltd" in after[0].text
    assert "样例酒店" in after[1].text
    assert [len(one.gaps) - 2 for one in before] == [len(one.gaps) for one in after]


def test_drafts_are_for_whoever_handles_incidents(case: Case) -> None:
    incident = case.open()
    for role in Role:
        if shipped_roles().may(role, Act.HANDLE_INCIDENT):
            assert case.desk.draft(incident.incident_id, author=Author(role))
        else:
            with pytest.raises(RoleMayNot):
                case.desk.draft(incident.incident_id, author=Author(role))
    with pytest.raises(RecordUnknown):
        case.desk.draft(CaseId("inc_none"), author=OFFICER)


def test_a_notice_that_is_owed_and_in_time_blocks_nothing(case: Case) -> None:
    case.open()
    case.hotel.welcome()
    assert case.hotel.grant().claims.permit_id


def test_the_whole_way_is_in_the_log(case: Case) -> None:
    incident = case.open()
    case.desk.note(incident.incident_id, words="the disk was encrypted", author=OFFICER)
    case.desk.notify(incident.incident_id, Addressee.AUTHORITY, words="by form", author=OFFICER)
    case.desk.notify(
        incident.incident_id, Addressee.PEOPLE, words="it was encrypted", author=OFFICER, needed=False
    )
    closed = case.desk.close(incident.incident_id, words="the disk was found", author=OFFICER)
    assert closed.closed_at == NOON
    assert [step.kind for step in closed.steps] == ["opened", "noted", "notified", "notified", "closed"]
    assert [step.needed for step in closed.steps if step.to is not None] == [True, False]
    logged = [(kind, entry) for kind, entry in case.hotel.log_entries() if kind.startswith("incident-")]
    assert [kind for kind, _ in logged] == [
        "incident-opened", "incident-noted", "incident-notified", "incident-notified", "incident-closed",
    ]  # fmt: skip
    assert {entry["incident"] for _, entry in logged} == {incident.incident_id}
    assert len(logged[0][1]["duties"]) == len(incident.notices)  # type: ignore[arg-type]
    assert "disk" not in str(logged)
    discharged = [entry for kind, entry in case.hotel.log_entries() if kind == "duty-discharged"]
    assert {entry["case"] for entry in discharged} == {incident.incident_id}
    assert case.hotel.store.check_records() == ()


def test_telling_late_is_said_to_be_late(case: Case) -> None:
    incident = case.open(ago=80 * HOUR)
    case.desk.notify(
        incident.incident_id, Addressee.AUTHORITY, words="by form", author=OFFICER, sent_at=NOON - 20 * HOUR
    )
    case.desk.notify(incident.incident_id, Addressee.PEOPLE, words="by post", author=OFFICER)
    late = [entry["late"] for kind, entry in case.hotel.log_entries() if kind == "incident-notified"]
    assert late == [False, True]


def test_it_is_not_closed_while_somebody_has_to_be_told(case: Case) -> None:
    incident = case.open()
    case.desk.notify(incident.incident_id, Addressee.AUTHORITY, words="by form", author=OFFICER)
    with pytest.raises(NoticesOwed, match="the people concerned"):
        case.desk.close(incident.incident_id, words="over", author=OFFICER)
    assert case.desk.all(author=OFFICER)[0].closed_at is None


def test_the_rules_are_told_and_told_again_when_it_is_over(case: Case) -> None:
    place = case.hotel.site.place
    case.hotel.store.places.add(Place(ROOM, "Office", "office", ("EU",), "Europe/Berlin"))
    case.hotel.desk.record_evidence(key="event.leak", content={"value": False}, author="officer")
    incident = case.open(places=[place])
    assert (case.stated(place), case.stated(ROOM)) == ([True], [False])
    second = case.open(places=[place, ROOM])
    assert (case.stated(place), case.stated(ROOM)) == ([True], [True])
    case.tell_all(second)
    case.desk.close(second.incident_id, words="over", author=OFFICER)
    assert (case.stated(place), case.stated(ROOM)) == ([True], [False])
    case.tell_all(incident)
    case.desk.close(incident.incident_id, words="over", author=OFFICER)
    assert (case.stated(place), case.stated(ROOM)) == ([False], [False])


def test_a_serious_incident_is_told_to_the_authority_alone(case: Case) -> None:
    incident = case.desk.open(IncidentKind.SERIOUS, words="a wrong arrest", author=OFFICER)
    assert {(one.to, one.due - NOON) for one in incident.notices} == {
        (Addressee.AUTHORITY, timedelta(days=15))
    }


def test_words_say_who_is_to_be_told_of_what(case: Case) -> None:
    incident = case.open(ago=73 * HOUR)
    said = {incident.words_for(one.duty_id) for one in incident.notices}
    assert said == {
        "Tell the authority of the leak known since 2026-11-19 11:00 UTC: 72 hours, by law",
        (
            "Tell the people concerned of the leak known since 2026-11-19 11:00 UTC: 72 hours, "
            "the house's own time"
        ),
    }


def test_open_ones_are_listed_and_closed_ones_when_asked(case: Case) -> None:
    incident = case.tell_all(case.open())
    case.desk.close(incident.incident_id, words="over", author=OFFICER)
    assert case.desk.all(author=OFFICER) == ()
    assert [one.incident_id for one in case.desk.all(author=OFFICER, closed=True)] == [incident.incident_id]


@pytest.mark.parametrize("words", ["", "   ", "x" * 4001])
def test_something_is_said(case: Case, words: str) -> None:
    with pytest.raises(IncidentNotPossible):
        case.desk.open(IncidentKind.LEAK, words=words, author=OFFICER)
    incident = case.open()
    with pytest.raises(IncidentNotPossible):
        case.desk.note(incident.incident_id, words=words, author=OFFICER)


def test_what_is_out_of_order_is_refused(case: Case) -> None:
    with pytest.raises(IncidentNotPossible, match="before it is written down"):
        case.open(ago=-HOUR)
    with pytest.raises(UnknownPlace):
        case.open(places=[PlaceId("plc_nowhere")])
    incident = case.open()
    for sent in (NOON - HOUR, NOON + HOUR):
        with pytest.raises(IncidentNotPossible, match="after the incident became known"):
            case.desk.notify(
                incident.incident_id, Addressee.PEOPLE, words="by post", author=OFFICER, sent_at=sent
            )
    case.tell_all(incident)
    with pytest.raises(IncidentNotPossible, match="No notice"):
        case.desk.notify(incident.incident_id, Addressee.PEOPLE, words="by post", author=OFFICER)
    case.desk.close(incident.incident_id, words="over", author=OFFICER)
    with pytest.raises(IncidentNotPossible, match="closed"):
        case.desk.note(incident.incident_id, words="again", author=OFFICER)
    for unknown in ("inc_none", "req_none"):
        with pytest.raises(RecordUnknown):
            case.desk.note(CaseId(unknown), words="x", author=OFFICER)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OFFICER, Role.OPERATOR)])
def test_only_who_may_handles_incidents(case: Case, role: Role) -> None:
    author = Author(role)
    incident = case.open()
    with pytest.raises(RoleMayNot):
        case.desk.open(IncidentKind.LEAK, words="x", author=author)
    with pytest.raises(RoleMayNot):
        case.desk.note(incident.incident_id, words="x", author=author)
    with pytest.raises(RoleMayNot):
        case.desk.notify(incident.incident_id, Addressee.PEOPLE, words="x", author=author)
    with pytest.raises(RoleMayNot):
        case.desk.close(incident.incident_id, words="x", author=author)
    if role is Role.AUDITOR:
        assert case.desk.all(author=author)
    else:
        with pytest.raises(RoleMayNot):
            case.desk.all(author=author)


def test_a_refused_opening_leaves_nothing(case: Case) -> None:
    before = (case.hotel.store.log.size(), case.hotel.store.duties.open())
    with pytest.raises(UnknownPlace):
        case.open(places=[PlaceId("plc_nowhere")])
    assert (case.hotel.store.log.size(), case.hotel.store.duties.open()) == before
