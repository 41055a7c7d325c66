"""Incidents and people's requests on a whole installation: the desk closes and opens, backups forget too.

What is random: how long ago the incident became known, in which country, and in which order what is done.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byte_scan import files_below, name_markers, scan
from cases_rights import OFFICER, rights_of
from countenance.authority import DutyOverdue, shipped_roles, shipped_rules
from countenance.cases import (
    Addressee,
    AnswerKind,
    IncidentDesk,
    IncidentKind,
    RequestDesk,
    Right,
    request_of,
    shipped_clocks,
)
from countenance.kernel import CaseId, PurposeId, SubjectId, new_id
from countenance.store import BackupRecord, JournaledBackup, Store, key_provider, restore_backup
from front_desk import NOON, FrontDesk, front_desk
from held_people import keep

HOURS = {"CN": 24, "EU": 72}


def incident_desk(hotel: FrontDesk) -> IncidentDesk:
    rules, _ = shipped_rules()
    return IncidentDesk(
        store=hotel.store,
        authority=hotel.desk,
        rules=rules,
        clocks=shipped_clocks(),
        roles=shipped_roles(),
        clock=hotel.clock,
    )


def permitted(hotel: FrontDesk) -> bool:
    hotel.welcome()
    try:
        hotel.grant()
    except DutyOverdue:
        return False
    return True


@settings(max_examples=12, deadline=None)
@given(
    country=st.sampled_from(sorted(HOURS)),
    ago=st.integers(0, 100),
    order=st.permutations(list(Addressee)),
    # Long enough for a permit to run out unused; what it obliged to goes with it.
    waits=st.integers(5, 100),
)
def test_a_desk_is_closed_exactly_while_a_notice_is_overdue(
    country: str, ago: int, order: list[Addressee], waits: int
) -> None:
    with (
        tempfile.TemporaryDirectory() as root,
        front_desk(Path(root) / "hotel", jurisdiction=country) as hotel,
    ):
        desk = incident_desk(hotel)
        aware = NOON - timedelta(hours=ago)
        incident = desk.open(IncidentKind.LEAK, words="a disk was lost", author=OFFICER, aware_at=aware)
        for to in order:
            late = hotel.clock.now() > aware + timedelta(hours=HOURS[country])
            assert permitted(hotel) is not late
            desk.notify(incident.incident_id, to, words="by letter", author=OFFICER)
            hotel.wait(timedelta(minutes=waits))
        assert permitted(hotel)
        assert desk.close(incident.incident_id, words="found", author=OFFICER).closed_at is not None
        assert hotel.store.log.verify().ok
        assert hotel.store.check_records() == ()


def test_a_request_names_nobody_after_a_backup_from_before_is_restored(tmp_path: Path) -> None:
    rules, _ = shipped_rules()
    subject, words = SubjectId("sub_annplantedmarker"), "Ann Planted Marker asks to be forgotten"
    markers = name_markers([words, subject])
    with front_desk(tmp_path, fresh=True) as hotel:
        rights = rights_of(hotel, tmp_path / "journal")
        desk = RequestDesk(
            store=hotel.store,
            erasures=rights.erasures,
            exporter=rights.exporter,
            rules=rules,
            clocks=shipped_clocks(),
            roles=shipped_roles(),
            clock=hotel.clock,
        )
        keep(hotel.store, subject, PurposeId("pur_checkin"))
        request = desk.open(Right.ERASURE, subject, words=words, author=OFFICER)
        backup = BackupRecord(new_id("bak"), NOON, NOON.date() + timedelta(days=30))
        hotel.store.backups.add(backup)
        rights.journal.backed_up(JournaledBackup(backup.backup_id, NOON, backup.last_day))
        hotel.store.back_up(tmp_path / "backup", backup)
        done = desk.answer(request.request_id, author=OFFICER)
        assert done.certified is not None
        assert done.certified.finished
        assert scan(files_below(hotel.folder), markers) == []
        provider = key_provider(f"file:{tmp_path / 'root.key'}")
        restore_backup(
            tmp_path / "backup",
            folder=tmp_path / "again",
            journal=tmp_path / "journal",
            key_provider=provider,
            clock=hotel.clock,
        )
        with Store.open(tmp_path / "again", key_provider=provider, clock=hotel.clock) as again:
            found = request_of(again, CaseId(request.request_id))
            assert (found.subject, found.answer) == (None, None)
            assert [step.words for step in found.steps] == [None]
            assert again.check_records() == ()
        assert scan(files_below(tmp_path / "again"), markers) == []


@pytest.mark.parametrize("right", [Right.ERASURE, Right.ACCESS])
def test_what_was_answered_is_told_without_the_person(tmp_path: Path, right: Right) -> None:
    rules, _ = shipped_rules()
    subject = SubjectId("sub_annplantedmarker")
    with front_desk(tmp_path) as hotel:
        rights = rights_of(hotel, tmp_path / "journal")
        desk = RequestDesk(
            store=hotel.store,
            erasures=rights.erasures,
            exporter=rights.exporter,
            rules=rules,
            clocks=shipped_clocks(),
            roles=shipped_roles(),
            clock=hotel.clock,
        )
        request = desk.open(right, subject, words="please", author=OFFICER)
        desk.answer(request.request_id, author=OFFICER)
        if right is Right.ACCESS:
            rights.erasures.erase(subject, None, author=OFFICER)
        (found,) = desk.all(author=OFFICER, answered=True)
        assert found.subject is None
        assert found.answered_at == NOON
        assert found.answer is (AnswerKind.EXPORTED if right is Right.ACCESS else AnswerKind.ERASED)
        assert bool(found.export_sha256) is (right is Right.ACCESS)
        assert bool(found.certificate_sha256) is (right is Right.ERASURE)
