"""The pass office of the demonstration: real networks, rules, keys and store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import segno

from countenance.authority import Author, DemoDoor, RefusedByRule, Role, RoleMayNot
from countenance.decisions import PassCheckOrder
from countenance.enrolment import ConsentLine, EnrolmentOrder, IssuedPass, NoUsableSample
from countenance.gallery import PassRevoked
from countenance.kernel import SubjectId
from countenance.runtime import DemoFolder, Settings, demo_settings
from countenance.runtime.demo_door import prepare_demo_door
from countenance.runtime.enrolment import open_enrolment
from countenance.runtime.passes import PassOffice, open_pass_office
from weights import sample_bytes

pytestmark = pytest.mark.models

HOLDER = SubjectId("sub_holder")
DAYS = timedelta(days=5)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PassOffice, DemoDoor]]:
    """The office at the made-up staff door, whose holder agreed."""
    folder: Path = tmp_path_factory.mktemp("passes") / "demo"
    door = prepare_demo_door(Settings(), folder=folder, jurisdiction="EU")
    own = demo_settings(Settings(), DemoFolder(folder))
    with open_enrolment(own) as room:
        room.import_consents(
            [ConsentLine(HOLDER, "adult", "en")],
            place=door.place,
            purpose=door.purpose,
            author=Author(Role.CLERK),
            valid_for=timedelta(days=30),
        )
    with open_pass_office(own) as office:
        yield office, door


def order(door: DemoDoor, *pictures: bytes) -> EnrolmentOrder:
    return EnrolmentOrder(
        subject=HOLDER,
        purpose=door.purpose,
        place=door.place,
        device=door.device,
        pictures=pictures,
        error_target=1e-4,
    )


@pytest.fixture(scope="module")
def issued(opened: tuple[PassOffice, DemoDoor]) -> IssuedPass:
    office, door = opened
    return office.issue(order(door, sample_bytes("obama"), sample_bytes("obama2")), valid_for=DAYS)


def shown(door: DemoDoor, text: str) -> PassCheckOrder:
    return PassCheckOrder(
        text=text,
        probe=sample_bytes("obama2"),
        purpose=door.purpose,
        place=door.place,
        device=door.device,
        error_target=1e-4,
    )


def test_a_pass_is_issued_and_its_code_is_read_back(
    opened: tuple[PassOffice, DemoDoor], issued: IssuedPass
) -> None:
    assert (issued.samples, issued.left_out) == (2, ())
    assert issued.valid_until - issued.valid_from == DAYS
    drawn = BytesIO()
    segno.make_qr(issued.text, error="m", boost_error=False).save(drawn, kind="png", scale=4, border=4)
    assert opened[0].read(drawn.getvalue()) == issued.text


def test_a_picture_without_a_face_makes_no_pass(
    opened: tuple[PassOffice, DemoDoor], issued: IssuedPass
) -> None:
    office, door = opened
    drawn = BytesIO()
    segno.make_qr(issued.text).save(drawn, kind="png", scale=4, border=4)
    with pytest.raises(NoUsableSample):
        office.issue(order(door, drawn.getvalue()), valid_for=DAYS)


def test_at_a_door_that_nobody_attends_the_rules_ask_for_more_than_a_pass(
    opened: tuple[PassOffice, DemoDoor], issued: IssuedPass
) -> None:
    office, door = opened
    with pytest.raises(RefusedByRule) as refused:
        office.check(shown(door, issued.text))
    assert "HX-PAD" in {rule for missing in refused.value.verdict.missing for rule in missing.rule_ids}


def test_a_lost_pass_is_taken_back_by_its_serial(opened: tuple[PassOffice, DemoDoor]) -> None:
    office, door = opened
    lost = office.issue(order(door, sample_bytes("obama")), valid_for=DAYS)
    serial = bytes.fromhex(lost.serial)
    with pytest.raises(RoleMayNot):
        office.revoke(serial, purpose=door.purpose, author=Author(Role.CLERK))
    office.revoke(serial, purpose=door.purpose, author=Author(Role.OFFICER))
    with pytest.raises(PassRevoked):
        office.check(shown(door, lost.text))
    with pytest.raises(ValueError, match="serial"):
        office.revoke(b"short", purpose=door.purpose, author=Author(Role.OFFICER))
