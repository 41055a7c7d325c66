"""The picture of a plan shows every rate that the evidence supports, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from countenance.decisions import GalleryBeyondEvidence, PlanOrder, make_plan, shipped_error_table
from countenance.evaluation.plan_chart import draw_plan, plans_by_rate

TABLE = shipped_error_table("mobilefacenet-192+int8")
ORDER = PlanOrder(
    passers_by=20_000, listed=2, people=20, fpir=0.001, reviewers=2, hours=8.0, review_seconds=60.0,
    busiest_hour=0.15,
)  # fmt: skip


def test_rates_fall_until_the_evidence_ends() -> None:
    plans = plans_by_rate(TABLE, ORDER)
    rates = [plan.stated.asked for plan in plans]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == pytest.approx(0.1)
    assert all(plan.stated.largest_gallery >= 20 for plan in plans)
    with pytest.raises(GalleryBeyondEvidence):
        make_plan(TABLE, ORDER.at_rate(rates[-1] * 10 ** (-1 / 8)))


def test_fewer_strangers_are_named_at_lower_rates() -> None:
    alarms = [plan.false_alarms for plan in plans_by_rate(TABLE, ORDER)]
    assert alarms == sorted(alarms, reverse=True)


def test_it_holds_nothing_that_changes_from_day_to_day(tmp_path: Path) -> None:
    draw_plan(TABLE, ORDER, tmp_path / "plan.svg")
    words = (tmp_path / "plan.svg").read_text()
    assert "<dc:date>" not in words
    assert words.count("<svg") == 1


def test_too_many_people_for_any_rate(tmp_path: Path) -> None:
    many = PlanOrder(
        passers_by=10, listed=0, people=10_000_000, fmr=0.001, reviewers=1, hours=1.0, review_seconds=1.0,
        busiest_hour=1.0,
    )  # fmt: skip
    assert plans_by_rate(TABLE, many) == ()
    with pytest.raises(GalleryBeyondEvidence):
        draw_plan(TABLE, many, tmp_path / "plan.svg")
