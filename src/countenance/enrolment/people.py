"""Whom a bulk enrolment is about: a folder for each person, or a list.

Rules kept here:

* People are named by pseudonyms (``sub_...``), never by a name: a folder or line that is called anything else
  is left out.
* People are given one after the other, so that memory stays flat however many there are.
* Nothing outside the folder, or that of the list, is reachable.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from countenance.enrolment.errors import PeopleListInvalid

__all__ = ["PersonToEnrol", "is_pseudonym", "people_in_folder", "people_in_list"]

_PSEUDONYM: Final = re.compile(r"sub_[a-z0-9][a-z0-9_-]{0,60}")
_PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
_COLUMNS: Final = ("subject", "file")


@dataclass(frozen=True, slots=True)
class PersonToEnrol:
    """A person and the files of the pictures.

    Attributes:
        number: the line of the list, or the folder's place in the order of names, from 1.
        subject: as it stands there; a pseudonym if :func:`is_pseudonym` says so, else shown to nobody.
        files: the pictures.
    """

    number: int
    subject: str
    files: tuple[Path, ...]


def is_pseudonym(text: str) -> bool:
    """Say whether a text has the form of a person's pseudonym: ``sub_`` and small letters and digits."""
    return _PSEUDONYM.fullmatch(text) is not None


def people_in_folder(folder: Path) -> Iterator[PersonToEnrol]:
    """Give the people of a folder, each a folder of pictures, by name.

    Raises:
        PeopleListInvalid: if it can't be read, or holds no folder.
    """
    try:
        inside = sorted(one for one in folder.iterdir() if one.is_dir() and not one.is_symlink())
    except OSError:
        raise PeopleListInvalid("The folder of people can't be read.") from None
    if not inside:
        raise PeopleListInvalid("The folder holds no folder of a person.")
    for number, own in enumerate(inside, 1):
        files = sorted(
            one for one in own.iterdir() if one.suffix.lower() in _PICTURES and not one.is_symlink()
        )
        yield PersonToEnrol(number, own.name, tuple(files))


def people_in_list(path: Path) -> Iterator[PersonToEnrol]:
    """Give the people of a CSV with the columns ``subject`` and ``file``, a line for each picture.

    Lines of one person stand together. Files are named from the folder in which the list lies.

    Raises:
        PeopleListInvalid: if it can't be read, has other columns, or a file lies outside.
    """
    root = path.resolve().parent
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.DictReader(file)
            if tuple(lines.fieldnames or ()) != _COLUMNS:
                raise PeopleListInvalid("The list's columns aren't subject, file.")
            rows = ((lines.line_num, row["subject"] or "", row["file"] or "") for row in lines)
            for subject, own in groupby(rows, key=lambda row: row[1]):
                found = [(number, _inside(root, name, number)) for number, _, name in own]
                yield PersonToEnrol(found[0][0], subject, tuple(each for _, each in found))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise PeopleListInvalid("The list of people can't be read.") from None


def _inside(root: Path, name: str, line: int) -> Path:
    path = (root / name).resolve()
    if not name or not path.is_relative_to(root):
        msg = f"Line {line} names no file below the folder of the list."
        raise PeopleListInvalid(msg)
    return path
