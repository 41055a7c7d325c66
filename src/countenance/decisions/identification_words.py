"""The answer to a search in sentences.

Rules kept here:

* The outcome comes first; then how often a stranger is falsely named among these people, and where that was
  measured; then what may be done.
* A lead is called one, and says that it is no identification. ``unknown`` is no proof that somebody isn't
  enrolled.
* No sentence holds a score, a threshold, or anything that would tell how near a miss was.
"""

from __future__ import annotations

from collections.abc import Sequence

from countenance.decisions.decision import InputReport, Outcome
from countenance.decisions.error_table import in_words
from countenance.decisions.identification import Conclusion, StatedSearchError

__all__ = ["identification_words", "search_error_words"]

_UNKNOWN = "Unknown: of the {people} searched here nobody is alike enough."
_NO_PROOF = "That is no proof that this person isn't enrolled: of people who were, {missed} was missed here."
_NO_PROOF_UNMEASURED = (
    "That is no proof that this person isn't enrolled: how many are missed here wasn't measured."
)
_LEAD = "A lead, not an identification: of the {people} searched here {found}."
_MATCH = "Match: one of the {people} searched here, who agreed to it, is alike enough and nobody else is."
_LOOK = "Before anything follows from it, a person has to look and to ask who this is."
_INCONCLUSIVE = "Inconclusive: the picture could not be judged, so nobody was searched for."
_AGAINST_NOBODY = "This speaks against nobody. Take a better picture, or use the other way that is offered."
_ODDS = (
    "Among these {people} at most {asked} strangers would be falsely named, as far as the measured people can"
    " say (95 % prediction interval {low} to {high}, for {worst}), measured on {measured_on}; {label} table."
)
_DEMO = "DEMO: made under demonstration evidence; says nothing about a real person."


def search_error_words(stated: StatedSearchError) -> str:
    """Return in one sentence how often a search errs."""
    return _ODDS.format(
        people=_people(stated.people),
        asked=in_words(stated.asked),
        low=in_words(stated.low),
        high=in_words(stated.high),
        worst=stated.worst_group,
        measured_on=stated.measured_on,
        label=stated.label,
    )


def identification_words(
    conclusion: Conclusion | None,
    *,
    stated: StatedSearchError,
    probe: InputReport,
    demo: bool,
) -> tuple[str, ...]:
    """Return the sentences of a decision, the outcome first.

    Args:
        conclusion: what followed from the search; ``None`` if the picture couldn't be judged.
        stated: how often the search errs.
        probe: what was found in the picture.
        demo: whether it rests on DEMO evidence.
    """
    people = _people(stated.people)
    sentences: list[str]
    if conclusion is None:
        sentences = [_INCONCLUSIVE, *probe.reasons, _AGAINST_NOBODY]
    elif conclusion.outcome is Outcome.UNKNOWN:
        missed = _NO_PROOF_UNMEASURED
        if stated.fnir is not None:
            missed = _NO_PROOF.format(missed=f"up to {in_words(stated.fnir)}")
        sentences = [_UNKNOWN.format(people=people), missed, search_error_words(stated)]
    elif conclusion.outcome is Outcome.LEAD:
        found = _found(len({one.subject for one in conclusion.candidates}))
        sentences = [
            _LEAD.format(people=people, found=found),
            search_error_words(stated),
            *_reasons(conclusion),
            _LOOK,
        ]
    else:
        sentences = [_MATCH.format(people=people), search_error_words(stated)]
    if demo:
        sentences.append(_DEMO)
    return tuple(sentences)


def _reasons(conclusion: Conclusion) -> Sequence[str]:
    return [hold.words for hold in conclusion.holds]


def _people(count: int) -> str:
    return "one person" if count == 1 else f"{count:,} people"


def _found(count: int) -> str:
    return "one is alike enough" if count == 1 else f"{count} are alike enough"
