"""Evaluations on one set of people as flat figures and in sentences.

Rules kept here:

* A figure's unit ends its name; an interval stands beside every rate.
* Groups that weren't measured are named. A ratio that the data don't bound is said to fail.
"""

from __future__ import annotations

import math

import numpy as np

from countenance.decisions import LARGEST_RATIO
from countenance.evaluation.open_set import OpenSetRow
from countenance.evaluation.parity import NOT_IN_THE_LIST, ParityLevel
from countenance.evaluation.people_protocol import (
    IdentificationResult,
    ParityResult,
    QualityCurve,
    QualityResult,
)
from countenance.evaluation.rates import Estimate

__all__ = [
    "identification_figures",
    "identification_sentences",
    "parity_figures",
    "parity_sentences",
    "quality_figures",
    "quality_sentences",
]

_SHARES = (0.0, 0.01, 0.05, 0.1, 0.2)

Figures = dict[str, float | int | bool | None]


def parity_figures(result: ParityResult) -> Figures:
    """Return flat names and numbers; ``None`` where the data don't bound a ratio."""
    figures: Figures = {
        "pictures": result.pictures,
        "pictures_without_template": result.without_template,
        "people_without_group": result.without_group,
        "impostor_comparisons": result.impostor_comparisons,
        "genuine_pairs": result.genuine_pairs,
        "permits": result.permits,
    }
    for level in result.levels:
        name = f"fmr_{_power(level.asked)}"
        for group, rates in level.groups.items():
            figures[f"{group}_people"] = rates.people
            figures |= _rate(f"{name}_{group}", rates.false_matches, "rate")
            figures[f"{name}_{group}_false_matches_count"] = rates.false_matches.seen
            if rates.false_non_matches is not None:
                figures |= _percent(f"{name}_{group}_fnmr", rates.false_non_matches)
        figures |= _rate(f"{name}_between", level.between, "rate")
        figures[f"{name}_largest_over_smallest_ratio"] = _finite(level.differential.ratio)
        figures[f"{name}_largest_over_smallest_low_ratio"] = _finite(level.differential.low)
        figures[f"{name}_largest_over_smallest_high_ratio"] = _finite(level.differential.high)
        figures[f"{name}_within_limit"] = level.within_limit
    return figures


def parity_sentences(result: ParityResult) -> list[str]:
    """Return what the figures mean, and what wasn't measured."""
    said = [_of_level(level) for level in result.levels]
    passed = [level for level in result.levels if level.within_limit]
    if len(passed) < len(result.levels):
        said.append(
            f"An adverse use asks for {LARGEST_RATIO:g} at most, at the upper end of the interval: not kept "
            f"at {len(result.levels) - len(passed)} of {len(result.levels)} levels."
        )
    said.append(
        f"Groups are what the list says. Not measured, and so not kept: {', '.join(NOT_IN_THE_LIST)}."
    )
    if result.without_group:
        said.append(f"Of {result.without_group} people the list says no group; they are in none.")
    return said


def _of_level(level: ParityLevel) -> str:
    rates = " and ".join(
        f"{one.value:.1e} [{one.low:.1e}, {one.high:.1e}] of two {group}"
        for group, one in ((name, group.false_matches) for name, group in level.groups.items())
    )
    differential = level.differential
    if not level.bounded:
        return (
            f"At {level.asked:g}: {rates} match falsely. Too few false matches to bound how many times the "
            "larger rate is the smaller; that fails."
        )
    return (
        f"At {level.asked:g}: {rates} match falsely; the larger rate is {differential.ratio:.2f} "
        f"[{differential.low:.2f}, {differential.high:.2f}] times the smaller."
    )


