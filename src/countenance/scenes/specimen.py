"""A specimen identity card, drawn around a portrait, for demonstrations.

The issuing state is Utopia, whose code ``UTO`` ICAO 9303 reserves for specimens; the holder doesn't
exist; SPECIMEN stands across the card. The machine-readable lines have the form of a TD1 card with
right check digits (ICAO 9303 part 5), so that a reader of such lines can be tried on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO
from itertools import cycle
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

__all__ = ["SpecimenHolder", "draw_specimen_card", "machine_readable_lines"]

_CARD: Final = (1012, 638)
"""85.60 mm x 53.98 mm (ISO/IEC 7810 ID-1) at 300 dots per inch."""
_PORTRAIT: Final = (48, 118, 348, 504)
"""Left, top, right, bottom in pixels; 7 : 9, the proportions of a passport photograph."""
_ZONE_TOP: Final = 514
_INK: Final = (28, 46, 74)
_FAINT: Final = (108, 124, 148)
_PAPER: Final = (236, 241, 245)
_WATERMARK: Final = (176, 32, 48)

PortraitPart = tuple[float, float, float, float]
WHOLE: Final[PortraitPart] = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class SpecimenHolder:
    """Whom the card names: nobody who exists.

    Attributes:
        surname: Latin capitals.
        given_names: Latin capitals, separated by spaces.
        number: the card's number, up to nine capitals and digits.
        born: date of birth as YYMMDD.
        expires: date of expiry as YYMMDD.
    """

    surname: str = "QUILLFEATHER"
    given_names: str = "ALEX MARLOW"
    number: str = "SPEC00017"
    born: str = "700101"
    expires: str = "400101"


def draw_specimen_card(
    portrait: bytes, *, holder: SpecimenHolder | None = None, part: PortraitPart = WHOLE
) -> bytes:
    """Return the card as PNG bytes, 1012 x 638 pixels, sRGB. Nothing is written to a disk.

    Args:
        portrait: an encoded picture that Pillow reads.
        holder: whom the card names.
        part: which part of the picture goes on the card: left, top, right, bottom as shares of its width
            and height. A document shows head and shoulders, whatever else the picture shows. Of the part,
            as much as fits into the proportions 7 : 9 is used, from its top.

    Raises:
        ValueError: if the part is empty or reaches beyond the picture.
        OSError: if the portrait isn't a picture.
    """
    if not (0.0 <= part[0] < part[2] <= 1.0 and 0.0 <= part[1] < part[3] <= 1.0):
        msg = "a part of a picture has a positive width and height and lies within it"
        raise ValueError(msg)
    holder = holder or SpecimenHolder()
    card = Image.new("RGB", _CARD, _PAPER)
    draw = ImageDraw.Draw(card)
    _draw_guilloche(draw)
    _draw_head(draw)
    with Image.open(BytesIO(portrait)) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    width, height = upright.size
    head = upright.crop(
        (round(part[0] * width), round(part[1] * height), round(part[2] * width), round(part[3] * height))
    )
    left, top, right, bottom = _PORTRAIT
    card.paste(ImageOps.fit(head, (right - left, bottom - top), centering=(0.5, 0.0)), (left, top))
    draw.rectangle((left - 1, top - 1, right, bottom), outline=_INK, width=2)
    _draw_fields(draw, holder)
    _draw_machine_readable_zone(draw, holder)
    encoded = BytesIO()
    _watermarked(card).save(encoded, format="PNG", dpi=(300, 300))
    return encoded.getvalue()


def machine_readable_lines(holder: SpecimenHolder) -> tuple[str, str, str]:
    """Return the three lines of 30 characters of a TD1 card (ICAO 9303 part 5, section 4.2)."""
    number = holder.number.ljust(9, "<")
    upper = f"I<UTO{number}{_check_digit(number)}".ljust(30, "<")
    born, expires = holder.born, holder.expires
    dates = f"{born}{_check_digit(born)}<{expires}{_check_digit(expires)}UTO".ljust(29, "<")
    composite = upper[5:30] + dates[0:7] + dates[8:15] + dates[18:29]
    names = f"{holder.surname}<<{holder.given_names.replace(' ', '<')}".ljust(30, "<")[:30]
    return upper, dates + _check_digit(composite), names


def _check_digit(text: str) -> str:
    """Return the check digit of ICAO 9303 part 3, section 4.9.

    Weights 7, 3, 1 in turn; letters count from A = 10, ``<`` counts 0.
    """
    values = (0 if c == "<" else int(c, 36) for c in text)
    return str(sum(v * w for v, w in zip(values, cycle((7, 3, 1)), strict=False)) % 10)


def _draw_guilloche(draw: ImageDraw.ImageDraw) -> None:
    """Draw the fine waves of a security paper."""
    width, height = _CARD
    for index in range(34):
        phase, tint = index * 0.37, 214 + index % 3 * 6
        line = [
            (x, height * index / 30 - 40 + 26 * math.sin(x / 71 + phase) + 9 * math.sin(x / 19 - phase))
            for x in range(0, width + 8, 8)
        ]
        draw.line(line, fill=(tint - 12, tint, tint + 8), width=1)


def _draw_head(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 0, _CARD[0], 88), fill=_INK)
    draw.text((48, 16), "UTOPIA", font=_font(38), fill=_PAPER)
    draw.text((48, 58), "IDENTITY CARD  /  CARTE D'IDENTITE", font=_font(18), fill=(178, 194, 214))
    draw.text((964, 28), "SPECIMEN", font=_font(30), fill=(242, 170, 170), anchor="ra")


def _draw_fields(draw: ImageDraw.ImageDraw, holder: SpecimenHolder) -> None:
    fields = (
        ("Surname", holder.surname),
        ("Given names", holder.given_names),
        ("Nationality", "UTOPIAN"),
        ("Date of birth", _worded(holder.born)),
        ("Date of expiry", _worded(holder.expires)),
        ("Card number", holder.number),
    )
    for row, (label, value) in enumerate(fields):
        top = 118 + row * 64
        draw.text((384, top), label, font=_font(16), fill=_FAINT)
        draw.text((384, top + 20), value, font=_font(27), fill=_INK)


def _worded(date: str) -> str:
    """Return YYMMDD as ``DD MM YY``, as it stands on a card."""
    return f"{date[4:6]} {date[2:4]} {date[0:2]}"


def _draw_machine_readable_zone(draw: ImageDraw.ImageDraw, holder: SpecimenHolder) -> None:
    """Draw the lines letter by letter in cells of equal width: the built-in font isn't monospaced."""
    draw.rectangle((0, _ZONE_TOP, *_CARD), fill=(247, 249, 250))
    for row, text in enumerate(machine_readable_lines(holder)):
        for column, letter in enumerate(text):
            at = (48 + (column + 0.5) * 30.5, 541 + row * 37)
            draw.text(at, letter, font=_font(32), fill=(24, 24, 24), anchor="mm")


def _watermarked(card: Image.Image) -> Image.Image:
    """Return the card with SPECIMEN across it, fainter over the portrait and not over the lowest lines."""
    layer = Image.new("L", (1300, 300), 0)
    ImageDraw.Draw(layer).text((650, 150), "SPECIMEN", font=_font(190), fill=64, anchor="mm")
    turned = layer.rotate(24, expand=True)
    mask = Image.new("L", _CARD, 0)
    mask.paste(turned, ((_CARD[0] - turned.width) // 2, (_CARD[1] - turned.height) // 2))
    over_portrait = mask.crop(_PORTRAIT).point(lambda value: value * 0.3)
    mask.paste(over_portrait, _PORTRAIT[:2])
    mask.paste(0, (0, _ZONE_TOP, *_CARD))
    stamp = ImageDraw.Draw(mask)
    stamp.text((_PORTRAIT[0] + 150, _PORTRAIT[3] - 26), "SPECIMEN", font=_font(34), fill=200, anchor="mm")
    return Image.composite(Image.new("RGB", _CARD, _WATERMARK), card, mask)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the font that Pillow carries itself, so that a machine without fonts draws the same card."""
    return ImageFont.load_default(size)
