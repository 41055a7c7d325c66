from __future__ import annotations

import pytest

from evaluation_folder import ask


@pytest.mark.models
def test_a_small_house_is_held_and_everything_that_could_be_lost_is_counted() -> None:
    status, said = ask("bench", "liveness", "--sessions", "2", "--rate", "2", "--seconds", "1")
    figures = said["figures"]
    assert status == 0, said
    assert (figures["sessions"], figures["frames_sent"]) == (2, 4)
    assert (figures["frames_refused"], figures["sessions_lost"]) == (0, 0)
    assert 1 <= figures["one_too_many_waits_seconds"] <= 20
    assert 0 < figures["frame_processor_ms_median"] <= figures["frame_processor_ms_p95"]
    assert 0 < figures["frame_ms_median"] <= figures["frame_ms_p95"]
    assert "640 by 480" in said["conditions"]["frames"]


def test_longer_than_a_session_is_refused() -> None:
    status, _ = ask("bench", "liveness", "--seconds", "30")
    assert status != 0
