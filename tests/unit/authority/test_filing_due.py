"""The clock of the filing: started by the system's own count, once, and stopped by the filing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from countenance.authority import (
    DutyOverdue,
    Observer,
    PopulationObserver,
    RefusedByRule,
)
from countenance.kernel import SubjectId
from countenance.store import DutyRecord, EvidenceScope, Issuer
from front_desk import FrontDesk, front_desk, new_desk, system_observers
from record_examples import content_for

KEY = "filing_if_100k"
SIX_WEEKS = timedelta(days=42)


def counting_from(hotel: FrontDesk, people: int) -> FrontDesk:
    """The same hotel with a desk to which so many people are many."""
    others = [o for o in system_observers(hotel.store, hotel.clock) if not isinstance(o, PopulationObserver)]
    counter: Observer = PopulationObserver(store=hotel.store, clock=hotel.clock, filing_from=people)
    return replace(hotel, desk=new_desk(hotel.store, hotel.clock, observers=(*others, counter)))


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    """A hotel in CN to which two people are many; nobody is in its store."""
    with front_desk(tmp_path) as opened:
        yield counting_from(opened, 2)


def check_in(hotel: FrontDesk, who: str) -> str:
    """Welcome somebody and return the permit."""
    subject = SubjectId(f"sub_{who}")
    hotel.welcome(subject=subject)
    return hotel.grant(hotel.request(subject=subject)).claims.permit_id


def filings(hotel: FrontDesk) -> list[DutyRecord]:
    return [duty for duty in hotel.store.duties.open() if duty.key == KEY]


def began(hotel: FrontDesk) -> int:
    return sum(kind == "duty-began" for kind, _ in hotel.log_entries())


def file_it(hotel: FrontDesk) -> str:
    return hotel.desk.record_evidence(
        key=KEY,
        content=content_for(KEY),
        author="officer",
        scope=EvidenceScope(place=hotel.site.place, purpose=hotel.site.purpose),
    ).evidence_id


def test_one_too_few_start_nothing(hotel: FrontDesk) -> None:
    check_in(hotel, "one")
    assert filings(hotel) == []
    assert began(hotel) == 0


def test_the_person_who_makes_the_number_full_starts_the_clock(hotel: FrontDesk) -> None:
    check_in(hotel, "one")
    permit = check_in(hotel, "two")
    (duty,) = filings(hotel)
    assert (duty.rule, duty.permit_id) == ("CN-FRT-15", permit)
    assert (duty.place, duty.purpose) == (hotel.site.place, hotel.site.purpose)
    assert duty.due == hotel.clock.now() + SIX_WEEKS
    (entry,) = [entry for kind, entry in hotel.log_entries() if kind == "duty-began"]
    assert (entry["duty"], entry["key"], entry["due"]) == (duty.duty_id, KEY, duty.due.isoformat())


def test_it_starts_once(hotel: FrontDesk) -> None:
    for who in ("one", "two", "three"):
        check_in(hotel, who)
    (before,) = filings(hotel)
    for who in ("two", "three"):
        hotel.store.erasures.erase(SubjectId(f"sub_{who}"), None)
    hotel.wait(timedelta(hours=2))
    for who in ("four", "five"):
        check_in(hotel, who)
    assert filings(hotel) == [before]
    assert began(hotel) == 1


def test_a_request_that_is_refused_starts_nothing(hotel: FrontDesk) -> None:
    check_in(hotel, "one")
    hotel.welcome(subject=SubjectId("sub_two"), consents=False)
    assert hotel.store.population.people() == 2
    with pytest.raises(RefusedByRule):
        hotel.grant(hotel.request(subject=SubjectId("sub_two")))
    assert filings(hotel) == []


def test_asking_the_rules_starts_nothing(hotel: FrontDesk) -> None:
    hotel.welcome(subject=SubjectId("sub_one"))
    hotel.welcome(subject=SubjectId("sub_two"))
    assert hotel.desk.judge(hotel.request(subject=SubjectId("sub_two"))).allowed
    assert filings(hotel) == []


def test_nothing_starts_where_no_rule_asks_for_it(tmp_path: Path) -> None:
    with front_desk(tmp_path, jurisdiction="EU") as opened:
        hotel = counting_from(opened, 1)
        check_in(hotel, "one")
        assert filings(hotel) == []


def test_a_count_that_does_not_fit_starts_nothing(hotel: FrontDesk) -> None:
    with hotel.store._database.write() as session:
        session.connection().exec_driver_sql("UPDATE population SET people = 7")
    check_in(hotel, "one")
    assert filings(hotel) == []


def test_a_filing_that_is_on_file_needs_no_clock(hotel: FrontDesk) -> None:
    file_it(hotel)
    check_in(hotel, "one")
    check_in(hotel, "two")
    assert filings(hotel) == []
    assert began(hotel) == 0


def test_a_filing_in_time_stops_it(hotel: FrontDesk) -> None:
    check_in(hotel, "one")
    check_in(hotel, "two")
    (duty,) = filings(hotel)
    hotel.wait(timedelta(days=20))
    filed = file_it(hotel)
    check_in(hotel, "three")
    assert filings(hotel) == []
    closed = hotel.store.duties.get(duty.duty_id)
    assert closed.discharged_by is not None
    record = hotel.store.evidence.get(closed.discharged_by)
    assert (record.content["filed"], record.author, record.issuer) == (filed, "officer", "person")
    check_in(hotel, "four")
    assert began(hotel) == 1


def test_without_it_the_desk_is_shut_after_six_weeks_until_it_is_filed(hotel: FrontDesk) -> None:
    check_in(hotel, "one")
    check_in(hotel, "two")
    hotel.wait(SIX_WEEKS)
    check_in(hotel, "three")
    hotel.wait(timedelta(seconds=1))
    hotel.welcome(subject=SubjectId("sub_four"))
    with pytest.raises(DutyOverdue, match=KEY):
        hotel.grant(hotel.request(subject=SubjectId("sub_four")))
    file_it(hotel)
    assert hotel.grant(hotel.request(subject=SubjectId("sub_four"))).claims.permit_id


def test_an_officer_s_word_stops_it_too(hotel: FrontDesk) -> None:
    check_in(hotel, "one")
    check_in(hotel, "two")
    (duty,) = filings(hotel)
    hotel.desk.discharge(
        duty.duty_id, content={"said": "filed on paper"}, author="officer", issuer=Issuer.PERSON
    )
    check_in(hotel, "three")
    assert filings(hotel) == []
