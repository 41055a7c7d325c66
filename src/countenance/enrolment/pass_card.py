"""A holder pass as a card to be cut out: PDF, by ReportLab (the extra ``print``).

Rules kept here:

* The card has the size of a bank card (ISO/IEC 7810 ID-1, 85.6 by 54 mm) and says what it is for, until when
  it holds, that nobody keeps it, and how it is taken back. No name, no portrait.
* The serial, which takes it back, stands on a slip beside the card: who loses the one still has the other.
* The code is drawn as squares, not as a picture: it prints sharp at every size.
* The file's own properties hold the text of the code, so that a card that was never printed is read as well.
"""

from __future__ import annotations

import importlib
import io
import re
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final

__all__ = ["PassCard", "pass_card_pdf", "pass_in_pdf", "require_printing"]

_POINT: Final = 72 / 25.4
_PAGE: Final = (210.0, 297.0)
_CARD: Final = (85.6, 54.0)
_AT: Final = (25.0, 25.0)
"""Left and top edge of the card on the page, in millimetres."""
_CODE: Final = 46.0
_QUIET: Final = 4
"""Modules left white around the code (ISO/IEC 18004)."""
_MARK: Final = 5.0
_GAP: Final = 1.0
_HAN: Final = "STSong-Light"
_INK: Final = "#1b1f24"
_FAINT: Final = "#57606a"
_KEYWORD: Final = "countenance-pass:"
_IN_FILE: Final = re.compile(rb"countenance-pass:(CP1:[A-Z2-7]{1,8192})\)")
_WIDEST_TITLE: Final = 3


@dataclass(frozen=True, slots=True)
class PassCard:
    """What a card says.

    Attributes:
        text: of its code. Left out of ``repr``.
        serial: on the slip, in hexadecimal digits. Left out of ``repr``.
        title: what it is for, in a few words.
        valid_until: until when, exclusive, UTC.
        demo: whether it is a demonstration's; the card says so.
    """

    text: str = field(repr=False)
    serial: str = field(repr=False)
    title: str
    valid_until: datetime
    demo: bool


def require_printing() -> None:
    """See that cards can be made here; before somebody is photographed for one.

    Raises:
        PrintingNotInstalled: if ReportLab isn't here.
    """
    if find_spec("reportlab") is None:
        from countenance.authority.notices import PrintingNotInstalled  # noqa: PLC0415 - pulls much with it

        msg = "A pass as a card needs the library ReportLab, which isn't installed."
        raise PrintingNotInstalled(
            msg,
            remedy="Install the extra `print` (pip install 'countenance[print]'), or ask for the code alone.",
        )


def pass_card_pdf(card: PassCard) -> bytes:
    """Return a page (A4) with the card, its cut marks and its slip; the same card gives the same bytes.

    Raises:
        PrintingNotInstalled: if ReportLab isn't here.
    """
    require_printing()
    output = io.BytesIO()
    size = (_PAGE[0] * _POINT, _PAGE[1] * _POINT)
    canvas = _library("reportlab.pdfgen.canvas").Canvas(output, pagesize=size, invariant=1, pageCompression=0)
    canvas.setTitle("Holder pass")
    canvas.setKeywords(f"{_KEYWORD}{card.text}")
    # From here on in millimetres, from the top left corner of the card.
    canvas.scale(_POINT, _POINT)
    canvas.translate(_AT[0], _PAGE[1] - _AT[1])
    _cut_marks(canvas)
    _code(canvas, card.text)
    _words(canvas, card)
    _slip(canvas, card)
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def pass_in_pdf(content: bytes) -> str:
    """Return the text of the pass in a card's file; empty if it isn't one.

    A card that was made here says it in its properties. What another program printed or saved anew may not:
    show a picture of it.

    Args:
        content: the file.
    """
    found = _IN_FILE.search(content)
    return "" if found is None else found[1].decode("ascii")


def _cut_marks(canvas: Any) -> None:  # noqa: ANN401 - ReportLab states no types
    width, height = _CARD
    canvas.setStrokeColor(_INK)
    canvas.setLineWidth(0.1)
    for x, away in ((0.0, -1), (width, 1)):
        for y, up in ((0.0, 1), (-height, -1)):
            canvas.line(x + away * _GAP, y, x + away * _MARK, y)
            canvas.line(x, y + up * _GAP, x, y + up * _MARK)


