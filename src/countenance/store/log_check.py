"""Whether the transparency log is as it was written: every leaf, every statement, every checkpoint.

Rules kept here:

* Everything is recomputed from the leaves; nothing that is stored is taken for granted.
* A finding says where and what, never what an entry said.
* A log rolled back as a whole to an earlier state of its own, checkpoints included, looks whole from the
  inside. Only a checkpoint kept elsewhere (a receipt, a witness) shows it; ``witnessed`` takes such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from countenance.store._models import LogCheckpointRow, LogEntryRow, LogHeadRow
from countenance.store.errors import SignatureRefused
from countenance.store.log_entries import ERASED_KIND, LogEntry
from countenance.store.merkle import Frontier, leaf_hash
from countenance.store.notes import Checkpoint, NoteKey, open_checkpoint

__all__ = ["LogCheck", "LogFinding", "LogFindingCode", "LogWalk", "against_head", "check_log"]


class LogFindingCode(StrEnum):
    """What can be wrong with a log."""

    LEAF_MISSING = "leaf-missing"
    ENTRY_ALTERED = "entry-altered"
    ENTRY_REMOVED = "entry-removed"
    HEAD_MISSING = "head-missing"
    HEAD_FORGED = "head-forged"
    HEAD_DIFFERS = "head-differs"
    CHECKPOINT_FORGED = "checkpoint-forged"
    CHECKPOINT_DIFFERS = "checkpoint-differs"


_ROWS_AT_ONCE = 1000
_WORDS = {
    LogFindingCode.LEAF_MISSING: "A leaf is missing between others.",
    LogFindingCode.ENTRY_ALTERED: "The statement isn't the one that the leaf commits to.",
    LogFindingCode.ENTRY_REMOVED: "The statement is gone, and no entry says that it was erased.",
    LogFindingCode.HEAD_MISSING: "The signed head is missing.",
    LogFindingCode.HEAD_FORGED: "The head isn't one that this installation signed.",
    LogFindingCode.HEAD_DIFFERS: "The signed head isn't over these leaves.",
    LogFindingCode.CHECKPOINT_FORGED: "A checkpoint isn't one that this installation signed.",
    LogFindingCode.CHECKPOINT_DIFFERS: "The tree doesn't begin with that of a checkpoint handed out before.",
}


@dataclass(frozen=True, slots=True)
class LogFinding:
    """One thing that is wrong.

    Attributes:
        code: what.
        index: at which leaf, or at which size for a checkpoint; ``None`` for the log as a whole.
    """

    code: LogFindingCode
    index: int | None = None

    @property
    def words(self) -> str:
        """The finding as a sentence."""
        return _WORDS[self.code]


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What checking the whole log found.

    Attributes:
        tree_size: how many leaves there are.
        root: the root recomputed from them, 64 hexadecimal digits.
        readable: how many statements are there and are what their leaves commit to.
        erased: how many were erased, and are rightly gone.
        findings: what is wrong; empty when all is well.
    """

    tree_size: int
    root: str
    readable: int
    erased: int
    findings: tuple[LogFinding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def check_log(
    session: Session,
    *,
    key: NoteKey,
    read: Callable[[LogEntryRow], LogEntry | None],
    witnessed: Iterable[str] = (),
) -> LogCheck:
    """Recompute a log from its leaves and compare it with everything that was signed.

    Args:
        session: sees one state of the database.
        key: the log's key.
        read: gives the entry of a row, or ``None`` where the statement isn't what the leaf commits to.
        witnessed: signed checkpoints of this log that were kept outside the store.
    """
    findings: list[LogFinding] = []
    kept = session.scalars(select(LogCheckpointRow.checkpoint)).all()
    checkpoints = _opened([*kept, *witnessed], key, findings)
    walk = LogWalk(wanted={one.size for one in checkpoints})
    leaves = select(LogEntryRow).order_by(LogEntryRow.position)
    for row in session.scalars(leaves.execution_options(yield_per=_ROWS_AT_ONCE)):
        walk.take(row, read(row))
    findings += walk.findings
    findings += against_head(session.get(LogHeadRow, 1), walk.frontier, key)
    findings += [
        LogFinding(LogFindingCode.CHECKPOINT_DIFFERS, one.size)
        for one in checkpoints
        if walk.roots.get(one.size) != one.root
    ]
    removed = sorted(walk.bare - walk.announced)
    findings += [LogFinding(LogFindingCode.ENTRY_REMOVED, index) for index in removed]
    return LogCheck(
        tree_size=walk.frontier.size,
        root=walk.frontier.root().hex(),
        readable=walk.readable,
        erased=walk.erased - len(removed),
        findings=tuple(findings),
    )


def _opened(notes: Iterable[str], key: NoteKey, findings: list[LogFinding]) -> list[Checkpoint]:
    checkpoints = []
    for note in notes:
        try:
            checkpoints.append(open_checkpoint(note, key=key))
        except SignatureRefused:
            findings.append(LogFinding(LogFindingCode.CHECKPOINT_FORGED))
    return checkpoints


def against_head(head: LogHeadRow | None, frontier: Frontier, key: NoteKey) -> list[LogFinding]:
    """Return what is wrong with the signed head of a tree."""
    if head is None:
        return [LogFinding(LogFindingCode.HEAD_MISSING)]
    try:
        signed = open_checkpoint(head.checkpoint, key=key)
    except SignatureRefused:
        return [LogFinding(LogFindingCode.HEAD_FORGED)]
    same = (signed.size, signed.root) == (frontier.size, frontier.root())
    return [] if same and head.size == frontier.size else [LogFinding(LogFindingCode.HEAD_DIFFERS)]


class LogWalk:
    """What one pass over the leaves, in order, has seen.

    Args:
        wanted: sizes at which the root is kept, in ``roots``.
    """

    def __init__(self, *, wanted: set[int]) -> None:
        self._wanted = wanted
        self._expected = 0
        self.frontier = Frontier()
        self.roots = {0: self.frontier.root()}
        self.readable = 0
        self.erased = 0
        self.bare: set[int] = set()
        self.announced: set[int] = set()
        self.findings: list[LogFinding] = []

    def take(self, row: LogEntryRow, entry: LogEntry | None) -> None:
        """Count one leaf in, with its statement as far as it can be read."""
        if row.position != self._expected:
            self.findings.append(LogFinding(LogFindingCode.LEAF_MISSING, self._expected))
        self._expected = row.position + 1
        self.frontier = self.frontier.append(leaf_hash(row.commitment))
        if self.frontier.size in self._wanted:
            self.roots[self.frontier.size] = self.frontier.root()
        if entry is None:
            self.findings.append(LogFinding(LogFindingCode.ENTRY_ALTERED, row.position))
        elif entry.entry is None:
            self.erased += 1
            # A statement whose key was destroyed is still there, sealed; one that is gone was taken out.
            if row.body is None:
                self.bare.add(row.position)
        else:
            self.readable += 1
            if entry.kind == ERASED_KIND:
                indices = entry.entry.get("indices")
                self.announced.update(indices if isinstance(indices, list) else ())
