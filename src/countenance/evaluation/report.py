"""An evaluation as flat figures with their conditions, and as charts.

Rules kept here:

* A figure's unit ends its name; an interval stands beside every rate.
* What the data can't support says so beside the figure, not in a footnote.
* Charts are drawn by a library, from aggregates alone.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np

from countenance.evaluation.protection import ProtectionMeasured
from countenance.evaluation.protocol import VerificationResult
from countenance.evaluation.rates import Estimate
from countenance.evaluation.verification import TrueMatchRate, VerificationAccuracy
from countenance.kernel import OperatorError

__all__ = [
    "ChartsNotInstalled",
    "Written",
    "require_charts",
    "verification_figures",
    "words_of",
    "write_report",
]

_WIDTH: Final = 6.4
_HEIGHT: Final = 4.4


class ChartsNotInstalled(OperatorError):
    """A report with charts was asked for, and the library that draws them isn't installed."""

    code = "charts-not-installed"
    default_remedy = 'Install it with: pip install "countenance[report]", or leave --report out.'


def require_charts() -> ModuleType:
    """Return the charts' library; asked before the work, so that hours of it aren't lost.

    Raises:
        ChartsNotInstalled: if it isn't installed.
    """
    try:
        return importlib.import_module("matplotlib.figure")
    except ImportError as error:
        msg = "The library that draws charts (matplotlib) isn't installed."
        raise ChartsNotInstalled(msg) from error


def verification_figures(result: VerificationResult) -> dict[str, float | int | bool]:
    """Return flat names and numbers."""
    accuracy = result.accuracy
    figures = _accuracy_figures(accuracy)
    figures |= {
        "lowest_fmr_shown_percent": round(100 * accuracy.true_match_rates[0].lowest_shown, 4),
        "pairs": accuracy.genuine + accuracy.impostor,
        "genuine_pairs": accuracy.genuine,
        "impostor_pairs": accuracy.impostor,
        "pairs_not_compared": accuracy.not_compared,
        "pictures": result.pictures,
        "people": result.people,
        "failure_to_acquire_percent": _percent(result.pictures_without_template / result.pictures),
        "failure_to_enrol_percent": _percent(result.people_without_template / result.people),
        "pictures_without_template": result.pictures_without_template,
        "pictures_resumed": result.resumed,
        "permits": result.permits,
    }
    done = result.pictures - result.resumed
    if done:
        figures["ms_per_picture"] = round(1000 * result.picture_seconds / done, 2)
    if result.protection is not None:
        figures |= _protection_figures(accuracy, result.protection)
    return figures


def _protection_figures(
    plain: VerificationAccuracy, protection: ProtectionMeasured
) -> dict[str, float | int | bool]:
    """Return what protected templates give, and how many figures differ from those without protection."""
    before, after = _accuracy_figures(plain), _accuracy_figures(protection.accuracy)
    sizes = sorted(one.d_sys for one in protection.two_keys)
    figures: dict[str, float | int | bool] = {f"protected_{name}": figure for name, figure in after.items()}
    figures |= {
        "figures_changed_by_protection_count": sum(before[name] != after[name] for name in before),
        "det_largest_change_genuine_pairs": protection.det_change,
        "largest_score_change_cosine": float(f"{protection.largest_score_change:.2g}"),
        "d_sys_one_key": round(protection.one_key.d_sys, 4),
        "d_sys_two_keys_median": round(float(np.median(sizes)), 4),
        "d_sys_two_keys_highest": round(sizes[-1], 4),
        "d_sys_null_mean": round(protection.two_keys[0].null_mean, 4),
        "d_sys_null_high": round(protection.two_keys[0].null_high, 4),
        "key_pairs": len(sizes),
        "key_pairs_above_null_count": protection.above_null,
    }
    for one in protection.linked:
        figures[f"linked_by_{one.known}_known_people_percent"] = _percent(one.linked)
        figures["people_in_both_places"] = one.known + one.others
    return figures


def _accuracy_figures(accuracy: VerificationAccuracy) -> dict[str, float | int | bool]:
    figures: dict[str, float | int | bool] = {
        "accuracy_percent": _percent(accuracy.accuracy.mean),
        "accuracy_standard_error_percent": _percent(accuracy.accuracy.standard_error),
        "accuracy_low_percent": _percent(accuracy.accuracy.low),
        "accuracy_high_percent": _percent(accuracy.accuracy.high),
        "lowest_fold_threshold_cosine": round(accuracy.accuracy.lowest_threshold, 4),
        "highest_fold_threshold_cosine": round(accuracy.accuracy.highest_threshold, 4),
    }
    for rate in accuracy.true_match_rates:
        name = _name(rate)
        figures |= _rate(name, rate.estimate) | {
            f"{name}_supported": rate.supported,
            f"{name}_false_matches_allowed_count": rate.allowed,
        }
    return figures | _rate("eer", accuracy.equal_error_rate)


