"""An evaluation as a PDF, to print or to file: figures, sentences, conditions and pictures, as its page.

Rules kept here:

* Drawn by the library of the charts; the same figures give the same file.
* A picture that the library didn't draw stands in the page alone, and the PDF says so.
"""

from __future__ import annotations

import importlib
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from countenance.evaluation.charts import Chart
from countenance.evaluation.report import require_charts

__all__ = ["write_pdf"]

_PAPER: Final = (8.27, 11.69)
"""A4 in inches."""
_COLUMNS: Final = 96
_LINES: Final = 66
_SIZE: Final = 8.5


def write_pdf(document: Mapping[str, object], *, title: str, charts: Sequence[Chart], path: Path) -> Path:
    """Write the PDF; return where.

    Args:
        document: ``figures``, ``said`` and ``conditions``, as they are printed.
        title: what was measured.
        charts: pictures of it.
        path: of the file.

    Raises:
        ChartsNotInstalled: if the charts' library isn't installed.
    """
    library = require_charts()
    pages = importlib.import_module("matplotlib.backends.backend_pdf").PdfPages
    with pages(path, metadata={"Title": title, "CreationDate": None, "ModDate": None}) as opened:
        lines = iter(list(_lines(document, title, charts)))
        while part := list(islice(lines, _LINES)):
            figure: Any = library.Figure(figsize=_PAPER)
            # As they are: a dollar sign is no formula here.
            figure.text(
                0.08, 0.95, "\n".join(part), va="top", family="monospace", size=_SIZE, parse_math=False
            )
            opened.savefig(figure)
        for chart in charts:
            if chart.figure is not None:
                opened.savefig(chart.figure)
    return path


def _lines(document: Mapping[str, object], title: str, charts: Sequence[Chart]) -> Iterator[str]:
    yield from (title, "=" * len(title), "")
    said: Sequence[str] = document["said"]  # type: ignore[assignment]
    for sentence in said:
        yield from textwrap.wrap(sentence, _COLUMNS)
    yield ""
    figures: Mapping[str, object] = document["figures"]  # type: ignore[assignment]
    width = max((len(name) for name in figures), default=0)
    for name, figure in figures.items():
        yield f"{name:<{width}}  {'not bounded' if figure is None else figure}"
    rows: Sequence[Mapping[str, object]] = document.get("table", ())  # type: ignore[assignment]
    for row in rows:
        told = "; ".join(f"{name}: {value}" for name, value in row.items())
        yield from textwrap.wrap(told, _COLUMNS, subsequent_indent="    ")
    yield ""
    conditions: Mapping[str, object] = document["conditions"]  # type: ignore[assignment]
    for name, value in conditions.items():
        yield from textwrap.wrap(f"{name}: {_plain(value)}", _COLUMNS, subsequent_indent="    ")
    yield ""
    for chart in charts:
        where = "" if chart.figure is not None else " In the page alone."
        yield from textwrap.wrap(f"Picture {chart.name}: {chart.words}{where}", _COLUMNS)


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {one}" for name, one in value.items())
    return str(value)
