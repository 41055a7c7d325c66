"""The Congress exercise as flat figures and in sentences.

Rules kept here:

* A figure's unit ends its name. What was predicted, what was counted and the bound of that stand together.
* A borrowed threshold tests the borrowing, not the product that it was set for; the sentences say so.
"""

from __future__ import annotations

from countenance.decisions import ErrorTable
from countenance.evaluation.congress import CongressRow
from countenance.evaluation.congress_protocol import CongressResult

__all__ = ["congress_figures", "congress_rows", "congress_sentences"]


def congress_figures(result: CongressResult) -> dict[str, float | int | bool]:
    """Return flat names and numbers: of the first rate asked for, then of the other thresholds."""
    measured = result.measured
    first = measured.rows[0]
    figures: dict[str, float | int | bool] = {
        "false_matches": first.false_matches,
        "probes": measured.probes,
        "gallery_people": measured.gallery_people,
        "true_match_percent": _percent(first.true_match_rate),
        "true_match_low_percent": _percent(first.true_match_interval.low),
        "true_match_high_percent": _percent(first.true_match_interval.high),
        "genuine_pairs": measured.pairs,
        "missed_pairs": measured.pairs - first.true_matches,
        "fnir_percent": _percent(first.fnir),
        "probe_people": measured.people,
        "people_falsely_named": first.people_named,
        "fpir_percent": _percent(first.fpir),
        "fpir_people_upper_percent": _percent(first.people_upper),
        "threshold_extrapolated": first.level.extrapolated,
        "largest_gallery_people": result.largest_gallery,
        "gallery_pictures": measured.gallery_pictures,
        "namesakes_left_out": result.namesakes_left_out,
        "pictures_without_template": result.pictures_without_template,
        "pictures_resumed": result.resumed,
        "permits": result.permits,
    }
    if first.level.asked is not None and first.level.predicted is not None:
        figures["fpir_asked_percent"] = _percent(first.level.asked)
        figures["fpir_modelled_low_percent"] = _percent(first.level.predicted.low)
        figures["fpir_modelled_high_percent"] = _percent(first.level.predicted.high)
    for row in measured.rows[1:]:
        name = _name(row)
        figures[f"{name}_false_matches"] = row.false_matches
        figures[f"{name}_people_falsely_named"] = row.people_named
        figures[f"{name}_true_match_percent"] = _percent(row.true_match_rate)
    return figures


def congress_rows(result: CongressResult) -> list[dict[str, object]]:
    """Return the table, threshold by threshold, in words and numbers."""
    return [
        {
            "threshold": row.level.words + (" (extrapolated)" if row.level.extrapolated else ""),
            "cosine": round(row.level.value, 4),
            "predicted_fpir_percent": None
            if row.level.predicted is None
            else [_percent(row.level.predicted.low), _percent(row.level.predicted.high)],
            "false_matches": row.false_matches,
            "people_falsely_named": row.people_named,
            "people_falsely_named_percent": _percent(row.people_named / result.measured.people),
            "people_upper_percent": _percent(row.people_upper),
            "true_match_percent": _percent(row.true_match_rate),
            "true_match_interval_percent": [
                _percent(row.true_match_interval.low),
                _percent(row.true_match_interval.high),
            ],
            "missed_pairs": result.measured.pairs - row.true_matches,
            "fnir_percent": _percent(row.fnir),
        }
        for row in result.measured.rows
    ]


def congress_sentences(result: CongressResult, table: ErrorTable) -> list[str]:
    """Return what the figures can show, and what they can't."""
    measured = result.measured
    first = measured.rows[0]
    missed = measured.pairs - first.true_matches
    said = [
        (
            f"Of {measured.people} people who aren't among the {measured.gallery_people:,}, "
            f"{first.people_named} {_were(first.people_named)} falsely named, in {first.false_matches} of "
            f"{measured.probes} searches; with 95 % confidence at most {100 * first.people_upper:.1f} % of "
            "such people would be."
        ),
        (
            f"Of {measured.pairs} people with two portraits, from the first and the last collection, "
            f"{missed} {_were(missed)} not recognised."
        ),
    ]
    if first.level.predicted is not None and first.level.asked is not None:
        said.append(
            f"The threshold was worked out before anything was searched, for a false positive identification "
            f"rate of {first.level.asked:g} among {measured.gallery_people:,} people, from "
            f"{table.measured_on}: predicted are {100 * first.level.predicted.low:.2g} to "
            f"{100 * first.level.predicted.high:.2g} % for the worst measured group."
        )
    if first.level.extrapolated:
        said.append(
            f"That threshold lies beyond the evidence. At this rate the product searches at most "
            f"{result.largest_gallery:,} people and refuses this gallery. Here it is only measured."
        )
    borrowed = [row for row in measured.rows if row.level.asked is None]
    said += [
        f"At a {row.level.words}, {row.people_named} of {measured.people} people are falsely named."
        for row in borrowed
    ]
    if borrowed:
        said.append("A borrowed threshold shows that thresholds don't carry over, not that a product fails.")
    return said


def _name(row: CongressRow) -> str:
    if row.level.asked is None:
        return f"cosine_{row.level.value:.3f}".replace(".", "_")
    return f"fpir_{row.level.asked:g}".replace(".", "_")


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _percent(share: float) -> float:
    return round(100 * share, 2)
