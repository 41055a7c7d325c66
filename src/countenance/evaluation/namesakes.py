"""Who of one set may be in another, by name alone.

Rules kept here:

* Who is called nearly the same is left out, whether it is the same person or a namesake: a search that names
  them would be counted as an error, and may be none.
* Never by how alike pictures are: that would leave out the very errors that are to be counted.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["nearly_same_name", "people_named_in"]

_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})
_LEAST_PREFIX: Final = 3
_LONG: Final = 5
"""Letters from which a surname may differ by one and still be a spelling of the other."""


def people_named_in(names: Sequence[Sequence[str]], elsewhere: Iterable[str]) -> tuple[int, ...]:
    """Return who is called nearly as somebody elsewhere.

    Args:
        names: of each person, all names known; spaces, underscores and hyphens are the same.
        elsewhere: the names there.

    Returns:
        Numbers of people, rising.
    """
    by_letter: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name in elsewhere:
        words = _words(name)
        if words:
            by_letter[words[0][0]].append(words)
    return tuple(
        number
        for number, known in enumerate(names)
        if any(
            _alike(words, other) for words in map(_words, known) if words for other in by_letter[words[0][0]]
        )
    )


def nearly_same_name(one: str, other: str) -> bool:
    """Return whether two names may be one: surnames a letter apart at most, first names that begin alike.

    Accents, initials and suffixes such as Jr. don't count. ``Tom Smith`` and ``Thomas_Smith`` are not found:
    short forms that aren't a beginning are for the list to say.
    """
    return _alike(_words(one), _words(other))


def _words(name: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = [word for word in re.split(r"[^a-z']+", plain.replace("'", "")) if word not in _SUFFIXES]
    return tuple(word for word in words if len(word) > 1)


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if not one or not other:
        return False
    if len(one) == 1 or len(other) == 1:
        return one == other
    return _surname(one[-1], other[-1]) and _first_name(one[0], other[0])


def _first_name(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _LEAST_PREFIX and long.startswith(short))


def _surname(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < _LONG or len(long) - len(short) > 1:
        return False
    # The first letter in which they differ is one too many, or another.
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    rest = short[at:] if len(long) > len(short) else short[at + 1 :]
    return rest == long[at + 1 :]
