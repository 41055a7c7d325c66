from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from countenance.capture import (
    CaptureLimits,
    NotAPicture,
    PictureTooSmall,
    SentFrameDoor,
    SentFrames,
    sent_frames_material,
)
from countenance.kernel import (
    DeviceId,
    Door,
    PermitExpired,
    PermitNotForThis,
    PermitSpent,
    ProcessingRequest,
    sha256_hex,
)
from front_desk import FrontDesk, front_desk
from pictures import png, quadrants


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        opened.welcome()
        yield opened


def request_for(hotel: FrontDesk, session: str = "lvs_a") -> ProcessingRequest:
    return hotel.request(materials=(sent_frames_material(session, hotel.site.desk_device),))


def door_of(hotel: FrontDesk) -> SentFrameDoor:
    return SentFrameDoor(verifier=hotel.desk.verifier, limits=CaptureLimits(), clock=hotel.clock)


def opened(hotel: FrontDesk) -> SentFrames:
    request = request_for(hotel)
    granted = hotel.grant(request, budget={Door.CAPTURE: 1})
    return door_of(hotel).open("lvs_a", permit=granted.token, request=request)


def test_a_material_names_one_session_on_one_device() -> None:
    one = sent_frames_material("lvs_a", DeviceId("dev_a"))
    assert len(one) == 64
    assert one != sent_frames_material("lvs_b", DeviceId("dev_a"))
    assert one != sent_frames_material("lvs_a", DeviceId("dev_b"))


def test_frames_are_decoded_while_the_permit_holds(hotel: FrontDesk) -> None:
    frames = opened(hotel)
    data = png(quadrants(96, 80))
    frame = frames.take(data)
    assert (frame.width, frame.height) == (96, 80)
    assert frame.material == sha256_hex(data)
    hotel.wait(timedelta(minutes=3))
    with pytest.raises(PermitExpired):
        frames.take(data)


def test_nothing_is_decoded_once_the_permit_is_over(hotel: FrontDesk) -> None:
    frames = opened(hotel)
    hotel.wait(timedelta(minutes=3))
    with pytest.raises(PermitExpired):
        frames.take(b"no picture")


def test_what_is_no_picture_within_the_limits_is_refused(hotel: FrontDesk) -> None:
    frames = opened(hotel)
    with pytest.raises(NotAPicture):
        frames.take(b"no picture")
    with pytest.raises(PictureTooSmall):
        frames.take(png(quadrants(32, 32)))


def test_one_opening_is_one_passage(hotel: FrontDesk) -> None:
    request = request_for(hotel)
    granted = hotel.grant(request, budget={Door.CAPTURE: 1})
    door_of(hotel).open("lvs_a", permit=granted.token, request=request)
    with pytest.raises(PermitSpent):
        door_of(hotel).open("lvs_a", permit=granted.token, request=request)


def test_a_permit_for_one_session_opens_no_other(hotel: FrontDesk) -> None:
    request = request_for(hotel)
    granted = hotel.grant(request, budget={Door.CAPTURE: 1})
    with pytest.raises(PermitNotForThis):
        door_of(hotel).open("lvs_b", permit=granted.token, request=request)
    assert hotel.store.permits.uses(granted.claims.permit_id) == {}
