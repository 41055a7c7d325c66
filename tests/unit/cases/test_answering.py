"""People's requests: a clock each, answered with the export or the certificate, extended once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cases_rights import OFFICER, Rights, rights_of
from countenance.authority import Author, Role, RoleMayNot, UnknownPlace, shipped_roles, shipped_rules
from countenance.cases import (
    AnswerKind,
    HeldFromErasure,
    RequestDesk,
    RequestNotPossible,
    Right,
    RightsRequest,
    check_certificate,
    open_requests,
    shipped_clocks,
    write_export,
)
from countenance.kernel import CaseId, PlaceId, PurposeId, SubjectId, canonical_sha256
from countenance.store import Place, RecordUnknown
from front_desk import GUEST, NOON, front_desk
from held_people import keep

DAY = timedelta(days=1)
CHECK_IN = PurposeId("pur_checkin")
IN_WORDS = (Right.RECTIFICATION, Right.OBJECTION, Right.HUMAN_REVIEW)


@dataclass(frozen=True)
class Asked:
    rights: Rights
    desk: RequestDesk

    def open(self, right: Right = Right.ACCESS, **told: Any) -> RightsRequest:
        asked: dict[str, Any] = {"words": "please", "author": Author(Role.CLERK)}
        return self.desk.open(right, GUEST, **(asked | told))

    def logged(self, kind: str) -> list[Any]:
        return [entry for name, entry in self.rights.hotel.log_entries() if name == kind]


@pytest.fixture(params=["EU"])
def asked(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Asked]:
    rules, _ = shipped_rules()
    with front_desk(tmp_path, jurisdiction=request.param) as hotel:
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
        yield Asked(rights, desk)


def test_the_clock_runs_from_the_arrival(asked: Asked) -> None:
    request = asked.open(received_at=NOON - 10 * DAY)
    assert request.received_at == NOON - 10 * DAY
    assert request.due == NOON + 20 * DAY
    assert request.rules == ("EU-GDPR-15",)
    assert (request.answer, request.answered_at, request.subject) == (None, None, GUEST)
    assert not request.overdue_at(request.due)
    assert request.overdue_at(request.due + timedelta(microseconds=1))


@pytest.mark.parametrize("asked", ["CN"], indirect=True)
@pytest.mark.parametrize("right", list(Right))
def test_a_law_without_a_number_has_the_houses(asked: Asked, right: Right) -> None:
    request = asked.open(right)
    assert request.due == NOON + 15 * DAY
    assert request.extendable_to is None
    with pytest.raises(RequestNotPossible, match="doesn't allow"):
        asked.desk.extend(request.request_id, words="much to do", author=OFFICER)


def test_the_strictest_place_counts_unless_one_is_named(asked: Asked) -> None:
    other = Place(PlaceId("plc_other"), "Elsewhere", "office", ("CN",), "Asia/Shanghai")
    asked.rights.hotel.store.places.add(other)
    assert asked.open().due == NOON + 15 * DAY
    assert asked.open().rules == ("CN-PIPL-45", "EU-GDPR-15")
    assert asked.open(place=asked.rights.hotel.site.place).due == NOON + 30 * DAY
    with pytest.raises(UnknownPlace):
        asked.open(place=PlaceId("plc_nowhere"))


def test_access_is_answered_with_the_export_and_its_hash(asked: Asked, tmp_path: Path) -> None:
    asked.rights.hotel.welcome()
    request = asked.open(words="what do you hold?")
    done = asked.desk.answer(request.request_id, author=OFFICER)
    assert done.request.answer is AnswerKind.EXPORTED
    assert done.export is not None
    data, *_ = write_export(done.export, tmp_path / "out")
    assert hashlib.sha256(data.read_bytes()).hexdigest() == done.request.export_sha256
    assert [(one.request, one.said) for one in done.export.requests] == [
        (request.request_id, ("what do you hold?",))
    ]
    (entry,) = asked.logged("request-answered")
    assert entry["export_sha256"] == done.request.export_sha256


def test_somebody_of_whom_nothing_is_held_is_answered_too(asked: Asked) -> None:
    request = asked.open()
    done = asked.desk.answer(request.request_id, author=OFFICER)
    assert done.export is not None
    assert done.export.records == ()


def test_erasure_is_answered_with_the_certificate(asked: Asked) -> None:
    asked.rights.hotel.welcome()
    keep(asked.rights.hotel.store, GUEST, CHECK_IN)
    request = asked.open(Right.ERASURE, words="forget me, Ann Planted")
    done = asked.desk.answer(request.request_id, author=OFFICER)
    assert done.request.answer is AnswerKind.ERASED
    assert done.certified is not None
    claims = check_certificate(dict(done.certified.document)).claims
    assert claims["because"] == "requested"
    assert done.request.certificate == claims["id"]
    assert done.request.certificate_sha256 == canonical_sha256(dict(done.certified.document))
    (entry,) = asked.logged("request-answered")
    assert entry["certificate"] == claims["id"]


def test_after_an_erasure_the_request_names_nobody(asked: Asked) -> None:
    request = asked.open(Right.ERASURE, words="forget me, Ann Planted")
    done = asked.desk.answer(request.request_id, author=OFFICER)
    assert done.request.subject is None
    assert [step.words for step in done.request.steps] == [None, None]
    assert done.request.received_at == NOON
    folder = asked.rights.hotel.folder
    for needle in (GUEST.encode(), b"Ann Planted"):
        assert all(needle not in path.read_bytes() for path in folder.iterdir())
    store = asked.rights.hotel.store
    assert store.check_records() == ()
    assert store.log.verify().ok


def test_a_legal_hold_keeps_the_request_open(asked: Asked) -> None:
    asked.rights.hotel.welcome()
    request = asked.open(Right.ERASURE)
    asked.rights.holds.place(GUEST, ground="order 7", until=NOON + 3 * DAY, author=OFFICER)
    with pytest.raises(HeldFromErasure):
        asked.desk.answer(request.request_id, author=OFFICER)
    assert [one.request_id for one in asked.desk.all(author=OFFICER)] == [request.request_id]
    asked.rights.hotel.wait(4 * DAY)
    assert asked.desk.answer(request.request_id, author=OFFICER).request.answer is AnswerKind.ERASED


@pytest.mark.parametrize("right", IN_WORDS)
def test_the_rest_is_answered_in_words(asked: Asked, right: Right) -> None:
    request = asked.open(right)
    with pytest.raises(RequestNotPossible):
        asked.desk.answer(request.request_id, author=OFFICER)
    done = asked.desk.answer(request.request_id, words="we looked again", author=OFFICER)
    assert (done.request.answer, done.request.steps[-1].words) == (AnswerKind.GRANTED, "we looked again")
    assert (done.export, done.certified) == (None, None)


@pytest.mark.parametrize("right", list(Right))
def test_every_request_can_be_refused_with_a_reason(asked: Asked, right: Right) -> None:
    asked.rights.hotel.welcome()
    request = asked.open(right)
    with pytest.raises(RequestNotPossible):
        asked.desk.answer(request.request_id, refused=True, author=OFFICER)
    done = asked.desk.answer(request.request_id, refused=True, words="not the person", author=OFFICER)
    assert done.request.answer is AnswerKind.REFUSED
    assert (done.export, done.certified) == (None, None)
    assert asked.rights.hotel.store.evidence.about(GUEST)


def test_a_time_is_extended_once_while_it_runs(asked: Asked) -> None:
    request = asked.open()
    assert request.extendable_to is not None
    later = asked.desk.extend(request.request_id, words="much to gather", author=OFFICER)
    assert (later.due, later.extendable_to) == (request.extendable_to, None)
    assert later.due > request.due
    with pytest.raises(RequestNotPossible, match="extended already"):
        asked.desk.extend(request.request_id, words="more", author=OFFICER)
    over = asked.open()
    asked.rights.hotel.wait(over.due - NOON + timedelta(seconds=1))
    with pytest.raises(RequestNotPossible, match="while it runs"):
        asked.desk.extend(over.request_id, words="late", author=OFFICER)


def test_an_answer_that_is_late_is_said_to_be(asked: Asked) -> None:
    request = asked.open(Right.OBJECTION, received_at=NOON - 40 * DAY)
    (listed,) = asked.desk.all(author=OFFICER)
    assert listed.overdue_at(NOON)
    done = asked.desk.answer(request.request_id, words="we stopped", author=OFFICER)
    assert not done.request.overdue_at(NOON)
    assert [entry["late"] for entry in asked.logged("request-answered")] == [True]


def test_an_open_request_of_somebody_erased_since_is_closed_as_that(asked: Asked) -> None:
    first, second = asked.open(), asked.open(Right.ERASURE)
    asked.desk.answer(second.request_id, author=OFFICER)
    with pytest.raises(RequestNotPossible, match="erased"):
        asked.desk.extend(first.request_id, words="x", author=OFFICER)
    done = asked.desk.answer(first.request_id, author=OFFICER)
    assert done.request.answer is AnswerKind.ERASED_BEFORE


def test_they_are_listed_by_what_is_due_first(asked: Asked) -> None:
    late = asked.open(received_at=NOON - 5 * DAY)
    fresh = asked.open(Right.OBJECTION)
    assert [one.request_id for one in asked.desk.all(author=OFFICER)] == [late.request_id, fresh.request_id]
    asked.desk.answer(late.request_id, author=OFFICER)
    assert [one.request_id for one in asked.desk.all(author=OFFICER)] == [fresh.request_id]
    assert len(asked.desk.all(author=Author(Role.AUDITOR), answered=True)) == 2


def test_what_is_out_of_order_is_refused(asked: Asked) -> None:
    with pytest.raises(RequestNotPossible, match="before it is taken down"):
        asked.open(received_at=NOON + DAY)
    for words in ("", "  ", "x" * 4001):
        with pytest.raises(RequestNotPossible):
            asked.open(words=words)
    request = asked.open(Right.OBJECTION)
    asked.desk.answer(request.request_id, words="done", author=OFFICER)
    with pytest.raises(RequestNotPossible, match="was answered"):
        asked.desk.answer(request.request_id, words="again", author=OFFICER)
    for unknown in ("req_none", "inc_none"):
        with pytest.raises(RecordUnknown):
            asked.desk.answer(CaseId(unknown), words="x", author=OFFICER)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_does_what_it_may(asked: Asked, role: Role) -> None:
    author = Author(role)
    request = asked.open(Right.OBJECTION)
    if role in (Role.OFFICER, Role.CLERK):
        assert asked.open(author=author).steps[0].author == role.value
    else:
        with pytest.raises(RoleMayNot):
            asked.open(author=author)
    if role not in (Role.OFFICER, Role.AUDITOR):
        with pytest.raises(RoleMayNot):
            asked.desk.all(author=author)
    if role is not Role.OFFICER:
        with pytest.raises(RoleMayNot):
            asked.desk.extend(request.request_id, words="x", author=author)
        with pytest.raises(RoleMayNot):
            asked.desk.answer(request.request_id, words="x", author=author)


def test_another_persons_request_is_in_nobody_elses_export(asked: Asked) -> None:
    asked.desk.open(Right.ACCESS, SubjectId("sub_other"), words="mine", author=OFFICER)
    request = asked.open()
    done = asked.desk.answer(request.request_id, author=OFFICER)
    assert done.export is not None
    assert "sub_other" not in done.export.model_dump_json()
    assert [one.request for one in done.export.requests] == [request.request_id]


def test_what_waits_is_what_nobody_answered(asked: Asked) -> None:
    first, second = asked.open(Right.ACCESS), asked.open(Right.ERASURE)
    store = asked.rights.hotel.store
    assert {one.request_id for one in open_requests(store)} == {first.request_id, second.request_id}
    asked.desk.answer(first.request_id, author=OFFICER)
    assert [one.request_id for one in open_requests(store)] == [second.request_id]
    assert open_requests(store) == asked.desk.all(author=OFFICER)
