"""A visitor is searched for: what is taken down, when, and at which rate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from countenance.authority import RefusedByRule, UnknownDevice, UnknownPlace
from countenance.decisions import FpirNotOffered, GalleryEmpty, Outcome
from countenance.kernel import DeviceId, PlaceId, PurposeId
from countenance.scenes import AgeBand, GuestStatement, IdentificationFlow, VisitOrder
from identification_door import FPIR, IdentificationDoor, identification_door
from staff_door import face_at

ANN = face_at(0.1, seed=901)
AGREES = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="officer")


@pytest.fixture
def door(tmp_path: Path) -> Iterator[IdentificationDoor]:
    with identification_door(tmp_path) as opened:
        opened.enrol("sub_ann", 0.0)
        yield opened


def flow_at(door: IdentificationDoor) -> IdentificationFlow:
    return IdentificationFlow(desk=door.desk, authority=door.staff.hotel.desk, fpir=FPIR)


def order(door: IdentificationDoor, **changes: object) -> VisitOrder:
    at = door.staff.door
    fields: dict[str, object] = {"probe": ANN, "purpose": at.purpose, "place": at.place,
                                 "device": at.device, "guest": AGREES}  # fmt: skip
    return VisitOrder(**(fields | changes))  # type: ignore[arg-type]


def records(door: IdentificationDoor) -> int:
    return len(door.staff.hotel.on_file("consent.record"))


def test_a_visitor_is_found_under_a_pseudonym_of_the_visit(door: IdentificationDoor) -> None:
    first, second = (flow_at(door).run(order(door)) for _ in range(2))
    assert first.identified.decision.outcome is Outcome.LEAD
    assert first.subject != second.subject
    assert {one.subject for one in first.identified.decision.candidates} == {"sub_ann"}
    assert first.subject != "sub_ann"


def test_who_says_no_is_not_searched_for(door: IdentificationDoor) -> None:
    no = GuestStatement(consents=False, age_band=AgeBand.ADULT, language="en", stated_by="officer")
    seen = len(door.staff.watch.arrays)
    with pytest.raises(RefusedByRule):
        flow_at(door).run(order(door, guest=no))
    assert len(door.staff.watch.arrays) == seen


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"place": PlaceId("plc_none")}, UnknownPlace, id="place"),
        pytest.param({"device": DeviceId("dev_none")}, UnknownDevice, id="device"),
        pytest.param({"purpose": PurposeId("pur_gym")}, GalleryEmpty, id="nobody-enrolled"),
        pytest.param({"fpir": 0.0}, FpirNotOffered, id="no-rate"),
    ],
)
def test_what_can_not_be_stated_leaves_nothing(
    door: IdentificationDoor, changes: dict[str, object], error: type[Exception]
) -> None:
    before = records(door)
    with pytest.raises(error):
        flow_at(door).run(order(door, **changes))
    assert records(door) == before


@pytest.mark.parametrize(
    ("asked", "kept"), [(None, FPIR), (FPIR / 2, FPIR / 2), (2 * FPIR, FPIR)], ids=["none", "less", "more"]
)
def test_the_stricter_rate_is_kept(door: IdentificationDoor, asked: float | None, kept: float) -> None:
    assert flow_at(door).run(order(door, fpir=asked)).identified.decision.stated_error.asked == kept


def test_an_order_shows_no_picture(door: IdentificationDoor) -> None:
    assert "PNG" not in repr(order(door))
