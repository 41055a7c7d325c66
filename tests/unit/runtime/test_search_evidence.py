"""What the system can see of its own searches: only what is so, purpose by purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract.observer import ObserverContract
from countenance.authority import Observer, shipped_rules
from countenance.kernel import FixedClock
from countenance.policy import Vocabulary
from countenance.runtime import load_settings
from countenance.runtime.search_evidence import SearchObserver, search_observer
from front_desk import NOON, new_store
from identification_door import FPIR, TABLE, TAIL, IdentificationDoor, identification_door


@pytest.fixture
def vocabulary() -> Vocabulary:
    """The words of the rules."""
    return shipped_rules()[1]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[IdentificationDoor]:
    """A staff door at which one person is enrolled."""
    with identification_door(tmp_path) as opened:
        opened.enrol("sub_ann", 0.0)
        yield opened


class TestSearch(ObserverContract):
    @pytest.fixture
    def seeing(self, door: IdentificationDoor) -> Observer:
        return SearchObserver(store=door.staff.hotel.store, table=TABLE, fpir=FPIR)

    @pytest.fixture
    def blind(self, door: IdentificationDoor) -> Observer:
        return SearchObserver(store=door.staff.hotel.store, table=replace(TABLE, tail=None), fpir=FPIR)


def test_a_gallery_is_within_its_evidence_while_it_is(door: IdentificationDoor) -> None:
    store, purpose = door.staff.hotel.store, door.staff.door.purpose
    within = SearchObserver(store=store, table=TABLE, fpir=FPIR).observe()
    assert [one.scope.purpose for one in within if one.key == "gallery_n<=accuracy_n"] == [purpose]
    small = replace(TABLE, tail=replace(TAIL, ceiling=0.351))
    assert small.tail is not None
    assert small.tail.largest_gallery(fpir=FPIR) == 0
    beyond = SearchObserver(store=store, table=small, fpir=FPIR).observe()
    assert "gallery_n<=accuracy_n" not in {one.key for one in beyond}


def test_a_table_that_came_along_is_no_report_on_this_deployment(tmp_path: Path) -> None:
    with new_store(tmp_path, demo=False, clock=FixedClock(NOON)) as store:
        shipped = SearchObserver(store=store, table=TABLE, fpir=FPIR).observe()
        own = SearchObserver(store=store, table=replace(TABLE, label="own"), fpir=FPIR).observe()
    assert {one.key for one in shipped} == {"threshold_from_fpir"}
    assert {one.key for one in own} == {"threshold_from_fpir", "accuracy_report"}


def test_networks_without_a_table_are_vouched_for_by_nobody(tmp_path: Path) -> None:
    settings = load_settings(overrides={"data_folder": tmp_path / "data", "embedder": "no-such-network"})
    with new_store(tmp_path, demo=True, clock=FixedClock(NOON)) as store:
        assert search_observer(settings, store=store).observe() == ()
