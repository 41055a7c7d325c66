"""Holds a store's tables against its transparency log: each row has its entry, each entry its row.

Rules kept here:

* A MAC says that a row was written here; it doesn't say that a row is still there, or is the latest state of
  it. The log says which were filed, withdrawn, permitted and decided.
* What was erased, or removed when its time was over, is rightly gone; the log says that too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from countenance.kernel import sha256_hex
from countenance.release.findings import Finding, FindingCode
from countenance.store import AuditedStore, AuditReader, EntryState, Store

__all__ = ["check_store"]

_EVIDENCE: Final = "evidence"
_PERMITS: Final = "permits"
_DECISIONS: Final = "decisions"
_ERROR_TABLES: Final = "error_tables"
_LOG: Final = "log"
_ERASED: Final = "log-erased"
_FILED: Final = frozenset({"evidence-recorded", "duty-discharged"})


def check_store(store: Store, *, witnessed: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Return everything that isn't as it was written.

    Args:
        store: an open one.
        witnessed: signed checkpoints of this log that were kept outside the store.
    """
    log = store.log.verify(witnessed=witnessed)
    findings = [
        Finding(
            FindingCode.LOG_BROKEN, _LOG, f"{one.code.value} {'' if one.index is None else one.index}".strip()
        )
        for one in log.findings
    ]
    findings += [Finding(FindingCode.ROW_ALTERED, one.table, one.identifier) for one in store.check_records()]
    found = AuditReader(store=store).read()
    if not found.head_whole:
        findings.append(Finding(FindingCode.LOG_BROKEN, _LOG, "head-differs"))
    if not found.checkpoints_whole:
        findings.append(Finding(FindingCode.CHECKPOINT_MISSING, "log_checkpoints"))
    findings += [
        Finding(FindingCode.ENTRY_ALTERED, _LOG, str(one.entry.index))
        for one in found.entries
        if one.state in (EntryState.ALTERED, EntryState.KEY_MISSING)
    ]
    findings += [Finding(FindingCode.ROW_ALTERED, _EVIDENCE, name) for name in found.evidence_tampered]
    ledger = _Ledger(found)
    findings += [*ledger.evidence(), *ledger.permits(), *ledger.decisions()]
    findings += ledger.error_tables(store.error_tables.hashes())
    return tuple(dict.fromkeys(findings))