def identification_figures(result: IdentificationResult) -> Figures:
    """Return flat names and numbers."""
    figures: Figures = {
        "enrolled_people": result.enrolled,
        "mated_searches": result.probes,
        "stranger_searches": result.strangers,
        "pictures_without_template": result.without_template,
        "permits": result.permits,
    }
    for rate, people in result.largest_galleries:
        figures[f"largest_gallery_fpir_{_power(rate)}_people"] = people
    for row in result.rows:
        name = _row_name(row)
        figures |= _percent(f"{name}_fnir", row.fnir)
        figures[f"{name}_fpir_percent"] = round(100 * row.fpir, 3)
        figures[f"{name}_fpir_high_percent"] = round(100 * row.fpir_interval.high, 3)
        if row.threshold.predicted is not None:
            figures[f"{name}_fpir_predicted_low_percent"] = round(100 * row.threshold.predicted.low, 3)
            figures[f"{name}_fpir_predicted_high_percent"] = round(100 * row.threshold.predicted.high, 3)
            figures[f"{name}_extrapolated"] = row.threshold.extrapolated
    return figures


def identification_sentences(result: IdentificationResult) -> list[str]:
    """Return what the figures mean."""
    said = []
    for row in result.rows:
        if row.threshold.predicted is None:
            continue
        beyond = " (beyond the evidence)" if row.threshold.extrapolated else ""
        said.append(
            f"References of {row.pictures}, one stranger in {1 / row.threshold.asked:,.0f}{beyond}: "
            f"{100 * row.fpir:.2f} % of strangers named, at most {100 * row.fpir_interval.high:.2f} %; "
            f"{100 * row.fnir.value:.2f} % [{100 * row.fnir.low:.2f}, {100 * row.fnir.high:.2f}] of enrolled "
            "people not named first."
        )
    said.append(
        "Thresholds set on the strangers who are searched for, as on_strangers, compare systems; nobody has "
        "them at a desk."
    )
    return said


def quality_figures(result: QualityResult) -> Figures:
    """Return flat names and numbers."""
    figures: Figures = {
        "genuine_pairs": result.pairs,
        "pairs_not_compared": result.not_compared,
        "quality_median": round(float(np.median(result.quality)), 1),
        "quality_5th_percentile": round(float(np.percentile(result.quality, 5)), 1),
        "permits": result.permits,
    }
    for curve in result.curves:
        for share in _SHARES:
            fnmr, discarded = _at(curve, share)
            name = f"fmr_{_power(curve.asked)}_discard_{100 * share:g}_percent"
            figures[f"{name}_fnmr_percent"] = round(100 * fnmr, 2)
            figures[f"{name}_discarded_percent"] = round(100 * discarded, 2)
    return figures


def quality_sentences(result: QualityResult) -> list[str]:
    """Return what the figures mean."""
    said = []
    for curve in result.curves:
        (before, _), (after, discarded) = _at(curve, 0.0), _at(curve, _SHARES[-1])
        words = "lowers" if after < before else "doesn't lower"
        said.append(
            f"At a false match rate of {curve.asked:g}, leaving out the {100 * discarded:.0f} % of pairs "
            f"with the worst picture {words} the misses: {100 * before:.2f} % to {100 * after:.2f} %."
        )
    return said


def _at(curve: QualityCurve, share: float) -> tuple[float, float]:
    """Return FNMR and share left out at the last point that leaves out no more than a share."""
    point = [one for one in curve.points if one.discarded <= share + 1e-12][-1]
    return point.fnmr, point.discarded


def _row_name(row: OpenSetRow) -> str:
    origin = "on_strangers" if row.threshold.predicted is None else "evidence"
    return f"references_{row.pictures}_fpir_{_power(row.threshold.asked)}_{origin}"


def _power(rate: float) -> str:
    return f"{rate:.0e}".replace("e-0", "e") if rate < 1 else f"{rate:g}"


def _rate(name: str, estimate: Estimate, unit: str) -> Figures:
    return {
        f"{name}_{unit}": float(f"{estimate.value:.3g}"),
        f"{name}_low_{unit}": float(f"{estimate.low:.3g}"),
        f"{name}_high_{unit}": float(f"{estimate.high:.3g}"),
    }


def _percent(name: str, estimate: Estimate) -> Figures:
    return {
        f"{name}_percent": round(100 * estimate.value, 2),
        f"{name}_low_percent": round(100 * estimate.low, 2),
        f"{name}_high_percent": round(100 * estimate.high, 2),
    }


def _finite(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None
