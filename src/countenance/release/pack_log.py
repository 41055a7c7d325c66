"""The log of a pack: head, checkpoints, entries, each against the public key alone."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from countenance.release.findings import Finding, FindingCode
from countenance.store import (
    Checkpoint,
    Cosignature,
    NoteKey,
    SignatureRefused,
    WitnessKey,
    commit,
    cosignatures_of,
    leaf_hash,
    open_checkpoint,
    verify_consistency,
    verify_inclusion,
)

__all__ = ["OpenedEntry", "PackedLog", "read_log"]

HEAD = "log/head.txt"
CHECKPOINTS = "log/checkpoints.json"
ENTRIES = "log/entries.jsonl"

_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class OpenedEntry:
    """An entry that was proved.

    Attributes:
        index: where it stands.
        leaf: its leaf's hash, hexadecimal.
        kind: what it is about.
        entry: what it says.
        person: what the pack calls the person concerned.
    """

    index: int
    leaf: str
    kind: str
    entry: Mapping[str, Any]
    person: str | None


@dataclass(slots=True)
class PackedLog:
    """What was read of a pack's log.

    Attributes:
        head: the head; ``None`` if it doesn't hold.
        entries: the proved and opened entries, by index.
        proved: how many entries are in the log, opened or not.
        witnesses: the latest cosignature of each witness, with the size of the tree that it saw.
        findings: what doesn't hold.
    """

    head: Checkpoint | None = None
    entries: dict[int, OpenedEntry] = field(default_factory=dict)
    proved: int = 0
    witnesses: dict[str, tuple[Cosignature, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_log(
    members: Mapping[str, bytes],
    *,
    key: NoteKey,
    witnesses: Sequence[WitnessKey],
    entry_range: Sequence[int] | None,
) -> PackedLog:
    """Read and check the log of a pack.

    Args:
        members: the pack's.
        key: the log's key.
        witnesses: whose cosignatures count.
        entry_range: first and last index that have to be there without a gap; ``None`` for none.
    """
    log = PackedLog()
    note = members.get(HEAD, b"").decode(errors="replace")
    try:
        log.head = open_checkpoint(note, key=key)
    except SignatureRefused:
        log.findings.append(Finding(FindingCode.CHECKPOINT_FORGED, HEAD))
        return log
    _take_cosignatures(log, note, key, witnesses, HEAD)
    _take_checkpoints(log, members.get(CHECKPOINTS, b"[]"), key, witnesses)
    lines = members.get(ENTRIES, b"").split(b"\n")
    indices = [_take_entry(log, number, line) for number, line in enumerate(lines) if line]
    _require_order(log, [index for index in indices if index is not None], entry_range)
    return log


def _take_checkpoints(log: PackedLog, data: bytes, key: NoteKey, witnesses: Sequence[WitnessKey]) -> None:
    try:
        written: Iterable[Mapping[str, Any]] = json.loads(data)
        seen = [
            (str(one["note"]), int(one["size"]), [bytes.fromhex(step) for step in one["proof"]])
            for one in written
        ]
    except _MALFORMED:
        log.findings.append(Finding(FindingCode.MEMBER_MALFORMED, CHECKPOINTS))
        return
    sizes = [size for _, size, _ in seen]
    if sizes != sorted(set(sizes)):
        log.findings.append(Finding(FindingCode.MEMBER_MALFORMED, CHECKPOINTS))
    for note, size, proof in seen:
        try:
            checkpoint = open_checkpoint(note, key=key)
        except SignatureRefused:
            log.findings.append(Finding(FindingCode.CHECKPOINT_FORGED, CHECKPOINTS, str(size)))
            continue
        if checkpoint.size != size or log.head is None or not _continued(log.head, checkpoint, proof):
            log.findings.append(Finding(FindingCode.CHECKPOINT_DIFFERS, CHECKPOINTS, str(size)))
            continue
        _take_cosignatures(log, note, key, witnesses, CHECKPOINTS)


def _continued(head: Checkpoint, earlier: Checkpoint, proof: Sequence[bytes]) -> bool:
    return verify_consistency(
        earlier=earlier.size,
        later=head.size,
        earlier_root=earlier.root,
        later_root=head.root,
        proof=proof,
    )


def _take_cosignatures(
    log: PackedLog, note: str, key: NoteKey, witnesses: Sequence[WitnessKey], where: str
) -> None:
    good, bad = cosignatures_of(note, log=key, witnesses=witnesses)
    size = open_checkpoint(note, key=key).size
    for one in good:
        if one.witness not in log.witnesses or log.witnesses[one.witness][1] < size:
            log.witnesses[one.witness] = (one, size)
    log.findings += [Finding(FindingCode.COSIGNATURE_FORGED, where, name) for name in bad]


def _take_entry(log: PackedLog, number: int, line: bytes) -> int | None:
    try:
        written = json.loads(line)
        index, leaf = int(written["index"]), bytes.fromhex(written["leaf"])
        proof = [bytes.fromhex(step) for step in written["proof"]]
        state, opened = str(written["state"]), None
        if state == "opened":
            opened = (dict(written["statement"]), bytes.fromhex(written["salt"]), written["person"])
    except _MALFORMED:
        log.findings.append(Finding(FindingCode.MEMBER_MALFORMED, ENTRIES, f"line {number + 1}"))
        return None
    head = log.head
    if head is None or not verify_inclusion(
        leaf=leaf, index=index, size=head.size, proof=proof, root=head.root
    ):
        log.findings.append(Finding(FindingCode.ENTRY_NOT_IN_LOG, ENTRIES, str(index)))
        return index
    log.proved += 1
    if opened is not None:
        statement, salt, person = opened
        if not hmac.compare_digest(leaf_hash(commit(statement, salt=salt)), leaf):
            log.findings.append(Finding(FindingCode.ENTRY_ALTERED, ENTRIES, str(index)))
        else:
            log.entries[index] = OpenedEntry(
                index, leaf.hex(), str(statement["kind"]), statement["entry"], person
            )
    return index


def _require_order(log: PackedLog, indices: Sequence[int], entry_range: Sequence[int] | None) -> None:
    if list(indices) != sorted(set(indices)):
        log.findings.append(Finding(FindingCode.ENTRY_MISSING, ENTRIES, "order"))
    if entry_range is not None:
        there = set(indices)
        log.findings += [
            Finding(FindingCode.ENTRY_MISSING, ENTRIES, str(index))
            for index in range(entry_range[0], entry_range[1] + 1)
            if index not in there
        ]
