"""Data sets of pairs: a folder of pictures and a list that says which two are compared.

Rules kept here:

* A data set is named and has a stated origin and stated terms; without them nothing of it is read.
* The list is bound by its SHA-256: another list is another data set, and needs its own provenance.
* Nothing outside the folder is reachable from the list.
* Messages name rows by number, never by who is on them.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from countenance.kernel import CallerError, sha256_hex

__all__ = [
    "DATASET_FILE",
    "PAIRS_FILE",
    "DatasetInvalid",
    "DatasetProvenance",
    "PairDataset",
    "open_pair_dataset",
    "shipped_provenance",
    "stated_provenance",
]

PAIRS_FILE: Final = "pairs.csv"
DATASET_FILE: Final = "dataset.toml"
_COLUMNS: Final = ("set", "name_a", "n_a", "name_b", "n_b", "same")
_ENDINGS: Final = (".jpg", ".jpeg", ".png")
_LARGEST_LIST: Final = 64 * 2**20
"""Bytes; half a million pairs."""
_NAME: Final = re.compile(r"[^/\\\0]+")
_LEAST_FOLDS: Final = 2


class DatasetInvalid(CallerError):
    """The folder doesn't hold a data set of pairs in the form that is read here."""

    code = "dataset-invalid"
    default_remedy = (
        "Give a folder with pairs.csv (set, name_a, n_a, name_b, n_b, same) and pictures NAME/NAME_0001.jpg."
    )


