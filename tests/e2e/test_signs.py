"""Signs and the notice's page, as a browser draws them: nothing runs over, the codes are read."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, ViewportSize

from countenance.authority.notices import notice_page, sheet_of, sign_svg
from countenance.authority.records import Pictogram
from drafted_notices import sign_made, signed
from qr_codes import read_code

pytestmark = pytest.mark.browser

SHEET = {"width": 794, "height": 1123}
"""A4 at 96 pixels an inch."""


def grey(page: Page) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return picture.astype(np.uint8)


@pytest.fixture
def sheet(browser: Browser) -> Page:
    size: ViewportSize = {"width": SHEET["width"], "height": SHEET["height"]}
    return browser.new_page(viewport=size, device_scale_factor=2)


@pytest.mark.parametrize("kind", list(Pictogram))
def test_a_sign_is_drawn_within_its_sheet_and_its_code_is_read(
    sheet: Page, tmp_path: Path, kind: Pictogram
) -> None:
    made = sign_made(kind=kind, demo=True)
    file = tmp_path / "sign.svg"
    file.write_bytes(sign_svg(sheet_of(made)))
    sheet.goto(file.as_uri())
    boxes = json.loads(
        sheet.evaluate(
            """JSON.stringify([...document.querySelectorAll('text')].map(each => {
                const box = each.getBoundingClientRect();
                return [box.left, box.right, box.top, box.bottom, each.textContent];
            }))"""
        )
    )
    assert len(boxes) >= 15
    margin = 10 / 210 * SHEET["width"]
    for left, right, top, bottom, text in boxes:
        assert left >= margin, text
        assert right <= SHEET["width"] - margin, text
        assert top >= 0, text
        assert bottom <= SHEET["height"], text
    for first in boxes:
        for second in boxes:
            if first is not second and first[0] < second[1] and second[0] < first[1]:
                overlap = min(first[3], second[3]) - max(first[2], second[2])
                assert overlap < 0.45 * (first[3] - first[2]), (first[4], second[4])
    assert read_code(grey(sheet)) == made.sign.link
    sheet.close()


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_notices_page_fits_every_width(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    file = tmp_path / "notice.html"
    file.write_text(notice_page(signed(demo=True), in_force=True), encoding="utf-8")
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=True,
    )
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("dd").count() == 28
    for index in range(page.locator("dd").count()):
        box = page.locator("dd").nth(index).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    context.close()
