"""Verifies an evidence pack with a public key alone: no installation, no network.

Rules kept here:

* Nothing in the pack is believed because it is in the pack. What the key signed, what hashes to what was
  signed, and what the rules give again, is.
* Whatever doesn't hold is named, all of it; nothing is raised for a pack that can be taken apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from countenance.decisions import RECEIPT_KIND, Receipt
from countenance.kernel import CountenanceError, DeploymentId, canonical_json, sha256_hex
from countenance.release.archive import read_archive
from countenance.release.export import MANIFEST_KIND
from countenance.release.findings import DecisionProof, Finding, FindingCode, PackReport
from countenance.release.forms import (
    SCHEMA,
    WHOLE,
    device_of,
    issuer_of,
    permit_of,
    place_of,
    record_of,
)
from countenance.release.pack_log import OpenedEntry, PackedLog, read_log
from countenance.release.reaching import PackedFacts, Reached
from countenance.release.removed import Removed, removed_in
from countenance.release.rule_texts import rules_of
from countenance.store import (
    Deployment,
    EvidenceRecord,
    NoteKey,
    PermitRecord,
    PublicVerifier,
    SignatureRefused,
    WitnessKey,
)

__all__ = ["verify_pack"]

_MANIFEST: Final = "manifest.json"
_SIGNED: Final = "manifest.jws"
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
_FILED: Final = frozenset({"evidence-recorded", "duty-discharged"})


def verify_pack(data: bytes, *, key: PublicVerifier, witnesses: Sequence[WitnessKey] = ()) -> PackReport:
    """Verify an evidence pack.

    Args:
        data: the file.
        key: the installation's public key, got from elsewhere than the pack.
        witnesses: whose cosignatures count.

    Raises:
        PackUnreadable: if it can't be taken apart.
    """
    members, damaged, whole = read_archive(data)
    check = _PackCheck(members, key=key)
    check.findings += [Finding(FindingCode.MEMBER_DAMAGED, name) for name in damaged]
    if not whole:
        check.findings.append(Finding(FindingCode.ARCHIVE_ALTERED, "archive"))
    return check.run(witnesses)


class _PackCheck:
    """One look at one pack."""

    def __init__(self, members: Mapping[str, bytes], *, key: PublicVerifier) -> None:
        self._members = members
        self._key = key
        self.findings: list[Finding] = []
        self._log = PackedLog()
        self._records: dict[str, EvidenceRecord] = {}
        self._gists: set[str] = set()
        self._permits: dict[str, PermitRecord] = {}
        self._verdicts: dict[str, OpenedEntry] = {}
        self._facts: PackedFacts | None = None
        self._agreed = 0
        self._removed = Removed()
        self._unreached: set[int] = set()

    def run(self, witnesses: Sequence[WitnessKey]) -> PackReport:
        manifest = self._manifest()
        name = f"countenance/{manifest.get('deployment', '')}"
        self._log = read_log(
            self._members,
            key=NoteKey(name if name[-1] != "/" else "countenance/unknown", self._key.public_bytes),
            witnesses=witnesses,
            entry_range=_pair(manifest.get("entries")),
        )
        self.findings += self._log.findings
        self._read_records()
        self._read_permits()
        self._facts = self._read_facts(manifest)
        self._removed = removed_in(
            self._log.entries.values(),
            records=self._records,
            decisions=[str(written.get("id")) for written in self._list("decisions.json")],
        )
        self._check_verdicts()
        decisions = self._decisions()
        return PackReport(
            findings=tuple(dict.fromkeys(self.findings)),
            decisions=decisions,
            verdicts=self._agreed,
            unreached=len(self._unreached),
            entries=self._log.proved,
            opened=len(self._log.entries),
            witnesses=tuple(self._log.witnesses[one] for one in sorted(self._log.witnesses)),
            tree_size=0 if self._log.head is None else self._log.head.size,
        )

    def _manifest(self) -> Mapping[str, Any]:
        """Return the signed manifest after comparing the members with it; empty if it isn't signed."""
        token = self._members.get(_SIGNED, b"").decode(errors="replace")
        try:
            manifest: Mapping[str, Any] = self._key.verify(token, kind=MANIFEST_KIND)
        except SignatureRefused:
            self.findings.append(Finding(FindingCode.MANIFEST_FORGED, _SIGNED))
            return {}
        if manifest.get("schema") != SCHEMA:
            self.findings.append(Finding(FindingCode.MEMBER_MALFORMED, _SIGNED, "schema"))
        if self._members.get(_MANIFEST) != canonical_json(dict(manifest)):
            self.findings.append(Finding(FindingCode.MEMBER_ALTERED, _MANIFEST))
        named: Mapping[str, Mapping[str, object]] = manifest["members"]
        for name in sorted(named.keys() | self._members.keys() - {_MANIFEST, _SIGNED}):
            if name not in self._members:
                self.findings.append(Finding(FindingCode.MEMBER_MISSING, name))
            elif name not in named:
                self.findings.append(Finding(FindingCode.MEMBER_ADDED, name))
            elif sha256_hex(self._members[name]) != named[name]["sha256"]:
                self.findings.append(Finding(FindingCode.MEMBER_ALTERED, name))
        keys = self._json("keys.json", {})
        if isinstance(keys, dict) and keys.get("jwk") != dict(self._key.public_jwk()):
            self.findings.append(Finding(FindingCode.KEY_DIFFERS, "keys.json"))
        return manifest

    def _read_records(self) -> None:
        filed, withdrawn = self._filings()
        for number, written in enumerate(self._list("evidence.json")):
            try:
                record, whole = record_of(written), written["shown"] == WHOLE
            except _MALFORMED:
                self._malformed("evidence.json", number)
                continue
            name = str(record.evidence_id)
            self._records[name] = record
            if not whole:
                self._gists.add(name)
            elif not record.holds_its_hash():
                self.findings.append(Finding(FindingCode.RECORD_ALTERED, "evidence.json", name))
            if filed.get(name) != record.content_hash:
                self.findings.append(Finding(FindingCode.RECORD_NOT_LOGGED, "evidence.json", name))
            if (record.withdrawn_at is not None) != (name in withdrawn):
                self.findings.append(Finding(FindingCode.WITHDRAWAL_DIFFERS, "evidence.json", name))

    def _filings(self) -> tuple[dict[str, str], set[str]]:
        """Return the content hash of each record that the log files, and those that it withdraws."""
        filed: dict[str, str] = {}
        withdrawn: set[str] = set()
        for opened in self._log.entries.values():
            entry = opened.entry
            if opened.kind in _FILED:
                filed[str(entry.get("evidence"))] = str(entry.get("content_hash"))
            elif opened.kind == "evidence-withdrawn":
                withdrawn.add(str(entry.get("evidence")))
            elif opened.kind == "consent-withdrawn":
                withdrawn.update(map(str, entry.get("evidence", ())))
        return filed, withdrawn

    def _read_permits(self) -> None:
        self._verdicts = {
            str(opened.entry["permit"]): opened
            for opened in self._log.entries.values()
            if opened.kind == "verdict" and opened.entry.get("permit") is not None
        }
        for number, written in enumerate(self._list("permits.json")):
            try:
                permit = permit_of(written)
            except _MALFORMED:
                self._malformed("permits.json", number)
                continue
            self._permits[permit.permit_id] = permit
            verdict = self._verdicts.get(permit.permit_id)
            if verdict is not None and (
                verdict.entry.get("request") != permit.request_digest
                or verdict.entry.get("judged_at") != permit.issued_at.isoformat()
            ):
                self.findings.append(Finding(FindingCode.PERMIT_DIFFERS, "permits.json", permit.permit_id))

    def _read_facts(self, manifest: Mapping[str, Any]) -> PackedFacts | None:
        registers = self._json("registers.json", {})
        try:
            rules, vocabulary = rules_of(self._members)
        except (CountenanceError, *_MALFORMED):
            self.findings.append(Finding(FindingCode.MEMBER_MALFORMED, "rules"))
            return None
        try:
            return PackedFacts(
                deployment=Deployment(
                    DeploymentId(str(manifest.get("deployment", ""))),
                    bool(manifest.get("demo", False)),
                    datetime.min.replace(tzinfo=UTC),
                ),
                verifier=self._key,
                rules=rules,
                vocabulary=vocabulary,
                places=[place_of(one) for one in registers["places"]],
                devices=[device_of(one) for one in registers["devices"]],
                issuers=[issuer_of(one) for one in registers["issuers"]],
                records=list(self._records.values()),
            )
        except _MALFORMED:
            self.findings.append(Finding(FindingCode.MEMBER_MALFORMED, "registers.json"))
            return None

    def _check_verdicts(self) -> None:
        """Ask the rules again about everything that the log says was asked."""
        for opened in self._log.entries.values():
            if opened.kind != "verdict" or "judged_at" not in opened.entry:
                continue
            found = self._verdict_findings(opened)
            self.findings += found
            self._agreed += not found and opened.index not in self._unreached

    def _verdict_findings(self, opened: OpenedEntry) -> list[Finding]:
        where, which = "log/entries.jsonl", str(opened.index)
        if self._facts is None:
            return [Finding(FindingCode.VERDICT_NOT_SHOWN, where, which)]
        if opened.entry.get("rule_set") != self._facts.rule_set:
            return [Finding(FindingCode.RULES_DIFFER, where, which)]
        try:
            reached: Reached = self._facts.reach(opened.entry, person=opened.person)
        except (CountenanceError, *_MALFORMED):
            return [Finding(FindingCode.VERDICT_NOT_SHOWN, where, which)]
        permitted = opened.entry.get("permit") is not None
        stated = tuple(tuple(map(str, one)) for one in opened.entry.get("evidence", ()))
        same = reached.digest == opened.entry.get("verdict") and (not permitted or reached.allowed)
        if not same or (permitted and stated != reached.rests_on):
            if opened.person is not None and opened.person in self._removed.people:
                self._unreached.add(opened.index)
                return []
            return [Finding(FindingCode.VERDICT_DIFFERS, where, which)]
        return []

    def _decisions(self) -> tuple[DecisionProof, ...]:
        proofs = []
        receipts = set()
        for number, written in enumerate(self._list("decisions.json")):
            try:
                proofs.append(self._decision(written))
                receipts.add(str(written["id"]))
            except _MALFORMED:
                self._malformed("decisions.json", number)
        for opened in self._log.entries.values():
            name = opened.entry.get("decision")
            there = name is None or name in receipts or str(name) in self._removed.decisions
            if opened.kind == "decision" and not there:
                self.findings.append(Finding(FindingCode.DECISION_MISSING, "decisions.json", str(name)))
        self.findings += [finding for proof in proofs for finding in proof.findings]
        return tuple(proofs)

    def _decision(self, written: Mapping[str, Any]) -> DecisionProof:
        name, permit_id = str(written["id"]), str(written["permit"])
        verdict = self._verdicts.get(permit_id)
        findings: list[Finding] = []
        outcome = "unknown"
        try:
            receipt = Receipt.from_claims(self._key.verify(str(written["receipt"]), kind=RECEIPT_KIND))
        except CountenanceError:
            findings.append(Finding(FindingCode.RECEIPT_FORGED, "decisions.json", name))
        else:
            outcome = receipt.outcome.value
            if not self._receipt_agrees(receipt, written):
                findings.append(Finding(FindingCode.RECEIPT_DIFFERS, "decisions.json", name))
        permit = self._permits.get(permit_id)
        if verdict is None or permit is None:
            findings.append(Finding(FindingCode.PERMIT_MISSING, "permits.json", permit_id))
        else:
            findings += [Finding(one.code, one.where, name) for one in self._verdict_findings(verdict)]
        claims = [] if verdict is None else [(str(key), str(i)) for key, i, _ in verdict.entry["evidence"]]
        return DecisionProof(
            decision_id=name,
            outcome=outcome,
            permit_id=permit_id,
            rules=() if verdict is None else tuple(str(rule) for rule, _ in verdict.entry["rules"]),
            evidence=tuple(claims),
            by_gist=len({i for _, i in claims} & self._gists),
            findings=tuple(findings),
            unreached=verdict is not None and verdict.index in self._unreached,
        )

    def _receipt_agrees(self, receipt: Receipt, written: Mapping[str, Any]) -> bool:
        """Say whether a receipt is the decision that the log holds, under the permit that it names."""
        opened = self._log.entries.get(receipt.log_index)
        if opened is None or opened.kind != "decision":
            return False
        verdict = self._verdicts.get(receipt.permit_id)
        permit = self._permits.get(receipt.permit_id)
        entry = opened.entry
        return (
            opened.leaf == receipt.leaf_hash
            and str(written["id"]) == receipt.decision_id == entry.get("decision")
            and str(written["permit"]) == receipt.permit_id == entry.get("permit")
            and datetime.fromisoformat(str(written["decided_at"])).replace(microsecond=0)
            == receipt.decided_at
            and receipt.outcome.value == entry.get("outcome")
            and receipt.rule_set == entry.get("rule_set")
            and written["sealed_sha256"] == entry.get("sealed")
            and verdict is not None
            and permit is not None
            and verdict.index < opened.index
            and verdict.entry.get("request") == entry.get("request")
            and permit.issued_at.replace(microsecond=0) <= receipt.decided_at
        )

    def _json(self, name: str, otherwise: object) -> Any:  # noqa: ANN401 - a JSON value
        try:
            return json.loads(self._members.get(name, b""))
        except (ValueError, RecursionError):
            self.findings.append(Finding(FindingCode.MEMBER_MALFORMED, name))
            return otherwise

    def _list(self, name: str) -> list[Mapping[str, Any]]:
        found = self._json(name, [])
        if isinstance(found, list) and all(isinstance(one, dict) for one in found):
            return found
        self.findings.append(Finding(FindingCode.MEMBER_MALFORMED, name))
        return []

    def _malformed(self, name: str, number: int) -> None:
        self.findings.append(Finding(FindingCode.MEMBER_MALFORMED, name, str(number)))


def _pair(written: object) -> tuple[int, int] | None:
    if isinstance(written, list) and len(written) == 2 and all(isinstance(one, int) for one in written):  # noqa: PLR2004
        return (written[0], written[1])
    return None
