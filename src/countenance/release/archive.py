"""An archive whose bytes follow from its members: the same members, the same file.

Rules kept here:

* Members stand in the order of their names, uncompressed, with one fixed time and mode. So whoever has the
  members can write the file again, and any other byte in it is found.
* Reading takes no name that leaves the folder, no name twice, and no more than a stated amount.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Final

from countenance.kernel import EvidenceError

__all__ = ["LARGEST_ARCHIVE", "PackUnreadable", "read_archive", "write_archive"]

LARGEST_ARCHIVE: Final = 2_000_000_000
"""Bytes."""

_MOST_MEMBERS: Final = 10_000
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*\.[a-z]+|README\.md")


class PackUnreadable(EvidenceError):
    """The file isn't an evidence pack, or not one that can be taken apart."""

    code = "pack-unreadable"
    default_remedy = "Ask for the pack again; this file can't be read as one."


def write_archive(members: Mapping[str, bytes]) -> bytes:
    """Return the archive of these members.

    Args:
        members: content by name.

    Raises:
        ValueError: if a name isn't one that an archive takes.
    """
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            if not _NAME.fullmatch(name):
                msg = "a member's name is small letters, digits, hyphens and folders"
                raise ValueError(msg)
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = 3
            entry.external_attr = _MODE
            archive.writestr(entry, members[name])
    return written.getvalue()


def read_archive(data: bytes) -> tuple[dict[str, bytes], tuple[str, ...], bool]:
    """Take an archive apart.

    Args:
        data: the file.

    Returns:
        Content by name; names of members that can't be read; whether the file is byte for byte the archive
        of these members.

    Raises:
        PackUnreadable: if it is no archive, or holds what none of ours holds.
    """
    members: dict[str, bytes] = {}
    damaged: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_MEMBERS or sum(entry.file_size for entry in entries) > LARGEST_ARCHIVE:
                raise PackUnreadable("The pack is larger than this version reads.")
            for entry in entries:
                if not _NAME.fullmatch(entry.filename) or entry.filename in members:
                    raise PackUnreadable("The pack holds a member twice, or one of another kind of name.")
                try:
                    members[entry.filename] = archive.read(entry)
                except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
                    damaged.append(entry.filename)
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise PackUnreadable("The file isn't an evidence pack.") from error
    return members, tuple(damaged), not damaged and write_archive(members) == data
