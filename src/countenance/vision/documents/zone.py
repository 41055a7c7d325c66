"""The machine readable zone of a travel document, from its lines of text to its fields.

Sources: ICAO Doc 9303-4 (TD3, passports), 9303-5 (TD1, cards), 9303-6 (TD2), 9303-3 (check digits, fillers).

Rules kept here:

* A character that can't stand in its field is taken for the one that looks like it and can (``O`` in a date
  is ``0``). Which one that is stands in one table. Nothing is tried until a check digit fits: a digit that
  doesn't fit is reported.
* Fields stay out of ``repr``, and no error says what was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from countenance.vision.documents.check_digits import FILLER, icao_check_digit
from countenance.vision.documents.errors import DocumentNotSupported, MachineReadableZoneUnreadable

__all__ = ["ZONE_ALPHABET", "Check", "CheckKind", "MachineReadableZone", "ZoneFormat", "parse_zone"]

_DIGITS: Final = "0123456789"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ZONE_ALPHABET: Final = _DIGITS + _LETTERS + FILLER
"""Every character that may stand in a machine readable zone."""

_NUMERIC: Final = _DIGITS + FILLER
_ALPHABETIC: Final = _LETTERS + FILLER
_LOOKALIKES: Final[Mapping[str, Mapping[int, int]]] = {
    _NUMERIC: str.maketrans("OQDILZSBG", "000112586"),
    _ALPHABETIC: str.maketrans("012586", "OIZSBG"),
    ZONE_ALPHABET: {},
}
_CODES: Final = frozenset("PACI")
_VISA: Final = "V"


class ZoneFormat(StrEnum):
    """The three layouts."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return 3 if self is ZoneFormat.TD1 else 2

    @property
    def length(self) -> int:
        """How many characters a line has."""
        return {"TD1": 30, "TD2": 36, "TD3": 44}[self.value]


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a field stands: line, first place, place after the last, and what may stand there."""

    line: int
    start: int
    end: int
    alphabet: str = ZONE_ALPHABET


_SECOND_LINE: Final[Mapping[str, _Slot]] = {  # of TD2 and TD3
    "document_code": _Slot(0, 0, 2, _ALPHABETIC),
    "issuing_state": _Slot(0, 2, 5, _ALPHABETIC),
    "number": _Slot(1, 0, 9),
    "number_digit": _Slot(1, 9, 10, _NUMERIC),
    "nationality": _Slot(1, 10, 13, _ALPHABETIC),
    "birth_date": _Slot(1, 13, 19, _NUMERIC),
    "birth_date_digit": _Slot(1, 19, 20, _NUMERIC),
    "sex": _Slot(1, 20, 21, _ALPHABETIC),
    "expiry_date": _Slot(1, 21, 27, _NUMERIC),
    "expiry_date_digit": _Slot(1, 27, 28, _NUMERIC),
}
_LAYOUTS: Final[Mapping[ZoneFormat, Mapping[str, _Slot]]] = {
    ZoneFormat.TD1: {
        "document_code": _Slot(0, 0, 2, _ALPHABETIC),
        "issuing_state": _Slot(0, 2, 5, _ALPHABETIC),
        "number": _Slot(0, 5, 14),
        "number_digit": _Slot(0, 14, 15, _NUMERIC),
        "optional": _Slot(0, 15, 30),
        "birth_date": _Slot(1, 0, 6, _NUMERIC),
        "birth_date_digit": _Slot(1, 6, 7, _NUMERIC),
        "sex": _Slot(1, 7, 8, _ALPHABETIC),
        "expiry_date": _Slot(1, 8, 14, _NUMERIC),
        "expiry_date_digit": _Slot(1, 14, 15, _NUMERIC),
        "nationality": _Slot(1, 15, 18, _ALPHABETIC),
        "optional_second": _Slot(1, 18, 29),
        "composite_digit": _Slot(1, 29, 30, _NUMERIC),
        "names": _Slot(2, 0, 30, _ALPHABETIC),
    },
    ZoneFormat.TD2: {
        **_SECOND_LINE,
        "names": _Slot(0, 5, 36, _ALPHABETIC),
        "optional": _Slot(1, 28, 35),
        "composite_digit": _Slot(1, 35, 36, _NUMERIC),
    },
    ZoneFormat.TD3: {
        **_SECOND_LINE,
        "names": _Slot(0, 5, 44, _ALPHABETIC),
        "optional": _Slot(1, 28, 42),
        "optional_digit": _Slot(1, 42, 43, _NUMERIC),
        "composite_digit": _Slot(1, 43, 44, _NUMERIC),
    },
}
_COMPOSITE: Final[Mapping[ZoneFormat, tuple[tuple[int, int, int], ...]]] = {
    ZoneFormat.TD1: ((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)),
    ZoneFormat.TD2: ((1, 0, 10), (1, 13, 20), (1, 21, 35)),
    ZoneFormat.TD3: ((1, 0, 10), (1, 13, 20), (1, 21, 43)),
}


class CheckKind(StrEnum):
    """What a check looks at."""

    DIGIT = "check digit"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a field holds.

    Attributes:
        field: its name, such as ``birth_date``; ``composite`` for the digit over all.
        kind: its check digit, or its form (characters that may stand there, a date that exists).
        right: whether it holds.
    """

    field: str
    kind: CheckKind
    right: bool


