"""What the log of a pack says was removed: when its time was over, or when a consent was withdrawn.

Rules kept here:

* The log counts what went and names nobody. As long as no more is missing than it counts, what is missing is
  rightly gone; one thing more, and nothing is excused.
* Of an erasure on request the log's own statements go as well, so that nothing is missing by them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from countenance.release.pack_log import OpenedEntry

__all__ = ["Removed", "removed_in"]

_ERASED: Final = "log-erased"
_DECIDED: Final = frozenset({"decision", "analysis", "document"})


@dataclass(frozen=True, slots=True)
class Removed:
    """What is rightly gone.

    Attributes:
        people: of whom records are gone, as the pack calls them; what was asked about them can't be asked
            again.
        decisions: the identifiers of decisions that are gone.
    """

    people: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()


def removed_in(
    entries: Iterable[OpenedEntry], *, records: Collection[str], decisions: Collection[str]
) -> Removed:
    """Return what is missing of a pack and rightly so.

    Args:
        entries: the opened entries of its log.
        records: the identifiers of the records in it.
        decisions: the identifiers of the decisions in it.
    """
    filed: dict[str, str | None] = {}
    decided: set[str] = set()
    counted = {"records": 0, "decisions": 0}
    for opened in entries:
        entry = opened.entry
        if opened.kind == "evidence-recorded":
            filed[str(entry.get("evidence"))] = opened.person
        elif opened.kind in _DECIDED and entry.get("decision") is not None:
            decided.add(str(entry["decision"]))
        elif opened.kind == "retention-removed" or (opened.kind == _ERASED and "sealed_anew" in entry):
            for what in counted:
                number = entry.get(what)
                counted[what] += number if isinstance(number, int) else 0
    lacking = filed.keys() - set(records)
    gone = decided - set(decisions)
    people = {person for name in lacking if (person := filed[name]) is not None}
    return Removed(
        people=frozenset(people) if len(lacking) <= counted["records"] else frozenset(),
        decisions=frozenset(gone) if len(gone) <= counted["decisions"] else frozenset(),
    )
