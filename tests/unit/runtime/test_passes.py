"""The pass office of the demonstration: real networks, rules, keys and store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import segno

from countenance.authority import Author, DemoDoor, RefusedByRule, Role, RoleMayNot
from countenance.decisions import Outcome, PassCheckOrder
from countenance.enrolment import ConsentLine, EnrolmentOrder, IssuedPass, NoUsableSample
from countenance.gallery import PassRevoked
from countenance.kernel import SubjectId
from countenance.runtime import DemoFolder, Settings, demo_settings
from countenance.runtime.demo_door import prepare_demo_pass_desk
from countenance.runtime.passes import PassOffice, open_pass_office
from weights import sample_bytes

pytestmark = pytest.mark.models

HOLDER = SubjectId("sub_holder")
DAYS = timedelta(days=5)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PassOffice, DemoDoor]]:
    """The office at the made-up pass desk, whose holder agreed."""
    folder: Path = tmp_path_factory.mktemp("passes") / "demo"
    door = prepare_demo_pass_desk(Settings(), folder=folder, jurisdiction="EU")
    own = demo_settings(Settings(), DemoFolder(folder))
    with open_pass_office(own) as office:
        office.agree(
            ConsentLine(HOLDER, "adult", "en"),
            place=door.place,
            purpose=door.purpose,
            author=Author(Role.CLERK),
            valid_for=timedelta(days=30),
        )
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


def shown(door: DemoDoor, text: str, live: str = "obama2") -> PassCheckOrder:
    return PassCheckOrder(
        text=text,
        probe=sample_bytes(live),
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


@pytest.mark.parametrize(("live", "outcome"), [("obama2", Outcome.MATCH), ("biden", Outcome.NO_MATCH)])
def test_its_holder_is_told_from_somebody_else(
    opened: tuple[PassOffice, DemoDoor], issued: IssuedPass, live: str, outcome: Outcome
) -> None:
    office, door = opened
    done = office.check(shown(door, issued.text, live))
    assert (done.verified.decision.outcome, done.reissue, done.renewed) == (outcome, False, None)


def test_a_file_of_a_pass_is_read_as_its_text(opened: tuple[PassOffice, DemoDoor]) -> None:
    assert opened[0].read(b" CP1:ABC\n") == "CP1:ABC"


def test_only_who_attends_files_what_somebody_agreed_to(opened: tuple[PassOffice, DemoDoor]) -> None:
    office, door = opened
    with pytest.raises(RoleMayNot):
        office.agree(
            ConsentLine(SubjectId("sub_other"), "adult", "en"),
            place=door.place,
            purpose=door.purpose,
            author=Author(Role.AUDITOR),
            valid_for=timedelta(days=30),
        )
    other = replace(order(door, sample_bytes("obama")), subject=SubjectId("sub_other"))
    with pytest.raises(RefusedByRule):
        office.issue(other, valid_for=DAYS)


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
