from __future__ import annotations

import pytest

from countenance.evaluation.reading import in_parts


@pytest.mark.parametrize(
    ("count", "size", "parts"),
    [(0, 2, []), (1, 2, [(0,)]), (4, 2, [(0, 1), (2, 3)]), (5, 2, [(0, 1), (2, 3), (4,)])],
)
def test_parts_hold_everything_once_in_order(count: int, size: int, parts: list[tuple[int, ...]]) -> None:
    assert list(in_parts(tuple(range(count)), size)) == parts
