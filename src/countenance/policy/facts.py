"""What is known when the rules are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

__all__ = ["Facts"]


@dataclass(frozen=True, slots=True)
class Facts:
    """One operation at one kind of place, and what was stated and filed about it.

    Attributes:
        operation: from the vocabulary.
        place_kind: from the vocabulary.
        jurisdictions: of the place, such as ``("CN",)`` or ``("US/NY/NYC",)``; empty is refused.
        at: the day for which it is asked.
        triggers: facts that were stated, true or false. One that isn't here is unknown, not false.
        evidence: evidence key to the identifiers of the records on file; none, or an empty tuple, means
            that there is none.
    """

    operation: str
    place_kind: str
    jurisdictions: tuple[str, ...]
    at: date
    triggers: Mapping[str, bool]
    evidence: Mapping[str, tuple[str, ...]]
