from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import segno
from PIL import Image

from countenance.capture import CaptureLimits, PictureRefused, read_code

LIMITS = CaptureLimits()
TEXT = "CP1:" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 25


def drawn(text: str, *, scale: int = 4) -> bytes:
    written = BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(written, kind="png", scale=scale, border=4)
    return written.getvalue()


@pytest.mark.parametrize("scale", [3, 4, 6])
def test_a_code_as_dense_as_a_pass_is_read(scale: int) -> None:
    assert read_code(drawn(TEXT, scale=scale), limits=LIMITS) == TEXT


def test_a_picture_without_a_code_has_no_text() -> None:
    written = BytesIO()
    Image.fromarray(np.full((200, 200, 3), 200, dtype=np.uint8)).save(written, "PNG")
    assert read_code(written.getvalue(), limits=LIMITS) == ""


def test_half_a_code_has_no_text() -> None:
    whole = Image.open(BytesIO(drawn(TEXT)))
    written = BytesIO()
    whole.convert("RGB").crop((0, 0, whole.width // 2, whole.height)).save(written, "PNG")
    assert read_code(written.getvalue(), limits=LIMITS) == ""


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(PictureRefused):
        read_code(b"no picture", limits=LIMITS)
