"""What a holder pass is handed out as: its code as a picture, its text as a file, or a card (``pass_card``).

Rules kept here:

* The code is a QR code (ISO/IEC 18004) that still reads when 15 % of it can't be seen.
* A picture of the code states its size: 46 mm, so that it prints as large as on a card.
* A form says what is in the pass and nothing besides: no name, no picture of the person.
"""

from __future__ import annotations

from enum import StrEnum
from io import BytesIO
from typing import Final

__all__ = ["PassForm", "draw_pass"]


class PassForm(StrEnum):
    """In which form a pass goes to the person."""

    PNG = "png"
    SVG = "svg"
    TEXT = "pass"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        """What the bytes are, for who receives them."""
        return _MEDIA_TYPES[self]


_SCALE: Final = 4
_QUIET: Final = 4
"""Modules left white around the code."""
_WALLET: Final = 46
"""How large a picture of the code prints, in millimetres: it fits a bank card."""

_MEDIA_TYPES = {
    PassForm.PNG: "image/png",
    PassForm.SVG: "image/svg+xml",
    PassForm.TEXT: "application/vnd.countenance.pass",
    PassForm.PDF: "application/pdf",
}


def draw_pass(text: str, form: PassForm) -> bytes:
    """Return a pass in one form.

    Args:
        text: of its code.
        form: which.

    Raises:
        ValueError: if it is the card, which says more than the code: ``pass_card_pdf`` draws it.
    """
    if form is PassForm.PDF:
        msg = "a card says more than the code"
        raise ValueError(msg)
    if form is PassForm.TEXT:
        return f"{text}\n".encode("ascii")
    import segno  # noqa: PLC0415 - who draws nothing doesn't wait for it

    written = BytesIO()
    code = segno.make_qr(text, error="m", boost_error=False)
    if form is PassForm.SVG:
        code.save(written, kind="svg", scale=_SCALE, border=_QUIET)
        return written.getvalue()
    side, _ = code.symbol_size(scale=_SCALE, border=_QUIET)
    code.save(written, kind="png", scale=_SCALE, border=_QUIET, dpi=round(side * 25.4 / _WALLET))
    return written.getvalue()
