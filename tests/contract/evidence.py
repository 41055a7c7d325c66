"""What every cue does. Subclass it, give ``evidence``, and it runs on made-up takes."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from countenance.liveness.evidence import Bearing, Evidence, Take
from liveness_heads import empty_take, live_take, picked, print_take

TAKES = {"live": live_take(3), "print": print_take(3)}


def _arrays(take: Take) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    single = {f.name: getattr(take, f.name) for f in dataclasses.fields(take) if f.name != "passive"}
    return single | dict(take.passive)


class EvidenceContract:
    """The fixture to give: ``evidence``."""

    @pytest.fixture
    def evidence(self) -> Evidence:
        raise NotImplementedError

    def test_its_name_is_in_kebab_case(self, evidence: Evidence) -> None:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", evidence.name)

    @pytest.mark.parametrize("name", TAKES)
    def test_the_same_take_gives_the_same_reading(self, evidence: Evidence, name: str) -> None:
        first, second = evidence.read(TAKES[name]), evidence.read(TAKES[name])
        assert repr(first) == repr(second)
        assert np.array_equal(first.figure, second.figure, equal_nan=True)

    def test_it_changes_nothing(self, evidence: Evidence) -> None:
        take = live_take(4)
        before = {name: values.copy() for name, values in _arrays(take).items()}
        evidence.read(take)
        for name, value in before.items():
            assert np.array_equal(_arrays(take)[name], value, equal_nan=value.dtype.kind == "f")

    def test_no_frame_says_nothing(self, evidence: Evidence) -> None:
        assert evidence.read(empty_take()).bearing is Bearing.SILENT

    @pytest.mark.parametrize("frames", [1, 2, 3])
    def test_a_few_frames_confirm_nothing(self, evidence: Evidence, frames: int) -> None:
        few = picked(live_take(4), np.arange(frames))
        assert evidence.read(few).bearing is not Bearing.CONFIRMS

    @pytest.mark.parametrize("name", ["points", "yaw"])
    def test_what_is_no_number_confirms_nothing(self, evidence: Evidence, name: str) -> None:
        take: Take = live_take(4)
        broken = dataclasses.replace(take, **{name: np.full_like(getattr(take, name), np.nan)})
        assert evidence.read(broken).bearing is not Bearing.CONFIRMS

    def test_a_person_is_not_denied(self, evidence: Evidence) -> None:
        assert evidence.read(live_take(5)).bearing is not Bearing.DENIES

    def test_the_figure_is_not_in_the_repr(self, evidence: Evidence) -> None:
        reading = evidence.read(live_take(5))
        assert "figure" not in repr(reading)
