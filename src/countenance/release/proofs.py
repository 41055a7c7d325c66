"""Proof files: that an entry is in the log, or that one checkpoint continues another.

Rules kept here:

* A proof is checked with the public key alone, as a pack is.
* It is bound to a signed checkpoint; what it says about an entry is what the leaf commits to.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from countenance.kernel import CallerError, EvidenceError
from countenance.release.export import OPENED_KINDS
from countenance.store import (
    LogEntry,
    NoteKey,
    PublicVerifier,
    SignatureRefused,
    Store,
    commit,
    leaf_hash,
    open_checkpoint,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "NothingToProve",
    "ProofRefused",
    "ProofSeen",
    "consistency_of",
    "log_key_of",
    "prove_entry",
    "prove_growth",
    "verify_proof",
]

_INCLUSION: Final = "inclusion"
_CONSISTENCY: Final = "consistency"
_SCHEMA: Final = 1
_NAMES: Final = ("decision", "permit", "evidence", "duty")


class NothingToProve(CallerError):
    """The log has no readable entry about what was named."""

    code = "nothing-to-prove"
    default_remedy = "Give a decision, a permit, a record, or the number of an entry, as the log holds it."


class ProofRefused(EvidenceError):
    """The file isn't a proof, or what it proves doesn't hold under the key."""

    code = "proof-refused"
    default_remedy = "Ask for the proof again, and check with the installation's own public key."


@dataclass(frozen=True, slots=True)
class ProofSeen:
    """What a proof proves.

    Attributes:
        words: as a sentence.
        tree_size: of the checkpoint to which it leads.
        statement: what the entry says, where it is opened; empty otherwise.
    """

    words: str
    tree_size: int
    statement: Mapping[str, object]


def prove_entry(store: Store, which: str) -> dict[str, object]:
    """Return the proof of an entry in the log's head.

    Args:
        store: whose log.
        which: the number of an entry, or the identifier of a decision, permit, record or duty.

    Raises:
        NothingToProve: if there is no such entry.
        LogBroken: if the log doesn't hold.
    """
    checkpoint = store.log.checkpoint()
    size = open_checkpoint(checkpoint, key=store.log.key).size
    entry = _find(store, which, size)
    proof: dict[str, object] = {
        "schema": _SCHEMA,
        "kind": _INCLUSION,
        "checkpoint": checkpoint,
        "index": entry.index,
        "leaf": entry.leaf_hash,
        "proof": [step.hex() for step in store.log.inclusion_proof(entry.index, size)],
    }
    if entry.kind in OPENED_KINDS and entry.at is not None:
        proof["statement"] = {
            "at": entry.at.isoformat(),
            "entry": dict(entry.entry or {}),
            "kind": entry.kind,
        }
        proof["salt"] = entry.salt
    return proof


def prove_growth(store: Store, earlier: str) -> dict[str, object]:
    """Return the proof that the log's head continues an earlier checkpoint.

    Args:
        store: whose log.
        earlier: the checkpoint, signed by this log.

    Raises:
        SignatureRefused: if this log didn't sign it.
        ProofNotPossible: if it is of a longer log, or an empty one.
    """
    before = open_checkpoint(earlier, key=store.log.key)
    later = store.log.checkpoint()
    size = open_checkpoint(later, key=store.log.key).size
    return {
        "schema": _SCHEMA,
        "kind": _CONSISTENCY,
        "earlier": earlier,
        "later": later,
        "proof": [step.hex() for step in store.log.consistency_proof(before.size, size)],
    }


def verify_proof(data: bytes, *, key: PublicVerifier) -> ProofSeen:
    """Check a proof file.

    Args:
        data: the file.
        key: the installation's public key, got from elsewhere.

    Raises:
        ProofRefused: if it doesn't hold.
    """
    try:
        written: Mapping[str, Any] = json.loads(data)
        if written["schema"] != _SCHEMA:
            raise ProofRefused("The proof is of a form that this version doesn't know.")
        steps = [bytes.fromhex(step) for step in written["proof"]]
        if written["kind"] == _INCLUSION:
            return _inclusion(written, steps, key)
        if written["kind"] == _CONSISTENCY:
            return _consistency(written, steps, key)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ProofRefused("The file isn't a proof.") from error
    except SignatureRefused as error:
        msg = f"The checkpoint doesn't hold: {error.message}"
        raise ProofRefused(msg) from error
    raise ProofRefused("The file isn't a proof of a kind that this version knows.")


def consistency_of(data: bytes) -> tuple[bytes, ...]:
    """Return the steps of a consistency proof; whoever uses them checks them against two checkpoints.

    Raises:
        ProofRefused: if it isn't one.
    """
    try:
        written: Mapping[str, Any] = json.loads(data)
        if written["kind"] == _CONSISTENCY:
            return tuple(bytes.fromhex(step) for step in written["proof"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ProofRefused("The file isn't a proof.") from error
    raise ProofRefused("The file isn't a proof that a log continues another checkpoint.")


def log_key_of(note: str, key: PublicVerifier) -> NoteKey:
    """Return the key that checks a note, under the origin that the note names itself.

    Raises:
        SignatureRefused: if the note names no origin.
    """
    try:
        return NoteKey(note.partition("\n")[0], key.public_bytes)
    except ValueError:
        raise SignatureRefused("The note doesn't name a log.") from None


def _inclusion(written: Mapping[str, Any], steps: Sequence[bytes], key: PublicVerifier) -> ProofSeen:
    note, index, leaf = str(written["checkpoint"]), int(written["index"]), bytes.fromhex(written["leaf"])
    head = open_checkpoint(note, key=log_key_of(note, key))
    if not verify_inclusion(leaf=leaf, index=index, size=head.size, proof=steps, root=head.root):
        raise ProofRefused("The entry isn't in the log of the checkpoint.")
    statement = dict(written.get("statement", {}))
    if statement:
        committed = leaf_hash(commit(statement, salt=bytes.fromhex(written["salt"])))
        if not hmac.compare_digest(committed, leaf):
            raise ProofRefused("The entry doesn't say what its leaf commits to.")
    return ProofSeen(f"Entry {index} is in the log of {head.size} entries.", head.size, statement)


def _consistency(written: Mapping[str, Any], steps: Sequence[bytes], key: PublicVerifier) -> ProofSeen:
    first, second = str(written["earlier"]), str(written["later"])
    earlier = open_checkpoint(first, key=log_key_of(first, key))
    later = open_checkpoint(second, key=log_key_of(second, key))
    if earlier.origin != later.origin or not verify_consistency(
        earlier=earlier.size,
        later=later.size,
        earlier_root=earlier.root,
        later_root=later.root,
        proof=steps,
    ):
        raise ProofRefused("The later checkpoint doesn't continue the earlier one.")
    words = f"The log of {later.size} entries continues that of {earlier.size}."
    return ProofSeen(words, later.size, {})


def _find(store: Store, which: str, size: int) -> LogEntry:
    if which.isdecimal() and int(which) < size:
        return store.log.entry(int(which))
    # The latest entry that names it: a decision, where its permit is named too.
    for index in reversed(range(size)):
        entry = store.log.entry(index)
        if entry.entry is not None and any(entry.entry.get(name) == which for name in _NAMES):
            return entry
    raise NothingToProve("The log has no readable entry about this.")
