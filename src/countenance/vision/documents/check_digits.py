"""Check digits, by their standards.

* ICAO Doc 9303-3, section 4.9: weights 7, 3, 1, sum modulo 10; digits count as themselves, A to Z as 10 to
  35, the filler as 0. A substitution goes unseen where both characters are equal modulo 10 (A and K, 0
  and <).
* ISO/IEC 7064 MOD 11-2, as GB 11643 uses it for the citizen identity number: every single substitution and
  every swap of two neighbours is seen.
"""

from __future__ import annotations

__all__ = ["FILLER", "icao_check_digit", "iso7064_mod_11_2"]

FILLER = "<"
_WEIGHTS = (7, 3, 1)
_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_VALUES[FILLER] = 0
_MODULUS = 11
_TEN = "X"


def icao_check_digit(text: str) -> str:
    """Return the check digit of a field of a machine readable zone.

    Args:
        text: digits, capital letters and fillers.

    Returns:
        One digit.

    Raises:
        ValueError: if another character is in it.
    """
    if not set(text) <= _VALUES.keys():
        msg = "a field has digits, capital letters and fillers"
        raise ValueError(msg)
    total = sum(_VALUES[character] * _WEIGHTS[place % 3] for place, character in enumerate(text))
    return str(total % 10)


def iso7064_mod_11_2(digits: str) -> str:
    """Return the check character of a string of digits.

    Args:
        digits: the digits before the check character.

    Returns:
        A digit, or ``X`` for ten.

    Raises:
        ValueError: if it isn't made of ASCII digits.
    """
    if not (digits.isascii() and digits.isdigit()):
        msg = "the number is made of digits"
        raise ValueError(msg)
    remainder = 0
    for digit in digits:
        remainder = (remainder + int(digit)) * 2 % _MODULUS
    value = (_MODULUS + 1 - remainder) % _MODULUS
    return _TEN if value == _MODULUS - 1 else str(value)
