"""A search as it is asked, answered and sealed.

Rules kept here:

* What everybody may see has no score, no threshold and no order by likeness: candidates stand in the order of
  their identifiers.
* Each candidate says in words how often a stranger would be named so.
* The exact scores lie in the sealed record alone, bound to the decision, under the key of whoever stood
  there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from countenance.decisions.decision import Assurance, InputReport, Outcome
from countenance.decisions.error_table import in_words
from countenance.decisions.identification import Conclusion, Hold, SearchLevel, StatedSearchError
from countenance.decisions.order import FacePreview
from countenance.decisions.receipt import Receipt
from countenance.kernel import (
    DecisionId,
    DeviceId,
    PermitId,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    SubjectId,
    canonical_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.decisions.examination import Look
    from countenance.liveness import PersonShown
    from countenance.policy import Verdict
    from countenance.store import LogReceipt

__all__ = [
    "Candidate",
    "IdentificationDecision",
    "IdentificationOrder",
    "Identified",
    "candidates_of",
    "receipt_of",
    "sealed_search",
    "search_context",
]


@dataclass(frozen=True, slots=True)
class IdentificationOrder:
    """One search that somebody asks for.

    Attributes:
        purpose: the stored purpose for which people are enrolled.
        place: the stored place at which it happens; references of other places take no part.
        device: the stored device that took the picture.
        subject: the pseudonym of whoever stands there, for this visit; the sealed record lies under its key.
        fpir: the false positive identification rate asked for.
        probe: encoded bytes of the picture. Left out of ``repr``.
        automatic: whether it is to be acted on without a person; the rules are asked about that, too.
        scene: the scene profile that is carried out, where there is one.
        caller: who asks, such as the title of a clerk's key, for the count of searches alone.
        shown: that the picture is of a person who is there; streets and gates demand it.
    """

    purpose: PurposeId
    place: PlaceId
    device: DeviceId
    subject: SubjectId
    fpir: float
    probe: bytes = field(repr=False)
    automatic: bool = False
    scene: str | None = None
    caller: str | None = None
    shown: PersonShown | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody enrolled who may be the person in the picture.

    Attributes:
        reference_id: which reference.
        subject: whose, by pseudonym.
        odds: in words, how often a stranger would be named so.
    """

    reference_id: str
    subject: SubjectId
    odds: str

    def to_json(self) -> dict[str, object]:
        """Return the fields as plain JSON values."""
        return {"reference": self.reference_id, "subject": self.subject, "odds": self.odds}


@dataclass(frozen=True, slots=True)
class IdentificationDecision:
    """The answer to one search, as everybody may see it.

    Attributes:
        decision_id: its identifier, also on the receipt.
        outcome: unknown, lead, match or inconclusive.
        words: the decision in sentences, the outcome first.
        stated_error: how often a search among so many people falsely names a stranger.
        candidates: whom it names, in the order of their identifiers; empty unless a lead or a match.
        holds: why it isn't a match.
        reviewers: how many people have to look at it, by the rules: 0, 1 or 2.
        inputs: what was found in the picture.
        models: ids of the networks whose output was used.
        permit_id: the permit under which it was made.
        rule_set: SHA-256 of the rule packs that allowed it.
        request_digest: SHA-256 of the request that was carried out.
        decided_at: when, UTC.
        assurance: what stands behind it besides the search.
        demo: whether it rests on DEMO evidence.
    """

    decision_id: DecisionId
    outcome: Outcome
    words: tuple[str, ...]
    stated_error: StatedSearchError
    candidates: tuple[Candidate, ...]
    holds: tuple[Hold, ...]
    reviewers: int
    inputs: tuple[InputReport, ...]
    models: tuple[str, ...]
    permit_id: PermitId
    rule_set: str
    request_digest: str
    decided_at: datetime
    assurance: Assurance
    demo: bool

    def to_json(self) -> dict[str, object]:
        """Return the decision as plain JSON values, for an API answer or ``--json``."""
        return {
            "decision_id": self.decision_id,
            "outcome": self.outcome.value,
            "words": list(self.words),
            "stated_error": self.stated_error.to_json(),
            "candidates": [one.to_json() for one in self.candidates],
            "holds": [hold.value for hold in self.holds],
            "reviewers": self.reviewers,
            "inputs": [report.to_json() for report in self.inputs],
            "models": list(self.models),
            "permit_id": self.permit_id,
            "rule_set": self.rule_set,
            "request_digest": self.request_digest,
            "decided_at": self.decided_at.isoformat(),
            "assurance": self.assurance.value,
            "demo": self.demo,
        }


@dataclass(frozen=True, slots=True)
class Identified:
    """What the desk hands back.

    Attributes:
        decision: the answer.
        verdict: why it was allowed.
        receipt: the signed receipt (compact JWS).
        log: where the decision stands in the transparency log.
        previews: the aligned face, for the eyes of whoever reviews; whoever shows it wipes it.
    """

    decision: IdentificationDecision
    verdict: Verdict
    receipt: str = field(repr=False)
    log: LogReceipt
    previews: tuple[FacePreview, ...] = field(repr=False)


def candidates_of(conclusion: Conclusion | None, stated: StatedSearchError) -> tuple[Candidate, ...]:
    """Return whom a decision names, in the order of their identifiers."""
    if conclusion is None:
        return ()
    people = "one person" if stated.people == 1 else f"{stated.people:,} people"
    odds = f"At most {in_words(stated.asked)} strangers would be falsely named among these {people}."
    return tuple(
        Candidate(one.reference_id, one.subject, odds)
        for one in sorted(conclusion.candidates, key=lambda one: one.reference_id)
    )


def receipt_of(
    decision: IdentificationDecision, *, request: ProcessingRequest, log_index: int, leaf_hash: str
) -> Receipt:
    """Return the receipt of a search. It names nobody."""
    stated = decision.stated_error
    return Receipt(
        decision_id=decision.decision_id,
        outcome=decision.outcome,
        decided_at=decision.decided_at.replace(microsecond=0),
        purpose=request.purpose,
        place=request.place,
        permit_id=decision.permit_id,
        rule_set=decision.rule_set,
        asked=stated.asked,
        fmr=stated.fpir,
        low=stated.low,
        high=stated.high,
        table=stated.label,
        models=decision.models,
        assurance=decision.assurance,
        demo=decision.demo,
        log_index=log_index,
        leaf_hash=leaf_hash,
        people=stated.people,
    )


def search_context(decision: IdentificationDecision) -> Mapping[str, str]:
    """Return what the sealed record is bound to; needed again to open it."""
    return {"record": "decision", "decision": decision.decision_id, "rule_set": decision.rule_set}


def sealed_search(
    decision: IdentificationDecision,
    *,
    request: ProcessingRequest,
    level: SearchLevel,
    conclusion: Conclusion | None,
    look: Look,
) -> bytes:
    """Return the canonical JSON of what is sealed.

    Args:
        decision: as everybody may see it.
        request: what was carried out.
        level: the threshold that was used.
        conclusion: the candidates with their exact scores; ``None`` if nobody was searched for.
        look: what was found in the picture.
    """
    measures = () if look.observation is None else look.observation.quality.measures
    return canonical_json(
        {
            "decision": decision.to_json(),
            "request": request.request_id,
            "materials": list(request.materials),
            "threshold": level.threshold,
            "scores": []
            if conclusion is None
            else [[one.reference_id, one.score] for one in conclusion.candidates],
            "quality": [[m.component.value, m.value, m.unit, m.quality] for m in measures],
        }
    )
