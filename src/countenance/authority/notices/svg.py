"""A sign as SVG: one file that needs nothing else, in millimetres of the sheet."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape, quoteattr

from countenance.authority.notices.drawing import TextLine, to_svg_shapes
from countenance.authority.notices.phrases import phrase
from countenance.authority.notices.signs import HEIGHT, WIDTH, Sheet

__all__ = ["sign_svg"]

_FONTS: Final = (
    "Helvetica, Arial, 'Liberation Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', "
    "'WenQuanYi Zen Hei', sans-serif"
)
_TAGS: Final = {"en": "en", "zh": "zh-Hans"}


def sign_svg(sheet: Sheet) -> bytes:
    """Return the sign as an SVG file, UTF-8."""
    sign = sheet.made.sign
    title = " · ".join(phrase("heading", sign.kind, language) for language in ("zh", "en"))
    parts = (
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}mm" height="{HEIGHT:g}mm" ',
        f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" font-family={quoteattr(_FONTS)}>\n',
        f"<title>{escape(title)}</title>\n<desc>{escape(sign.link)}</desc>\n",
        f"<metadata>countenance-sign:{escape(sheet.made.statement)}</metadata>\n",
        to_svg_shapes(sheet.shapes),
        "\n",
        "\n".join(map(_text, sheet.texts)),
        "\n</svg>\n",
    )
    return "".join(parts).encode()


def _text(line: TextLine) -> str:
    weight = ' font-weight="bold"' if line.bold else ""
    # textLength holds the line within the sheet whatever font the reader has.
    return (
        f'<text x="{line.x:.3f}" y="{line.y:.3f}" font-size="{line.size:.3f}" '
        f'xml:lang="{_TAGS[line.language]}" fill={quoteattr(line.colour)}{weight} '
        f'textLength="{line.width:.3f}" lengthAdjust="spacingAndGlyphs">{escape(line.text)}</text>'
    )
