"""Breaks texts into lines: how wide a text is, and where a line may end, in English and Chinese.

Widths of Latin letters are those of Helvetica (Adobe's metrics, in thousandths of the size), which is also
how wide Arial and Liberation Sans are; a Chinese character is as wide as it is high.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["lines_of", "runs_of", "width_of"]

_WIDTHS: Final = dict(
    zip(
        map(chr, range(32, 127)),
        (
            *(278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278),
            *(556,) * 10,
            *(278, 278, 584, 584, 584, 556, 1015),
            *(667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833),
            *(722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611),
            *(278, 278, 278, 469, 556, 333),
            *(556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833),
            *(556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500),
            *(334, 260, 334, 584),
        ),
        strict=True,
    )
)
_BOLD: Final = 1.09
_OTHER_LATIN: Final = 600
_WIDE: Final = 0x2E80
_TOKEN: Final = re.compile(r"[^\s\u2e80-\uffff]+|[\u2e80-\uffff]|\s+")
_NEVER_FIRST: Final = frozenset("，。、；：！？）》」』”’,.;:!?)")  # noqa: RUF001 - they are these


def _is_wide(character: str) -> bool:
    return ord(character) >= _WIDE


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is at a size, in the size's unit."""
    thousandths = sum(
        1000 if _is_wide(character) else _WIDTHS.get(character, _OTHER_LATIN) for character in text
    )
    return thousandths / 1000 * size * (_BOLD if bold else 1.0)


def lines_of(text: str, *, size: float, width: float, bold: bool = False) -> tuple[str, ...]:
    """Return a text as lines that are no wider than ``width``.

    A line ends between words, or anywhere between Chinese characters, but not before a closing mark. A word
    that is wider than a line by itself is cut.
    """
    lines: list[str] = []
    line = ""
    for token in _tokens(" ".join(text.split()), size=size, width=width, bold=bold):
        if not line or width_of((line + token).rstrip(), size, bold=bold) <= width:
            line += token if line else token.lstrip()
            continue
        if token in _NEVER_FIRST and not line[-1].isspace():
            # The character before goes down with the mark, so that the mark doesn't begin a line.
            lines.append(line[:-1].rstrip())
            line = line[-1] + token
            continue
        lines.append(line.rstrip())
        line = token.lstrip()
    return tuple(found for found in (*lines, line.rstrip()) if found)


def _tokens(text: str, *, size: float, width: float, bold: bool) -> list[str]:
    found: list[str] = []
    for token in _TOKEN.findall(text):
        rest = token
        while len(rest) > 1 and width_of(rest, size, bold=bold) > width:
            cut = max(1, int(len(rest) * width / width_of(rest, size, bold=bold)) - 1)
            found.append(rest[:cut])
            rest = rest[cut:]
        found.append(rest)
    return found


def runs_of(text: str) -> tuple[tuple[str, bool], ...]:
    """Return the parts of a text that are drawn in one font each, with whether it is the Chinese one."""
    runs: list[tuple[str, bool]] = []
    for character in text:
        wide = _is_wide(character)
        if runs and runs[-1][1] is wide:
            runs[-1] = (runs[-1][0] + character, wide)
        else:
            runs.append((character, wide))
    return tuple(runs)
