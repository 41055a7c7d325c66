from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.capture import StreamLimits, VideoTimesUnusable, VideoTooLong
from countenance.capture.source import Pace
from countenance.kernel import DeviceId


def pace(rate: float = 10.0, *, longest: float = 100.0, most: int = 1000) -> Pace:
    return Pace(frames_per_second=rate, longest_seconds=longest, most_frames=most)


@pytest.mark.parametrize("second", [1.0, 0.5, -3.0, math.nan, math.inf, -math.inf])
def test_time_that_stands_still_or_runs_back_is_no_time(second: float) -> None:
    clock = pace()
    clock.keeps(1.0)
    with pytest.raises(VideoTimesUnusable):
        clock.keeps(second)


def test_too_many_and_too_long_are_refused() -> None:
    few = pace(most=2)
    assert [few.keeps(0.0), few.keeps(1.0)] == [True, True]
    with pytest.raises(VideoTooLong):
        few.keeps(2.0)
    short = pace(longest=1.0)
    assert [short.keeps(5.0), short.keeps(6.0)] == [True, True]
    with pytest.raises(VideoTooLong):
        short.keeps(6.1)


@given(
    st.lists(st.floats(0.001, 2.0), min_size=1, max_size=200),
    st.floats(0.2, 60.0),
)
def test_no_step_of_the_grid_is_kept_twice_and_the_first_always(gaps: list[float], rate: float) -> None:
    clock = pace(rate, longest=1e6)
    now, kept = 0.0, []
    for gap in gaps:
        if clock.keeps(now):
            kept.append(now)
        now += gap
    assert kept[0] == 0.0
    steps = [math.floor((moment + 1e-6) * rate) for moment in kept]
    assert len(set(steps)) == len(steps)
    assert len(kept) <= math.ceil(now * rate) + 1


@pytest.mark.parametrize(
    ("every", "kept"), [(1, [0, 1, 2, 3, 4, 5, 6]), (3, [0, 3, 6]), (7, [0]), (100, [0])]
)
def test_of_what_the_grid_keeps_each_so_manyth_is_kept(every: int, kept: list[int]) -> None:
    clock = Pace(frames_per_second=1.0, longest_seconds=100.0, most_frames=100, every=every)
    found = [clock.keeps(tick / 4) for tick in range(28)]
    assert [tick / 4 for tick, keeps in enumerate(found) if keeps] == kept
    assert clock.seen == 28


@given(st.floats(0.1, 500.0), st.floats(0.1, 60.0), st.integers(1, 50))
def test_no_more_are_kept_than_the_limits_say(seconds: float, rate: float, every: int) -> None:
    limits = StreamLimits(frames_per_second=rate, every=every)
    clock = Pace(frames_per_second=rate, longest_seconds=1e9, most_frames=10**9, every=every)
    ticks = int(seconds * 4) + 1
    assert sum(clock.keeps(tick / 4) for tick in range(ticks)) <= limits.most_kept(seconds)


@pytest.mark.parametrize(
    "wrong",
    [
        {"largest_bytes": 0},
        {"longest_seconds": 0.0},
        {"longest_seconds": math.inf},
        {"frames_per_second": -1.0},
        {"frames_per_second": math.nan},
        {"most_frames": 0},
        {"largest_pixels": 0},
        {"most_pictures": 0},
        {"every": 0},
        {"warm_up_seconds": -0.1},
        {"longest_recording_seconds": 0.0},
        {"cameras": ((0, DeviceId("dev_a")), (0, DeviceId("dev_b")))},
        {"cameras": ((-1, DeviceId("dev_a")),)},
    ],
    ids=str,
)
def test_limits_that_limit_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"limit|warm-up|camera"):
        StreamLimits(**wrong)  # type: ignore[arg-type]


def test_a_camera_that_nobody_declared_has_no_device() -> None:
    limits = StreamLimits(cameras=((2, DeviceId("dev_a")),))
    assert (limits.device_of(2), limits.device_of(0)) == ("dev_a", None)
    assert StreamLimits().cameras == ()
