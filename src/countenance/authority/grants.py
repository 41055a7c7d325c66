"""A yes, and the records that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from countenance.authority.resolver import Resolution
from countenance.kernel import EvidenceId, PermitClaims, PermitToken
from countenance.policy import Verdict
from countenance.store import EvidenceRecord, LogReceipt

__all__ = ["Granted", "last_moment", "rests_on"]

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Granted:
    """A yes.

    Attributes:
        token: the permit as it travels.
        claims: what it says.
        verdict: why.
        log: where the yes stands in the transparency log.
    """

    token: PermitToken = field(repr=False)
    claims: PermitClaims
    verdict: Verdict
    log: LogReceipt


def rests_on(
    verdict: Verdict, resolutions: Sequence[Resolution], *, operations: Sequence[str]
) -> tuple[tuple[str, EvidenceRecord], ...]:
    """Return the records that a yes rests on: for each key, site and operation the one that lasts longest.

    Statements count as well: a yes that rests on "nobody was pressed" ends when that is withdrawn.
    """
    keys = [key for key, _ in verdict.satisfied_by] + [trigger for trigger, _ in verdict.stated]
    chosen: dict[tuple[str, EvidenceId], EvidenceRecord] = {}
    for resolution in {
        id(r): r for each in resolutions for r in map(each.for_operation, operations)
    }.values():
        for key in keys:
            ids = resolution.evidence.get(key, ()) + resolution.statements.get(key, ())
            if ids:
                lasting = max((resolution.records[i] for i in ids), key=_lasts)
                chosen[key, lasting.evidence_id] = lasting
    return tuple((key, record) for (key, _), record in sorted(chosen.items(), key=lambda item: item[0]))


def _lasts(record: EvidenceRecord) -> tuple[bool, float, str]:
    ends = record.valid_until
    return (ends is None, ends.timestamp() if ends is not None else 0.0, record.evidence_id)


def last_moment(latest: datetime, records: Iterable[EvidenceRecord]) -> datetime:
    """Return the last moment of a permit: none outlives what it rests on."""
    ends = [record.valid_until - _TICK for record in records if record.valid_until is not None]
    return min([latest, *ends])
