"""A plan as a picture: alarms a day at every rate that the evidence supports, and the reviewers' time."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from countenance.decisions import (
    LARGEST_FPIR,
    ErrorTable,
    GalleryBeyondEvidence,
    Plan,
    PlanOrder,
    make_plan,
)
from countenance.evaluation.report import require_charts

__all__ = ["draw_plan", "plans_by_rate"]

_STEPS: Final = 8
"""Rates for each power of ten."""
_SMALLEST: Final = 1e-6
_HOUR: Final = 3600.0


def plans_by_rate(table: ErrorTable, order: PlanOrder) -> tuple[Plan, ...]:
    """Return the same plan at every rate that the evidence supports for so many, the highest first."""
    plans = []
    for step in range(_STEPS * round(math.log10(LARGEST_FPIR / _SMALLEST)) + 1):
        rate = LARGEST_FPIR * 10 ** (-step / _STEPS)
        try:
            plans.append(make_plan(table, order.at_rate(rate)))
        except GalleryBeyondEvidence:
            break
    return tuple(plans)


def draw_plan(table: ErrorTable, order: PlanOrder, path: Path) -> None:
    """Draw false alarms a day and the share of listed people who are missed, by rate; SVG or PNG by suffix.

    Raises:
        ChartsNotInstalled: if the library that draws isn't there.
        GalleryBeyondEvidence: if no rate is supported for so many people.
    """
    library = require_charts()
    plans = plans_by_rate(table, order)
    if not plans:
        make_plan(table, order.at_rate(LARGEST_FPIR))
    rates = [plan.stated.asked for plan in plans]
    figure = library.Figure(figsize=(8.0, 4.4), layout="constrained")
    axes = figure.subplots()
    low = [plan.false_alarms_interval.low for plan in plans]
    high = [plan.false_alarms_interval.high for plan in plans]
    axes.fill_between(rates, low, high, alpha=0.25, label="95 % prediction interval")
    axes.plot(rates, [plan.false_alarms for plan in plans], label="strangers falsely named a day, expected")
    capacity = order.reviewers * order.hours * _HOUR / (order.review_seconds * order.words)
    axes.axhline(capacity, color="black", linestyle="dashed", label="alarms that the reviewers have time for")
    ends = f"{min(rates):.1g}"
    axes.set(
        xscale="log",
        yscale="log",
        xlabel=f"false positive identification rate asked for (the evidence ends at {ends})",
        ylabel="a day",
        title=f"{order.passers_by:,} people pass, {order.people:,} are on the list",
    )
    axes.grid(visible=True, which="both", linewidth=0.3)
    axes.legend(loc="upper left")
    measured = [(plan.stated.asked, 100 * plan.stated.fnir) for plan in plans if plan.stated.fnir is not None]
    if measured:
        missed = axes.twinx()
        missed.plot(*zip(*measured, strict=True), color="tab:red", linestyle="dotted")
        missed.set(ylabel="% of listed people missed (dotted), upper end", ylim=(0, 100))
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
