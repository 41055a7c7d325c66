"""What is found out about an order before anybody is asked; the door is real, the pictures are drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from countenance.capture import CaptureDoor, CaptureLimits, NotAPicture, PendingPicture, PictureRefused
from countenance.decisions import ErrorTargetNotOffered, SamePicture, VerificationOrder, shipped_error_table
from countenance.decisions.reception import receive
from countenance.kernel import DeviceId, PlaceId, PurposeId, SubjectId, sha256_hex
from pictures import encode, png, quadrants
from verification_desk import MadeUpFace, picture_of
from verifiers import RecordingVerifier

TABLE = shipped_error_table("mobilefacenet-192")
CARD, GUEST = picture_of(MadeUpFace(), seed=1), picture_of(MadeUpFace(), seed=2)
ORDER = VerificationOrder(
    purpose=PurposeId("pur_test"),
    place=PlaceId("plc_test"),
    device=DeviceId("dev_test"),
    subject=SubjectId("sub_test"),
    error_target=1e-4,
    reference=CARD,
    probe=GUEST,
)


class Watched(CaptureDoor):
    """Remembers what it decoded."""

    def __init__(self) -> None:
        self.verifier = RecordingVerifier()
        super().__init__(verifier=self.verifier, limits=CaptureLimits())
        self.decoded: list[Any] = []

    def check(self, data: bytes) -> PendingPicture:
        picture = super().check(data)
        self.decoded.append(picture._pixels)
        return picture


@pytest.fixture
def door() -> Watched:
    return Watched()


def test_both_pictures_are_decoded_and_stay_shut(door: Watched) -> None:
    with receive(ORDER, error_table=TABLE, capture_door=door) as received:
        assert received.order is ORDER
        assert received.threshold == TABLE.threshold(1e-4)
        assert received.reference.material == sha256_hex(CARD)
        assert received.probe.material == sha256_hex(GUEST)
        assert "Pending" not in repr(received)
        assert len(door.decoded) == 2
        assert all(pixels.any() for pixels in door.decoded)
    assert not any(pixels.any() for pixels in door.decoded)
    assert door.verifier.admitted == []


def test_a_rate_that_was_not_measured_is_told_before_anything_is_decoded(door: Watched) -> None:
    with pytest.raises(ErrorTargetNotOffered):
        receive(replace(ORDER, error_target=1e-6), error_table=TABLE, capture_door=door)
    assert door.decoded == []


def test_one_file_twice_is_told_before_anything_is_decoded(door: Watched) -> None:
    with pytest.raises(SamePicture):
        receive(replace(ORDER, probe=CARD), error_table=TABLE, capture_door=door)
    assert door.decoded == []


@pytest.mark.parametrize("bad", ["reference", "probe"])
@pytest.mark.parametrize("data", [b"", b"no picture", CARD[:500]], ids=["empty", "text", "cut"])
def test_a_file_that_is_no_picture(door: Watched, bad: str, data: bytes) -> None:
    """Whatever was decoded of the other one is overwritten."""
    order = replace(ORDER, reference=data) if bad == "reference" else replace(ORDER, probe=data)
    with pytest.raises(PictureRefused):
        receive(order, error_table=TABLE, capture_door=door)
    assert len(door.decoded) == (1 if bad == "probe" else 0)
    assert not any(pixels.any() for pixels in door.decoded)


def test_the_reference_is_told_first(door: Watched) -> None:
    with pytest.raises(NotAPicture):
        receive(
            replace(ORDER, reference=b"no picture", probe=CARD[:500]), error_table=TABLE, capture_door=door
        )


@pytest.mark.parametrize("kind", ["PNG", "BMP", "WEBP", "JPEG"])
def test_one_picture_in_two_encodings_is_told_and_overwritten(door: Watched, kind: str) -> None:
    from PIL import Image  # noqa: PLC0415 - of this test alone

    drawn = quadrants(320, 240)
    again = encode(Image.fromarray(drawn).resize((288, 216)), kind)
    order = replace(ORDER, reference=png(drawn), probe=again)
    with pytest.raises(SamePicture, match="encoded twice"):
        receive(order, error_table=TABLE, capture_door=door)
    assert len(door.decoded) == 2
    assert not any(np.any(pixels) for pixels in door.decoded)
