"""The card of a pass: what is on the page is read from the page's own drawing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import cv2
import numpy as np
import pytest
import segno

from countenance.authority.notices import PrintingNotInstalled
from countenance.enrolment import PassCard, pass_card, pass_card_pdf, pass_in_pdf, require_printing

TEXT = "CP1:" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 23
SERIAL = "0123456789abcdef" * 2
UNTIL = datetime(2027, 2, 21, 12, tzinfo=UTC)
MILLIMETRES = 25.4 / 72


def card(**changes: Any) -> PassCard:
    fields = {"text": TEXT, "serial": SERIAL, "title": "Guest pass", "valid_until": UNTIL, "demo": False}
    return PassCard(**(fields | changes))  # type: ignore[arg-type]


def written(page: bytes) -> list[str]:
    """The texts of a page in the order in which they are written."""
    return [found.decode("latin-1").replace("\\", "") for found in re.findall(rb"\((.*?)\) Tj", page)]


def rectangles(page: bytes) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Left, bottom, width, height of each rectangle, in millimetres from the card's top left corner."""
    found = re.findall(rb"(-?[\d.]+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+) re", page)
    return np.array(found, dtype=np.float64)


def test_its_code_is_read_from_what_is_drawn() -> None:
    """At 300 dots an inch, as a printer would."""
    dots = 300 / 25.4
    paper = np.full((int(54 * dots), int(86 * dots)), 255, dtype=np.uint8)
    for left, bottom, width, height in rectangles(pass_card_pdf(card())):
        rows = slice(round(-(bottom + height) * dots), round(-bottom * dots))
        paper[rows, round(left * dots) : round((left + width) * dots)] = 0
    text, *_ = cv2.QRCodeDetector().detectAndDecode(paper)
    assert text == TEXT


def test_the_code_lies_on_the_card_with_its_quiet_zone_and_modules_that_print() -> None:
    drawn = rectangles(pass_card_pdf(card()))
    modules = len(segno.make_qr(TEXT, error="m", boost_error=False).matrix)
    module = drawn[:, 3].min()
    assert module == pytest.approx(46 / (modules + 8), abs=1e-3)
    assert module > 0.33
    left, top = drawn[:, 0].min(), -(drawn[:, 1] + drawn[:, 3]).max()
    right, bottom = (drawn[:, 0] + drawn[:, 2]).max(), -drawn[:, 1].min()
    assert min(left, top, 54 - bottom) >= 4 * module
    assert right - left == pytest.approx(modules * module, abs=0.01)


def test_cut_marks_stand_at_the_corners_of_a_bank_card() -> None:
    page = pass_card_pdf(card())
    lines = np.array(re.findall(rb"n (-?[\d.]+) (-?[\d.]+) m (-?[\d.]+) (-?[\d.]+) l S", page), np.float64)
    corners = {(round(x, 1), round(y, 1)) for x, y, _, _ in lines[:8]} | {
        (round(x, 1), round(y, 1)) for _, _, x, y in lines[:8]
    }
    assert {x for x, _ in corners} == {-5.0, -1.0, 0.0, 85.6, 86.6, 90.6}
    assert {y for _, y in corners} == {5.0, 1.0, 0.0, -54.0, -55.0, -59.0}
    # A4, drawn in millimetres.
    assert b"/MediaBox [ 0 0 595.2756 841.8898 ]" in page
    assert re.search(rb"2\.834646 0 0 2\.834646 70\.86615 771\.0237 cm", page)


def test_it_says_what_for_and_until_when_and_who_keeps_it() -> None:
    said = written(pass_card_pdf(card()))
    assert said[:2] == ["Holder pass", "Guest pass"]
    assert "2027-02-21 12:00 UTC" in said
    assert "Nobody keeps a copy of it." in said
    assert "DEMO" not in said
    assert "DEMO" in written(pass_card_pdf(card(demo=True)))


def test_the_serial_stands_on_the_slip_alone() -> None:
    page = pass_card_pdf(card())
    [line] = [one for one in written(page) if one.startswith("Serial")]
    assert line.removeprefix("Serial").replace(" ", "") == SERIAL
    at = re.search(rb"1 0 0 1 (-?[\d.]+) (-?[\d.]+) Tm \(Serial", page)
    assert at is not None
    assert float(at[2]) < -59
    assert SERIAL not in repr(card()) + page.decode("latin-1")


@pytest.mark.parametrize(
    "title",
    ["Guest pass for people who come again every other week", "常客通行证件凭证专用于酒店再次入住"],
    ids=["latin", "chinese"],
)
def test_a_long_title_is_put_into_lines_that_fit(title: str) -> None:
    page = pass_card_pdf(card(title=title))
    assert page == pass_card_pdf(card(title=title))
    bold, *lines = sorted(re.findall(rb"BT /F(\d) 3 Tf", page), key=lambda name: name != b"2")
    assert bold == b"2"
    assert 2 <= len(lines) <= 3
    assert (b"STSong-Light" in page) is not title.isascii()
    if title.isascii():
        body = [one for one in written(page) if one in title]
        assert title.startswith(" ".join(body))
        assert len(body) == len(lines)


def test_the_file_is_read_without_being_printed() -> None:
    page = pass_card_pdf(card())
    assert pass_in_pdf(page) == TEXT
    assert pass_in_pdf(b"%PDF-1.4 something else") == ""
    assert pass_in_pdf(page.replace(b"countenance-pass", b"another")) == ""


def test_without_the_library_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pass_card, "find_spec", lambda _: None)
    with pytest.raises(PrintingNotInstalled) as refused:
        require_printing()
    assert "print" in refused.value.remedy
    with pytest.raises(PrintingNotInstalled):
        pass_card_pdf(card())