@dataclass(frozen=True, slots=True)
class MachineReadableZone:
    """The fields of a zone, as they were read.

    Attributes:
        format: its layout.
        fields: by name, with fillers: ``document_code``, ``issuing_state``, ``number`` (a long one whole),
            ``nationality``, ``birth_date``, ``sex``, ``expiry_date``, ``names``, ``optional`` and, on TD1,
            ``optional_second``. Left out of ``repr``.
        checks: which check digits and forms hold.
        resolved: names of the fields in which a character was taken for its lookalike.
    """

    format: ZoneFormat
    fields: Mapping[str, str] = field(repr=False)
    checks: tuple[Check, ...]
    resolved: tuple[str, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """The fields with a check that doesn't hold, each once."""
        return tuple(dict.fromkeys(check.field for check in self.checks if not check.right))

    def place_of(self, name: str) -> tuple[int, int, int]:
        """Return a field's line, its first place and the place after its last, all from 0."""
        slot = _LAYOUTS[self.format][name]
        return slot.line, slot.start, slot.end


def parse_zone(lines: Sequence[str]) -> MachineReadableZone:
    """Read the fields of a zone.

    Args:
        lines: three of 30 characters, two of 36, or two of 44; digits, capital letters and fillers.

    Raises:
        MachineReadableZoneUnreadable: if number or length of the lines, a character or the code at the
            beginning isn't one of a zone.
        DocumentNotSupported: if it is a visa.
    """
    layout = _format_of(lines)
    if not all(set(line) <= set(ZONE_ALPHABET) for line in lines):
        msg = "The zone has characters that can't stand in one."
        raise MachineReadableZoneUnreadable(msg)
    slots = _LAYOUTS[layout]
    settled, resolved = _settle(lines, slots)
    fields = {name: settled[slot.line][slot.start : slot.end] for name, slot in slots.items()}
    _check_kind(fields["document_code"])
    checks = (*_forms(fields, slots), *_digits(layout, settled, fields))
    shown = {name: text for name, text in fields.items() if not name.endswith("_digit")}
    return MachineReadableZone(format=layout, fields=shown, checks=checks, resolved=resolved)


def _check_kind(code: str) -> None:
    if code.startswith(_VISA):
        msg = "The zone is a visa's."
        raise DocumentNotSupported(msg)
    if code[0] not in _CODES:
        msg = "The zone doesn't begin with the code of a travel document."
        raise MachineReadableZoneUnreadable(msg)


def _format_of(lines: Sequence[str]) -> ZoneFormat:
    for layout in ZoneFormat:
        if len(lines) == layout.lines and all(len(line) == layout.length for line in lines):
            return layout
    msg = "The lines of the zone don't have the number and length of any layout."
    raise MachineReadableZoneUnreadable(msg)


def _settle(lines: Sequence[str], slots: Mapping[str, _Slot]) -> tuple[list[str], tuple[str, ...]]:
    """Return the lines with lookalikes replaced, and the names of the fields that changed."""
    settled = list(lines)
    resolved = []
    for name, slot in slots.items():
        line = settled[slot.line]
        before = line[slot.start : slot.end]
        after = before.translate(_LOOKALIKES[slot.alphabet])
        if after != before:
            resolved.append(name)
            settled[slot.line] = line[: slot.start] + after + line[slot.end :]
    return settled, tuple(resolved)


def _forms(fields: Mapping[str, str], slots: Mapping[str, _Slot]) -> list[Check]:
    """Return the fields with a character that can't stand there even as a lookalike."""
    return [
        Check(name.removesuffix("_digit"), CheckKind.FORM, right=False)
        for name, slot in slots.items()
        if not set(fields[name]) <= set(slot.alphabet)
    ]


def _digits(layout: ZoneFormat, lines: Sequence[str], fields: dict[str, str]) -> list[Check]:
    """Compare the check digits; a long document number is put together on the way."""
    number, digit = fields["number"], fields["number_digit"]
    if layout is not ZoneFormat.TD3 and digit == FILLER and not fields["optional"].startswith(FILLER):
        # Doc 9303-5 and -6: a long number goes on in the optional field, its check digit last.
        rest = fields["optional"].partition(FILLER)[0]
        number, digit = number + rest[:-1], rest[-1]
        fields["number"] = number
    pairs = {
        "number": (number, digit),
        "birth_date": (fields["birth_date"], fields["birth_date_digit"]),
        "expiry_date": (fields["expiry_date"], fields["expiry_date_digit"]),
    }
    if layout is ZoneFormat.TD3:
        empty = not fields["optional"].strip(FILLER)
        # Doc 9303-4: where nothing stands in the field, the digit may be a filler.
        digit = "0" if empty and fields["optional_digit"] == FILLER else fields["optional_digit"]
        pairs["optional"] = (fields["optional"], digit)
    covered = "".join(lines[line][start:end] for line, start, end in _COMPOSITE[layout])
    pairs["composite"] = (covered, fields["composite_digit"])
    return [
        Check(name, CheckKind.DIGIT, right=icao_check_digit(text) == stated)
        for name, (text, stated) in pairs.items()
    ]
