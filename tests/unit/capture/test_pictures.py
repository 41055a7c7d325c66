from __future__ import annotations

import os
from pathlib import Path

import pytest

from countenance.capture import (
    CaptureLimits,
    FileUnreadable,
    FolderTooLarge,
    FolderWithoutPictures,
    PictureDamaged,
    PictureFolder,
    PictureTooLarge,
    StillPicture,
    StreamLimits,
    read_plain_file,
)
from countenance.kernel import CallerError
from pictures import png, png_with_header, quadrants

LIMITS = StreamLimits(picture=CaptureLimits(smallest_side=16, largest_bytes=20_000))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures by name, three of which can be read; a note, a hidden file and a folder."""
    (tmp_path / "a whole.png").write_bytes(png(quadrants()))
    (tmp_path / "b damaged.png").write_bytes(png_with_header(64, 64))
    (tmp_path / "c whole.PNG").write_bytes(png(quadrants(128, 96)))
    (tmp_path / "d no picture.jpg").write_bytes(b"text")
    (tmp_path / "e too large.jpg").write_bytes(b"x" * 20_001)
    (tmp_path / "f whole.png").write_bytes(png(quadrants(64, 64)))
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / ".hidden.png").write_bytes(png(quadrants()))
    (tmp_path / "inside.png").mkdir()
    return tmp_path


def test_pictures_come_by_name_and_bad_ones_are_told_by_number(folder: Path) -> None:
    source = PictureFolder.listed(folder, limits=LIMITS)
    with source:
        found = [(timed.index, timed.seconds, timed.frame.width) for timed in source.frames()]
    assert found == [(0, 0.0, 96), (2, 2.0, 128), (5, 5.0, 64)]
    end = source.ended
    assert end is not None
    assert [(each.index, each.code) for each in end.skipped] == [
        (1, "picture-damaged"),
        (3, "not-a-picture"),
        (4, "picture-too-large"),
        (6, "file-unreadable"),
    ]
    assert (end.given, end.seen) == (3, 7)


def test_no_text_names_a_file(folder: Path) -> None:
    source = PictureFolder.listed(folder, limits=LIMITS)
    with source:
        list(source.frames())
    assert source.ended is not None
    said = " ".join(each.message for each in source.ended.skipped)
    for name in ("damaged.png", "no picture", "too large.jpg", "inside", str(folder)):
        assert name not in said


def test_a_file_that_changed_after_the_permit_is_not_decoded(folder: Path) -> None:
    source = PictureFolder.listed(folder, limits=LIMITS)
    (folder / "a whole.png").write_bytes(png(quadrants(80, 80)))
    with source:
        found = [timed.index for timed in source.frames()]
    assert found == [2, 5]
    assert source.ended is not None
    assert (source.ended.skipped[0].index, source.ended.skipped[0].code) == (0, "file-changed")


def test_the_same_picture_twice_is_one_material(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(png(quadrants()))
    assert len(PictureFolder.listed(tmp_path, limits=LIMITS).materials) == 1


def test_a_folder_without_pictures_too_many_or_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(FolderWithoutPictures):
        PictureFolder.listed(tmp_path, limits=LIMITS)
    (tmp_path / "large.png").write_bytes(b"x" * 20_001)
    with pytest.raises(FolderWithoutPictures):
        PictureFolder.listed(tmp_path, limits=LIMITS)
    (tmp_path / "b.png").write_bytes(b"")
    with pytest.raises(FolderTooLarge):
        PictureFolder.listed(tmp_path, limits=StreamLimits(most_pictures=1))
    with pytest.raises(FileUnreadable) as unreadable:
        PictureFolder.listed(tmp_path / "nowhere", limits=LIMITS)
    assert "nowhere" not in unreadable.value.message


def test_a_damaged_still_picture_is_the_end() -> None:
    with StillPicture(data=png_with_header(64, 64), limits=LIMITS) as source:
        frames = source.frames()
        with pytest.raises(PictureDamaged):
            next(frames)
    assert source.ended is not None
    assert source.ended.code == "picture-damaged"


class TestAPlainFile:
    def test_it_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"12345")
        assert read_plain_file(tmp_path / "f", largest_bytes=5, too_large=PictureTooLarge) == b"12345"

    def test_too_large_is_the_callers_own_error(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"12345")
        with pytest.raises(PictureTooLarge):
            read_plain_file(tmp_path / "f", largest_bytes=4, too_large=PictureTooLarge)

    def test_a_pipe_that_nobody_writes_to_does_not_hang(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(FileUnreadable):
            read_plain_file(tmp_path / "pipe", largest_bytes=5, too_large=PictureTooLarge)

    @pytest.mark.parametrize("path", ["/dev/zero", "/proc", "/nowhere/at/all"])
    def test_what_is_no_plain_file_is_refused_without_its_name(self, path: str) -> None:
        with pytest.raises(FileUnreadable) as refused:
            read_plain_file(Path(path), largest_bytes=5, too_large=CallerError)
        assert path not in refused.value.message
