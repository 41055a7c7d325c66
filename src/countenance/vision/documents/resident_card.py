"""The citizen identity number on the resident identity card of the People's Republic of China.

Source: GB 11643-1999: six digits for the place of first registration, eight for the date of birth, three in
sequence, one check character (ISO/IEC 7064 MOD 11-2). The first two digits are a province's code of
GB/T 2260, or 81, 82, 83 for holders of a residence permit from Hong Kong, Macao and Taiwan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from countenance.vision.documents.check_digits import iso7064_mod_11_2
from countenance.vision.documents.dates import DateSpan
from countenance.vision.documents.zone import Check, CheckKind

__all__ = ["CITIZEN_NUMBER_ALPHABET", "CITIZEN_NUMBER_LENGTH", "CitizenNumber", "parse_citizen_number"]

CITIZEN_NUMBER_LENGTH: Final = 18
CITIZEN_NUMBER_ALPHABET: Final = "0123456789X"
_FIRST_YEAR: Final = 1850
_PROVINCES: Final = frozenset(
    str(code)
    for codes in ((11, 16), (21, 24), (31, 38), (41, 47), (50, 55), (61, 66), (71, 72), (81, 84))
    for code in range(*codes)
)


@dataclass(frozen=True, slots=True)
class CitizenNumber:
    """A number of the right length and characters, and what holds of it.

    Attributes:
        number: 18 characters. Left out of ``repr``.
        birth: the day of birth it states, or ``None`` if that is no day up to the day of reading.
        checks: of ``number`` the check character and the place's form, of ``birth_date`` the form.
    """

    number: str = field(repr=False)
    birth: DateSpan | None
    checks: tuple[Check, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """The fields with a check that doesn't hold, each once."""
        return tuple(dict.fromkeys(check.field for check in self.checks if not check.right))


def parse_citizen_number(text: str, *, today: date) -> CitizenNumber | None:
    """Return what a number says, or ``None`` if it hasn't 17 digits and a digit or X.

    Args:
        text: the characters as they were read, without spaces.
        today: the day of reading.
    """
    digits, last = text[:-1], text[-1:]
    if len(text) != CITIZEN_NUMBER_LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    if last not in set(CITIZEN_NUMBER_ALPHABET):
        return None
    born = _day(digits[6:14], today)
    return CitizenNumber(
        number=text,
        birth=DateSpan(born, born) if born is not None else None,
        checks=(
            Check("number", CheckKind.DIGIT, right=iso7064_mod_11_2(digits) == last),
            Check("number", CheckKind.FORM, right=digits[:2] in _PROVINCES),
            Check("birth_date", CheckKind.FORM, right=born is not None),
        ),
    )


def _day(digits: str, today: date) -> date | None:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return day if day.year >= _FIRST_YEAR and day <= today else None
