"""A sign as PDF, by ReportLab (the extra ``print``).

Latin letters are Helvetica. Chinese characters are Adobe's STSong-Light, which every reader of PDF brings or
stands another one in for; it isn't in the file. A font that is named is, as far as its characters are used.
"""

from __future__ import annotations

import importlib
import io
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from countenance.authority.notices.drawing import Circle, Line, Polygon, Shape, TextLine
from countenance.authority.notices.errors import PrintingNotInstalled
from countenance.authority.notices.lettering import runs_of
from countenance.authority.notices.phrases import phrase
from countenance.authority.notices.signs import HEIGHT, WIDTH, Sheet

__all__ = ["sign_pdf"]

_POINT: Final = 72 / 25.4
_HAN: Final = "STSong-Light"
_OWN: Final = "CountenanceHan"


def sign_pdf(sheet: Sheet, *, font: Path | None = None) -> bytes:
    """Return the sign as a PDF file; the same sign gives the same bytes.

    Args:
        sheet: what is drawn.
        font: a TrueType font with Chinese characters, to be put into the file.

    Raises:
        PrintingNotInstalled: if ReportLab isn't here, or the font can't be used.
    """
    canvas_module = _library("reportlab.pdfgen.canvas")
    output = io.BytesIO()
    canvas = canvas_module.Canvas(output, pagesize=(WIDTH * _POINT, HEIGHT * _POINT), invariant=1)
    han = _han_font(font)
    sign = sheet.made.sign
    canvas.setTitle(phrase("heading", sign.kind, "en"))
    canvas.setSubject(sign.link)
    canvas.setKeywords(f"countenance-sign:{sheet.made.statement}")
    canvas.scale(_POINT, _POINT)
    for shape in sheet.shapes:
        _draw(canvas, shape)
    for line in sheet.texts:
        _write(canvas, line, han)
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def _library(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError:
        msg = "A sign as PDF needs the library ReportLab, which isn't installed."
        raise PrintingNotInstalled(msg) from None


def _han_font(font: Path | None) -> str:
    metrics = _library("reportlab.pdfbase.pdfmetrics")
    if font is None:
        metrics.registerFont(_library("reportlab.pdfbase.cidfonts").UnicodeCIDFont(_HAN))
        return _HAN
    fonts = _library("reportlab.pdfbase.ttfonts")
    try:
        metrics.registerFont(fonts.TTFont(_OWN, str(font)))
    except (fonts.TTFError, OSError):
        msg = "The font can't be read as a TrueType font."
        raise PrintingNotInstalled(msg, remedy="Name a .ttf or .ttc file with TrueType outlines.") from None
    return _OWN


def _draw(canvas: Any, shape: Shape) -> None:  # noqa: ANN401 - ReportLab states no types
    canvas.setFillColor(shape.colour)
    canvas.setStrokeColor(shape.colour)
    if isinstance(shape, Polygon):
        path = canvas.beginPath()
        (x, y), *rest = shape.points
        path.moveTo(x, HEIGHT - y)
        for x, y in rest:
            path.lineTo(x, HEIGHT - y)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
        return
    canvas.setLineWidth(shape.stroke)
    if isinstance(shape, Line):
        canvas.setLineCap(1)
        canvas.line(shape.x1, HEIGHT - shape.y1, shape.x2, HEIGHT - shape.y2)
        return
    paint = {"stroke": int(shape.stroke > 0), "fill": int(shape.stroke == 0)}
    if isinstance(shape, Circle):
        canvas.circle(shape.x, HEIGHT - shape.y, shape.radius, **paint)
    elif shape.rounding:
        y = HEIGHT - shape.y - shape.height
        canvas.roundRect(shape.x, y, shape.width, shape.height, shape.rounding, **paint)
    else:
        canvas.rect(shape.x, HEIGHT - shape.y - shape.height, shape.width, shape.height, **paint)


def _write(canvas: Any, line: TextLine, han: str) -> None:  # noqa: ANN401 - ReportLab states no types
    latin = "Helvetica-Bold" if line.bold else "Helvetica"
    runs = [(text, han if wide else latin) for text, wide in runs_of(line.text)]
    natural = sum(canvas.stringWidth(text, font, line.size) for text, font in runs)
    text_object = canvas.beginText(line.x, HEIGHT - line.y)
    text_object.setFillColor(line.colour)
    if natural > line.width > 0:
        text_object.setHorizScale(100 * line.width / natural)
    for text, font in runs:
        text_object.setFont(font, line.size)
        text_object.textOut(text)
    canvas.drawText(text_object)
