"""Lets go of enrolled references whose time is over.

Rules kept here:

* A reference goes when the consent on which it rests no longer counts, or earlier, when a limit of its
  purpose says so. When the person was last here isn't known of a reference: such limits count from enrolment.
* A legal hold keeps it. It takes part in no search meanwhile, once its own time is over.
* A row that isn't as it was written is counted and stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from countenance.cases.retention import Anchors, Limit, timer_of
from countenance.kernel import PurposeId, SubjectId
from countenance.store import Store

__all__ = ["EndedReferences", "ReferenceSweep", "take_away"]

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class EndedReferences:
    """What went.

    Attributes:
        references: how many.
        tampered: how many rows weren't believed, and stayed.
        by_rule: how many went by each rule, by its name.
    """

    references: int
    tampered: int
    by_rule: Mapping[str, int]


class ReferenceSweep:
    """Lets go of references in one store.

    Args:
        store: where they are.
    """

    __slots__ = ("_store",)

    def __init__(self, *, store: Store) -> None:
        self._store = store

    def let_go(
        self,
        at: datetime,
        *,
        older_than: datetime,
        limits: Callable[[PurposeId], Sequence[Limit]],
        held: Collection[SubjectId],
    ) -> EndedReferences:
        """Take away what has to be gone at a moment.

        Args:
            at: the moment, aware.
            older_than: what was enrolled before this may have reached a limit.
            limits: gives those of a purpose.
            held: whose records a legal hold keeps.
        """
        names: Counter[str] = Counter()
        tampered, after, some = 0, "", True
        while some:
            found = self._store.references.candidates(at, older_than=older_than, most=_AT_ONCE, after=after)
            some, after = len(found) == _AT_ONCE, found[-1][0] if found else after
            over: Counter[str] = Counter()
            gone = []
            for identifier, record in found:
                if record is None:
                    tampered += 1
                    continue
                if record.subject in held:
                    continue
                timer = timer_of(
                    Anchors(record.added_at, record.added_at),
                    limits(record.purpose),
                    own_end=record.valid_until,
                )
                if timer.over_at(at):
                    gone.append(identifier)
                    over.update(timer.names[:1])
            if gone:
                take_away(self._store, gone, rules=sorted(over))
            names.update(over)
        return EndedReferences(names.total(), tampered, dict(names))


def take_away(store: Store, reference_ids: Sequence[str], *, rules: Sequence[str]) -> None:
    """Take references off file and say in the log how many and by which rules; both or neither."""
    with store.together():
        store.references.remove(reference_ids)
        store.log.append("retention-removed", {"references": len(reference_ids), "rules": list(rules)})
