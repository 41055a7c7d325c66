from __future__ import annotations

import numpy as np
import pytest

from countenance.vision.text import PpOcrTextDetector, TextLine, TextRegion, WrittenLine, cut_line


def region() -> TextRegion:
    return TextRegion(corners=np.array([[10, 20], [110, 20], [110, 40], [10, 40]], np.float32), score=0.9)


def test_a_region_has_sides_and_a_middle() -> None:
    assert region().width == 100.0
    assert region().height == 20.0
    assert region().centre == (60.0, 30.0)


def test_what_was_read_is_not_shown() -> None:
    written = WrittenLine(text="ERIKSSON", confidences=(0.9,) * 8, places=(0.5,) * 8)
    line = TextLine(region=region(), written=written)
    assert line.text == "ERIKSSON"
    assert "ERIKSSON" not in repr(line)
    assert "ERIKSSON" not in repr(written)


def test_a_line_is_as_sure_as_its_least_sure_character() -> None:
    assert WrittenLine(text="AB", confidences=(0.9, 0.4), places=(0.2, 0.8)).confidence == 0.4
    assert WrittenLine(text="", confidences=(), places=()).confidence == 0.0


def test_a_line_is_cut_as_it_stands() -> None:
    picture = np.zeros((60, 130, 3), np.uint8)
    picture[20:40, 10:60] = (200, 0, 0)
    picture[20:40, 60:110] = (0, 0, 200)
    cut = cut_line(picture, region().corners)
    assert cut.shape == (20, 100, 3)
    assert tuple(cut[10, 25]) == (200, 0, 0)
    assert tuple(cut[10, 75]) == (0, 0, 200)


def test_a_leaning_line_is_cut_level() -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    corners = np.array([[50, 100], [120, 30], [134, 44], [64, 114]], np.float32)
    rows, columns = np.mgrid[0:200, 0:200]
    along = ((columns - 50) - (rows - 100)) / 2
    picture[along >= 35] = 255
    cut = cut_line(picture, corners)
    assert cut.shape == (20, 99, 3)
    assert cut[10, 20].max() == 0
    assert cut[10, 80].min() == 255


def test_what_lies_outside_repeats_the_edge() -> None:
    picture = np.full((20, 20, 3), 90, np.uint8)
    cut = cut_line(picture, np.array([[-10, -10], [30, -10], [30, 30], [-10, 30]], np.float32))
    assert cut.shape == (40, 40, 3)
    assert (cut == 90).all()


@pytest.mark.parametrize(("longest", "shortest", "most"), [(100, 200, 10), (100, 16, 10), (1280, 736, 0)])
def test_limits_that_make_no_sense(longest: int, shortest: int, most: int) -> None:
    with pytest.raises(ValueError, match="at least 32"):
        PpOcrTextDetector(content=b"", longest_side=longest, shortest_side=shortest, most_regions=most)
