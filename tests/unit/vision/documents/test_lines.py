from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.vision.documents import ZoneFormat
from countenance.vision.documents.lines import ReadLine, bands, complete, zones_among
from countenance.vision.text import TextRegion, WrittenLine
from drawn_documents import TD1, TD2, TD3


def region(left: float, top: float, width: float, height: float = 20.0) -> TextRegion:
    corners = [[left, top], [left + width, top], [left + width, top + height], [left, top + height]]
    return TextRegion(corners=np.array(corners, np.float32), score=0.8)


def line(text: str, top: float, *, left: float = 10.0, width: float = 500.0) -> ReadLine:
    written = WrittenLine(text=text, confidences=(0.9,) * len(text), places=(0.5,) * len(text))
    return ReadLine(region=region(left, top, width), written=written)


def test_pieces_of_one_line_are_joined() -> None:
    (band,) = bands([region(10, 100, 300), region(330, 104, 200, 14)])
    assert band.width == pytest.approx(520, abs=1)
    assert band.height == pytest.approx(20, abs=1)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([region(10, 100, 300), region(330, 125, 300)], id="another level"),
        pytest.param([region(10, 100, 300), region(600, 100, 300)], id="too far apart"),
        pytest.param([region(10, 100, 300), region(330, 80, 300, 60)], id="another height"),
    ],
)
def test_what_doesnt_belong_together_stays_apart(pieces: list[TextRegion]) -> None:
    assert len(bands(pieces)) == 2


def test_short_pieces_are_no_band_and_the_widest_comes_first() -> None:
    found = bands([region(10, 10, 60), region(10, 100, 300), region(10, 400, 500)])
    assert [round(band.width) for band in found] == [500, 300]


def test_a_line_that_begins_with_its_neighbour_is_taken_to_its_width() -> None:
    found = bands([region(10, 100, 250), region(12, 135, 500)])
    assert [round(band.width) for band in found] == [500, 500]
    assert {round(float(band.corners[0, 0])) for band in found} == {10, 12}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(region(80, 100, 250), id="begins elsewhere"),
        pytest.param(region(10, 400, 250), id="isn't near"),
        pytest.param(region(10, 100, 120), id="is too short"),
        pytest.param(region(10, 80, 250, 50), id="has another height"),
    ],
)
def test_other_lines_keep_their_width(other: TextRegion) -> None:
    found = bands([other, region(10, 135, 500)])
    assert round(found[-1].width) == round(other.width)


def test_only_so_many_bands_are_looked_at() -> None:
    assert len(bands([region(10, 60 * row, 300 + row) for row in range(40)])) == 12


@pytest.mark.parametrize(
    ("text", "missing"),
    [(text, missing) for text in (TD3[0], TD1[0], TD2[0]) for missing in (-5, -1, 1, 4, 8)] + [(TD2[1], 4)],
)
def test_a_run_of_fillers_is_counted_anew(text: str, missing: int) -> None:
    start = text.index("<<<")
    end = start + len(text[start:]) - len(text[start:].lstrip("<"))
    cut = text[: end - missing] + text[end:] if missing > 0 else text[:end] + "<" * -missing + text[end:]
    assert len(cut) == len(text) - missing
    assert complete(cut, len(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ABCDEFGHIJ", "no filler"),
        ("ABC<<DEFGHIJ", "the run is too short"),
        ("A<<<B<<<C", "two runs as long"),
        ("A<<<", "too much is missing"),
        ("A<<<" + "B" * 30, "too much is there"),
    ],
)
def test_what_cant_be_completed(text: str, why: str) -> None:
    assert complete(text, 20) is None, why


@given(text=st.text("AB1<", max_size=50), length=st.sampled_from([30, 36, 44]))
def test_completing_only_ever_changes_fillers(text: str, length: int) -> None:
    whole = complete(text, length)
    if whole is not None:
        assert len(whole) == length
        assert whole.replace("<", "") == text.replace("<", "")


@pytest.mark.parametrize(
    ("lines", "layout"), [(TD1, ZoneFormat.TD1), (TD2, ZoneFormat.TD2), (TD3, ZoneFormat.TD3)]
)
def test_a_zone_is_found_among_other_lines(lines: tuple[str, ...], layout: ZoneFormat) -> None:
    zone = [line(text, 300 + 40 * row) for row, text in enumerate(lines)]
    others = [line("UTOPIA<<", 20, width=200), line("ISSUED<BY<<THE<STATE", 100, width=300)]
    found = zones_among([*reversed(zone), *others])
    assert found[0][0] is layout
    assert [item.written.text for item in found[0][1]] == list(lines)


@pytest.mark.parametrize(
    "zone",
    [
        pytest.param([line(TD3[0], 300)], id="one line"),
        pytest.param([line(TD3[0], 300), line(TD3[1], 600)], id="too far apart"),
        pytest.param([line(TD3[0], 300), line(TD3[1], 340, width=300)], id="of other widths"),
        pytest.param([line(TD3[0], 300), line("A<<B", 340)], id="of other lengths"),
        pytest.param([], id="nothing"),
    ],
)
def test_what_is_no_block(zone: list[ReadLine]) -> None:
    assert zones_among(zone) == ()


def test_the_layout_that_needs_fewest_fillers_comes_first() -> None:
    # 36 is within reach of both 30 and 44.
    zone = [line(text, 300 + 40 * row) for row, text in enumerate(TD2)]
    assert [layout for layout, _ in zones_among(zone)] == [ZoneFormat.TD2, ZoneFormat.TD3]
