"""The same members make the same file, and what isn't such a file is refused or said."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.release import PackUnreadable, read_archive, write_archive

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(/[a-z0-9]{1,6})?\.(json|txt)", fullmatch=True)


@given(members=st.dictionaries(NAMES, st.binary(max_size=200), max_size=6))
def test_it_comes_back_and_is_the_same_again(members: dict[str, bytes]) -> None:
    data = write_archive(members)
    assert data == write_archive(dict(reversed(members.items())))
    assert read_archive(data) == (members, (), True)


@pytest.mark.parametrize("name", ["../a.txt", "/a.txt", "a", "A.TXT", "a//b.txt", "a b.txt", ".a.txt"])
def test_a_name_that_leaves_the_folder_is_neither_written_nor_read(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        write_archive({name: b""})
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, b"")
    with pytest.raises(PackUnreadable):
        read_archive(made.getvalue())


def test_a_member_that_stands_twice_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", b"2")
    with pytest.raises(PackUnreadable):
        read_archive(made.getvalue())


def test_another_archive_of_the_same_members_is_said_to_be_another() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"1" * 100)
    assert read_archive(made.getvalue()) == ({"a.txt": b"1" * 100}, (), False)


@pytest.mark.parametrize("data", [b"", b"PK", b"not an archive", b"PK\x05\x06" + bytes(10)])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(PackUnreadable):
        read_archive(data)
