"""What the system can see of its own searches: only what is so, purpose by purpose."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract.observer import ObserverContract
from countenance.authority import Observer, shipped_rules
from countenance.decisions import DEMOGRAPHICS, MeasuredParity
from countenance.kernel import FixedClock
from countenance.policy import Vocabulary
from countenance.runtime import load_settings
from countenance.runtime.error_tables import TableInUse
from countenance.runtime.search_evidence import SearchObserver, search_observer
from front_desk import NOON, new_store
from identification_door import FPIR, TABLE, TAIL, IdentificationDoor, identification_door

SHIPPED = TableInUse(TABLE, own=False)
ALIKE = tuple(MeasuredParity(attribute, ("some", "others"), 1.4, 1.0, 2.9) for attribute in DEMOGRAPHICS)


def with_parity(*measured: MeasuredParity, own: bool = True) -> TableInUse:
    """Return the table with this measured at every level."""
    levels = tuple(replace(level, parity=measured) for level in TABLE.levels)
    return TableInUse(replace(TABLE, levels=levels), own=own)


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
        return SearchObserver(store=door.staff.hotel.store, in_use=with_parity(*ALIKE), fpir=FPIR)

    @pytest.fixture
    def blind(self, door: IdentificationDoor) -> Observer:
        return SearchObserver(
            store=door.staff.hotel.store, in_use=TableInUse(replace(TABLE, tail=None), own=False), fpir=FPIR
        )


def test_a_gallery_is_within_its_evidence_while_it_is(door: IdentificationDoor) -> None:
    store, purpose = door.staff.hotel.store, door.staff.door.purpose
    within = SearchObserver(store=store, in_use=SHIPPED, fpir=FPIR).observe()
    assert [one.scope.purpose for one in within if one.key == "gallery_n<=accuracy_n"] == [purpose]
    small = replace(TABLE, tail=replace(TAIL, ceiling=0.351))
    assert small.tail is not None
    assert small.tail.largest_gallery(fpir=FPIR) == 0
    beyond = SearchObserver(store=store, in_use=TableInUse(small, own=False), fpir=FPIR).observe()
    assert "gallery_n<=accuracy_n" not in {one.key for one in beyond}


def test_groups_are_alike_for_a_purpose_where_all_of_them_were_measured_here(
    door: IdentificationDoor,
) -> None:
    store, purpose = door.staff.hotel.store, door.staff.door.purpose
    seen = SearchObserver(store=store, in_use=with_parity(*ALIKE), fpir=FPIR).observe()
    (report,) = [one for one in seen if one.key == "demographic_report"]
    assert report.scope.purpose == purpose
    assert report.content["people"] == 1


@pytest.mark.parametrize(
    "in_use",
    [
        pytest.param(SHIPPED, id="nothing-measured"),
        pytest.param(with_parity(*ALIKE, own=False), id="other-people"),
        pytest.param(with_parity(*ALIKE[1:]), id="one-not-measured"),
        pytest.param(with_parity(*ALIKE[1:], replace(ALIKE[0], high=3.01)), id="above-the-limit"),
        pytest.param(with_parity(*ALIKE[1:], replace(ALIKE[0], high=math.inf)), id="unbounded"),
    ],
)
def test_what_was_not_shown_of_groups_is_not_reported(door: IdentificationDoor, in_use: TableInUse) -> None:
    seen = SearchObserver(store=door.staff.hotel.store, in_use=in_use, fpir=FPIR).observe()
    assert "demographic_report" not in {one.key for one in seen}


def test_beyond_the_strictest_level_nothing_is_known_of_groups(door: IdentificationDoor) -> None:
    lowest = replace(with_parity(*ALIKE).table, levels=with_parity(*ALIKE).table.levels[:1])
    loose = replace(lowest, levels=(replace(lowest.levels[0], threshold=0.3),))
    seen = SearchObserver(
        store=door.staff.hotel.store, in_use=TableInUse(loose, own=True), fpir=FPIR
    ).observe()
    assert "demographic_report" not in {one.key for one in seen}


def test_a_table_that_came_along_is_no_report_on_this_deployment(tmp_path: Path) -> None:
    with new_store(tmp_path, demo=False, clock=FixedClock(NOON)) as store:
        shipped = SearchObserver(store=store, in_use=SHIPPED, fpir=FPIR).observe()
        own = SearchObserver(store=store, in_use=TableInUse(TABLE, own=True), fpir=FPIR).observe()
    assert {one.key for one in shipped} == {"threshold_from_fpir"}
    assert {one.key for one in own} == {"threshold_from_fpir", "accuracy_report"}


def test_networks_without_a_table_are_vouched_for_by_nobody(tmp_path: Path) -> None:
    settings = load_settings(overrides={"data_folder": tmp_path / "data", "embedder": "no-such-network"})
    with new_store(tmp_path, demo=True, clock=FixedClock(NOON)) as store:
        assert search_observer(settings, store=store).observe() == ()
