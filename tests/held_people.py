"""People about whom a store holds something, with markers that a byte scan can look for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from countenance.kernel import DecisionId, PermitId, PurposeId, SubjectId, new_id
from countenance.store import (
    UNBOUND,
    DecisionRecord,
    EvidenceKind,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    LegalHold,
    PermitRecord,
    Store,
)

__all__ = ["NOON", "Held", "hold_on", "keep"]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Held:
    """What was put into a store about one person for one purpose."""

    subject: SubjectId
    purpose: PurposeId
    records: tuple[EvidenceRecord, ...]
    decisions: tuple[DecisionId, ...]
    statements: tuple[int, ...]


def keep(
    store: Store,
    subject: SubjectId,
    purpose: PurposeId,
    *,
    records: int = 1,
    decisions: int = 1,
    statements: int = 1,
    at: datetime = NOON,
    valid_for: timedelta | None = timedelta(hours=1),
) -> Held:
    """Put records, sealed decisions and log statements about a person into a store."""
    scope = EvidenceScope(purpose=None if purpose == UNBOUND else purpose, subject=subject)
    filed = []
    for number in range(records):
        record = EvidenceRecord.make(
            key="consent.bundled_or_forced",
            content={"value": False, "said": f"{subject} said {number}"},
            author="clerk",
            issuer=Issuer.PERSON,
            recorded_at=at,
            scope=scope,
            kind=EvidenceKind.STATEMENT,
            valid_until=None if valid_for is None else at + valid_for,
        )
        store.evidence.add(record)
        filed.append(record)
    decided = []
    for _ in range(decisions):
        permit, decision = PermitId(new_id("prm")), DecisionId(new_id("dec"))
        store.permits.record(PermitRecord(permit, "0" * 64, 0, at, at + timedelta(minutes=2)))
        sealed = store.vault.seal(subject, purpose, subject.encode(), context={"record": "decision"})
        store.decisions.add(DecisionRecord(decision, permit, at, sealed, "receipt"))
        decided.append(decision)
    bound = None if purpose == UNBOUND else purpose
    written = tuple(
        store.log.append("verdict", {"outcome": "permitted"}, subject=subject, purpose=bound).index
        for _ in range(statements)
    )
    return Held(subject, purpose, tuple(filed), tuple(decided), written)


def hold_on(store: Store, subject: SubjectId, *, at: datetime = NOON, days: int = 30) -> LegalHold:
    """Hold a person's records back."""
    hold = LegalHold(
        hold_id=new_id("hld"),
        subject=subject,
        ground="court order 7",
        until=at + timedelta(days=days),
        placed_by="officer",
        placed_at=at,
    )
    store.holds.place(hold)
    return hold
