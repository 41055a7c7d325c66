from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from countenance.cli.drawn import DRAWN_AS, DrawnFolder, write_picture
from countenance.cli.options import InputNotReadable
from pictures import quadrants


@pytest.mark.parametrize("ending", DRAWN_AS)
def test_a_picture_is_written_as_its_ending_says_for_this_user_alone(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending.upper()}"
    write_picture(path, quadrants())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Image.open(path) as written:
        assert written.format == DRAWN_AS[ending]
        assert np.abs(np.asarray(written)[8, 8].astype(int) - (255, 0, 0)).max() < 60


def test_where_it_cant_be_written_no_path_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputNotReadable) as refused:
        write_picture(tmp_path / "nowhere" / "out.png", quadrants())
    assert "nowhere" not in refused.value.diagnostics()


def test_a_folder_is_made_with_its_first_picture(tmp_path: Path) -> None:
    path = tmp_path / "drawn"
    folder = DrawnFolder(path)
    assert not path.exists()
    folder.take(0, quadrants())
    folder.take(12, quadrants())
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert sorted(file.name for file in path.iterdir()) == ["frame-000000.png", "frame-000012.png"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    DrawnFolder(tmp_path).take(3, quadrants())
    assert (tmp_path / "frame-000003.png").exists()


@pytest.mark.parametrize("what", ["a file", "a full folder"])
def test_nothing_that_is_there_is_written_over(tmp_path: Path, what: str) -> None:
    path = tmp_path / "there"
    if what == "a file":
        path.write_bytes(b"x")
    else:
        path.mkdir()
        (path / "frame-000000.png").write_bytes(b"x")
    with pytest.raises(InputNotReadable, match="empty folder") as refused:
        DrawnFolder(path)
    assert "there.png" not in refused.value.diagnostics()


def test_a_folder_that_cant_be_made_says_so(tmp_path: Path) -> None:
    folder = DrawnFolder(tmp_path / "no" / "such" / "folder")
    with pytest.raises(InputNotReadable, match="can't be made"):
        folder.take(0, quadrants())
