"""By what people are grouped for parity: what a list says of them, never what their pictures look like.

The list is a CSV file with a column ``person`` (the name of the person's folder, or ``person_id``) and one
column for each attribute, such as ``age``, ``gender`` and ``origin``. An empty cell says nothing of anybody.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from pathlib import Path
from typing import Final

from countenance.evaluation.datasets import DatasetInvalid
from countenance.evaluation.people import MEN, WOMEN, PeopleSet

__all__ = ["people_groups"]

_PERSON: Final = "person"
_MOST_GROUPS: Final = 12
_LARGEST: Final = 64 * 2**20


def people_groups(people: PeopleSet, listed: Path | None) -> dict[str, dict[str, list[int]]]:
    """Return who is in which group, by attribute.

    Args:
        people: whose set it is; its own list's gender is used where ``listed`` has none.
        listed: the CSV file; ``None`` for the set's own list alone.

    Returns:
        Attribute to group to numbers of people, rising.

    Raises:
        DatasetInvalid: if the file isn't such a list, names somebody twice or nobody of the set, or has an
            attribute of more than twelve groups.
    """
    found: dict[str, dict[str, list[int]]] = {}
    if listed is not None:
        found = _read(people, listed)
    if "gender" not in found:
        own = {name: people.members(name).tolist() for name in (WOMEN, MEN)}
        found |= {"gender": own} if all(own.values()) else {}
    return found


def _read(people: PeopleSet, listed: Path) -> dict[str, dict[str, list[int]]]:
    place = {key: number for number, key in enumerate(people.keys)}
    attributes: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    seen: set[int] = set()
    for row, line in enumerate(_lines(listed), 1):
        number = place.get((line.get(_PERSON) or "").strip())
        if number is None:
            continue
        if number in seen:
            msg = f"Row {row} of the list of groups names somebody a second time."
            raise DatasetInvalid(msg, remedy="Give each person one row.")
        seen.add(number)
        for attribute, value in line.items():
            if attribute != _PERSON and isinstance(value, str) and value.strip():
                attributes[attribute.strip()][value.strip()].append(number)
    if not seen:
        raise DatasetInvalid("The list of groups names nobody of the set.", remedy=_REMEDY)
    for attribute, groups in attributes.items():
        if len(groups) > _MOST_GROUPS:
            msg = f"The list has {len(groups)} groups by {attribute}; {_MOST_GROUPS} at most say something."
            raise DatasetInvalid(msg, remedy="Put ages into bands, and origins into regions.")
    return {
        name: {group: sorted(own) for group, own in groups.items()} for name, groups in attributes.items()
    }


_REMEDY: Final = "Give a CSV file with the columns person (folder name or person_id), age, gender, origin."


def _lines(listed: Path) -> list[dict[str, str | None]]:
    try:
        if listed.stat().st_size > _LARGEST:
            raise DatasetInvalid("The list of groups is larger than 64 MiB.", remedy=_REMEDY)
        reader = csv.DictReader(io.StringIO(listed.read_text(encoding="utf-8")))
        if _PERSON not in (reader.fieldnames or ()) or len(reader.fieldnames or ()) < 2:  # noqa: PLR2004
            raise DatasetInvalid("The list of groups lacks the column person, or any other.", remedy=_REMEDY)
        return list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetInvalid("The list of groups can't be read.", remedy=_REMEDY) from error
