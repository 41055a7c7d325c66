"""The evidence pack: what an auditor needs to see for himself what was permitted, and why.

Rules kept here:

* One archive, the same for the same state and range. Every member's hash stands in a signed manifest.
* Entries of the log go in with the proof that they are in it. Of kinds that aren't named here the
  commitment alone goes in.
* What a record says about a person, templates, scores and sealed contents don't go in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Final

from countenance import __version__
from countenance.authority import Vouching
from countenance.kernel import OperatorError, SubjectId, canonical_json, sha256_hex
from countenance.release.archive import write_archive
from countenance.release.forms import SCHEMA, record_to_json, to_json
from countenance.release.guide import GUIDE
from countenance.store import (
    AuditedEntry,
    AuditedStore,
    AuditReader,
    Checkpoint,
    EntryState,
    EvidenceRecord,
    MemoryNodes,
    Store,
    add_line,
    consistency_path,
    inclusion_path,
    open_checkpoint,
)

__all__ = ["MANIFEST_KIND", "OPENED_KINDS", "ExportRange", "StoreNotWhole", "export_pack"]

MANIFEST_KIND: Final = "countenance-audit-pack+jws"
"""The ``typ`` of a manifest's JWS header."""

OPENED_KINDS: Final = frozenset(
    {
        "analysis", "consent-withdrawn", "decision", "device-changed", "document", "duty-began",
        "duty-discharged", "evidence-recorded", "evidence-withdrawn", "issuer-changed", "key-issued",
        "key-revoked", "liveness", "log-erased", "registered", "retention-removed", "verdict",
    }
)  # fmt: skip
"""Kinds of entries that an auditor reads: identifiers, rules, hashes and outcomes."""

_RECORDING: Final = frozenset(
    {"evidence-recorded", "evidence-withdrawn", "consent-withdrawn", "duty-discharged"}
)
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)


class StoreNotWhole(OperatorError):
    """What is to be exported isn't as it was written."""

    code = "store-not-whole"
    default_remedy = "Look at what differs: countenance audit check. Keep the data folder as it is."


