"""What a calibration says: figures with units in their names, sentences with limits, a chart."""

from __future__ import annotations

import math

from countenance.decisions import DEMOGRAPHICS, parity_shortfalls
from countenance.decisions.error_table import in_words
from countenance.evaluation.calibration import CalibrationResult

__all__ = ["calibration_figures", "calibration_sentences"]

_RATES = (0.02, 0.01, 0.001)


def calibration_figures(result: CalibrationResult) -> dict[str, float | int]:
    """Return flat names and numbers."""
    figures: dict[str, float | int] = {
        "people": result.people,
        "pictures": result.pictures,
        "without_template": result.without_template,
        "impostor_comparisons": result.impostor_comparisons,
        "genuine_comparisons": result.genuine_comparisons,
        "levels_offered": len(result.table.levels),
    }
    for level in result.table.levels:
        name = f"fmr_1e{round(-math.log10(level.asked))}"
        figures |= {
            f"{name}_low": level.fmr_interval.low,
            f"{name}_high": level.fmr_interval.high,
            f"{name}_false_matches": level.false_matches,
            f"{name}_fnmr_percent": round(100 * level.fnmr, 2),
        }
        for one in level.parity:
            figures[f"{name}_parity_{one.attribute}_ratio"] = round(one.ratio, 3)
            if one.bounded:
                figures[f"{name}_parity_{one.attribute}_high"] = round(one.high, 3)
    if result.table.tail is not None:
        for rate in _RATES:
            figures[f"largest_gallery_fpir_{rate:g}_people"] = result.table.tail.largest_gallery(fpir=rate)
    figures["permits"] = result.permits
    return figures


def calibration_sentences(result: CalibrationResult) -> list[str]:
    """Return what is offered now, what isn't, and what stands against an adverse use."""
    table = result.table
    offered = ", ".join(in_words(level.asked) for level in table.levels)
    said = [f"Offered now: {offered}; every decision names this table."]
    if result.not_offered:
        rates = ", ".join(in_words(rate) for rate in result.not_offered)
        said.append(f"Not offered, too few comparisons: {rates}.")
    if table.tail is None:
        said.append("Searches: too few different people in the tail; none is carried out with this table.")
    else:
        supported = ", ".join(
            f"{table.tail.largest_gallery(fpir=rate):,} people at {in_words(rate)}" for rate in _RATES
        )
        said.append(f"Searches: up to {supported}. More would be an extrapolation, and is refused.")
    for level in table.levels:
        worst = level.worst_group
        if worst is not None and level.worst_group_fmr is not None:
            rate = in_words(level.worst_group_fmr)
            said.append(f"At {in_words(level.asked)} the worst measured group is {worst}: {rate}.")
    strictest = table.levels[-1].parity
    against = parity_shortfalls(strictest, own_people=True)
    said += [f"Against an adverse use, at the strictest level: {one}" for one in against]
    if not against:
        by = ", ".join(DEMOGRAPHICS)
        said.append(f"By {by} nothing stands against an adverse use at the strictest level.")
    said.append("Portraits in documents weren't measured: such a check-in stays with an attended desk.")
    return said
