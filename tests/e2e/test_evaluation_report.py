"""Reports of evaluations, as a browser draws and prints them: nothing is fetched, nothing runs over."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from countenance.evaluation.charts import (
    congress_chart,
    identification_chart,
    parity_chart,
    quality_chart,
)
from countenance.evaluation.congress_words import congress_figures, congress_rows
from countenance.evaluation.people_words import parity_figures, parity_sentences
from countenance.evaluation.report_page import write_page
from evaluation_results import congress_result, identification_result, parity_result, quality_result

pytestmark = pytest.mark.browser


@pytest.fixture
def report(tmp_path: Path) -> Path:
    document = {
        "figures": congress_figures(congress_result()) | parity_figures(parity_result()),
        "said": parity_sentences(parity_result()),
        "table": congress_rows(congress_result()),
        "conditions": {"data_set": {"name": "Ours"}, "list_sha256": "a" * 64},
    }
    charts = [
        congress_chart(congress_result()),
        identification_chart(identification_result()),
        parity_chart(parity_result()),
        quality_chart(quality_result()),
    ]
    return write_page(document, title="Made-up figures", charts=charts, folder=tmp_path)[0]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pictures_are_drawn_and_nothing_runs_over(browser: Browser, report: Path, width: int) -> None:
    page: Page = browser.new_page(viewport={"width": width, "height": 900})
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(report.as_uri())
    assert page.locator("h1").inner_text() == "Made-up figures"
    widths = page.evaluate("[...document.images].map(each => each.complete && each.naturalWidth)")
    assert len(widths) == 4
    assert all(widths)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]
    assert not complaints
    page.close()


def test_it_prints_as_pages(browser: Browser, report: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") >= 2
    page.close()
