"""From comparisons to an error table, as values and as the file that ships.

Rules kept here:

* The threshold of a level is the upper end of the 95 % interval of the measured one, rounded up: the
  rate that was asked for is then the upper end of what was measured, not its middle.
* The group with the highest false match rate stands in the table, not the mean of groups; and for each
  attribute by which people were grouped, the ratio of the worst group to the best.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from countenance.decisions import ErrorLevel, ErrorTable, ImpostorTail, Interval, MeasuredParity
from countenance.evaluation.differentials import false_match_differential
from countenance.evaluation.impostors import (
    ImpostorComparisons,
    group_false_match_rates,
    impostor_false_match_rate,
    impostor_thresholds,
)
from countenance.evaluation.rates import Estimate, genuine_false_non_match_rate

__all__ = ["Elsewhere", "measure_levels", "render_error_table"]


@dataclass(frozen=True, slots=True, eq=False)
class Elsewhere:
    """Other people on whom the thresholds are tried, so that the table doesn't speak for its own set alone.

    Attributes:
        words: who they are, in words.
        comparisons: their impostor comparisons.
        drawn: from :func:`resample_identities`, for these people.
    """

    words: str
    comparisons: ImpostorComparisons
    drawn: NDArray[np.int16]


Attributes = Mapping[str, Mapping[str, NDArray[np.integer]]]
"""Attribute -> group in words -> who is in it, as numbers of people; nobody is in two groups of one."""
Groups = Mapping[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]


def measure_levels(
    comparisons: ImpostorComparisons,
    *,
    rates: Sequence[float],
    drawn: NDArray[np.int16],
    genuine_scores: NDArray[np.float32],
    genuine_identities: NDArray[np.integer],
    groups: Groups,
    attributes: Attributes = MappingProxyType({}),
    elsewhere: Elsewhere | None = None,
) -> tuple[ErrorLevel, ...]:
    """Measure one level for each false match rate.

    Args:
        comparisons: the impostor comparisons.
        rates: false match rates, the most frequent false match first.
        drawn: from :func:`resample_identities`.
        genuine_scores: float32, shape (g,).
        genuine_identities: integers, shape (g,): whose comparison it is.
        groups: name in words -> the two groups of people whose comparisons are counted; may be empty,
            then no group was measured.
        attributes: by what people were grouped, for the ratio of the worst group to the best.
        elsewhere: other people on whom each threshold is tried, where there are any.

    Raises:
        TooFewComparisons: if a rate is lower than the data can measure.
        ValueError: if too few scores were kept.
    """
    levels = []
    for asked in rates:
        _, low, high = impostor_thresholds(comparisons, asked, drawn)
        threshold = _rounded_up(high)
        matched = impostor_false_match_rate(comparisons, threshold, drawn)
        missed = genuine_false_non_match_rate(genuine_scores, genuine_identities, threshold, drawn)
        worst = _worst(comparisons, threshold, drawn, groups)
        there = _tried(elsewhere, threshold)
        levels.append(
            ErrorLevel(
                asked=asked,
                threshold=threshold,
                threshold_interval=Interval(low, threshold),
                fmr=matched.value,
                fmr_interval=Interval(matched.low, matched.high),
                false_matches=matched.seen,
                fnmr=missed.value,
                fnmr_interval=Interval(missed.low, missed.high),
                worst_group=None if worst is None else worst[0],
                worst_group_fmr=None if worst is None else worst[1].value,
                worst_group_fmr_interval=None if worst is None else Interval(worst[1].low, worst[1].high),
                elsewhere=None if elsewhere is None else elsewhere.words,
                elsewhere_fmr=None if there is None else there.value,
                elsewhere_fmr_interval=None if there is None else Interval(there.low, there.high),
                parity=tuple(
                    _parity(comparisons, threshold, drawn, attribute, members)
                    for attribute, members in attributes.items()
                ),
            )
        )
    return tuple(levels)


def _worst(
    comparisons: ImpostorComparisons, threshold: float, drawn: NDArray[np.int16], groups: Groups
) -> tuple[str, Estimate] | None:
    """Return the group with the highest false match rate, or ``None`` if no group is given."""
    measured = {
        name: group_false_match_rates(comparisons, threshold, drawn, one=one, other=other)
        for name, (one, other) in groups.items()
    }
    if not measured:
        return None
    name = max(measured, key=lambda group: measured[group].value)
    return name, measured[name]


def _parity(
    comparisons: ImpostorComparisons,
    threshold: float,
    drawn: NDArray[np.int16],
    attribute: str,
    members: Mapping[str, NDArray[np.integer]],
) -> MeasuredParity:
    above = comparisons.scores >= threshold
    found = false_match_differential(
        members,
        pictures=comparisons.images,
        false_matches=np.stack([comparisons.left[above], comparisons.right[above]], axis=1),
        drawn=drawn,
    )
    return MeasuredParity(attribute, tuple(members), found.ratio, found.low, found.high)


def _tried(elsewhere: Elsewhere | None, threshold: float) -> Estimate | None:
    if elsewhere is None:
        return None
    return impostor_false_match_rate(elsewhere.comparisons, threshold, elsewhere.drawn)


def _rounded_up(score: float) -> float:
    """Return the score rounded up to four decimals; a threshold never loses by rounding."""
    return math.ceil(score * 1e4) / 1e4


def render_error_table(table: ErrorTable, *, heading: str) -> str:
    """Return a table as the TOML text that :func:`countenance.decisions.parse_error_table` reads.

    Args:
        table: the table.
        heading: comment lines for the top of the file, without ``#``.
    """
    lines = [f"# {line}".rstrip() for line in heading.splitlines()]
    lines += [
        "",
        f"model_id = {_text(table.model_id)}",
        f"detectors = [{', '.join(_text(detector) for detector in table.detectors)}]",
        f"mirrored = {'true' if table.mirrored else 'false'}",
        f"label = {_text(table.label)}",
        f"measured_on = {_text(table.measured_on)}",
        f"document_portraits = {_text(table.document_portraits)}",
        f"measured_at = {table.measured_at.isoformat()}",
        "limits = [",
        *(f"  {_text(limit)}," for limit in table.limits),
        "]",
        "",
        "[source]",
        *(f"{key} = {_text(value)}" for key, value in table.source),
        "",
        "[conditions]",
        *(f"{key} = {_text(value)}" for key, value in table.conditions),
    ]
    for level in table.levels:
        lines += ["", "[[level]]", *_level_lines(level)]
        for one in level.parity:
            lines += ["", "[[level.parity]]", *_parity_lines(one)]
    if table.tail is not None:
        lines += ["", *_tail_lines(table.tail)]
    return "\n".join(lines) + "\n"


def _tail_lines(tail: ImpostorTail) -> list[str]:
    lines = [
        "[tail]",
        f"floor = {tail.floor!r}",
        f"ceiling = {tail.ceiling!r}",
        f"coefficients = {_figures(tail.coefficients)}",
        f"covariance = [{', '.join(_figures(row) for row in tail.covariance)}]",
        f"spread = {_fine(tail.spread)}",
    ]
    for group in tail.groups:
        lines += [
            "",
            "[[tail.group]]",
            f"words = {_text(group.words)}",
            f"log_ratio = {_fine(group.log_ratio)}",
            f"covariance = {_figures(group.covariance)}",
        ]
    return lines


def _figures(values: Sequence[float]) -> str:
    return f"[{', '.join(_fine(value) for value in values)}]"


def _fine(value: float) -> str:
    """Eight significant digits: differences of large terms are small, and must stay right."""
    return repr(float(f"{value:.8g}"))


def _level_lines(level: ErrorLevel) -> list[str]:
    lines = [
        f"asked = {level.asked!r}",
        f"threshold = {level.threshold!r}",
        f"threshold_interval = {_interval(level.threshold_interval)}",
        f"fmr = {_figure(level.fmr)}",
        f"fmr_interval = {_interval(level.fmr_interval)}",
        f"false_matches = {level.false_matches}",
        f"fnmr = {_figure(level.fnmr)}",
        f"fnmr_interval = {_interval(level.fnmr_interval)}",
    ]
    if level.worst_group is not None and level.worst_group_fmr is not None:
        lines.append(f"worst_group = {_text(level.worst_group)}")
        lines.append(f"worst_group_fmr = {_figure(level.worst_group_fmr)}")
    if level.worst_group_fmr_interval is not None:
        lines.append(f"worst_group_fmr_interval = {_interval(level.worst_group_fmr_interval)}")
    if level.elsewhere is not None and level.elsewhere_fmr is not None:
        lines.append(f"elsewhere = {_text(level.elsewhere)}")
        lines.append(f"elsewhere_fmr = {_figure(level.elsewhere_fmr)}")
    if level.elsewhere_fmr_interval is not None:
        lines.append(f"elsewhere_fmr_interval = {_interval(level.elsewhere_fmr_interval)}")
    return lines


def _parity_lines(one: MeasuredParity) -> list[str]:
    return [
        f"attribute = {_text(one.attribute)}",
        f"groups = [{', '.join(_text(group) for group in one.groups)}]",
        f"ratio = {_figure(one.ratio)}",
        f"interval = [{_figure(one.low)}, {_figure(one.high)}]",
    ]


def _interval(interval: Interval) -> str:
    return f"[{_figure(interval.low)}, {_figure(interval.high)}]"


def _figure(value: float) -> str:
    """Four significant digits, always written as a TOML float."""
    return repr(float(f"{value:.4g}"))


def _text(value: str) -> str:
    # A JSON string without escapes beyond the common ones is a TOML basic string.
    return json.dumps(value, ensure_ascii=False)
