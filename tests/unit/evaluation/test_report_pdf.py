"""A report as PDF: every figure and picture, on as many pages as it takes, the same each time."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from countenance.evaluation.charts import Chart
from countenance.evaluation.report_pdf import write_pdf

matplotlib = pytest.importorskip("matplotlib.figure")
DOCUMENT: dict[str, object] = {
    "figures": {"false_matches": 3, "fmr_high_ratio": None, "cost_$_percent": 1.5},
    "said": ["Three of nine & more. " * 20],
    "conditions": {"data_set": {"name": "Ours", "terms": "signed"}, "threads": 1},
    "table": [{"threshold": "one in ten", "fpir_percent": [1.5, 20]}],
}


def drawn(name: str = "curve") -> Chart:
    figure: Any = matplotlib.Figure(figsize=(3, 2))
    figure.subplots().plot([0, 1], [1, 0])
    return Chart(name, "What it shows.", "<svg/>", figure)


def pages(path: Path) -> int:
    # Each page is an object of its own; the tree of pages is of type /Pages.
    return path.read_bytes().count(b"/Type /Page ") + path.read_bytes().count(b"/Type /Page\n")


def text_of(path: Path) -> str:
    """Return what a reader of PDF finds in it; skipped where Debian's poppler-utils isn't installed."""
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("needs pdftotext (Debian: poppler-utils)")
    return subprocess.run([reader, str(path), "-"], capture_output=True, check=True, text=True).stdout


def test_it_is_a_pdf_with_a_page_of_words_and_one_a_picture(tmp_path: Path) -> None:
    path = write_pdf(DOCUMENT, title="T", charts=[drawn(), drawn("other")], path=tmp_path / "r.pdf")
    assert path.read_bytes().startswith(b"%PDF-")
    assert pages(path) == 3


def test_what_the_library_didnt_draw_is_left_out_and_said(tmp_path: Path) -> None:
    path = write_pdf(
        DOCUMENT, title="T", charts=[Chart("frames", "A strip.", "<svg/>")], path=tmp_path / "r.pdf"
    )
    assert pages(path) == 1


def test_long_reports_take_more_pages(tmp_path: Path) -> None:
    many = DOCUMENT | {"figures": {f"figure_{n}": n for n in range(200)}}
    assert pages(write_pdf(many, title="T", charts=[], path=tmp_path / "r.pdf")) == 4


def test_the_same_figures_give_the_same_file(tmp_path: Path) -> None:
    one, other = (
        write_pdf(DOCUMENT, title="T", charts=[drawn()], path=tmp_path / name).read_bytes() for name in "ab"
    )
    assert one == other


def test_every_figure_can_be_read(tmp_path: Path) -> None:
    found = text_of(write_pdf(DOCUMENT, title="Parity", charts=[drawn()], path=tmp_path / "r.pdf"))
    for said in ("Parity", "false_matches", "not bounded", "cost_$_percent", "name: Ours", "one in ten"):
        assert said in found
