"""Pictures on disk as sources of frames: one, or a folder of them in the order of their names.

A request has to name the inputs before there is a permit, so files are read and hashed first; nothing is
decoded. After the permit they are read again, and bytes that changed in between aren't decoded.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from countenance.capture.decoding import decode
from countenance.capture.errors import PictureTooLarge
from countenance.capture.limits import StreamLimits
from countenance.capture.reading import Moment, Reading
from countenance.capture.stream_errors import (
    FileChanged,
    FileUnreadable,
    FolderTooLarge,
    FolderWithoutPictures,
)
from countenance.kernel import CallerError, Material, sha256_hex

__all__ = ["PictureFolder", "StillPicture", "read_plain_file"]

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


def read_plain_file(path: Path, *, largest_bytes: int, too_large: type[CallerError]) -> bytes:
    """Return the bytes of a file.

    Neither a device nor a pipe is opened for reading, so nothing waits for a writer that never comes.

    Args:
        path: where it lies; never repeated in a message.
        largest_bytes: how many bytes it may have.
        too_large: the error to raise if it has more.

    Raises:
        FileUnreadable: if it isn't there, isn't readable or isn't a plain file.
        CallerError: of the kind ``too_large``.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                msg = "It isn't a plain file."
                raise FileUnreadable(msg)
            data = file.read(largest_bytes + 1)
    except OSError as error:
        msg = f"The file can't be read ({error.strerror})."
        raise FileUnreadable(msg) from None
    if len(data) > largest_bytes:
        msg = f"The file is larger than {largest_bytes} bytes."
        raise too_large(msg)
    return data


class StillPicture(Reading):
    """One encoded picture as a source of one frame, at time 0.

    Args:
        data: the encoded file.
        limits: how large it may be.
    """

    __slots__ = ("_data", "_material")

    def __init__(self, *, data: bytes, limits: StreamLimits) -> None:
        super().__init__(limits=limits, longest_seconds=1.0, most_frames=1)
        self._data = data
        self._material = Material(sha256_hex(data))

    @property
    def materials(self) -> tuple[Material, ...]:
        """The SHA-256 of the file."""
        return (self._material,)

    @property
    def timed(self) -> bool:
        """It has no time."""
        return False

    @property
    def most_frames(self) -> int:
        """One."""
        return 1

    def _open(self) -> None:
        """Nothing to open: the bytes are here."""

    def _close(self) -> None:
        """Nothing to close."""

    def _moments(self) -> Iterator[Moment]:
        yield Moment(0.0, partial(decode, self._data, limits=self._limits.picture), self._material)


class PictureFolder(Reading):
    """The pictures of one folder, by name; folders inside it aren't read.

    A picture that can't be taken in is skipped and told by its number in the order of names.

    Args:
        paths: the files, in order.
        hashes: the SHA-256 of each; ``None`` for one that couldn't be read or has too many bytes.
        limits: how many there may be, and how large each.
    """

    __slots__ = ("_hashes", "_paths")

    def __init__(
        self, *, paths: tuple[Path, ...], hashes: tuple[Material | None, ...], limits: StreamLimits
    ) -> None:
        count = max(len(paths), 1)
        super().__init__(
            limits=limits, longest_seconds=float(count), most_frames=count, frames_per_second=1.0
        )
        self._paths = paths
        self._hashes = hashes

    @classmethod
    def listed(cls, folder: Path, *, limits: StreamLimits) -> Self:
        """List and hash the pictures of a folder: .jpg, .jpeg, .png, .webp and .bmp, in any case.

        Raises:
            FileUnreadable: if it can't be listed.
            FolderWithoutPictures: if it holds none.
            FolderTooLarge: if it holds more than the limits allow.
        """
        try:
            with os.scandir(folder) as entries:
                names = sorted(
                    entry.name
                    for entry in entries
                    if not entry.name.startswith(".") and Path(entry.name).suffix.lower() in _SUFFIXES
                )
        except OSError as error:
            msg = f"The folder can't be listed ({error.strerror})."
            raise FileUnreadable(msg) from None
        if not names:
            msg = "The folder holds no picture."
            raise FolderWithoutPictures(msg)
        if len(names) > limits.most_pictures:
            msg = f"The folder holds more than {limits.most_pictures} pictures."
            raise FolderTooLarge(msg)
        paths = tuple(folder / name for name in names)
        hashes = tuple(_hash(path, limits) for path in paths)
        if not any(hashes):
            msg = "No picture of the folder can be read within the limits."
            raise FolderWithoutPictures(msg)
        return cls(paths=paths, hashes=hashes, limits=limits)

    @property
    def materials(self) -> tuple[Material, ...]:
        """The SHA-256 of every file that could be read."""
        return tuple(sorted({each for each in self._hashes if each is not None}))

    @property
    def timed(self) -> bool:
        """Pictures have positions, no times."""
        return False

    @property
    def most_frames(self) -> int:
        """How many files there are, or each so manyth of them."""
        return max(math.ceil(len(self._paths) / self._limits.every), 1)

    def _forgives(self) -> bool:
        return True

    def _open(self) -> None:
        """Nothing stays open: each file is read when its turn comes."""

    def _close(self) -> None:
        """Nothing to close."""

    def _moments(self) -> Iterator[Moment]:
        for index, (path, stated) in enumerate(zip(self._paths, self._hashes, strict=True)):
            yield Moment(float(index), partial(self._load, path, stated), stated or Material(""))

    def _load(self, path: Path, stated: Material | None) -> NDArray[np.uint8]:
        data = _read(path, self._limits)
        if sha256_hex(data) != stated:
            msg = "The file isn't what it was when the permit was asked for."
            raise FileChanged(msg)
        return decode(data, limits=self._limits.picture)


def _read(path: Path, limits: StreamLimits) -> bytes:
    return read_plain_file(path, largest_bytes=limits.picture.largest_bytes, too_large=PictureTooLarge)


def _hash(path: Path, limits: StreamLimits) -> Material | None:
    """Return what a file is; ``None`` if it can't be read, which its turn will tell."""
    try:
        return Material(sha256_hex(_read(path, limits)))
    except (FileUnreadable, PictureTooLarge):
        return None
