"""The report of a bulk enrolment, as JSON values and as a page. Pseudonyms, codes and rules; nothing else."""

from __future__ import annotations

import html
from collections import Counter
from dataclasses import asdict
from typing import Final

from countenance.enrolment.bulk import BulkReport

__all__ = ["report_document", "report_page"]

_WORDS: Final = {
    "seen": "people in the list",
    "enrolled": "enrolled now",
    "already": "enrolled before",
    "left_out": "left out",
    "pictures": "pictures used",
    "pictures_left_out": "pictures of enrolled people not used",
    "compared": "comparisons in the search for duplicates",
}
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#20242a}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.3rem .6rem;"
    "text-align:left;vertical-align:top}th{font-weight:600}"
)


def report_document(report: BulkReport) -> dict[str, object]:
    """Return the report as JSON values."""
    return {
        "people": asdict(report.tally),
        "why_left_out": dict(Counter(one.code for one in report.left_out).most_common()),
        "pictures_left_out": report.pictures_left_out,
        "close_by_chance": round(report.close_by_chance, 3),
        "left_out": [
            {
                "number": one.number,
                "subject": one.subject,
                "code": one.code,
                "rules": list(one.rules),
                "words": one.words,
                "remedy": one.remedy,
                "references": list(one.references),
            }
            for one in report.left_out
        ],
    }


def report_page(report: BulkReport) -> str:
    """Return the report as a page of HTML that loads nothing."""
    counts = asdict(report.tally)
    figures = "".join(f"<tr><td>{words}</td><td>{counts[name]}</td></tr>" for name, words in _WORDS.items())
    people = "".join(
        "<tr>"
        + "".join(
            f"<td>{html.escape(text)}</td>"
            for text in (
                str(one.number),
                one.subject or "no pseudonym",
                one.code,
                ", ".join(one.rules),
                f"{one.words} {one.remedy}",
            )
        )
        + "</tr>"
        for one in report.left_out
    )
    heads = "".join(
        f"<th>{word}</th>" for word in ("Line", "Pseudonym", "Code", "Rules", "Why, and what to do")
    )
    left = f"<table><tr>{heads}</tr>{people}</table>" if people else "<p>Nobody was left out.</p>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Enrolment report</title>'
        f"<style>{_STYLE}</style></head><body><h1>Enrolment report</h1><table>{figures}</table>"
        f"<p>By chance alone about {report.close_by_chance:.2g} strangers would be close to somebody.</p>"
        f"<h2>Left out</h2>{left}</body></html>\n"
    )
