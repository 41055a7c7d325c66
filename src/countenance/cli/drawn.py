"""Pictures with answers drawn on them, written where the user asked, readable by this user alone."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from countenance.cli.options import InputNotReadable

__all__ = ["DRAWN_AS", "DrawnFolder", "write_picture"]

DRAWN_AS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
"""The endings that a drawn picture may have, and what is written for each."""

_REMEDY: Final = "Name a file in a folder that this user may write to."
_FOLDER_REMEDY: Final = "Name a new or empty folder where this user may write."


def write_picture(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write a picture that only this user can read.

    Args:
        path: where; its ending is one of :data:`DRAWN_AS`.
        pixels: uint8, shape (height, width, 3), RGB.

    Raises:
        InputNotReadable: if it can't be written.
    """
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, format=DRAWN_AS[path.suffix.lower()])
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(encoded.getvalue())
    except OSError as error:
        msg = f"The drawn picture can't be written ({error.strerror})."
        raise InputNotReadable(msg, remedy=_REMEDY) from None


class DrawnFolder:
    """A folder that takes the drawn pictures of one stream, each named by its number.

    Args:
        path: a folder that is empty, or isn't there and is made with the first picture.

    Raises:
        InputNotReadable: if something else is there.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        try:
            taken = path.exists() and (not path.is_dir() or any(path.iterdir()))
        except OSError:
            taken = True
        if taken:
            msg = "The drawn pictures can't be written there: it isn't an empty folder."
            raise InputNotReadable(msg, remedy=_FOLDER_REMEDY)
        self._path = path

    def take(self, index: int, pixels: NDArray[np.uint8]) -> None:
        """Write the picture of a frame as ``frame-000012.png``.

        Args:
            index: the frame's number in its source, from 0.
            pixels: uint8, shape (height, width, 3), RGB.

        Raises:
            InputNotReadable: if it can't be written.
        """
        try:
            self._path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            msg = f"The folder of the drawn pictures can't be made ({error.strerror})."
            raise InputNotReadable(msg, remedy=_FOLDER_REMEDY) from None
        write_picture(self._path / f"frame-{index:06}.png", pixels)
