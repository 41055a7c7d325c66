from __future__ import annotations

import numpy as np
import pytest

from countenance.capture import CaptureDoor, CaptureLimits, NotAPicture
from countenance.kernel import (
    Door,
    Material,
    Passage,
    PermitExpired,
    PermitNotForThis,
    PermitRefused,
    PermitToken,
    sha256_hex,
)
from pictures import png, quadrants
from verifiers import RecordingVerifier, RefusingVerifier, request_for

LIMITS = CaptureLimits(smallest_side=16)
PICTURE = png(quadrants())
PERMIT = PermitToken("permit")


def test_a_permitted_picture_becomes_a_frame() -> None:
    verifier = RecordingVerifier()
    request = request_for(PICTURE)
    frame = CaptureDoor(verifier=verifier, limits=LIMITS).open(PICTURE, permit=PERMIT, request=request)
    assert np.array_equal(frame.pixels, quadrants())
    assert frame.material == sha256_hex(PICTURE)


def test_the_door_states_what_it_does() -> None:
    verifier = RecordingVerifier()
    request = request_for(PICTURE)
    CaptureDoor(verifier=verifier, limits=LIMITS).open(PICTURE, permit=PERMIT, request=request)
    passage = Passage(
        door=Door.CAPTURE, operation="capture", request=request, material=Material(sha256_hex(PICTURE))
    )
    assert verifier.admitted == [(PERMIT, passage)]


def test_each_opening_is_a_passage_of_its_own() -> None:
    verifier = RecordingVerifier()
    door = CaptureDoor(verifier=verifier, limits=LIMITS)
    for _ in range(3):
        door.open(PICTURE, permit=PERMIT, request=request_for(PICTURE))
    assert len(verifier.admitted) == 3


def test_other_bytes_than_the_named_are_refused_before_the_permit_is_asked() -> None:
    verifier = RecordingVerifier()
    door = CaptureDoor(verifier=verifier, limits=LIMITS)
    with pytest.raises(PermitNotForThis):
        door.open(PICTURE + b"\0", permit=PERMIT, request=request_for(PICTURE))
    assert verifier.admitted == []


def test_without_a_permit_nothing_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object, **__: object) -> None:
        pytest.fail("a picture was decoded without a permit")

    monkeypatch.setattr("countenance.capture.door.decode", explode)
    door = CaptureDoor(verifier=RefusingVerifier(PermitExpired("over")), limits=LIMITS)
    with pytest.raises(PermitExpired):
        door.open(PICTURE, permit=PERMIT, request=request_for(PICTURE))


@pytest.mark.parametrize("reason", PermitRefused.__subclasses__(), ids=lambda kind: str(kind.code))
def test_every_refusal_reaches_the_caller(reason: type[PermitRefused]) -> None:
    door = CaptureDoor(verifier=RefusingVerifier(reason("no")), limits=LIMITS)
    with pytest.raises(reason):
        door.open(PICTURE, permit=PERMIT, request=request_for(PICTURE))


def test_permitted_bytes_that_are_no_picture_are_refused() -> None:
    data = b"no picture"
    door = CaptureDoor(verifier=RecordingVerifier(), limits=LIMITS)
    with pytest.raises(NotAPicture):
        door.open(data, permit=PERMIT, request=request_for(data))
