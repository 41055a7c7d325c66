"""Views and the ledger of what was read of them, without a network."""

from __future__ import annotations

import numpy as np
import pytest

from countenance.vision.documents.views import Ledger, View, on_its_head
from countenance.vision.text import TextRegion


def line(left: float, top: float, width: float, height: float) -> TextRegion:
    corners = [[left, top], [left + width, top], [left + width, top + height], [left, top + height]]
    return TextRegion(corners=np.array(corners, np.float32), score=1.0)


def view(*lines: TextRegion, place: tuple[int, bool] = (0, False)) -> View:
    pixels = np.arange(100 * 400 * 3, dtype=np.uint32).reshape(100, 400, 3).astype(np.uint8)
    return View(pixels=pixels, lines=lines, place=place)


def test_so_many_lines_and_no_more() -> None:
    lines = [line(0, 20 * row, 300, 12) for row in range(4)]
    ledger = Ledger(3)
    assert ledger.take(view(*lines), lines[:2]) == lines[:2]
    assert ledger.take(view(*lines), lines[2:]) == lines[2:3]
    assert ledger.take(view(*lines), lines[3:]) == []


@pytest.mark.parametrize(
    ("found_again", "known"),
    [
        pytest.param(line(10, 20, 300, 12), True, id="the same"),
        pytest.param(line(12, 22, 305, 13), True, id="about the same"),
        pytest.param(line(10, 20, 340, 12), False, id="longer"),
        pytest.param(line(10, 20, 150, 12), False, id="a part"),
        pytest.param(line(10, 34, 300, 12), False, id="the next line"),
    ],
)
def test_a_line_read_in_vain_is_not_taken_again(found_again: TextRegion, *, known: bool) -> None:
    ledger = Ledger(9)
    first = line(10, 20, 300, 12)
    ledger.note(view(first), first)
    assert (ledger.take(view(found_again), [found_again]) == []) is known
    assert ledger.lines == (9 if known else 8)


@pytest.mark.parametrize("place", [(1, False), (0, True), (1, True)])
def test_the_same_spot_in_another_view_is_another_line(place: tuple[int, bool]) -> None:
    ledger = Ledger(9)
    first = line(10, 20, 300, 12)
    ledger.note(view(first), first)
    assert ledger.take(view(first, place=place), [first]) == [first]


def test_half_a_turn_and_back() -> None:
    upright = view(line(10, 20, 300, 12), place=(1, False))
    over = on_its_head(upright)
    assert over.place == (1, True)
    assert (over.pixels == upright.pixels[::-1, ::-1]).all()
    assert over.lines[0].corners[0].tolist() == [399 - 310, 99 - 32]
    assert over.written == {}
    again = on_its_head(over)
    assert again.place == upright.place
    assert np.allclose(again.lines[0].corners, upright.lines[0].corners)
    # The line cut out of either is the same, turned.
    assert over.cut(over.lines[0]).shape == upright.cut(upright.lines[0]).shape


def test_pixels_and_what_was_read_stay_out_of_the_repr() -> None:
    shown = repr(view(line(10, 20, 300, 12)))
    assert "pixels" not in shown
    assert "written" not in shown