class DatasetProvenance(BaseModel):
    """Where a data set comes from, as whoever runs the installation states it.

    Attributes:
        name: what it is called, such as ``Labeled Faces in the Wild``.
        origin: who made it, and from what.
        terms: on what terms it may be used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: str = Field(min_length=2, max_length=200)
    origin: str = Field(min_length=2, max_length=1000)
    terms: str = Field(min_length=2, max_length=1000)


def shipped_provenance(folder_name: str) -> DatasetProvenance | None:
    """Return what is known of a published data set whose folder has this name, such as ``lfw``.

    The name of the folder is the operator's word for what lies in it; nothing else vouches for it.
    """
    text = files("countenance.evaluation").joinpath("published_datasets.toml").read_text(encoding="utf-8")
    known = tomllib.loads(text).get(folder_name.lower())
    return DatasetProvenance.model_validate(known) if known is not None else None


def stated_provenance(
    folder: Path, *, name: str | None = None, origin: str | None = None, terms: str | None = None
) -> DatasetProvenance | None:
    """Return the provenance of a data set: stated, else in its ``dataset.toml``, else of its published name.

    Args:
        folder: where it lies.
        name: what it is called, if stated.
        origin: who made it, if stated.
        terms: how it may be used, if stated.

    Returns:
        ``None`` if nobody says where it comes from; then the rules will refuse.

    Raises:
        DatasetInvalid: if part of it isn't known, or ``dataset.toml`` has another form.
    """
    stated = {key: value for key, value in (("name", name), ("origin", origin), ("terms", terms)) if value}
    file = folder / DATASET_FILE
    try:
        if file.is_file():
            known: DatasetProvenance | None = DatasetProvenance.model_validate(
                tomllib.loads(file.read_text(encoding="utf-8"))
            )
        else:
            known = shipped_provenance(folder.resolve().name)
        if not stated:
            return known
        return DatasetProvenance.model_validate((known.model_dump() if known else {}) | stated)
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = "A data set's provenance has a name, an origin and terms, each a few words."
        raise DatasetInvalid(
            msg, remedy=f"State --name, --origin and --terms, or write them in {DATASET_FILE}."
        ) from error


@dataclass(frozen=True, slots=True, eq=False)
class PairDataset:
    """A list of pairs, as numbers. Pictures stay on disk until they are asked for.

    Attributes:
        sha256: of the list's bytes.
        pictures: where each picture lies. Left out of ``repr``: paths hold names.
        owners: int64, shape (pictures,): whose picture it is, as a number from 0.
        people: how many people there are.
        left: int64, shape (pairs,): the first picture of each pair.
        right: int64, shape (pairs,): the second.
        same: bool, shape (pairs,): whether both are of one person.
        folds: int64, shape (pairs,): the set that each pair belongs to.
    """

    sha256: str
    pictures: tuple[Path, ...] = field(repr=False)
    owners: NDArray[np.int64] = field(repr=False)
    people: int
    left: NDArray[np.int64] = field(repr=False)
    right: NDArray[np.int64] = field(repr=False)
    same: NDArray[np.bool_] = field(repr=False)
    folds: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return int(self.same.size)


def open_pair_dataset(folder: Path) -> PairDataset:
    """Read the list of a data set of pairs and see that every picture on it is there.

    Args:
        folder: holds ``pairs.csv`` and a folder of pictures per name.

    Raises:
        DatasetInvalid: if the list isn't there or has another form, a picture is missing, there is only one
            set, or no pair of either kind.
    """
    rows, digest = _read_rows(folder)
    numbering: dict[tuple[str, int], int] = {}
    people: dict[str, int] = {}
    pictures: list[Path] = []
    owners: list[int] = []

    def number(name: str, count: int, row: int) -> int:
        if (name, count) not in numbering:
            numbering[name, count] = len(pictures)
            pictures.append(_picture(folder, name, count, row))
            owners.append(people.setdefault(name, len(people)))
        return numbering[name, count]

    listed = [
        (number(a, n_a, row), number(b, n_b, row), same, fold)
        for row, (fold, a, n_a, b, n_b, same) in enumerate(rows, 1)
    ]
    left, right, same, folds = (np.array(column) for column in zip(*listed, strict=True))
    dataset = PairDataset(
        sha256=digest,
        pictures=tuple(pictures),
        owners=np.array(owners, dtype=np.int64),
        people=len(people),
        left=left.astype(np.int64),
        right=right.astype(np.int64),
        same=same.astype(np.bool_),
        folds=folds.astype(np.int64),
    )
    _require_whole(dataset)
    return dataset


_Row = tuple[int, str, int, str, int, bool]


def _read_rows(folder: Path) -> tuple[list[_Row], str]:
    try:
        file = folder / PAIRS_FILE
        if file.stat().st_size > _LARGEST_LIST:
            raise DatasetInvalid("The list of pairs is larger than 64 MiB.")
        data = file.read_bytes()
        lines = csv.DictReader(io.StringIO(data.decode("utf-8")))
        if not set(_COLUMNS) <= set(lines.fieldnames or ()):
            msg = f"The list of pairs doesn't have the columns {', '.join(_COLUMNS)}."
            raise DatasetInvalid(msg)
        rows = [_row(line, number) for number, line in enumerate(lines, 1)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = "The folder holds no list of pairs that can be read."
        raise DatasetInvalid(msg) from error
    if not rows:
        raise DatasetInvalid("The list of pairs is empty.")
    return rows, sha256_hex(data)


def _row(line: dict[str, str | None], number: int) -> _Row:
    """Return one row.

    Raises:
        DatasetInvalid: if a value has another form, or the row contradicts itself.
    """
    fold, name_a, n_a, name_b, n_b, same = (line.get(column) or "" for column in _COLUMNS)
    names = all(_NAME.fullmatch(name) and name not in {".", ".."} for name in (name_a, name_b))
    counts = all(count.isascii() and count.isdigit() for count in (fold, n_a, n_b))
    if not names or not counts or same not in {"0", "1"}:
        msg = f"Row {number} of the list of pairs doesn't have the form that is read."
        raise DatasetInvalid(msg)
    if (same == "1") != (name_a == name_b):
        msg = f"Row {number} of the list says of its two names what they contradict."
        raise DatasetInvalid(msg)
    return int(fold), name_a, int(n_a), name_b, int(n_b), same == "1"


def _picture(folder: Path, name: str, number: int, row: int) -> Path:
    for ending in _ENDINGS:
        path = folder / name / f"{name}_{number:04d}{ending}"
        if path.is_file():
            return path
    msg = f"A picture of row {row} of the list of pairs isn't in the folder."
    raise DatasetInvalid(msg)


def _require_whole(dataset: PairDataset) -> None:
    if np.unique(dataset.folds).size < _LEAST_FOLDS:
        msg = "All pairs are in one set; a threshold is taken from the other sets, so there are two at least."
        raise DatasetInvalid(msg)
    for fold in np.unique(dataset.folds):
        outside = dataset.same[dataset.folds != fold]
        if outside.all() or not outside.any():
            msg = "Outside every set there have to be pairs of one person and pairs of two."
            raise DatasetInvalid(msg)
    if np.any(dataset.left == dataset.right):
        raise DatasetInvalid("The list compares a picture with itself; that says nothing.")
