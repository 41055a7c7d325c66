from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from countenance.enrolment import people_in_folder, read_consents
from countenance.runtime import load_settings
from countenance.runtime.enrolment_bench import (
    BenchFailed,
    _document,
    _people_in,
    _resident_mib,
    time_enrolment,
)
from weights import sample_bytes


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    found = []
    for number in range(3):
        path = tmp_path / f"{number}.jpg"
        shade = np.linspace(60 + 40 * number, 200, 96 * 96 * 3).reshape(96, 96, 3).astype(np.uint8)
        Image.fromarray(shade).save(path, "JPEG")
        found.append(path)
    return found


def test_each_person_has_a_folder_a_picture_and_a_consent(tmp_path: Path, pictures: list[Path]) -> None:
    folder, consents = _people_in(tmp_path, pictures, 8)
    people = list(people_in_folder(folder))
    assert [one.subject for one in people] == [f"sub_{number:06d}" for number in range(8)]
    assert [line.subject for line in read_consents(consents)] == [one.subject for one in people]
    contents = [one.files[0].read_bytes() for one in people]
    assert len(set(contents)) == 8
    assert contents[0] == pictures[0].read_bytes()


def test_the_second_time_a_picture_is_mirrored(tmp_path: Path, pictures: list[Path]) -> None:
    folder, _ = _people_in(tmp_path, pictures[:1], 2)
    first, second = (one.files[0] for one in people_in_folder(folder))
    with Image.open(first) as plain, Image.open(second) as mirrored:
        apart = np.asarray(plain, dtype=int)[:, ::-1] - np.asarray(mirrored, dtype=int)
    assert np.abs(apart).mean() < 3


@pytest.mark.parametrize("words", [b"", b"words", b'{"error": {"code": "role-may-not"}}'])
def test_a_command_that_fails_is_no_figure(words: bytes) -> None:
    with pytest.raises(BenchFailed):
        _document(words)


def test_memory_of_a_process_that_is_gone_is_none() -> None:
    assert _resident_mib(2**22 + 1) == 0.0


@pytest.mark.models
@pytest.mark.exhaustive
def test_a_run_with_a_kill_loses_nothing(tmp_path: Path) -> None:
    files = []
    for name in ("obama", "obama2", "obama3", "biden"):
        files.append(tmp_path / f"{name}.jpg")
        files[-1].write_bytes(sample_bytes(name))
    times = time_enrolment(load_settings(), files, people=24)
    assert times.before_kill <= times.after_kill <= times.went_on_with
    assert times.enrolled + sum(times.left_out.values()) == 24
    assert times.findings == 0
    assert times.memory_mib > 50
