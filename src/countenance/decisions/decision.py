"""What a decision says. It has no field for a score.

Rules kept here:

* Every decision says which error was asked for, what was measured, and what wasn't.
* Every decision says how far it can be relied on (:class:`Assurance`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from countenance.decisions.document_check import DocumentReport
from countenance.kernel import DecisionId, PermitId

__all__ = ["NOT_MEASURED", "Assurance", "Decision", "InputReport", "Outcome", "Role", "StatedError"]

NOT_MEASURED = "not measured"


class Outcome(StrEnum):
    """How a comparison or a search ends."""

    MATCH = "match"
    NO_MATCH = "no match"
    INCONCLUSIVE = "inconclusive"
    UNKNOWN = "unknown"
    """Of a search: nobody who is enrolled is alike enough."""
    LEAD = "lead"
    """Of a search: somebody is, and a person has to look before anything follows from it."""


class Role(StrEnum):
    """What a picture is in a verification."""

    DOCUMENT = "document"
    """A picture of an identity document with a portrait in it."""

    LIVE = "live"
    """A photograph taken of the person at the desk."""


class Assurance(StrEnum):
    """What stands behind a decision besides the comparison."""

    ATTENDED = "attended"
    """A clerk sees the person and the document. Liveness isn't measured, the document isn't
    authenticated: good for an attended desk only."""

    UNATTENDED = "liveness not measured"
    """A camera sees the person. Liveness isn't measured: a picture may be answered like the person."""

    LIVE = "liveness shown"
    """A clerk sees the document, and a liveness session reached the level that the scene demands. What gets
    past that level stands in the session's result; the document isn't authenticated."""

    @property
    def words(self) -> str:
        """The sentence that every decision carries."""
        if self is Assurance.LIVE:
            return (
                "Liveness was shown in a session, at a level that is self-declared and withstands neither "
                "masks nor a picture steered live; the document was not authenticated."
            )
        if self is Assurance.UNATTENDED:
            return "Liveness was not measured: a picture held up may be answered like the person in it."
        return "For an attended desk only: liveness was not measured and the document was not authenticated."


@dataclass(frozen=True, slots=True)
class StatedError:
    """How often strangers match at the threshold that was used.

    Attributes:
        asked: the false match rate that was asked for; an offered level of the table.
        fmr: the false match rate measured at the threshold that this level uses.
        low: lower end of its 95 % interval (bootstrap over identities).
        high: upper end.
        fnmr: how often two pictures of one person failed to match at that threshold.
        measured_on: the data, in words.
        worst_group: the worst measured group and its rate, in words; ``not measured`` if none was.
        elsewhere: another set of people and the rate at the same threshold, in words; ``not measured``
            if there was none.
        label: how far the table goes, such as ``development``.
        document_portraits: what was measured on portraits in documents, in words.
    """

    asked: float
    fmr: float
    low: float
    high: float
    fnmr: float
    measured_on: str
    worst_group: str
    elsewhere: str
    label: str
    document_portraits: str = NOT_MEASURED

    def to_json(self) -> dict[str, object]:
        """Return the fields as plain JSON values, with how many people were compared with: one."""
        return {
            "asked": self.asked,
            "fmr": self.fmr,
            "low": self.low,
            "high": self.high,
            "fnmr": self.fnmr,
            "people": 1,
            "measured_on": self.measured_on,
            "worst_group": self.worst_group,
            "elsewhere": self.elsewhere,
            "label": self.label,
            "document_portraits": self.document_portraits,
        }


@dataclass(frozen=True, slots=True)
class InputReport:
    """What was found in one picture.

    Attributes:
        role: what the picture is.
        quality: unified quality, 0 to 100; ``None`` if no single face was found in it.
        reasons: what to change about it, in words; empty if nothing.
        codes: what the reasons are about, for programs: stable and kebab-case, such as ``no-face-found`` or
            ``face-too-small``; docs/reference/errors.md lists them.
    """

    role: Role
    quality: int | None
    reasons: tuple[str, ...]
    codes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the fields as plain JSON values."""
        return {
            "role": self.role.value,
            "quality": self.quality,
            "reasons": list(self.reasons),
            "codes": list(self.codes),
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one verification, as everybody may see it.

    Attributes:
        decision_id: its identifier, also on the receipt.
        outcome: match, no match or inconclusive.
        words: the decision in sentences, the outcome first.
        stated_error: how often strangers match at the threshold that was asked for.
        inputs: what was found in each picture.
        models: ids of the networks whose output was used.
        permit_id: the permit under which it was made.
        rule_set: SHA-256 of the rule packs that allowed it.
        request_digest: SHA-256 of the request that was carried out.
        decided_at: when, UTC.
        assurance: what stands behind it besides the comparison.
        demo: whether it rests on DEMO evidence, and so says nothing about a real person.
        document: what was read of the document; ``None`` where the scene's reference isn't one.
        liveness: the level of liveness that was reached, 1 to 4; ``None`` where the scene demands none.
    """

    decision_id: DecisionId
    outcome: Outcome
    words: tuple[str, ...]
    stated_error: StatedError
    inputs: tuple[InputReport, ...]
    models: tuple[str, ...]
    permit_id: PermitId
    rule_set: str
    request_digest: str
    decided_at: datetime
    assurance: Assurance
    demo: bool
    document: DocumentReport | None = None
    liveness: int | None = None

    def to_json(self) -> dict[str, object]:
        """Return the decision as plain JSON values, for an API answer or ``--json``."""
        return {
            "decision_id": self.decision_id,
            "outcome": self.outcome.value,
            "words": list(self.words),
            "stated_error": self.stated_error.to_json(),
            "inputs": [report.to_json() for report in self.inputs],
            "models": list(self.models),
            "permit_id": self.permit_id,
            "rule_set": self.rule_set,
            "request_digest": self.request_digest,
            "decided_at": self.decided_at.isoformat(),
            "assurance": self.assurance.value,
            "demo": self.demo,
            "document": None if self.document is None else self.document.to_json(),
            "liveness": self.liveness,
        }
