"""Signs: what one says, its layout on a sheet, and its signature in the file.

Rules kept here:

* A sign says what its notice says, in every language, and leads to that version of it by a QR code.
* Its picture shows the farthest-reaching kind of processing for which its devices are declared.
* What doesn't fit on the sheet in letters of a readable size is refused, not made smaller.
* The file carries the signed statement of what it is, so that the very file is posted that was made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import segno

from countenance.authority.notices.contents import LANGUAGES, Part
from countenance.authority.notices.drawing import DARK, RED, Line, Rectangle, Shape, TextLine, moved
from countenance.authority.notices.errors import SignNotCurrent, SignTooLong
from countenance.authority.notices.lettering import lines_of, width_of
from countenance.authority.notices.linked_data import SignedNotice
from countenance.authority.notices.phrases import phrase
from countenance.authority.notices.pictograms import SIDE, pictogram
from countenance.authority.notices.signed import Verifier
from countenance.authority.records import Pictogram
from countenance.kernel import EvidenceError, Signer, canonical_sha256, require_utc

__all__ = [
    "HEIGHT",
    "SIGN_KIND",
    "WIDTH",
    "Sheet",
    "Sign",
    "SignMade",
    "read_sign",
    "sheet_of",
    "sign_of",
]

SIGN_KIND: Final = "countenance-sign+jws"
"""The ``typ`` of a sign's JWS header."""
WIDTH: Final = 210.0
"""Width of the sheet in millimetres (A4)."""
HEIGHT: Final = 297.0
"""Height of the sheet in millimetres."""

