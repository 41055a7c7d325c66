"""An order and what is handed back: two pictures are two, and none shows in repr."""

from __future__ import annotations

import numpy as np
import pytest

from countenance.decisions import FacePreview, Role, SamePicture, VerificationOrder
from countenance.kernel import DeviceId, PlaceId, PurposeId, SubjectId, sha256_hex


def an_order(reference: bytes, probe: bytes) -> VerificationOrder:
    return VerificationOrder(
        purpose=PurposeId("pur_1"),
        place=PlaceId("plc_1"),
        device=DeviceId("dev_1"),
        subject=SubjectId("sub_1"),
        error_target=1e-4,
        reference=reference,
        probe=probe,
    )


def test_materials_are_the_hashes_of_the_bytes_as_they_came() -> None:
    assert an_order(b"card", b"face").materials() == (sha256_hex(b"card"), sha256_hex(b"face"))


def test_a_picture_is_not_compared_with_itself() -> None:
    with pytest.raises(SamePicture) as refusal:
        an_order(b"face", b"face").materials()
    assert refusal.value.code == "same-picture"


def test_a_document_is_compared_with_a_live_photograph_unless_said_otherwise() -> None:
    order = an_order(b"card", b"face")
    assert (order.reference_role, order.probe_role) == (Role.DOCUMENT, Role.LIVE)


def test_pictures_do_not_show_in_repr() -> None:
    shown = repr(an_order(b"the-bytes-of-a-card", b"the-bytes-of-a-face"))
    assert "the-bytes" not in shown
    preview = FacePreview(Role.LIVE, np.full((112, 112, 3), 200, dtype=np.uint8))
    assert "200" not in repr(preview)


def test_a_preview_is_wiped_in_place() -> None:
    pixels = np.full((112, 112, 3), 200, dtype=np.uint8)
    FacePreview(Role.LIVE, pixels).wipe()
    assert not pixels.any()
