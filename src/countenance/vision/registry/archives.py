"""Takes one member out of an archive: by its exact name, up to a stated size, into memory.

Nothing is unpacked to the disk, so no name in an archive can lead anywhere.
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import IO

from countenance.vision.registry.entries import ArchiveKind
from countenance.vision.registry.errors import ArchiveDamaged

__all__ = ["read_member"]


def read_member(archive: Path, *, kind: ArchiveKind, member: str, size: int) -> bytes:
    """Return the bytes of one member.

    Args:
        archive: the archive's file.
        kind: its form.
        member: the exact name inside it; only a regular file counts.
        size: how many bytes are expected; one more is read at most, so that a longer member shows.

    Returns:
        At most ``size + 1`` bytes. Whoever calls compares the hash.

    Raises:
        ArchiveDamaged: if the archive can't be read or has no such regular file.
    """
    try:
        if kind is ArchiveKind.WHEEL:
            return _from_zip(archive, member, size)
        return _from_tar(archive, member, size)
    except (
        OSError,
        EOFError,
        tarfile.TarError,
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
    ) as error:
        msg = f"The archive that should hold {member!r} can't be read ({type(error).__name__})."
        raise ArchiveDamaged(msg) from error


def _from_zip(archive: Path, member: str, size: int) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        try:
            found = opened.getinfo(member)
        except KeyError:
            raise _missing(member) from None
        if found.is_dir():
            raise _missing(member)
        with opened.open(found) as stream:
            return _bounded(stream, size)


def _from_tar(archive: Path, member: str, size: int) -> bytes:
    with tarfile.open(archive, mode="r:gz") as opened:
        for found in opened:
            if found.name == member and found.isreg():
                stream = opened.extractfile(found)
                if stream is not None:
                    return _bounded(stream, size)
    raise _missing(member)


def _bounded(stream: IO[bytes], size: int) -> bytes:
    with stream:
        return stream.read(size + 1)


def _missing(member: str) -> ArchiveDamaged:
    return ArchiveDamaged(f"The archive holds no file {member!r}.")
