"""Charts of evaluations, as SVG in words and curves.

Rules kept here:

* Drawn by a library, from aggregates alone; the same figures give the same file.
* Each says in words what it shows, for whoever doesn't see it.
"""

from __future__ import annotations

import importlib
import io
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.calibration import CalibrationResult
from countenance.evaluation.congress_protocol import CongressResult
from countenance.evaluation.people_protocol import IdentificationResult, ParityResult, QualityResult
from countenance.evaluation.report import Written, require_charts

__all__ = [
    "Chart",
    "calibration_chart",
    "congress_chart",
    "frames_chart",
    "identification_chart",
    "parity_chart",
    "quality_chart",
    "verification_charts",
]

_WIDTH: Final = 6.4
_HEIGHT: Final = 4.2
_STEPS: Final = 400
_VERIFICATION: Final = {
    "det": "False non-match rate over false match rate at every threshold (DET). Grey: what so few "
    "comparisons can't show.",
    "scores": "How many comparisons of one person and of strangers have each score.",
    "linkability": "How well vectors under two keys can be linked, score by score.",
}


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart.

    Attributes:
        name: of its file, without ending.
        words: what it shows, in a sentence.
        svg: the picture.
        figure: the same as the charts' library has it, for a PDF; ``None`` where it wasn't drawn by it. Left
            out of ``repr``.
    """

    name: str
    words: str
    svg: str
    figure: Any = field(default=None, repr=False, compare=False)


def verification_charts(written: Written) -> list[Chart]:
    """Return the charts of a verification as they were written."""
    return [
        Chart(path.stem, _VERIFICATION[path.stem], path.read_text(encoding="utf-8"), figure)
        for path, figure in zip(written.files[1:], written.drawn, strict=True)
    ]


def congress_chart(result: CongressResult) -> Chart:
    """Draw who is falsely named and who is missed over all thresholds.

    Raises:
        ChartsNotInstalled: if the charts' library isn't installed.
    """
    figure, axes = _axes()
    measured = result.measured
    at = np.linspace(0.2, 0.9, _STEPS)
    # Falling scores; how many reach a threshold is their place in the rising order from the top.
    named = 1 - np.searchsorted(measured.highest[::-1], at) / measured.highest.size
    missed = np.searchsorted(measured.genuine[::-1], at) / measured.genuine.size
    axes.plot(at, 100 * named, label=f"searches that name a stranger, of {measured.probes}")
    axes.plot(at, 100 * missed, label=f"portraits not recognised, of {measured.pairs}")
    for row in measured.rows:
        borrowed = row.level.asked is None
        words = f"{row.level.value:.2f} borrowed" if borrowed else f"one in {1 / (row.level.asked or 1):,.0f}"
        axes.axvline(row.level.value, color="grey", linewidth=0.8, linestyle=":" if borrowed else "-")
        axes.text(row.level.value, 98, words, rotation=90, fontsize=7, va="top", ha="right", color="dimgrey")
    axes.set(xlabel="threshold (cosine)", ylabel="%", ylim=(0, 100))
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 0.06), fontsize=8)
    words = (
        "Share of searches for strangers that name somebody, and of portraits of one person that aren't "
        "recognised, over the threshold. Solid lines: thresholds from evidence. Dotted: borrowed ones."
    )
    return Chart("congress", words, _svg(figure), figure)


def calibration_chart(result: CalibrationResult) -> Chart:
    """Draw how many comparisons reach each score, the fitted tail, and where the offered levels lie.

    Raises:
        ChartsNotInstalled: if the charts' library isn't installed.
    """
    figure, axes = _axes()
    at, reach = result.impostor_tail
    axes.semilogy(at, reach, label="strangers, measured")
    tail = result.table.tail
    if tail is not None:
        inside = np.linspace(tail.floor, tail.ceiling, _STEPS)
        bounds = [tail.fmr_at(float(score)) for score in inside]
        low, high = [one.low for one in bounds], [one.high for one in bounds]
        axes.fill_between(inside, low, high, alpha=0.25, label="strangers, worst group, fitted")
    edges, share = result.genuine_histogram
    missed = np.cumsum(share) - share
    axes.semilogy(edges[missed > 0], missed[missed > 0], label="one person, missed")
    for level in result.table.levels:
        axes.axvline(level.threshold, color="grey", linewidth=0.8)
        axes.text(level.threshold, 0.7, f"{level.asked:g}", rotation=90, fontsize=7, va="top", ha="right")
    axes.set(xlabel="score (cosine)", ylabel="share of comparisons", ylim=(1e-7, 1.0))
    axes.legend(fontsize=8, loc="lower left")
    words = (
        "Share of comparisons between strangers that reach a score, measured and fitted, and of comparisons "
        "of one person that miss it. Lines: the offered levels."
    )
    return Chart("calibration", words, _svg(figure), figure)


def identification_chart(result: IdentificationResult) -> Chart:
    """Draw the misses over the pictures of a reference, at each rate.

    Raises:
        ChartsNotInstalled: if the charts' library isn't installed.
    """
    figure, axes = _axes()
    rows = [row for row in result.rows if row.threshold.predicted is not None]
    for rate in dict.fromkeys(row.threshold.asked for row in rows):
        own = [row for row in rows if row.threshold.asked == rate]
        value, low, high = (
            100 * np.array([getattr(row.fnir, end) for row in own]) for end in ("value", "low", "high")
        )
        axes.errorbar(
            [row.pictures for row in own],
            value,
            yerr=[value - low, high - value],
            capsize=3,
            marker="o",
            label=f"one stranger in {1 / rate:,.0f}",
        )
    axes.set(xlabel="pictures of a reference", ylabel="enrolled people not named first, %", ylim=(0, None))
    axes.legend(fontsize=8)
    words = (
        "Share of enrolled people who aren't named first over the pictures of a reference, with intervals."
    )
    return Chart("identification", words, _svg(figure), figure)


def parity_chart(result: ParityResult) -> Chart:
    """Draw the false match rates of the groups at each level.

    Raises:
        ChartsNotInstalled: if the charts' library isn't installed.
    """
    figure, axes = _axes()
    names = list(result.levels[0].groups)
    for place, name in enumerate(names):
        rates = [level.groups[name].false_matches for level in result.levels]
        value, low, high = (
            np.array([getattr(rate, end) for rate in rates]) for end in ("value", "low", "high")
        )
        axes.errorbar(
            np.arange(value.size) + 0.1 * (place - 0.5),
            value,
            yerr=[value - low, high - value],
            fmt="o",
            capsize=3,
            label=f"two {name}",
        )
    axes.set_xticks(range(len(result.levels)), [f"{level.asked:g}" for level in result.levels])
    axes.set(xlabel="level of the error table", ylabel="false match rate")
    if all(group.false_matches.value > 0 for level in result.levels for group in level.groups.values()):
        axes.set_yscale("log")
    axes.legend(fontsize=8)
    words = f"False match rates of {' and of '.join(names)} at each level of the error table, with intervals."
    return Chart("parity", words, _svg(figure), figure)


def quality_chart(result: QualityResult) -> Chart:
    """Draw error versus discard at each level.

    Raises:
        ChartsNotInstalled: if the charts' library isn't installed.
    """
    figure, axes = _axes()
    for curve in result.curves:
        kept = [point for point in curve.points if point.discarded <= 0.5]  # noqa: PLR2004 - few are left beyond
        axes.step(
            [100 * point.discarded for point in kept],
            [100 * point.fnmr for point in kept],
            where="post",
            label=f"threshold of {curve.asked:g}",
        )
    axes.set(
        xlabel="pairs left out, worst quality first, %", ylabel="false non-match rate, %", ylim=(0, None)
    )
    axes.legend(fontsize=8)
    words = "False non-match rate over the share of pairs left out, those with the worst picture first."
    return Chart("quality", words, _svg(figure), figure)


def frames_chart(words: str, pixels: NDArray[np.uint8]) -> Chart:
    """Show frames side by side, as one picture.

    Args:
        words: what they show.
        pixels: uint8, shape (H, W, 3).

    Raises:
        ChartsNotInstalled: if the charts' library isn't installed.
    """
    library: ModuleType = require_charts()
    high, wide = pixels.shape[:2]
    figure = library.Figure(figsize=(_WIDTH, _WIDTH * high / wide))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(pixels)
    axes.set_axis_off()
    return Chart("frames", words, _svg(figure), figure)


def _axes() -> tuple[Any, Any]:
    library: ModuleType = require_charts()
    figure = library.Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
    axes = figure.subplots()
    axes.grid(visible=True, linewidth=0.3)
    return figure, axes


def _svg(figure: Any) -> str:  # noqa: ANN401 - the library's own
    buffer = io.StringIO()
    with importlib.import_module("matplotlib").rc_context({"svg.hashsalt": "countenance"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()