def words_of(rate: TrueMatchRate) -> str:
    """Return what can be said of a true match rate, in a sentence."""
    estimate = rate.estimate
    said = (
        f"{100 * estimate.value:.2f} % [{100 * estimate.low:.2f}, {100 * estimate.high:.2f}] of genuine pairs"
        f" match at a threshold that {rate.allowed} of the impostor pairs reach."
    )
    if rate.supported:
        return said
    return (
        f"{said} Not supported: so few impostor pairs show a false match rate of {rate.lowest_shown:.1e} at"
        f" the lowest (rule of three), not {rate.fmr:.0e}."
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What a report came to.

    Attributes:
        files: the figures, then a picture each.
        drawn: each picture as the charts' library has it.
    """

    files: tuple[Path, ...]
    drawn: tuple[Any, ...]


def write_report(
    result: VerificationResult, *, document: Mapping[str, object], folder: Path, title: str
) -> Written:
    """Write the figures as JSON, the DET curve and the histograms of scores as SVG.

    Args:
        result: what was measured.
        document: figures and conditions, as they are printed.
        folder: where; made if it is missing.
        title: what was measured on what, for the charts.

    Returns:
        The files, and the charts as the library has them.

    Raises:
        ChartsNotInstalled: if the charts' library isn't installed.
    """
    library = require_charts()
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / "verification.json"
    figures.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    files = [folder / "det.svg", folder / "scores.svg"]
    drawn = [_draw_det(library, result, files[0], title), _draw_scores(library, result, files[1], title)]
    if result.protection is not None:
        files.append(folder / "linkability.svg")
        drawn.append(_draw_linkability(library, result.protection, files[2], title))
    return Written((figures, *files), tuple(drawn))


def _draw_det(library: ModuleType, result: VerificationResult, path: Path, title: str) -> Any:  # noqa: ANN401 - the library\'s own
    accuracy = result.accuracy
    figure = library.Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
    axes = figure.subplots()
    # Zero has no place on a logarithmic axis; half a comparison stands for "none seen".
    matched = np.maximum(accuracy.det[0], 0.5 / accuracy.impostor)
    missed = np.maximum(accuracy.det[1], 0.5 / accuracy.genuine)
    axes.step(matched, missed, where="post", label=result.model_id)
    if result.protection is not None:
        again = result.protection.accuracy
        axes.step(
            np.maximum(again.det[0], 0.5 / again.impostor),
            np.maximum(again.det[1], 0.5 / again.genuine),
            where="post",
            linestyle="dotted",
            linewidth=3,
            label="the same, protected",
        )
    shown = accuracy.true_match_rates[0].lowest_shown
    axes.axvspan(
        0.5 / accuracy.impostor, shown, alpha=0.15, color="grey", label="not supported (rule of three)"
    )
    axes.set(
        xscale="log", yscale="log", xlabel="false match rate", ylabel="false non-match rate", title=title
    )
    axes.set_xlim(left=0.5 / accuracy.impostor)
    axes.grid(visible=True, which="both", linewidth=0.3)
    axes.legend()
    figure.savefig(path, format="svg", metadata={"Date": None})
    return figure


def _draw_scores(library: ModuleType, result: VerificationResult, path: Path, title: str) -> Any:  # noqa: ANN401 - the library\'s own
    accuracy = result.accuracy
    figure = library.Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
    axes = figure.subplots()
    for counts, name in (
        (accuracy.impostor_counts, f"{accuracy.impostor} impostor pairs"),
        (accuracy.genuine_counts, f"{accuracy.genuine} genuine pairs"),
    ):
        axes.stairs(counts, accuracy.bins, fill=True, alpha=0.5, label=name)
    low, high = accuracy.accuracy.lowest_threshold, accuracy.accuracy.highest_threshold
    axes.axvspan(low, high, color="black", alpha=0.3, label="thresholds of the sets")
    axes.set(xlabel="comparison score (cosine)", ylabel="pairs", title=title)
    axes.legend()
    figure.savefig(path, format="svg", metadata={"Date": None})
    return figure


def _draw_linkability(library: ModuleType, protection: ProtectionMeasured, path: Path, title: str) -> Any:  # noqa: ANN401 - the library\'s own
    figure = library.Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
    axes = figure.subplots()
    for counts, name in ((protection.non_mated, "two people"), (protection.mated, "one person")):
        axes.stairs(counts / counts.sum(), protection.edges, fill=True, alpha=0.5, label=name)
    one = protection.two_keys[0]
    axes.set(
        xlabel="score between templates under two keys (cosine)",
        ylabel="share of pairs",
        title=f"{title}: D_sys {one.d_sys:.3f}, null up to {one.null_high:.3f}",
    )
    axes.legend()
    figure.savefig(path, format="svg", metadata={"Date": None})
    return figure


def _rate(name: str, estimate: Estimate) -> dict[str, float | int | bool]:
    return {
        f"{name}_percent": _percent(estimate.value),
        f"{name}_low_percent": _percent(estimate.low),
        f"{name}_high_percent": _percent(estimate.high),
    }


def _name(rate: TrueMatchRate) -> str:
    return "tar_at_fmr_" + f"{rate.fmr:.0e}".replace("e-0", "e")


def _percent(share: float) -> float:
    return round(100 * share, 2)