def _code(canvas: Any, text: str) -> None:  # noqa: ANN401 - ReportLab states no types
    """Draw the code on the left of the card: each row's dark modules as rectangles."""
    import segno  # noqa: PLC0415 - who prints no card doesn't wait for it

    rows = [list(row) for row in segno.make_qr(text, error="m", boost_error=False).matrix]
    module = _CODE / (len(rows) + 2 * _QUIET)
    left, top = (_CARD[1] - _CODE) / 2 + _QUIET * module, -(_CARD[1] - _CODE) / 2 - _QUIET * module
    canvas.setFillColor("#000000")
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        y = top - (number + 1) * module
        for start, length in _runs(row):
            path.rect(left + start * module, y, length * module, module)
    canvas.drawPath(path, stroke=0, fill=1)


def _runs(row: list[int]) -> list[tuple[int, int]]:
    """Return where dark modules stand in a row: first column and how many, from left to right."""
    found: list[tuple[int, int]] = []
    for column, dark in enumerate(row):
        if not dark:
            continue
        if found and sum(found[-1]) == column:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((column, 1))
    return found


def _words(canvas: Any, card: PassCard) -> None:  # noqa: ANN401 - ReportLab states no types
    left, width = _CODE + 5.0, _CARD[0] - _CODE - 8.0
    canvas.setFillColor(_INK)
    _write(canvas, "Holder pass", left, -8.5, 3.6, bold=True)
    y = -13.0
    for line in _wrapped(canvas, card.title, 3.0, width)[:_WIDEST_TITLE]:
        _write(canvas, line, left, y, 3.0)
        y -= 3.8
    _write(canvas, "Valid until", left, y - 1.5, 2.2, colour=_FAINT)
    _write(canvas, f"{card.valid_until:%Y-%m-%d %H:%M} UTC", left, y - 5.0, 2.8, bold=True)
    said = ["Nobody keeps a copy of it.", "It is read where it was", "made, for this alone.",
            "Lost? Show the slip's", "serial at the desk."]  # fmt: skip
    for number, line in enumerate(said):
        _write(canvas, line, left, -35.0 - 3.0 * number, 2.3, colour=_FAINT)
    if card.demo:
        _write(canvas, "DEMO", left, -51.0, 2.8, bold=True)


def _slip(canvas: Any, card: PassCard) -> None:  # noqa: ANN401 - ReportLab states no types
    top = -_CARD[1] - 14.0
    canvas.setStrokeColor(_FAINT)
    canvas.setLineWidth(0.1)
    canvas.setDash(1, 1)
    canvas.line(0, top + 4.0, _CARD[0], top + 4.0)
    canvas.setDash()
    _write(canvas, "Keep this apart from the card.", 0, top - 2.0, 3.0, bold=True)
    digits = " ".join(card.serial[at : at + 4] for at in range(0, len(card.serial), 4))
    _write(canvas, f"Serial {digits}", 0, top - 7.5, 2.8)
    said = ["Who shows this serial at the desk has the pass taken back for good.",
            "A withdrawn consent ends it as well. There is a way without a pass; ask for it."]  # fmt: skip
    for number, line in enumerate(said):
        _write(canvas, line, 0, top - 12.5 - 3.6 * number, 2.5, colour=_FAINT)


def _write(
    canvas: Any,  # noqa: ANN401 - ReportLab states no types
    line: str,
    x: float,
    y: float,
    size: float,
    *,
    bold: bool = False,
    colour: str = _INK,
) -> None:
    canvas.setFillColor(colour)
    canvas.setFont(_font(line, bold=bold), size)
    canvas.drawString(x, y, line)


def _font(line: str, *, bold: bool) -> str:
    """Return Helvetica where it has the letters, else the Chinese font that readers of PDF bring."""
    try:
        line.encode("cp1252")
    except UnicodeEncodeError:
        fonts = _library("reportlab.pdfbase.cidfonts")
        _library("reportlab.pdfbase.pdfmetrics").registerFont(fonts.UnicodeCIDFont(_HAN))
        return _HAN
    return "Helvetica-Bold" if bold else "Helvetica"


def _wrapped(canvas: Any, title: str, size: float, width: float) -> list[str]:  # noqa: ANN401 - ReportLab states no types
    """Return a title in lines that fit; between words, or between letters where there are no words."""
    lines = [""]
    font = _font(title, bold=False)
    for part in re.findall(r"\s*[^\s\u2e80-\uffff]+|\s*[\u2e80-\uffff]", title):
        if lines[-1] and canvas.stringWidth(lines[-1] + part, font, size) > width:
            lines.append(part.strip())
        else:
            lines[-1] += part
    return [line.strip() for line in lines]


def _library(name: str) -> ModuleType:
    require_printing()
    return importlib.import_module(name)