_MARGIN: Final = 14.0
_PICTURE: Final = 58.0
_CODE: Final = 54.0
_SMALLEST: Final = 4.2
"""Millimetres of the smallest letters of what the sign says: about 12 points, read at arm's length."""
_LARGEST: Final = 6.4
_PARTS: Final = (Part.PURPOSE, Part.KEEPER, Part.RETENTION, Part.ALTERNATIVE, Part.APPEAL)
_STATEMENT: Final = re.compile(rb"countenance-sign:([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class Sign:
    """What a sign is.

    Attributes:
        sign_id: its identifier, printed on it.
        place: at which place it hangs.
        devices: of which devices it warns; sorted.
        kind: which kind of processing its picture shows.
        notice_id: to which notice it leads.
        notice_version: to which version, by number.
        version_id: the same by SHA-256.
        link: what its QR code holds.
        demo: whether it is a demonstration's.
        made_at: when it was made, UTC.
    """

    sign_id: str
    place: str
    devices: tuple[str, ...]
    kind: Pictogram
    notice_id: str
    notice_version: int
    version_id: str
    link: str
    demo: bool
    made_at: datetime

    def to_claims(self) -> dict[str, object]:
        """Return what is signed."""
        return {
            "sign_id": self.sign_id,
            "place": self.place,
            "devices": list(self.devices),
            "kind": self.kind.value,
            "notice": self.notice_id,
            "notice_version": self.notice_version,
            "version_id": self.version_id,
            "link": self.link,
            "demo": self.demo,
            "made_at": self.made_at.isoformat(),
        }

    @classmethod
    def from_claims(cls, claims: Mapping[str, object]) -> Sign:
        """Read claims back; call it on claims whose signature was verified.

        Raises:
            SignNotCurrent: if they don't have the form that this version writes.
        """
        try:
            return cls(
                sign_id=str(claims["sign_id"]),
                place=str(claims["place"]),
                devices=tuple(str(each) for each in claims["devices"]),  # type: ignore[attr-defined]
                kind=Pictogram(str(claims["kind"])),
                notice_id=str(claims["notice"]),
                notice_version=int(claims["notice_version"]),  # type: ignore[call-overload]
                version_id=str(claims["version_id"]),
                link=str(claims["link"]),
                demo=bool(claims["demo"]),
                made_at=require_utc(datetime.fromisoformat(str(claims["made_at"]))),
            )
        except (KeyError, TypeError, ValueError):
            msg = "The sign's statement doesn't have the form that this version writes."
            raise SignNotCurrent(msg) from None


@dataclass(frozen=True, slots=True)
class SignMade:
    """A sign with its signature and its notice; from it the file is drawn.

    Attributes:
        sign: what it is.
        statement: the same, signed: a compact JWS.
        notice: what it says.
    """

    sign: Sign
    statement: str
    notice: SignedNotice

    @property
    def carried(self) -> str:
        """What the sign's file carries, by which it is posted."""
        return f"countenance-sign:{self.statement}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sign laid out on a sheet.

    Attributes:
        shapes: in the order in which they are drawn.
        texts: every line of text.
        made: what is drawn.
    """

    shapes: tuple[Shape, ...]
    texts: tuple[TextLine, ...]
    made: SignMade


def sign_of(
    signer: Signer,
    notice: SignedNotice,
    *,
    place: str,
    devices: tuple[str, ...],
    link: str,
    made_at: datetime,
) -> SignMade:
    """Return the sign of a notice for devices, signed.

    Args:
        signer: the deployment's.
        notice: to which it leads.
        place: where it is to hang.
        devices: of which devices it warns; at least one.
        link: what the QR code holds.
        made_at: when, aware.
    """
    named = tuple(sorted(set(devices)))
    identity = {"place": place, "devices": list(named), "version": notice.version_id}
    sign = Sign(
        sign_id=f"sign-{canonical_sha256(identity)[:12]}",
        place=place,
        devices=named,
        kind=notice.kind,
        notice_id=notice.notice_id,
        notice_version=notice.version,
        version_id=notice.version_id,
        link=link,
        demo=notice.demo,
        made_at=require_utc(made_at),
    )
    return SignMade(sign, signer.sign(sign.to_claims(), kind=SIGN_KIND), notice)


def read_sign(verifier: Verifier, file: bytes) -> Sign:
    """Return what a sign's file says it is, whatever its format.

    Args:
        verifier: the deployment's signer or public key.
        file: an SVG or a PDF as this package writes it.

    Raises:
        SignNotCurrent: if it carries no statement, several different ones, or one that doesn't hold.
    """
    found = set(_STATEMENT.findall(file))
    if len(found) != 1:
        msg = "The file isn't a sign that `countenance sign make` wrote."
        raise SignNotCurrent(msg)
    try:
        claims = verifier.verify(found.pop().decode("ascii"), kind=SIGN_KIND)
    except EvidenceError:
        msg = "The sign wasn't signed by this installation, or was changed since."
        raise SignNotCurrent(msg) from None
    return Sign.from_claims(claims)


def sheet_of(made: SignMade) -> Sheet:
    """Lay a sign out on its sheet, in the largest letters that fit.

    Raises:
        SignTooLong: naming the longest parts, if they don't fit in the smallest letters.
    """
    shapes, texts, top = _head(made)
    code_top = HEIGHT - _MARGIN - _CODE
    body: list[TextLine] = []
    size = _LARGEST
    while True:
        body, bottom = _body(made, top=top, size=size)
        if bottom <= code_top - 4:
            break
        size -= 0.2
        if size < _SMALLEST:
            longest = sorted(_PARTS, key=lambda part: -len(made.notice.text(part, LANGUAGES[0])))[:2]
            msg = f"The sign's texts don't fit on the sheet; the longest are {longest[0]} and {longest[1]}."
            raise SignTooLong(msg)
    foot_shapes, foot = _foot(made, top=code_top)
    frame = Rectangle(4, 4, WIDTH - 8, HEIGHT - 8, DARK, rounding=5, stroke=1.4)
    paper = Rectangle(0, 0, WIDTH, HEIGHT, "#ffffff")
    return Sheet((paper, frame, *shapes, *foot_shapes), (*texts, *body, *foot), made)


def _head(made: SignMade) -> tuple[tuple[Shape, ...], list[TextLine], float]:
    sign = made.sign
    picture = moved(pictogram(sign.kind, colour=DARK), x=_MARGIN, y=_MARGIN, scale=_PICTURE / SIDE)
    x = _MARGIN + _PICTURE + 8
    room = WIDTH - _MARGIN - x
    texts: list[TextLine] = []
    y = _MARGIN + 15.0
    for language, size in (("zh", 14.0), ("en", 10.5)):
        for line in lines_of(phrase("heading", sign.kind, language), size=size, width=room, bold=True):
            texts.append(_line(x, y, size, line, language, bold=True))
            y += size * 1.25
    y += 1
    for language in ("zh", "en"):
        for line in lines_of(phrase("subheading", sign.kind, language), size=4.6, width=room):
            texts.append(_line(x, y, 4.6, line, language))
            y += 6.2
    if sign.demo:
        words = " · ".join(phrase("sign", "demo", language) for language in ("zh", "en"))
        texts.append(_line(x, y + 1, 4.8, words, "en", colour=RED, bold=True))
        y += 7
    bottom = max(y, _MARGIN + _PICTURE) + 6
    return (*picture, Line(_MARGIN, bottom - 3, WIDTH - _MARGIN, bottom - 3, DARK, 0.5)), texts, bottom


def _body(made: SignMade, *, top: float, size: float) -> tuple[list[TextLine], float]:
    texts: list[TextLine] = []
    label_room = 40.0
    x = _MARGIN + label_room + 3
    room = WIDTH - _MARGIN - x
    y = top
    for part in _PARTS:
        label = y + size
        for language in ("zh", "en"):
            small = size * 0.78
            for line in lines_of(phrase("sign", part, language), size=small, width=label_room, bold=True):
                texts.append(_line(_MARGIN, label, small, line, language, bold=True))
                label += small * 1.3
        for language in ("zh", "en"):
            for line in lines_of(made.notice.text(part, language), size=size, width=room):
                y += size * 1.3
                texts.append(_line(x, y - size * 0.3, size, line, language))
        y = max(y, label - size * 0.78) + size * 0.75
    return texts, y


def _foot(made: SignMade, *, top: float) -> tuple[tuple[Shape, ...], list[TextLine]]:
    sign = made.sign
    left = WIDTH - _MARGIN - _CODE
    room = left - _MARGIN - 6
    texts: list[TextLine] = []
    y = top + 12.0
    for language in ("zh", "en"):
        for line in lines_of(phrase("sign", "scan", language), size=6.0, width=room, bold=True):
            texts.append(_line(_MARGIN, y, 6.0, line, language, bold=True))
            y += 8.0
    y = top + _CODE - 9
    for line in (
        f"{sign.sign_id}  ·  {sign.notice_id} {sign.notice_version}  ·  {sign.made_at:%Y-%m-%d}",
        f"SHA-256 {sign.version_id[:32]}…",
    ):
        for piece in lines_of(line, size=3.0, width=room):
            texts.append(_line(_MARGIN, y, 3.0, piece, "en"))
            y += 4.4
    return _code(sign.link, x=left, y=top, side=_CODE), texts


def _code(link: str, *, x: float, y: float, side: float) -> tuple[Shape, ...]:
    """Return the QR code (ISO/IEC 18004) of a link with its quiet zone, in a square."""
    code = segno.make_qr(link, error="m", boost_error=True)
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=4)]
    unit = side / len(rows)
    shapes: list[Shape] = []
    for number, row in enumerate(rows):
        begin: int | None = None
        for column, dark in enumerate([*row, False]):
            if dark and begin is None:
                begin = column
            elif not dark and begin is not None:
                run = (column - begin) * unit
                # A hair's overlap, so that no white line shows between rows.
                shapes.append(Rectangle(x + begin * unit, y + number * unit, run, unit + 0.02, "#000000"))
                begin = None
    return tuple(shapes)


def _line(
    x: float, y: float, size: float, text: str, language: str, *, colour: str = DARK, bold: bool = False
) -> TextLine:
    return TextLine(x, y, size, width_of(text, size, bold=bold), text, language, colour, bold)
