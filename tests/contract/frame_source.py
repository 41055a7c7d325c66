"""What every source of frames does. Subclass it, give ``make``, and it runs.

The source shows the coloured quarters of ``pictures.quadrants``; it has three frames at least.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from countenance.capture import EndReason, FrameSource, TimedFrame


def open_files() -> set[str]:
    """Return what this process has open."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found.add(f"{entry.name} {entry.readlink()}")
        except FileNotFoundError:  # the listing's own
            continue
    return found


class FrameSourceContract:
    """Fixture to give: ``make``, which returns a fresh source each time it is called."""

    LAST = EndReason.END
    LEAST = 3

    @pytest.fixture
    def make(self) -> Callable[[], FrameSource]:
        raise NotImplementedError

    @staticmethod
    def all_of(source: FrameSource) -> list[TimedFrame]:
        with source:
            return list(source.frames())

    def test_making_one_opens_nothing(self, make: Callable[[], FrameSource]) -> None:
        source = make()
        before = open_files()
        assert source.materials
        assert source.most_frames >= 1
        assert source.ended is None
        assert open_files() == before

    def test_frames_are_upright_rgb_and_of_their_own(self, make: Callable[[], FrameSource]) -> None:
        found = self.all_of(make())
        assert len(found) >= self.LEAST
        for timed in found:
            pixels = timed.frame.pixels
            assert pixels.dtype == np.uint8
            assert (pixels.ndim, pixels.shape[2]) == (3, 3)
            assert pixels.flags.c_contiguous
            assert pixels.flags.writeable
            red, green, blue = pixels[8, 8].astype(int)
            assert red > 150
            assert max(green, blue) < 110
            assert pixels[8, -8, 1] > 150
        for one, other in itertools.pairwise(found):
            assert not np.shares_memory(one.frame.pixels, other.frame.pixels)

    def test_a_wiped_frame_leaves_the_next_alone(self, make: Callable[[], FrameSource]) -> None:
        with make() as source:
            for timed in source.frames():
                assert timed.frame.pixels.any()
                timed.frame.wipe()
                assert not timed.frame.pixels.any()

    def test_time_begins_at_nought_and_runs_forward(self, make: Callable[[], FrameSource]) -> None:
        found = self.all_of(make())
        assert found[0].seconds == 0.0
        assert all(a.seconds < b.seconds for a, b in itertools.pairwise(found))
        assert all(a.index < b.index for a, b in itertools.pairwise(found))

    def test_each_frame_is_of_a_material_that_the_request_named(
        self, make: Callable[[], FrameSource]
    ) -> None:
        source = make()
        materials = source.materials
        assert list(materials) == sorted(set(materials))
        assert all(len(each) == 64 for each in materials)
        assert {timed.frame.material for timed in self.all_of(source)} <= set(materials)

    def test_the_end_is_told(self, make: Callable[[], FrameSource]) -> None:
        source = make()
        found = self.all_of(source)
        end = source.ended
        assert end is not None
        assert (end.reason, end.given, end.code) == (self.LAST, len(found), None)
        assert end.seen >= end.given
        assert end.seconds >= found[-1].seconds
        assert end.reason.words
        assert len(found) <= source.most_frames

    def test_whoever_leaves_early_has_stopped_it(self, make: Callable[[], FrameSource]) -> None:
        before = open_files()
        with make() as source:
            next(source.frames())
        assert source.ended is not None
        assert (source.ended.reason, source.ended.given) == (EndReason.STOPPED, 1)
        assert open_files() <= before

    def test_an_error_of_the_reader_closes_it(self, make: Callable[[], FrameSource]) -> None:
        before = open_files()
        source = make()
        with pytest.raises(KeyError), source:  # noqa: PT012 - the error is the reader's
            next(source.frames())
            raise KeyError
        assert source.ended is not None
        assert open_files() <= before

    def test_it_is_read_once_and_inside_alone(self, make: Callable[[], FrameSource]) -> None:
        source = make()
        with pytest.raises(RuntimeError):
            source.frames()
        with source:
            list(source.frames())
            with pytest.raises(RuntimeError):
                source.frames()
        with pytest.raises(RuntimeError):
            source.frames()
        with pytest.raises(RuntimeError):
            source.__enter__()

    def test_nothing_is_written_and_nothing_left(
        self, make: Callable[[], FrameSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = make()
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(scratch))
        monkeypatch.setenv("TMPDIR", str(scratch))
        before = open_files()
        with source:
            for timed in source.frames():
                opened = [name for name in open_files() - before if "in-place-of-a-camera" not in name]
                assert not [name for name in opened if str(tmp_path.parent) in name]
                timed.frame.wipe()
        assert open_files() <= before
        assert list(scratch.iterdir()) == []

    def test_no_face_is_in_a_repr(self, make: Callable[[], FrameSource]) -> None:
        timed = self.all_of(make())[0]
        assert "pixels" not in repr(timed)
        assert "array" not in repr(timed)
