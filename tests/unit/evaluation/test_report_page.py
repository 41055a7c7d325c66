from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest

from countenance.evaluation.charts import Chart
from countenance.evaluation.report_page import render_page, write_page

DOCUMENT: dict[str, object] = {
    "figures": {"false_matches": 3, "fmr_high_ratio": None},
    "said": ["Three <b>of</b> nine & more."],
    "conditions": {"data_set": {"name": "Ours<script>", "terms": "signed"}, "threads": 1},
    "table": [
        {"threshold": "one in ten", "predicted_fpir_percent": [1.5, 20]},
        {"threshold": "x", "y": None},
    ],
}
CHART = Chart("curve", 'What "it" shows.', "<svg xmlns='http://www.w3.org/2000/svg'/>")


class Seen(HTMLParser):
    """Keeps tags and addresses."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action"}]


def test_the_page_needs_nothing_else() -> None:
    seen = Seen(render_page(DOCUMENT, title="T", charts=[CHART]))
    assert not {"script", "link", "iframe", "form", "object"} & set(seen.tags)
    assert [address.split(",")[0] for address in seen.addresses] == ["data:image/svg+xml;base64"]
    assert "default-src 'none'" in render_page(DOCUMENT, title="T", charts=[])


def test_what_comes_from_outside_is_escaped() -> None:
    page = render_page(DOCUMENT, title="<i>T</i>", charts=[CHART])
    assert "<script>" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "Three &lt;b&gt;of&lt;/b&gt; nine &amp; more." in page
    assert "What &#34;it&#34; shows." in page


def test_all_figures_and_conditions_stand_in_it() -> None:
    page = render_page(DOCUMENT, title="T", charts=[])
    assert '<th scope="row">false_matches</th><td class="figure">3</td>' in page
    assert '<th scope="row">fmr_high_ratio</th><td class="figure">not bounded</td>' in page
    assert "name: Ours&lt;script&gt;; terms: signed" in page
    assert "<td>1.5 to 20</td>" in page
    assert "<td>-</td>" in page


def test_without_a_table_there_is_none() -> None:
    page = render_page({**DOCUMENT, "table": []}, title="T", charts=[])
    assert "Threshold by threshold" not in page


def test_a_gap_stops_the_page() -> None:
    with pytest.raises((KeyError, jinja2.UndefinedError)):
        render_page({"figures": {}, "said": []}, title="T", charts=[])


def test_page_figures_and_pictures_are_written(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    files = write_page(DOCUMENT, title="T", charts=[CHART], folder=tmp_path / "a" / "b")
    assert [file.name for file in files] == ["report.html", "report.json", "report.pdf", "curve.svg"]
    assert json.loads(files[1].read_text()) == DOCUMENT
    assert files[2].read_bytes().startswith(b"%PDF-")
    assert files[3].read_text() == CHART.svg
    assert files[0].read_text().startswith("<!doctype html>")
