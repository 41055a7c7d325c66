"""What people say about the answer to a search: one of them, or two who don't see each other's word.

Rules kept here:

* Whoever reviews acts in a role that may, and under a key of their own: the second reviewer isn't the first.
* Of two, the first one's word is told to nobody, and isn't in the log, until the second one has spoken.
* The duty of a permit is discharged by the word of as many as it asks for, and by no fewer.
* A word says whether the answer is right. Two who differ confirm nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from countenance.authority import Act, Author, RoleTable
from countenance.decisions import REVIEW, TWO_REVIEWS
from countenance.kernel import CallerError, CaseId, Clock, DecisionId
from countenance.kernel.canonical import JsonValue
from countenance.store import Issuer, RecordUnknown

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.store import CaseStep, DutyRecord, Store

__all__ = ["NothingToReview", "ReviewState", "ReviewedAlready", "ReviewerNotTold", "SearchReviews"]

_PREFIX: Final = "rvw_"
_KEYS: Final = (REVIEW, TWO_REVIEWS)


class NothingToReview(CallerError):
    """No review of this decision is open."""

    code = "nothing-to-review"
    default_remedy = "Look up the decision: the rules ask for no review of it, or it was reviewed."


class ReviewedAlready(CallerError):
    """This reviewer has spoken; the second word is somebody else's."""

    code = "reviewed-already"
    default_remedy = "Let another reviewer look, under a key of their own."


class ReviewerNotTold(CallerError):
    """Two people have to look, and this one acts under no key, so that nobody could tell them apart."""

    code = "reviewer-not-told"
    default_remedy = "Give the word under an API key of one's own, over REST."


@dataclass(frozen=True, slots=True)
class ReviewState:
    """How the review of a decision stands.

    Attributes:
        decision_id: of which decision.
        given: how many have spoken.
        asked: how many have to.
        confirmed: whether all of them say that the answer is right; ``None`` until they have spoken.
    """

    decision_id: DecisionId
    given: int
    asked: int
    confirmed: bool | None


class SearchReviews:
    """Takes reviewers' words.

    Args:
        store: where decisions, duties and words are on record.
        authority: discharges duties.
        roles: who may review.
        clock: says what time it is.
    """

    __slots__ = ("_authority", "_clock", "_roles", "_store")

    def __init__(self, *, store: Store, authority: AuthorityDesk, roles: RoleTable, clock: Clock) -> None:
        self._store = store
        self._authority = authority
        self._roles = roles
        self._clock = clock

    def review(self, decision_id: DecisionId, *, right: bool, author: Author) -> ReviewState:
        """Take one reviewer's word.

        Args:
            decision_id: about which decision.
            right: whether its answer is right, as far as the reviewer can see.
            author: the role and key of the reviewer.

        Raises:
            RoleMayNot: if the role doesn't review.
            RecordUnknown: if there is no such decision.
            NothingToReview: if no review of it is open.
            ReviewerNotTold: if two have to look, and this one acts under no key.
            ReviewedAlready: if this reviewer has spoken.
        """
        self._roles.require(author.role, Act.REVIEW_RESULT)
        with self._store.together():
            duties = self._duties(decision_id)
            asked = 2 if any(duty.key == TWO_REVIEWS for duty in duties) else 1
            if asked > 1 and author.key_id is None:
                raise ReviewerNotTold("Two people have to look, and nobody can tell who this one is.")
            words = {step.author: bool(step.body["right"]) for step in self._steps(decision_id)}
            if str(author) in words:
                raise ReviewedAlready("This reviewer has looked at the decision already.")
            words[str(author)] = right
            self._store.cases.add(
                _case(decision_id),
                "reviewed",
                at=self._clock.now(),
                author=str(author),
                body={"right": right},
            )
            if len(words) < asked:
                # Neither who it was nor what was said: the second one may read the log.
                self._store.log.append(
                    "review", {"decision": decision_id, "given": len(words), "asked": asked}
                )
                return ReviewState(decision_id, len(words), asked, None)
            confirmed = all(words.values())
            entry = {"decision": decision_id, "given": len(words), "asked": asked, "confirmed": confirmed}
            self._store.log.append("review", entry)
            for duty in duties:
                self._discharge(duty, words, confirmed=confirmed)
        return ReviewState(decision_id, len(words), asked, confirmed)

    def _duties(self, decision_id: DecisionId) -> tuple[DutyRecord, ...]:
        permit = self._store.decisions.get(decision_id).permit_id
        found = tuple(
            duty for duty in self._store.duties.open() if duty.permit_id == permit and duty.key in _KEYS
        )
        if not found:
            raise NothingToReview("No review of this decision is open.")
        return found

    def _steps(self, decision_id: DecisionId) -> tuple[CaseStep, ...]:
        try:
            return self._store.cases.of(_case(decision_id))
        except RecordUnknown:
            return ()

    def _discharge(self, duty: DutyRecord, words: Mapping[str, bool], *, confirmed: bool) -> None:
        said: dict[str, JsonValue] = {
            "reviewer_roles": sorted(words),
            "decided": "The answer was confirmed." if confirmed else "The answer was not confirmed.",
            "blind": True,
            "decided_at": self._clock.now().isoformat(),
        }
        self._authority.discharge(
            duty.duty_id, content=said, author=", ".join(sorted(words)), issuer=Issuer.PERSON
        )


def _case(decision_id: DecisionId) -> CaseId:
    return CaseId(_PREFIX + decision_id.removeprefix("dec_"))
