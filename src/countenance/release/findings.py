"""What can be wrong with a pack or a store, and what is said of each decision."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from countenance.store import Cosignature

__all__ = ["DecisionProof", "Finding", "FindingCode", "PackReport"]


class FindingCode(StrEnum):
    """What doesn't hold."""

    ARCHIVE_ALTERED = "archive-altered"
    MEMBER_DAMAGED = "member-damaged"
    MEMBER_MISSING = "member-missing"
    MEMBER_ADDED = "member-added"
    MEMBER_ALTERED = "member-altered"
    MEMBER_MALFORMED = "member-malformed"
    MANIFEST_FORGED = "manifest-forged"
    KEY_DIFFERS = "key-differs"
    CHECKPOINT_FORGED = "checkpoint-forged"
    CHECKPOINT_DIFFERS = "checkpoint-differs"
    CHECKPOINT_MISSING = "checkpoint-missing"
    COSIGNATURE_FORGED = "cosignature-forged"
    ENTRY_NOT_IN_LOG = "entry-not-in-log"
    ENTRY_ALTERED = "entry-altered"
    ENTRY_MISSING = "entry-missing"
    RULES_DIFFER = "rules-differ"
    RECORD_ALTERED = "record-altered"
    RECORD_NOT_LOGGED = "record-not-logged"
    RECORD_MISSING = "record-missing"
    WITHDRAWAL_DIFFERS = "withdrawal-differs"
    RECEIPT_FORGED = "receipt-forged"
    RECEIPT_DIFFERS = "receipt-differs"
    DECISION_MISSING = "decision-missing"
    PERMIT_MISSING = "permit-missing"
    PERMIT_DIFFERS = "permit-differs"
    VERDICT_DIFFERS = "verdict-differs"
    VERDICT_NOT_SHOWN = "verdict-not-shown"
    ROW_ALTERED = "row-altered"
    LOG_BROKEN = "log-broken"


