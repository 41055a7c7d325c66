"""Data sets of people: a folder of pictures, and who is on each.

Two forms are read. A **manifest**: ``manifest.csv`` with the columns ``file`` and ``person_id``; where there
are, ``name``, ``gender`` (F or M), ``collection`` (or ``congress``) and ``also_named`` (or ``in_lfw``) are
used. Or **folders**: one for each person, named after the person; ``people.csv`` (``name``, ``gender``) is
used where it is there. ``one_person.csv`` (``name_a``, ``name_b``) says which two names are one person.

Rules kept here:

* The list is bound by its SHA-256, and nothing outside the folder is reachable from it.
* Groups are what the list says. Nobody's gender or age is estimated from a picture.
* Two names that are one person are known by name, never by how alike their pictures are.
* Messages name rows by number, never by who is on them.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.datasets import DatasetInvalid, DatasetProvenance
from countenance.kernel import canonical_sha256, sha256_hex

__all__ = ["MEN", "WOMEN", "PeopleSet", "joint_provenance", "joint_sha256", "open_people"]

WOMEN: Final = "women"
MEN: Final = "men"
_MANIFEST: Final = "manifest.csv"
_PEOPLE: Final = "people.csv"
_ONE_PERSON: Final = "one_person.csv"
_ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png"})
_LARGEST_LIST: Final = 64 * 2**20
_GENDERS: Final = {"f": WOMEN, "female": WOMEN, "m": MEN, "male": MEN}
_REMEDY: Final = "Give a folder with manifest.csv (file, person_id), or with a folder of pictures per person."


@dataclass(frozen=True, slots=True, eq=False)
class PeopleSet:
    """Pictures and whose they are, as numbers.

    Attributes:
        sha256: of the list.
        pictures: where each lies, person by person, collection by collection. Left out of ``repr``.
        owners: int64, shape (pictures,): whose picture it is, as a number from 0.
        collections: int64, shape (pictures,): which collection it is from, as a number from 0, in the order
            of their names; 0 where there are none.
        names: what each person is called; empty strings where the list doesn't say. Left out of ``repr``.
        also_named: under which names each is known elsewhere. Left out of ``repr``.
        groups: of each person ``women`` or ``men``, ``None`` where the list doesn't say.
        one_person: pairs of numbers of people who are one.
        keys: by what the list tells each person from the others: a folder's name, or ``person_id``. Left out
            of ``repr``.
    """

    sha256: str
    pictures: tuple[Path, ...] = field(repr=False)
    owners: NDArray[np.int64] = field(repr=False)
    collections: NDArray[np.int64] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    also_named: tuple[tuple[str, ...], ...] = field(repr=False)
    groups: tuple[str | None, ...] = field(repr=False)
    one_person: tuple[tuple[int, int], ...] = field(repr=False)
    keys: tuple[str, ...] = field(default=(), repr=False)

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.names)

    def members(self, group: str) -> NDArray[np.int64]:
        """Return who is in a group, as numbers."""
        return np.array([n for n, one in enumerate(self.groups) if one == group], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Row:
    path: Path
    person: str
    name: str
    collection: str
    also_named: str
    group: str | None


def open_people(folder: Path) -> PeopleSet:
    """Read who is on the pictures of a folder, and see that every listed picture is there.

    Args:
        folder: in one of the two forms.

    Raises:
        DatasetInvalid: if it has neither form, or names no picture.
    """
    try:
        if (folder / _MANIFEST).is_file():
            data = _read(folder / _MANIFEST)
            rows, digest = _from_manifest(folder, data), sha256_hex(data)
        else:
            rows, digest = _from_folders(folder)
        pairs = _one_person(folder)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = "The folder holds no list of people that can be read."
        raise DatasetInvalid(msg, remedy=_REMEDY) from error
    if not rows:
        raise DatasetInvalid("The folder holds no pictures of anybody.", remedy=_REMEDY)
    return _numbered(rows, digest, pairs)


def joint_sha256(*sets: PeopleSet) -> str:
    """Return what names several sets that are compared with one another."""
    return canonical_sha256([one.sha256 for one in sets])


def joint_provenance(*stated: DatasetProvenance | None) -> DatasetProvenance | None:
    """Return the provenance of several sets together; ``None`` if one of them has none."""
    known = [one for one in stated if one is not None]
    if len(known) < len(stated):
        return None
    return DatasetProvenance(
        name=" and ".join(one.name for one in known)[:200],
        origin="; ".join(one.origin for one in known)[:1000],
        terms="; ".join(one.terms for one in known)[:1000],
    )


def _numbered(rows: list[_Row], digest: str, pairs: Iterable[tuple[str, str]]) -> PeopleSet:
    rows = sorted(rows, key=lambda row: (row.person, row.collection, row.path.name))
    people = {person: n for n, person in enumerate(dict.fromkeys(row.person for row in rows))}
    collections = {name: n for n, name in enumerate(sorted({row.collection for row in rows}))}
    by_person: dict[str, list[_Row]] = {person: [] for person in people}
    for row in rows:
        by_person[row.person].append(row)
    return PeopleSet(
        sha256=digest,
        pictures=tuple(row.path for row in rows),
        owners=np.array([people[row.person] for row in rows], dtype=np.int64),
        collections=np.array([collections[row.collection] for row in rows], dtype=np.int64),
        names=tuple(own[0].name for own in by_person.values()),
        also_named=tuple(
            tuple(dict.fromkeys(row.also_named for row in own if row.also_named))
            for own in by_person.values()
        ),
        groups=tuple(own[0].group for own in by_person.values()),
        one_person=tuple((people[a], people[b]) for a, b in pairs if a in people and b in people and a != b),
        keys=tuple(people),
    )


def _from_manifest(folder: Path, data: bytes) -> list[_Row]:
    lines = csv.DictReader(io.StringIO(data.decode("utf-8")))
    if not {"file", "person_id"} <= set(lines.fieldnames or ()):
        msg = "The list of people doesn't have the columns file and person_id."
        raise DatasetInvalid(msg, remedy=_REMEDY)
    return [_listed(folder, line, number) for number, line in enumerate(lines, 1)]


def _listed(folder: Path, line: Mapping[str, str | None], number: int) -> _Row:
    """Return one row of a manifest.

    Raises:
        DatasetInvalid: if it names no person, or no picture inside the folder.
    """

    def told(*columns: str) -> str:
        return next((line[column] or "" for column in columns if line.get(column)), "")

    relative = PurePosixPath(told("file"))
    inside = not relative.is_absolute() and ".." not in relative.parts and relative.parts
    path = folder / relative
    if not (inside and told("person_id") and path.is_file()):
        msg = f"Row {number} of the list of people names no person, or no picture in the folder."
        raise DatasetInvalid(msg, remedy=_REMEDY)
    return _Row(
        path=path,
        person=told("person_id"),
        name=told("name"),
        collection=told("collection", "congress"),
        also_named=told("also_named", "in_lfw"),
        group=_GENDERS.get(told("gender").lower()),
    )


def _from_folders(folder: Path) -> tuple[list[_Row], str]:
    stated: dict[str, str | None] = {}
    listed = b""
    if (folder / _PEOPLE).is_file():
        listed = _read(folder / _PEOPLE)
        for line in csv.DictReader(io.StringIO(listed.decode("utf-8"))):
            stated[line.get("name") or ""] = _GENDERS.get((line.get("gender") or "").lower())
    rows = [
        _Row(path, person.name, person.name, "", "", stated.get(person.name))
        for person in sorted(folder.iterdir())
        if person.is_dir() and not person.name.startswith(".")
        for path in sorted(person.iterdir())
        if path.suffix.lower() in _ENDINGS
    ]
    names = [f"{row.person}/{row.path.name}" for row in rows]
    return rows, canonical_sha256({"files": names, "people": sha256_hex(listed)})


def _one_person(folder: Path) -> list[tuple[str, str]]:
    """Return pairs of names that are one person, as the folder says and as is known of a published set."""
    known = tomllib.loads(
        files("countenance.evaluation").joinpath("published_names.toml").read_text(encoding="utf-8")
    )
    found = [(a, b) for a, b in known.get(folder.resolve().name.lower(), {}).get("one_person", ())]
    if (folder / _ONE_PERSON).is_file():
        lines = csv.DictReader(io.StringIO(_read(folder / _ONE_PERSON).decode("utf-8")))
        found += [(line.get("name_a") or "", line.get("name_b") or "") for line in lines]
    return found


def _read(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST_LIST:
        raise DatasetInvalid("The list of people is larger than 64 MiB.", remedy=_REMEDY)
    return path.read_bytes()
