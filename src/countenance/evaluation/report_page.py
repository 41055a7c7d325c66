"""An evaluation as one page: figures, what they can show, pictures, conditions.

Rules kept here:

* One file that needs nothing else: no script, no font, no address; its policy forbids all of it.
* Whatever comes from outside is escaped; an unknown name stops the page, never leaves a gap.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from countenance.evaluation.charts import Chart
from countenance.evaluation.report_pdf import write_pdf

__all__ = ["render_page", "write_page"]


def render_page(document: Mapping[str, object], *, title: str, charts: Sequence[Chart]) -> str:
    """Return the page.

    Args:
        document: ``figures``, ``said`` and ``conditions``; ``table`` if there is one, rows of the same keys,
            with ``table_title``.
        title: what was measured.
        charts: pictures of it.
    """
    environment = Environment(
        loader=PackageLoader("countenance.evaluation", "pages"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("report.html").render(
        title=title,
        figures=document["figures"],
        said=document["said"],
        conditions=document["conditions"],
        rows=document.get("table", []),
        rows_title=document.get("table_title", "Threshold by threshold"),
        charts=[(chart, base64.b64encode(chart.svg.encode()).decode()) for chart in charts],
    )


def write_page(
    document: Mapping[str, object], *, title: str, charts: Sequence[Chart], folder: Path
) -> tuple[Path, ...]:
    """Write the page, the same as PDF, the figures as JSON and each picture as a file; return the files.

    Args:
        document: as for :func:`render_page`.
        title: what was measured.
        charts: pictures of it.
        folder: where; made if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page, figures = folder / "report.html", folder / "report.json"
    page.write_text(render_page(document, title=title, charts=charts), encoding="utf-8")
    figures.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    files = [page, figures, write_pdf(document, title=title, charts=charts, path=folder / "report.pdf")]
    for chart in charts:
        files.append(folder / f"{chart.name}.svg")
        files[-1].write_text(chart.svg, encoding="utf-8")
    return tuple(files)