_WORDS = {
    FindingCode.ARCHIVE_ALTERED: "The file isn't byte for byte the archive that its members make.",
    FindingCode.MEMBER_DAMAGED: "The member can't be read.",
    FindingCode.MEMBER_MISSING: "The member is missing.",
    FindingCode.MEMBER_ADDED: "The member isn't in the signed manifest.",
    FindingCode.MEMBER_ALTERED: "The member isn't the one whose hash was signed.",
    FindingCode.MEMBER_MALFORMED: "The member doesn't have its form.",
    FindingCode.MANIFEST_FORGED: "The manifest isn't signed with the key that you named.",
    FindingCode.KEY_DIFFERS: "The pack names another key than yours.",
    FindingCode.CHECKPOINT_FORGED: "The checkpoint isn't signed with the log's key.",
    FindingCode.CHECKPOINT_DIFFERS: "The log doesn't continue the checkpoint.",
    FindingCode.CHECKPOINT_MISSING: "A checkpoint that was handed out is missing or stands elsewhere.",
    FindingCode.COSIGNATURE_FORGED: "A witness's line is there and doesn't hold.",
    FindingCode.ENTRY_NOT_IN_LOG: "The entry's leaf isn't in the log.",
    FindingCode.ENTRY_ALTERED: "The entry doesn't say what its leaf commits to.",
    FindingCode.ENTRY_MISSING: "An entry of the range is missing, or stands twice or out of order.",
    FindingCode.RULES_DIFFER: "The rules are other ones than those that gave the verdict.",
    FindingCode.RECORD_ALTERED: "The record isn't the one whose hash it holds.",
    FindingCode.RECORD_NOT_LOGGED: "No entry of the log files the record as it stands here.",
    FindingCode.RECORD_MISSING: "The log files a record that isn't there.",
    FindingCode.WITHDRAWAL_DIFFERS: "The log and the record disagree about its withdrawal.",
    FindingCode.RECEIPT_FORGED: "The receipt isn't signed with the key that you named.",
    FindingCode.RECEIPT_DIFFERS: "The receipt and the log disagree about the decision.",
    FindingCode.DECISION_MISSING: "The log holds a decision that isn't there.",
    FindingCode.PERMIT_MISSING: "The permit of a decision isn't there, or has no verdict in the log.",
    FindingCode.PERMIT_DIFFERS: "The permit on record and its verdict in the log disagree.",
    FindingCode.VERDICT_DIFFERS: "Asked again on these records, the rules give another verdict.",
    FindingCode.VERDICT_NOT_SHOWN: "The verdict can't be reached again: its entry or a record was erased.",
    FindingCode.ROW_ALTERED: "The row isn't as this installation wrote it.",
    FindingCode.LOG_BROKEN: "The transparency log doesn't hold.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that doesn't hold.

    Attributes:
        code: what.
        where: in which member or table.
        which: which entry, record, permit or decision; empty for the whole.
    """

    code: FindingCode
    where: str
    which: str = ""

    @property
    def words(self) -> str:
        """The finding as a sentence."""
        return _WORDS[self.code]

    def to_json(self) -> dict[str, str]:
        """Return the finding as plain JSON values."""
        return {"code": self.code.value, "where": self.where, "which": self.which, "words": self.words}


@dataclass(frozen=True, slots=True)
class DecisionProof:
    """What was seen about one decision.

    Attributes:
        decision_id: which.
        outcome: as its receipt says.
        permit_id: under which permit.
        rules: the rules that its verdict names.
        evidence: key and id of each record on which the permit rests.
        by_gist: how many of these records are shown by their gist alone.
        findings: what doesn't hold; empty if everything does.
        unreached: whether the rules can't be asked again, since records of the person are rightly gone.
    """

    decision_id: str
    outcome: str
    permit_id: str
    rules: tuple[str, ...]
    evidence: tuple[tuple[str, str], ...]
    by_gist: int
    findings: tuple[Finding, ...]
    unreached: bool = False

    @property
    def words(self) -> str:
        """The answer as a sentence."""
        what = f"Decision {self.decision_id} ({self.outcome})"
        if self.findings:
            codes = ", ".join(sorted({one.code.value for one in self.findings}))
            return f"{what}: not shown to be permitted ({codes})."
        if self.unreached:
            return f"{what}: logged as permitted; records that it rested on are gone, as the log says."
        return (
            f"{what} was permitted by these rules on this evidence: {len(self.rules)} rules, "
            f"{len(self.evidence)} records, {self.by_gist} of them shown by their gist."
        )

    def to_json(self) -> dict[str, object]:
        """Return the proof as plain JSON values."""
        return {
            "decision": self.decision_id,
            "outcome": self.outcome,
            "permit": self.permit_id,
            "holds": not self.findings and not self.unreached,
            "words": self.words,
            "rules": list(self.rules),
            "evidence": [list(one) for one in self.evidence],
            "by_gist": self.by_gist,
        }


@dataclass(frozen=True, slots=True)
class PackReport:
    """What verifying a pack found.

    Attributes:
        findings: what doesn't hold; empty when all is well.
        decisions: what was seen about each decision.
        verdicts: how many verdicts, permits and refusals, were reached again to the letter.
        unreached: how many can't be: records of the person are rightly gone.
        entries: how many entries were proved to be in the log.
        opened: how many of them say what they say.
        witnesses: who cosigned the head or a checkpoint, the latest of each.
        tree_size: how many leaves the log has.
    """

    findings: tuple[Finding, ...]
    decisions: tuple[DecisionProof, ...]
    verdicts: int
    unreached: int
    entries: int
    opened: int
    witnesses: tuple[tuple[Cosignature, int], ...]
    tree_size: int

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return not self.findings

    def to_json(self) -> dict[str, object]:
        """Return the report as plain JSON values."""
        return {
            "outcome": "holds" if self.ok else "doesn't hold",
            "findings": [one.to_json() for one in self.findings],
            "decisions": [one.to_json() for one in self.decisions],
            "verdicts": self.verdicts,
            "unreached": self.unreached,
            "entries": self.entries,
            "opened": self.opened,
            "witnesses": [
                {"witness": seen.witness, "at": seen.at.isoformat(), "tree_size": size}
                for seen, size in self.witnesses
            ],
            "tree_size": self.tree_size,
        }
