"""How a place stands: nothing is called met that isn't, nothing missing that nobody asks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from countenance.authority import (
    Author,
    Readiness,
    Role,
    Standing,
    UnknownPlace,
    shipped_roles,
    shipped_rules,
)
from countenance.kernel import PlaceId
from countenance.runtime.readiness import ReadinessDesk
from countenance.store import EvidenceScope
from front_desk import FrontDesk
from front_desk import front_desk as open_front_desk

RULES, WORDS = shipped_rules()
OFFICER = Author(Role.OFFICER)
MONTH = timedelta(days=30)


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    with open_front_desk(tmp_path) as opened:
        yield opened


def look(hotel: FrontDesk, *, within: timedelta = MONTH, place: PlaceId | None = None) -> Readiness:
    desk = ReadinessDesk(
        authority=hotel.desk, rules=RULES, vocabulary=WORDS, roles=shipped_roles(), clock=hotel.clock
    )
    return desk.look(author=OFFICER, place=place or hotel.site.place, within=within)


def test_a_complete_desk_lacks_nothing_and_asks_each_guest(hotel: FrontDesk) -> None:
    stands = look(hotel)
    assert stands.ready
    assert "consent.separate" in stands.asked_of_each
    assert all(item.rules for item in stands.of(Standing.MET) if item.keys[0] in WORDS.evidence)


def test_what_is_called_ready_is_permitted_for_a_guest_who_agrees_and_for_no_other(hotel: FrontDesk) -> None:
    assert look(hotel).ready
    assert not hotel.desk.judge(hotel.request()).allowed
    hotel.welcome()
    assert hotel.desk.judge(hotel.request()).allowed


@pytest.mark.parametrize("key", ["sign", "pia", "alternative_offered", "purpose", "legal_basis"])
def test_a_withdrawn_record_is_missing_with_its_rule_and_a_remedy(hotel: FrontDesk, key: str) -> None:
    hotel.withdraw(key)
    missing = look(hotel).of(Standing.MISSING)
    assert [item.keys for item in missing] == [(key,)]
    assert missing[0].rules
    assert "`countenance " in missing[0].remedy
    assert missing[0].by_hand


def test_what_runs_out_soon_is_expiring_and_says_when(hotel: FrontDesk) -> None:
    (record,) = hotel.on_file("purpose")
    hotel.withdraw("purpose")
    until = hotel.clock.now() + timedelta(days=10)
    hotel.desk.record_evidence(
        key="purpose",
        content=dict(record.content),
        author="officer",
        scope=EvidenceScope(purpose=hotel.site.purpose),
        valid_until=until,
    )
    (item,) = look(hotel).of(Standing.EXPIRING)
    assert (item.keys, item.until) == (("purpose",), until)
    assert item.remedy
    assert not look(hotel, within=timedelta(days=9)).of(Standing.EXPIRING)
    hotel.wait(timedelta(days=10))
    assert ("purpose",) in [item.keys for item in look(hotel).of(Standing.MISSING)]


def test_statements_that_disagree_are_missing_until_one_is_withdrawn(hotel: FrontDesk) -> None:
    hotel.desk.record_evidence(
        key="capture.area",
        content={"value": True},
        author="officer",
        scope=EvidenceScope(place=hotel.site.place),
        source=WORDS.triggers["capture.area"].source,
    )
    (item,) = look(hotel).of(Standing.MISSING)
    assert item.keys == ("capture.area",)
    assert "disagree" in item.remedy


def test_a_place_without_a_device_and_an_unknown_place(hotel: FrontDesk) -> None:
    (item,) = look(hotel, place=hotel.site.guest_room).items[:1]
    assert item.standing is Standing.MISSING
    with pytest.raises(UnknownPlace):
        look(hotel, place=PlaceId("plc_nowhere"))
