"""A clip's timeline is drawn with what was measured, and gaps are marked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countenance.evaluation.timeline_chart import draw_timeline
from countenance.liveness import Blink, Timeline


def timeline(*, gap: bool = False, blinks: int = 2) -> Timeline:
    taken = np.arange(40) / 15
    yaw = 10 * np.sin(taken)
    if gap:
        yaw[10:14] = np.nan
    sparse = np.full(40, np.nan)
    sparse[::8] = 0.9
    return Timeline(
        taken=taken,
        yaw=yaw,
        pitch=yaw / 2,
        openness=np.full(40, 0.4),
        likeness=sparse,
        passive={"fr-liveness": sparse.copy()},
        blinks=tuple(Blink(0.5 + i, 0.2, 0.3) for i in range(blinks)),
    )


def test_everything_that_was_measured_is_named(tmp_path: Path) -> None:
    draw_timeline(timeline(), tmp_path / "a.svg", title="inconclusive. Nothing speaks against a person.")
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<?xml")
    assert drawn.count("<!-- blink (not scored) -->") == 1
    for words in (
        "yaw, right edge",
        "lids: height over width",
        "likeness to the first face",
        "fr-liveness: live",
    ):
        assert words in drawn
    assert "no face" not in drawn


def test_gaps_are_marked(tmp_path: Path) -> None:
    draw_timeline(timeline(gap=True, blinks=0), tmp_path / "a.svg", title="a clip")
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "no face" in drawn
    assert "blink (not scored)" not in drawn


@pytest.mark.parametrize("frames", [0, 1])
def test_a_clip_with_hardly_a_frame_is_drawn_as_well(tmp_path: Path, frames: int) -> None:
    whole = timeline()
    short = Timeline(
        taken=whole.taken[:frames],
        yaw=whole.yaw[:frames],
        pitch=whole.pitch[:frames],
        openness=whole.openness[:frames],
        likeness=whole.likeness[:frames],
        passive={},
    )
    draw_timeline(short, tmp_path / "a.png", title="a clip")
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
