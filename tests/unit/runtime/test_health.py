"""What the look at an open installation finds about the people in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from countenance.authority import FILING_FROM, Author, Role, shipped_rules
from countenance.cases import Right
from countenance.runtime import Settings
from countenance.runtime.build import _Health
from countenance.runtime.people import people_desk
from front_desk import GUEST, FrontDesk, front_desk


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        yield opened


def requests(hotel: FrontDesk) -> Any:
    settings = Settings(data_folder=hotel.folder, root_key="env:ROOT", models_folder=hotel.folder)
    findings = _Health(settings=settings, store=hotel.store, clock=hotel.clock)()
    return next(finding for finding in findings if finding.name == "requests")


def test_it_says_how_many_requests_wait_and_until_when(hotel: FrontDesk) -> None:
    assert requests(hotel).words == "No request of a person waits for its answer."
    hotel.welcome()
    rules, vocabulary = shipped_rules()
    settings = Settings(data_folder=hotel.folder, root_key="env:ROOT", models_folder=hotel.folder)
    desk = people_desk(
        settings, store=hotel.store, rules=rules, vocabulary=vocabulary, clock=hotel.clock
    ).requests
    desk.open(Right.ERASURE, GUEST, words="everything", author=Author(Role.OFFICER))
    found = requests(hotel)
    assert found.ok
    assert found.words.startswith("1 requests of people wait")
    assert "2026-12-07" in found.words
    hotel.wait(timedelta(days=16))
    late = requests(hotel)
    assert (late.ok, late.stops, late.lets_serve) == (False, False, True)
    assert "1 overdue" in late.words
    assert late.remedy
    assert GUEST not in late.words
    with hotel.store._database.write() as session:
        session.connection().exec_driver_sql("UPDATE case_steps SET author = 'nobody'")
    assert "can't be counted" in requests(hotel).words


def people(hotel: FrontDesk) -> Any:
    settings = Settings(data_folder=hotel.folder, root_key="env:ROOT", models_folder=hotel.folder)
    findings = _Health(settings=settings, store=hotel.store, clock=hotel.clock)()
    return next(finding for finding in findings if finding.name == "people")


def test_it_says_about_how_many_something_is_held(hotel: FrontDesk) -> None:
    assert people(hotel).words.startswith("Something is held about 0 people at most")
    hotel.welcome()
    found = people(hotel)
    assert found.ok
    assert found.words.startswith("Something is held about 1 people at most")
    assert "CN-FRT-15" not in found.words


def test_it_says_that_a_filing_is_asked_for(hotel: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[_Health.__module__], "FILING_FROM", 1)
    assert FILING_FROM == 100_000
    hotel.welcome()
    assert "From 1 on, CN-FRT-15 asks for a filing." in people(hotel).words


def test_it_says_that_the_number_was_changed(hotel: FrontDesk) -> None:
    hotel.welcome()
    with hotel.store._database.write() as session:
        session.connection().exec_driver_sql("UPDATE population SET people = 4")
    found = people(hotel)
    assert not found.ok
    assert "restore a backup" in found.remedy
