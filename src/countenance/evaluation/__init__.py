"""How often the machine is wrong, measured: metrics that need no particular data set.

Rules of this package:

* Words and definitions are those of ISO/IEC 19795-1: an impostor comparison is between two people, a
  genuine one between two pictures of one; a score that reaches the threshold is a match.
* A rate is never stated without its interval. Comparisons that share a person depend on one another,
  so intervals come from resampling people, not comparisons.
* What is too rare for the data isn't stated (rule of 30); nothing seen isn't nothing there (rule of 3).
* Figures come out as aggregates; no score of a named pair leaves this package.

* Measuring is under rule too: operation ``evaluate``, a named data set on file, permits of their own, doors
  that serve that operation alone, and no live gallery.
"""

from countenance.evaluation.coverage import Coverage, CoverageCell, OtherPeople, measure_coverage
from countenance.evaluation.differentials import Differential, false_match_differential
from countenance.evaluation.discard import DiscardPoint, error_versus_discard
from countenance.evaluation.identification import (
    MatedSearches,
    failure_rate,
    false_negative_identification_rate,
    false_positive_identification_rate,
)
from countenance.evaluation.impostors import (
    ImpostorComparisons,
    TooFewComparisons,
    collect_impostors,
    group_false_match_rates,
    impostor_false_match_rate,
    impostor_thresholds,
)
from countenance.evaluation.rates import (
    Estimate,
    false_match_rate,
    false_non_match_rate,
    genuine_false_non_match_rate,
    lowest_threshold,
    percentile_interval,
    resample_identities,
    rule_of_30,
    rule_of_three,
)
from countenance.evaluation.tables import Elsewhere, measure_levels, render_error_table
from countenance.evaluation.tail_fit import TAIL_SHARE, fit_impostor_tail

__all__ = [
    "TAIL_SHARE",
    "Coverage",
    "CoverageCell",
    "Differential",
    "DiscardPoint",
    "Elsewhere",
    "Estimate",
    "ImpostorComparisons",
    "MatedSearches",
    "OtherPeople",
    "TooFewComparisons",
    "collect_impostors",
    "error_versus_discard",
    "failure_rate",
    "false_match_differential",
    "false_match_rate",
    "false_negative_identification_rate",
    "false_non_match_rate",
    "false_positive_identification_rate",
    "fit_impostor_tail",
    "genuine_false_non_match_rate",
    "group_false_match_rates",
    "impostor_false_match_rate",
    "impostor_thresholds",
    "lowest_threshold",
    "measure_coverage",
    "measure_levels",
    "percentile_interval",
    "render_error_table",
    "resample_identities",
    "rule_of_30",
    "rule_of_three",
]
