"""The system counts stored people itself, so that CN-FRT-15 can be met, and says when a filing is due."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from countenance.authority import FILING_FROM
from countenance.kernel import DeviceId, SubjectId
from countenance.policy import Status
from countenance.store import Device
from front_desk import FrontDesk, front_desk

RULE, KEY = "CN-FRT-15", "population_counter"
ENROLS = DeviceId("dev_enrolling")


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    """A hotel in CN whose second camera is declared for enrolling; nobody is in its store."""
    with front_desk(tmp_path) as opened:
        device = Device(ENROLS, "Made up", opened.site.place, ("enrol",), opened.clock.now())
        opened.desk.registrar.add_device(device)
        assert opened.store.population.people() == 0
        yield opened


def held_about(hotel: FrontDesk, people: int) -> None:
    """Put data keys of so many people into the database at once, as other processes might."""
    rows = ((secrets.token_bytes(16), f"sub_{number:026d}") for number in range(people))
    with closing(sqlite3.connect(hotel.folder / "countenance.db", timeout=10)) as database, database:
        database.executemany("INSERT INTO data_keys VALUES (?, ?, 'pur_checkin', x'00')", rows)


def status(hotel: FrontDesk) -> Status:
    """Ask whether somebody may be enrolled, and return how that rule stands."""
    verdict = hotel.desk.judge(hotel.request(operations=("enrol",), device=ENROLS, subject=None))
    return next(finding.status for finding in verdict.findings if finding.rule_id == RULE)


def reached(hotel: FrontDesk) -> list[object]:
    """Return what the looks that count now say; one that was otherwise stands until its hour is over."""
    return [record.content["reached"] for record in hotel.on_file(KEY)]


def test_the_rule_can_be_met_and_what_is_left_is_the_filing(hotel: FrontDesk) -> None:
    assert status(hotel) is Status.DUTY
    assert reached(hotel) == [False]


def test_a_filing_is_due_from_the_hundred_thousandth_person_on(hotel: FrontDesk) -> None:
    held_about(hotel, FILING_FROM - 1)
    assert hotel.store.population.people() == 99_999
    assert status(hotel) is Status.DUTY
    assert reached(hotel) == [False]
    hotel.welcome(subject=SubjectId("sub_thelast"))
    assert hotel.store.population.people() == 100_000
    assert status(hotel) is Status.DUTY
    assert {True, False} == set(reached(hotel))
    hotel.wait(timedelta(hours=1))
    assert status(hotel) is Status.DUTY
    assert reached(hotel) == [True]
    hotel.store.erasures.erase(SubjectId("sub_thelast"), None)
    hotel.wait(timedelta(hours=1))
    assert status(hotel) is Status.DUTY
    assert reached(hotel) == [False]


def test_reading_the_number_takes_no_longer_with_many_people(hotel: FrontDesk) -> None:
    def median() -> float:
        took = []
        for _ in range(201):
            begun = time.perf_counter()
            hotel.store.population.people()
            took.append(time.perf_counter() - begun)
        return sorted(took)[100]

    few = median()
    held_about(hotel, FILING_FROM)
    begun = time.perf_counter()
    assert hotel.store.population.fits()
    counting = time.perf_counter() - begun
    # Counting them is many times as long; reading is about as long as before.
    assert median() < max(5 * few, counting / 5)


def test_a_number_that_does_not_fit_refuses_within_the_hour(hotel: FrontDesk) -> None:
    assert status(hotel) is Status.DUTY
    with closing(sqlite3.connect(hotel.folder / "countenance.db", timeout=10)) as database, database:
        database.execute("UPDATE population SET people = people + 7")
    hotel.wait(timedelta(hours=1))
    assert status(hotel) is Status.REFUSED
    assert hotel.on_file(KEY) == ()


def test_each_guest_is_counted_and_no_new_record_is_written_for_it(hotel: FrontDesk) -> None:
    hotel.desk.judge(hotel.request(subject=None))
    first = hotel.on_file(KEY)
    for number in range(5):
        subject = SubjectId(f"sub_guest{number}")
        hotel.welcome(subject=subject)
        hotel.desk.judge(hotel.request(subject=subject))
    assert hotel.store.population.people() == 5
    assert hotel.on_file(KEY) == first