class _Ledger:
    """What the log says, held against the rows."""

    def __init__(self, found: AuditedStore) -> None:
        self._found = found
        self._filed: dict[str, str] = {}
        self._withdrawn: set[str] = set()
        self._permitted: dict[str, Mapping[str, object]] = {}
        self._decided: dict[str, Mapping[str, object]] = {}
        self._calibrated: dict[str, str | None] = {}
        self._removed = {_EVIDENCE: 0, _DECISIONS: 0}
        for audited in found.entries:
            self._take(audited.entry.kind, audited.entry.entry or {})

    def _take(self, kind: str | None, entry: Mapping[str, object]) -> None:
        if kind in _FILED:
            self._filed[str(entry["evidence"])] = str(entry["content_hash"])
        elif kind == "evidence-withdrawn":
            self._withdrawn.add(str(entry["evidence"]))
        elif kind == "consent-withdrawn":
            named = entry["evidence"]
            self._withdrawn.update(map(str, named if isinstance(named, list) else ()))
        elif kind == "verdict" and entry.get("permit") is not None:
            self._permitted[str(entry["permit"])] = entry
        elif kind in ("decision", "analysis", "document") and entry.get("decision") is not None:
            self._decided[str(entry["decision"])] = entry
        elif kind == "calibration":
            kept = entry.get("sha256")
            self._calibrated[str(entry["model"])] = None if kept is None else str(kept)
        elif kind == "retention-removed" or (kind == _ERASED and "sealed_anew" in entry):
            # Of other erasures the log doesn't say any more what they took away.
            self._removed[_EVIDENCE] += _count(entry.get("records"))
            self._removed[_DECISIONS] += _count(entry.get("decisions"))

    def error_tables(self, there: Mapping[str, str]) -> list[Finding]:
        """Compare the deployment's own error tables with what the log says was kept last.

        Args:
            there: SHA-256 of each table on file, by network.
        """
        findings = []
        for model, logged in self._calibrated.items():
            if logged is not None and model not in there:
                # The table that came along would decide in its place.
                findings.append(Finding(FindingCode.RECORD_MISSING, _ERROR_TABLES, model))
        for model, digest in there.items():
            if self._calibrated.get(model) != digest:
                findings.append(Finding(FindingCode.RECORD_NOT_LOGGED, _ERROR_TABLES, model))
        return findings

    def evidence(self) -> list[Finding]:
        """Compare the records on file with what the log files and withdraws."""
        findings = []
        there = {*self._found.evidence_erased, *self._found.evidence_tampered}
        erasures = any(one.state is EntryState.ERASED for one in self._found.entries)
        for record in self._found.evidence:
            name = str(record.evidence_id)
            there.add(record.evidence_id)
            logged = self._filed.get(name)
            # The statement that filed it may have been erased for one purpose while the record stays.
            if logged != record.content_hash and not (logged is None and erasures):
                findings.append(Finding(FindingCode.RECORD_NOT_LOGGED, _EVIDENCE, name))
            if (record.withdrawn_at is not None) != (name in self._withdrawn):
                findings.append(Finding(FindingCode.WITHDRAWAL_DIFFERS, _EVIDENCE, name))
        missing = sorted(self._filed.keys() - there)
        return findings + self._missing(missing, _EVIDENCE, FindingCode.RECORD_MISSING)

    def permits(self) -> list[Finding]:
        """Compare the permits on record with the verdicts in the log."""
        there = {permit.permit_id: permit for permit in self._found.permits}
        gone = self._permitted.keys() - there.keys() - set(self._found.permits_tampered)
        findings = [Finding(FindingCode.PERMIT_MISSING, _PERMITS, name) for name in sorted(gone)]
        findings += [
            Finding(FindingCode.PERMIT_DIFFERS, _PERMITS, name)
            for name, permit in sorted(there.items())
            if name in self._permitted and self._permitted[name].get("request") != permit.request_digest
        ]
        return findings + self._unlogged(there.keys() - self._permitted.keys(), _PERMITS)

    def decisions(self) -> list[Finding]:
        """Compare the decisions on record with those in the log."""
        there = {one.decision_id: one for one in self._found.decisions}
        findings = [
            Finding(FindingCode.RECEIPT_DIFFERS, _DECISIONS, name)
            for name, one in sorted(there.items())
            if name in self._decided and self._decided[name].get("sealed") != sha256_hex(one.sealed)
        ]
        gone = sorted(self._decided.keys() - there.keys() - set(self._found.decisions_tampered))
        findings += self._missing(gone, _DECISIONS, FindingCode.DECISION_MISSING)
        return findings + self._unlogged(there.keys() - self._decided.keys(), _DECISIONS)

    def _missing(self, names: list[str], table: str, code: FindingCode) -> list[Finding]:
        """Name what is gone, unless no more is gone than was removed when its time was over."""
        if len(names) <= self._removed[table]:
            return []
        return [Finding(code, table, name) for name in names]

    def _unlogged(self, names: Iterable[str], table: str) -> list[Finding]:
        """Name rows that no entry is about, unless there are as many entries that were erased."""
        unlogged = sorted(names)
        erased = sum(one.state is EntryState.ERASED for one in self._found.entries)
        if len(unlogged) <= erased:
            return []
        return [Finding(FindingCode.RECORD_NOT_LOGGED, table, name) for name in unlogged]


def _count(written: object) -> int:
    return written if isinstance(written, int) else 0