@dataclass(frozen=True, slots=True)
class ExportRange:
    """From when until when.

    Attributes:
        begin: the first moment, aware; ``None`` for the beginning.
        end: the moment before which it ends, aware; ``None`` for now.
    """

    begin: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Say whether a moment lies in it."""
        return (self.begin or _EARLIEST) <= moment < (self.end or _LATEST)


def export_pack(
    store: Store,
    *,
    rule_texts: Mapping[str, bytes],
    span: ExportRange = ExportRange(),
    cosigned: Sequence[str] = (),
) -> bytes:
    """Return an evidence pack.

    Args:
        store: whose log and records.
        rule_texts: the rules in force, by their names in a pack.
        span: of which time.
        cosigned: checkpoints of this log that witnesses cosigned.

    Raises:
        StoreNotWhole: if a record or an entry isn't as it was written; a pack would hide it.
        LogBroken: if the log's head isn't one that was signed over its leaves.
    """
    store.log.checkpoint()
    found = AuditReader(store=store).read()
    _require_whole(found)
    packing = _Packing(store, found, span)
    members = {
        **rule_texts,
        **packing.log(cosigned),
        "README.md": GUIDE.encode(),
        "keys.json": canonical_json({"jwk": dict(store.signer.public_jwk()), "log": store.log.key.to_text()}),
        "registers.json": packing.registers(),
        "evidence.json": packing.evidence(),
        "permits.json": packing.permits(),
        "decisions.json": packing.decisions(),
        **_figures(),
    }
    manifest = {
        "schema": SCHEMA,
        "product": __version__,
        "deployment": store.deployment.deployment_id,
        "demo": store.deployment.demo,
        "from": None if span.begin is None else span.begin.isoformat(),
        "to": None if span.end is None else span.end.isoformat(),
        "entries": packing.entry_range(),
        "tree_size": len(found.entries),
        "members": {name: {"sha256": sha256_hex(data), "size": len(data)} for name, data in members.items()},
    }
    members["manifest.json"] = canonical_json(manifest)
    members["manifest.jws"] = store.signer.sign(manifest, kind=MANIFEST_KIND).encode()
    return write_archive(members)


def _require_whole(found: AuditedStore) -> None:
    altered = [one for one in found.entries if one.state in (EntryState.ALTERED, EntryState.KEY_MISSING)]
    broken = (found.evidence_tampered, found.permits_tampered, found.decisions_tampered, altered)
    if any(broken) or not found.head_whole:
        raise StoreNotWhole("A record or an entry of the log isn't as this installation wrote it.")


def _figures() -> dict[str, bytes]:
    folder = files("countenance.decisions").joinpath("error_tables")
    return {
        f"figures/{entry.name.lower()}": entry.read_bytes()
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }


class _Packing:
    """Turns one state of a store into members."""

    def __init__(self, store: Store, found: AuditedStore, span: ExportRange) -> None:
        self._store = store
        self._found = found
        self._vouching = Vouching(store=store)
        inside = [
            one.entry.index for one in found.entries if one.entry.at is not None and span.holds(one.entry.at)
        ]
        self._first, self._last = (inside[0], inside[-1]) if inside else (0, -1)
        begin, end = span.begin or _EARLIEST, span.end or _LATEST
        self._records = [
            record
            for record in found.evidence
            if record.recorded_at < end
            and (record.valid_until is None or record.valid_until > begin)
            and (record.withdrawn_at is None or record.withdrawn_at > begin)
        ]
        self._decided = [one for one in found.decisions if span.holds(one.decided_at)]
        wanted = {one.permit_id for one in self._decided}
        self._permitted = [
            one for one in found.permits if span.holds(one.issued_at) or one.permit_id in wanted
        ]

    def entry_range(self) -> list[int] | None:
        """Return the first and the last index of the range; ``None`` if nothing happened in it."""
        return None if self._last < self._first else [self._first, self._last]

    def log(self, cosigned: Sequence[str]) -> dict[str, bytes]:
        """Return the head, the checkpoints and the entries with their proofs."""
        leaves = [bytes.fromhex(one.entry.leaf_hash) for one in self._found.entries]
        nodes = MemoryNodes(leaves)
        key, size = self._store.log.key, len(leaves)
        notes: dict[Checkpoint, str] = {}
        for note in (*self._found.checkpoints, *cosigned):
            seen = open_checkpoint(note, key=key)
            if 0 < seen.size <= size:
                notes[seen] = _joined(notes.get(seen, ""), note)
        head = open_checkpoint(self._found.head, key=key)
        checkpoints = [
            {
                "note": notes[one],
                "size": one.size,
                "proof": [step.hex() for step in consistency_path(one.size, size, nodes.node)],
            }
            for one in sorted(notes, key=lambda seen: seen.size)
        ]
        lines = [
            canonical_json(
                {**self._entry(one), "proof": _hexed(inclusion_path(one.entry.index, size, nodes.node))}
            )
            for one in self._entries()
        ]
        return {
            "log/head.txt": notes.get(head, self._found.head).encode(),
            "log/checkpoints.json": canonical_json(checkpoints),
            "log/entries.jsonl": b"\n".join(lines),
        }

    def registers(self) -> bytes:
        """Return purposes, places, devices and bodies outside."""
        store = self._store
        return canonical_json(
            {
                "purposes": [to_json(one) for one in store.purposes.all()],
                "places": [to_json(one) for one in store.places.all()],
                "devices": [to_json(one) for one in store.devices.all()],
                "issuers": [to_json(one) for one in store.issuers.all()],
            }
        )

    def evidence(self) -> bytes:
        """Return the records that counted at some moment of the range."""
        return canonical_json(
            [
                record_to_json(record, person=self._person(record.scope.subject), vouched=self._vouched)
                for record in self._records
            ]
        )

    def permits(self) -> bytes:
        """Return the permits on record; what they say stands in the log's entry of their verdict."""
        return canonical_json([to_json(one) for one in self._permitted])

    def decisions(self) -> bytes:
        """Return the decisions with their receipts, without what is sealed."""
        return canonical_json(
            [
                {
                    "id": one.decision_id,
                    "permit": one.permit_id,
                    "decided_at": one.decided_at.isoformat(),
                    "receipt": one.receipt,
                    "sealed_sha256": sha256_hex(one.sealed),
                }
                for one in self._decided
            ]
        )

    def _vouched(self, record: EvidenceRecord) -> bool:
        return self._vouching.vouched(record, at=record.recorded_at)

    def _entries(self) -> list[AuditedEntry]:
        """Return the range whole, and before it what filed the records and permitted the decisions."""
        records = {record.evidence_id for record in self._records}
        permits = {permit.permit_id for permit in self._permitted}
        return [
            one
            for one in self._found.entries
            if self._first <= one.entry.index <= self._last or _is_about(one, records, permits)
        ]

    def _entry(self, audited: AuditedEntry) -> dict[str, object]:
        entry = audited.entry
        written: dict[str, object] = {"index": entry.index, "leaf": entry.leaf_hash}
        if audited.state is EntryState.ERASED or entry.at is None or entry.salt is None:
            return {**written, "state": "erased"}
        if entry.kind not in OPENED_KINDS:
            return {**written, "state": "closed"}
        statement = {"at": entry.at.isoformat(), "entry": dict(entry.entry or {}), "kind": entry.kind}
        return {
            **written,
            "state": "opened",
            "statement": statement,
            "salt": entry.salt,
            "person": self._person(audited.subject),
        }

    def _person(self, subject: SubjectId | None) -> str | None:
        """Return what the packs of this installation call a person.

        Ed25519 signatures are the same each time and can't be guessed without the key, so nobody else can
        find the pseudonym behind the name.
        """
        if subject is None:
            return None
        mark = self._store.signer.sign_bytes(b"countenance audit person\n" + subject.encode())
        return f"person_{sha256_hex(mark)[:20]}"


def _is_about(one: AuditedEntry, records: Collection[str], permits: Collection[str]) -> bool:
    entry = one.entry.entry or {}
    if one.entry.kind == "verdict":
        return entry.get("permit") in permits
    if one.entry.kind not in _RECORDING:
        return False
    named = entry.get("evidence")
    return any(name in records for name in (named if isinstance(named, list) else [named]))


def _joined(before: str, note: str) -> str:
    """Return one note with the signature lines of both."""
    if not before:
        return note
    joined = before
    for line in note.rpartition("\n\n")[2].splitlines(keepends=True):
        joined = add_line(joined, line)
    return joined


def _hexed(proof: Sequence[bytes]) -> list[str]:
    return [step.hex() for step in proof]
