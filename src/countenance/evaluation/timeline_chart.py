"""What was measured over a clip, as a picture: pose, lids, likeness and what passive networks said."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np

from countenance.evaluation.report import require_charts
from countenance.liveness import Timeline

__all__ = ["draw_timeline"]


def draw_timeline(timeline: Timeline, path: Path, *, title: str) -> None:
    """Draw a clip's timeline; SVG or PNG by suffix.

    Args:
        timeline: what was measured.
        path: of the file.
        title: over the picture, such as what was found.

    Raises:
        ChartsNotInstalled: if the library that draws isn't there.
    """
    library = require_charts()
    figure = library.Figure(figsize=(8.0, 6.4), layout="constrained")
    pose, lids, shares = figure.subplots(3, 1, sharex=True)
    figure.suptitle(textwrap.fill(title, 100), fontsize=9)
    pose.plot(timeline.taken, timeline.yaw, label="yaw, right edge of the image positive")
    pose.plot(timeline.taken, timeline.pitch, label="pitch, down positive")
    pose.set(ylabel="degrees")
    lids.plot(timeline.taken, timeline.openness, color="tab:green", label="lids: height over width")
    for place, blink in enumerate(timeline.blinks):
        lids.axvline(
            blink.at, color="black", linestyle="dotted", label="blink (not scored)" if place == 0 else None
        )
    lids.set(ylabel="openness")
    measured = np.isfinite(timeline.likeness)
    shares.plot(
        timeline.taken[measured], timeline.likeness[measured], marker=".", label="likeness to the first face"
    )
    for name, values in timeline.passive.items():
        asked = np.isfinite(values)
        shares.plot(timeline.taken[asked], values[asked], marker=".", label=f"{name}: live")
    shares.set(ylabel="0 to 1", xlabel="seconds", ylim=(-0.25, 1.05))
    missing = ~np.isfinite(timeline.yaw)
    for axes in (pose, lids, shares):
        axes.grid(visible=True, linewidth=0.3)
        if missing.any():
            axes.plot(
                timeline.taken[missing],
                np.zeros(int(missing.sum())),
                "x",
                color="tab:red",
                markersize=3,
                label="no face",
            )
        axes.legend(loc="upper right", fontsize=7)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
