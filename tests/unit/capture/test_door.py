from __future__ import annotations

import numpy as np
import pytest

from countenance.capture import (
    CaptureDoor,
    CaptureLimits,
    NotAPicture,
    PendingPicture,
    PictureRefused,
    PictureTooLarge,
)
from countenance.kernel import (
    Door,
    Material,
    Passage,
    PermitExpired,
    PermitNotForThis,
    PermitRefused,
    PermitToken,
    PermitVerifier,
    sha256_hex,
)
from pictures import png, png_with_header, quadrants
from verifiers import RecordingVerifier, RefusingVerifier, request_for

LIMITS = CaptureLimits(smallest_side=16)
PICTURE = png(quadrants())
PERMIT = PermitToken("permit")


def door_of(verifier: PermitVerifier) -> CaptureDoor:
    return CaptureDoor(verifier=verifier, limits=LIMITS)


def pending(data: bytes = PICTURE) -> PendingPicture:
    return door_of(RecordingVerifier()).check(data)


def test_a_permitted_picture_becomes_a_frame() -> None:
    door = door_of(RecordingVerifier())
    frame = door.open(door.check(PICTURE), permit=PERMIT, request=request_for(PICTURE))
    assert np.array_equal(frame.pixels, quadrants())
    assert frame.material == sha256_hex(PICTURE)


def test_a_picture_is_decoded_once_and_its_frame_is_not_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[np.ndarray] = []

    def decode(_: bytes, *, limits: CaptureLimits) -> np.ndarray:
        assert limits is LIMITS
        decoded.append(quadrants().copy())
        return decoded[-1]

    monkeypatch.setattr("countenance.capture.door.decode", decode)
    door = door_of(RecordingVerifier())
    with door.check(PICTURE) as picture:
        frame = door.open(picture, permit=PERMIT, request=request_for(PICTURE))
        assert frame.pixels is decoded[0]
    assert len(decoded) == 1
    assert not decoded[0].any()


def test_the_door_states_what_it_does() -> None:
    verifier = RecordingVerifier()
    request = request_for(PICTURE)
    door_of(verifier).open(pending(), permit=PERMIT, request=request)
    passage = Passage(
        door=Door.CAPTURE, operation="capture", request=request, material=Material(sha256_hex(PICTURE))
    )
    assert verifier.admitted == [(PERMIT, passage)]


def test_each_opening_is_a_passage_of_its_own() -> None:
    verifier = RecordingVerifier()
    door = door_of(verifier)
    for _ in range(3):
        door.open(door.check(PICTURE), permit=PERMIT, request=request_for(PICTURE))
    assert len(verifier.admitted) == 3


def test_other_bytes_than_the_named_are_refused_before_the_permit_is_asked() -> None:
    verifier = RecordingVerifier()
    with pytest.raises(PermitNotForThis):
        door_of(verifier).open(pending(PICTURE + b"\0"), permit=PERMIT, request=request_for(PICTURE))
    assert verifier.admitted == []


@pytest.mark.parametrize("data", [b"", b"no picture", PICTURE[:40], png_with_header(40_000, 40_000)])
def test_what_is_no_picture_is_told_without_a_permit(data: bytes) -> None:
    verifier = RecordingVerifier()
    with pytest.raises(PictureRefused) as refused:
        door_of(verifier).check(data)
    assert type(refused.value) is not PictureRefused
    assert verifier.admitted == []


def test_each_kind_keeps_its_code() -> None:
    with pytest.raises(NotAPicture):
        pending(b"no picture")
    with pytest.raises(PictureTooLarge):
        pending(png_with_header(40_000, 40_000))


def test_without_a_permit_no_pixels_come_out() -> None:
    picture = pending()
    pixels = picture._pixels
    with picture, pytest.raises(PermitExpired):
        door_of(RefusingVerifier(PermitExpired("over"))).open(
            picture, permit=PERMIT, request=request_for(PICTURE)
        )
    assert not pixels.any()


def test_a_refused_permit_leaves_the_picture_to_the_right_one() -> None:
    picture = pending()
    with pytest.raises(PermitExpired):
        door_of(RefusingVerifier(PermitExpired("over"))).open(
            picture, permit=PERMIT, request=request_for(PICTURE)
        )
    frame = door_of(RecordingVerifier()).open(picture, permit=PERMIT, request=request_for(PICTURE))
    assert frame.pixels.any()


@pytest.mark.parametrize("reason", PermitRefused.__subclasses__(), ids=lambda kind: str(kind.code))
def test_every_refusal_reaches_the_caller(reason: type[PermitRefused]) -> None:
    door = door_of(RefusingVerifier(reason("no")))
    with pytest.raises(reason):
        door.open(pending(), permit=PERMIT, request=request_for(PICTURE))
