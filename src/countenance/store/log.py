"""The transparency log: an append-only Merkle tree over what this deployment did.

Rules kept here:

* A leaf is a commitment, HMAC-SHA256 of the statement's canonical JSON under a random salt of its own.
  Statement and salt lie beside the tree. Who has the commitment alone learns nothing, and erasing
  statement and salt leaves the tree as it was.
* A statement about a subject is sealed under the subject's data key; destroying the key erases it.
* A leaf and the signed head that counts it are written in one transaction; leaves of one act share
  a head.
* Every checkpoint handed out is kept, and the tree is checked against each.
* Erasing is itself logged; a statement that is missing without such an entry is a finding.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from countenance.kernel import Clock, DeploymentId, PurposeId, SubjectId, canonical_json
from countenance.store._log_models import LogKeptRow
from countenance.store._models import LogCheckpointRow, LogEntryRow, LogHeadRow
from countenance.store.database import Database, insert_into
from countenance.store.errors import (
    ErasureUnfinished,
    LogBroken,
    RecordTampered,
    RecordUnknown,
    SealBroken,
    SealKeyDestroyed,
    SignatureRefused,
)
from countenance.store.integrity import RowMac
from countenance.store.log_check import LogCheck, check_log
from countenance.store.log_entries import ERASED_KIND, LogDraft, LogEntry, LogReceipt, commit
from countenance.store.log_follow import LogFollower
from countenance.store.log_nodes import add_nodes
from countenance.store.log_proofs import prove_consistency, prove_inclusion
from countenance.store.merkle import HASH_BYTES, Frontier, leaf_hash
from countenance.store.notes import Checkpoint, NoteKey, open_checkpoint, sign_note
from countenance.store.sealing_anew import STATEMENT
from countenance.store.signing import Ed25519Signer
from countenance.store.vault import UNBOUND, Vault

__all__ = ["TransparencyLog"]

_SALT_BYTES = 32
_EVERY_ENTRIES = 1000
_EVERY = timedelta(hours=1)


class TransparencyLog:
    """Appends entries, signs the head, proves. Safe to use from several threads.

    Args:
        database: where leaves and statements are kept.
        signer: signs the heads.
        vault: seals statements about subjects.
        deployment: whose log it is; part of the origin.
        clock: says when an entry was appended.
        row_mac: stamps the count of kept checkpoints.
    """

    def __init__(
        self,
        *,
        database: Database,
        signer: Ed25519Signer,
        vault: Vault,
        deployment: DeploymentId,
        clock: Clock,
        row_mac: RowMac,
    ) -> None:
        self._database = database
        self._signer = signer
        self._vault = vault
        self._clock = clock
        self._row_mac = row_mac
        self._every_entries, self._every = _EVERY_ENTRIES, _EVERY
        self._key = NoteKey(f"countenance/{deployment}", signer.public_bytes)

    @property
    def key(self) -> NoteKey:
        """The key that checks this log's checkpoints; its name is the log's origin."""
        return self._key

    def begin(self) -> None:
        """Write the signed head of the empty log. The store does this once, when it is created.

        Raises:
            RecordExists: if the log has begun already.
        """
        with self._database.write() as session:
            session.add(LogHeadRow(id=1, size=0, frontier=b"", checkpoint=self._signed(Frontier())))
        self.begin_keeping()

    def begin_keeping(self) -> None:
        """Count the checkpoints that are kept; once, when a store is created or was written by r0004."""
        with self._database.write() as session:
            sizes = session.scalars(select(LogCheckpointRow.size)).all()
            row = LogKeptRow(id=1, count=len(sizes), size=max(sizes, default=0), kept_at=self._clock.now())
            self._row_mac.stamp(row)
            session.add(row)

    def keep_checkpoints(self, *, every_entries: int, every: timedelta) -> None:
        """Say how often a checkpoint is kept by itself: with the entry that makes it due.

        Args:
            every_entries: after so many entries, at least 1.
            every: or after so long; positive.
        """
        self._every_entries, self._every = every_entries, every

    def append(
        self,
        kind: str,
        entry: Mapping[str, object],
        *,
        subject: SubjectId | None = None,
        purpose: PurposeId | None = None,
    ) -> LogReceipt:
        """Append an entry and sign the new head, both or neither.

        Args:
            kind: what it is about, such as ``permit-issued``.
            entry: JSON values: identifiers, hashes and outcomes, never a name, a score or a picture.
            subject: whom it concerns; the statement is then sealed under this subject's data key.
            purpose: what for, where a subject is concerned.

        Returns:
            Where the entry stands.

        Raises:
            LogBroken: if the head isn't one that this deployment signed over these leaves.
            TypeError: if the entry holds what JSON can't express.
        """
        return self.append_all((LogDraft(kind, entry, subject, purpose),))[0]

    def append_all(self, drafts: Sequence[LogDraft]) -> tuple[LogReceipt, ...]:
        """Append several entries, in order, and sign one new head over them, all or nothing.

        Returns:
            Where each stands.

        Raises:
            LogBroken: as :meth:`append`.
            TypeError: as :meth:`append`.
        """
        if not drafts:
            return ()
        rows = [self._row_of(draft) for draft in drafts]
        with self._database.write() as session:
            self._close(rows)
            return self._append(session, rows)

    def size(self) -> int:
        """Return how many leaves the log has."""
        with self._database.read() as session:
            return self._head(session)[1].size

    def entry(self, index: int) -> LogEntry:
        """Return an entry.

        Raises:
            RecordUnknown: if there is no such entry.
            LogBroken: if the statement isn't the one that its leaf commits to.
        """
        with self._database.read() as session:
            row = session.get(LogEntryRow, index)
            if row is None:
                raise RecordUnknown("The log has no entry at this index.")
            found = self.read_row(session, row)
        if found is None:
            msg = "The statement beside a leaf of the log isn't the one that the leaf commits to."
            raise LogBroken(msg)
        return found

    def checkpoint(self) -> str:
        """Return the signed head as a C2SP note, and keep it as one that was handed out.

        Raises:
            LogBroken: if the head isn't one that this deployment signed over these leaves.
        """
        with self._database.write() as session:
            head, frontier = self._head(session)
            self._row_mac.require(self._kept(session))
            self._keep(session, head.checkpoint, frontier.size)
            return head.checkpoint

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the audit path of a leaf in the tree at a size; see :mod:`countenance.store.log_proofs`.

        Raises:
            ProofNotPossible: if the index isn't below the size, or the log isn't that long.
        """
        with self._database.read() as session:
            return prove_inclusion(session, index, size, frontier=self._head(session)[1])

    def consistency_proof(self, earlier: int, later: int) -> tuple[bytes, ...]:
        """Return the proof that the tree at one size is the beginning of the tree at a later one.

        Raises:
            ProofNotPossible: if the sizes aren't in order, the first is 0, or the log isn't that long.
        """
        with self._database.read() as session:
            return prove_consistency(session, earlier, later, frontier=self._head(session)[1])

    def erase_subject(self, subject: SubjectId) -> tuple[int, ...]:
        """Erase statement and salt of every entry that concerns a subject, and log that it was done.

        Returns:
            The indices of the entries whose leaves are all that is left.

        Raises:
            LogBroken: as :meth:`append`.
            ErasureUnfinished: if the statements are gone from the database but another reader keeps
                its write-ahead log from being emptied.
        """
        with self._database.write() as session:
            rows = session.scalars(
                select(LogEntryRow).where(LogEntryRow.subject == subject).order_by(LogEntryRow.position)
            ).all()
            indices = tuple(row.position for row in rows)
            for row in rows:
                row.subject = row.purpose = row.body = None
            if indices:
                session.flush()
                self._append(session, [self._erasure(indices)])
        if not self._database.truncate_write_ahead_log():
            raise ErasureUnfinished(
                "The statements are deleted, but the write-ahead log couldn't be emptied."
            )
        return indices

    def verify(self, *, witnessed: Iterable[str] = ()) -> LogCheck:
        """Recompute the whole log from its leaves and compare it with everything that was signed.

        Args:
            witnessed: signed checkpoints of this log that were kept outside the store.

        Returns:
            What was found; nothing is raised for a log that isn't whole.
        """
        with self._database.read() as session:
            return check_log(
                session, key=self._key, read=lambda row: self.read_row(session, row), witnessed=witnessed
            )

    def follower(self) -> LogFollower:
        """Return what keeps looking at this log, at a cost that doesn't grow with it."""
        return LogFollower(database=self._database, key=self._key, read=self.read_row)

    def read_row(self, session: Session, row: LogEntryRow) -> LogEntry | None:
        """Return the entry of a row, or ``None`` if its statement isn't what its leaf commits to.

        For this package's own readers of many rows.
        """
        hashed = leaf_hash(row.commitment).hex()
        nothing = LogEntry(row.position, hashed, at=None, kind=None, entry=None, salt=None)
        if row.body is None:
            return nothing
        try:
            body = self._opened(session, row.body, row)
            document = json.loads(body)
            statement, salt = document["statement"], document["salt"]
            if not hmac.compare_digest(commit(statement, salt=bytes.fromhex(salt)), row.commitment):
                return None
            # The leaf commits to what is said, not to how it is written: upper-case digits of a salt, or a
            # space more, would say the same and yet be somebody's edit.
            if canonical_json({"salt": bytes.fromhex(salt).hex(), "statement": statement}) != body:
                return None
            at = datetime.fromisoformat(statement["at"])
            return LogEntry(row.position, hashed, at, statement["kind"], statement["entry"], salt)
        except SealKeyDestroyed:
            return nothing
        except (SealBroken, RecordTampered, ValueError, KeyError, TypeError):
            return None

    def _opened(self, session: Session, body: bytes, row: LogEntryRow) -> bytes:
        if row.subject is None:
            return body
        purpose = PurposeId(row.purpose) if row.purpose is not None else UNBOUND
        return self._vault.open_in(session, SubjectId(row.subject), purpose, body, context=STATEMENT)

    def _erasure(self, indices: tuple[int, ...]) -> LogEntryRow:
        salt = secrets.token_bytes(_SALT_BYTES)
        entry = {"indices": list(indices)}
        statement = {"at": self._clock.now().isoformat(), "entry": entry, "kind": ERASED_KIND}
        body = canonical_json({"salt": salt.hex(), "statement": statement})
        return LogEntryRow(commitment=commit(statement, salt=salt), subject=None, purpose=None, body=body)

    def _row_of(self, draft: LogDraft) -> LogEntryRow:
        """Return an entry's row, with its statement in the clear."""
        statement = {
            "at": self._clock.now().isoformat(), "entry": dict(draft.entry), "kind": draft.kind
        }  # fmt: skip
        salt = secrets.token_bytes(_SALT_BYTES)
        body = canonical_json({"salt": salt.hex(), "statement": statement})
        committed = commit(statement, salt=salt)
        return LogEntryRow(commitment=committed, subject=draft.subject, purpose=draft.purpose, body=body)

    def _close(self, rows: Iterable[LogEntryRow]) -> None:
        """Seal the statements about subjects, each subject's and purpose's with its key read once."""
        of: dict[tuple[SubjectId, PurposeId], list[LogEntryRow]] = {}
        for row in rows:
            if row.subject is not None:
                about = SubjectId(row.subject), PurposeId(row.purpose or UNBOUND)
                of.setdefault(about, []).append(row)
        for about, theirs in of.items():
            plain = [(row.body or b"", STATEMENT) for row in theirs]
            for row, body in zip(theirs, self._vault.seal_all(*about, plain), strict=True):
                row.body = body

    def _append(self, session: Session, rows: Sequence[LogEntryRow]) -> tuple[LogReceipt, ...]:
        head, frontier = self._head(session)
        receipts = []
        for row in rows:
            hashed = leaf_hash(row.commitment)
            row.position = frontier.size
            add_nodes(session, frontier, hashed)
            frontier = frontier.append(hashed)
            receipts.append(LogReceipt(row.position, hashed.hex(), frontier.size))
        head.size, head.frontier = frontier.size, b"".join(frontier.peaks)
        head.checkpoint = self._signed(frontier)
        session.add_all(rows)
        if self._is_due(session, frontier.size):
            self._keep(session, head.checkpoint, frontier.size)
        return tuple(receipts)

    def _head(self, session: Session) -> tuple[LogHeadRow, Frontier]:
        """Return the head, after making sure that we signed it and that it counts these leaves."""
        head = session.get(LogHeadRow, 1)
        # The last position, not a count: a count would read every row at every append.
        last = session.scalar(select(func.max(LogEntryRow.position)))
        if head is None or head.size != (0 if last is None else last + 1):
            raise LogBroken("The log's head doesn't count its leaves.")
        try:
            frontier = Frontier(
                head.size,
                tuple(head.frontier[i : i + HASH_BYTES] for i in range(0, len(head.frontier), HASH_BYTES)),
            )
            signed = open_checkpoint(head.checkpoint, key=self._key)
        except (ValueError, SignatureRefused):
            raise LogBroken("The log's head isn't one that this installation signed.") from None
        if signed != Checkpoint(self._key.name, frontier.size, frontier.root()):
            raise LogBroken("The log's head isn't over these leaves.")
        return head, frontier

    def _signed(self, frontier: Frontier) -> str:
        checkpoint = Checkpoint(self._key.name, frontier.size, frontier.root())
        return sign_note(checkpoint.to_text(), key=self._key, sign=self._signer.sign_bytes)

    def _kept(self, session: Session) -> LogKeptRow:
        row = session.get(LogKeptRow, 1)
        if row is None:
            raise LogBroken("The count of the log's checkpoints is missing.")
        return row

    def _is_due(self, session: Session, size: int) -> bool:
        """Say whether a checkpoint is due; an altered count is left as it is, for the check to find."""
        row = session.get(LogKeptRow, 1)
        if row is None or not self._row_mac.fits(row):
            return False
        return size - row.size >= self._every_entries or self._clock.now() - row.kept_at >= self._every

    def _keep(self, session: Session, checkpoint: str, size: int) -> None:
        kept = insert_into(session, LogCheckpointRow).values(size=size, checkpoint=checkpoint)
        added = session.scalar(kept.on_conflict_do_nothing().returning(LogCheckpointRow.size))
        if added is not None:
            row = self._kept(session)
            row.count, row.size, row.kept_at = row.count + 1, size, self._clock.now()
            self._row_mac.stamp(row)
