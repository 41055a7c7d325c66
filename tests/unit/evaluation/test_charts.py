from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from countenance.evaluation.charts import (
    Chart,
    congress_chart,
    frames_chart,
    identification_chart,
    parity_chart,
    quality_chart,
)
from evaluation_results import congress_result, identification_result, parity_result, quality_result

pytest.importorskip("matplotlib")

DRAWN: dict[str, Callable[[], Chart]] = {
    "congress": lambda: congress_chart(congress_result()),
    "identification": lambda: identification_chart(identification_result()),
    "parity": lambda: parity_chart(parity_result()),
    "quality": lambda: quality_chart(quality_result()),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_is_a_picture_with_its_words(name: str) -> None:
    chart = DRAWN[name]()
    assert chart.name == name
    assert chart.words.endswith(".")
    root = ET.fromstring(chart.svg.encode())  # noqa: S314 - drawn here
    assert root.tag.endswith("svg")
    assert len(list(root.iter())) > 50
    assert "<script" not in chart.svg


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_figures_give_the_same_file(name: str) -> None:
    assert DRAWN[name]().svg == DRAWN[name]().svg


def test_a_group_without_a_false_match_is_drawn_too() -> None:
    assert parity_chart(parity_result(bounded=False)).svg != parity_chart(parity_result()).svg


def test_frames_are_one_picture_with_words() -> None:
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, 40:] = 200
    chart = frames_chart("Two frames.", pixels)
    assert (chart.name, chart.words) == ("frames", "Two frames.")
    assert "data:image/png;base64," in chart.svg
    assert chart.figure is not None
