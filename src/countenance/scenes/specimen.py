"""A specimen identity card, drawn around a portrait, for demonstrations."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SpecimenHolder", "draw_specimen_card"]


@dataclass(frozen=True, slots=True)
class SpecimenHolder:
    """Whom the card names: nobody who exists.

    Attributes:
        surname: Latin capitals.
        given_names: Latin capitals.
        number: the card's number.
        born: date of birth as YYMMDD.
        expires: as YYMMDD.
    """

    surname: str = "SPECIMEN"
    given_names: str = "ALEX MORGAN"
    number: str = "SPEC00000"
    born: str = "700101"
    expires: str = "400101"


def draw_specimen_card(portrait: bytes, *, holder: SpecimenHolder | None = None) -> bytes:
    """Return the card as PNG bytes.

    Args:
        portrait: an encoded picture; its middle is used.
        holder: whom the card names.
    """
    raise NotImplementedError
