"""What the desk writes into the transparency log: ids, rule ids, hashes, outcomes. Nothing else.

No entry holds a title, a sentence that somebody wrote, an author, a score or a file name. What an entry
says about one person's request lies under that person's data key, so that it can be erased; the leaf
stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from countenance.authority.withdrawals import ConsentWithdrawn
from countenance.kernel import (
    DutyClaim,
    EvidenceClaim,
    PermitId,
    ProcessingRequest,
    canonical_sha256,
)
from countenance.policy import Verdict
from countenance.store import (
    DeviceEnrolment,
    DutyRecord,
    EvidenceRecord,
    LogDraft,
    LogReceipt,
    OutsideIssuer,
    Store,
)

__all__ = ["Journal"]


class Journal:
    """Writes what the desk did.

    Args:
        store: whose log is written.
    """

    __slots__ = ("_log",)

    def __init__(self, *, store: Store) -> None:
        self._log = store.log

    def verdict(
        self,
        request: ProcessingRequest,
        verdict: Verdict,
        *,
        at: datetime,
        permit: PermitId | None,
        evidence: Sequence[EvidenceClaim] = (),
        duties: Sequence[DutyClaim] = (),
        overdue: Sequence[DutyRecord] = (),
    ) -> LogReceipt:
        """Write a yes (with the permit that will be signed) or a no, and the moment that it is about."""
        entry = {
            "request": request.digest(),
            "operations": list(request.operations),
            "purpose": request.purpose,
            "place": request.place,
            "device": request.device,
            "judged_at": at.isoformat(),
            "outcome": "refused" if permit is None else "permitted",
            "permit": permit,
            "rule_set": verdict.rule_set,
            "rules": [[finding.rule_id, finding.status.value] for finding in verdict.findings],
            "missing": [list(missing.alternatives) for missing in verdict.missing],
            "unknown": [unknown.trigger for unknown in verdict.unknown],
            "evidence": [[claim.key, claim.evidence_id, claim.content_hash] for claim in evidence],
            "duties": [[duty.duty_id, duty.key, duty.due.isoformat()] for duty in duties],
            "overdue": [duty.duty_id for duty in overdue],
            "verdict": canonical_sha256(verdict.to_json()),
        }
        return self._log.append("verdict", entry, subject=request.subject, purpose=request.purpose)

    def recorded(self, records: Iterable[EvidenceRecord]) -> tuple[LogReceipt, ...]:
        """Write that records were filed, an entry each, under one signed head."""
        return self._log.append_all([_evidence("evidence-recorded", record) for record in records])

    def withdrawn(self, record: EvidenceRecord) -> LogReceipt:
        """Write that a record was withdrawn."""
        return self._log.append_all((_evidence("evidence-withdrawn", record),))[0]

    def discharged(self, duty: DutyRecord, record: EvidenceRecord) -> LogReceipt:
        """Write that a duty was discharged, by whose word, and with what record."""
        entry = {
            "duty": duty.duty_id,
            "key": duty.key,
            "permit": duty.permit_id,
            "evidence": record.evidence_id,
            "content_hash": record.content_hash,
            "issuer": record.issuer.value,
        }
        return self._log.append(
            "duty-discharged", entry if duty.case_id is None else entry | {"case": duty.case_id}
        )

    def registered(self, what: str, identifier: str) -> LogReceipt:
        """Write that a purpose, place or device was registered."""
        return self._log.append("registered", {"what": what, "id": identifier})

    def consent_withdrawn(
        self, what: ConsentWithdrawn, *, told: Sequence[str], unfinished: Sequence[str]
    ) -> LogReceipt:
        """Write that a consent was withdrawn, what ended with it, and who let go of what rested on it."""
        entry = {
            "evidence": list(what.records),
            "purpose": what.purpose,
            "told": list(told),
            "unfinished": list(unfinished),
        }
        return self._log.append("consent-withdrawn", entry, subject=what.subject, purpose=what.purpose)

    def device_changed(self, enrolment: DeviceEnrolment) -> LogReceipt:
        """Write that a device got a key or another status."""
        entry = {"device": enrolment.device_id, "key_id": enrolment.key_id, "status": enrolment.status.value}
        return self._log.append("device-changed", entry)

    def issuer_changed(self, issuer: OutsideIssuer) -> LogReceipt:
        """Write that a body outside was registered or revoked."""
        entry = {
            "key_id": issuer.key_id,
            "kind": issuer.kind.value,
            "keys": list(issuer.keys),
            "revoked": issuer.revoked_at is not None,
        }
        return self._log.append("issuer-changed", entry)


def _evidence(kind: str, record: EvidenceRecord) -> LogDraft:
    entry = {
        "evidence": record.evidence_id,
        "key": record.key,
        "content_hash": record.content_hash,
        "issuer": record.issuer.value,
        "demo": record.demo,
    }
    return LogDraft(kind, entry, record.scope.subject, record.scope.purpose)
