"""A decision in sentences.

Rules kept here:

* The outcome comes first, in one sentence; what it rests on and what wasn't measured comes after it.
* No sentence holds a score, a threshold or anything that would tell how near a miss was.
* A non-match is never called a proof, and an inconclusive answer is a finding against nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from countenance.decisions.decision import Assurance, InputReport, Outcome, Role
from countenance.decisions.document_check import DocumentReport
from countenance.decisions.error_table import Threshold, in_words

__all__ = ["decision_words"]

_PICTURE = {Role.DOCUMENT: "Picture of the document", Role.LIVE: "Live photograph"}

_MATCH = "Match: the two faces are as alike as two pictures of one person."
_NO_MATCH = "No match: the two faces are less alike than this threshold asks."
_NO_PROOF = (
    "That is no proof that they are two people: of two pictures of one person, {rate} failed here as well."
)
_INCONCLUSIVE = "Inconclusive: the pictures could not be judged, so nothing was compared."
_AGAINST_NOBODY = "This speaks against nobody. Take a better picture, or let the clerk compare by eye."
_PORTRAITS = "Portraits in documents: {words}."
_DEMO = "DEMO: made under demonstration evidence; says nothing about a real person."


def decision_words(
    *,
    outcome: Outcome,
    threshold: Threshold,
    inputs: Sequence[InputReport],
    assurance: Assurance,
    demo: bool,
    document: DocumentReport | None = None,
) -> tuple[str, ...]:
    """Return the sentences of a decision, the outcome first.

    Args:
        outcome: how it ended.
        threshold: the level that was asked for; its value is not used.
        inputs: what was found in each picture.
        assurance: what stands behind the decision besides the comparison.
        demo: whether it rests on DEMO evidence.
        document: what was read of the document, where there is one. Nothing that it says is repeated.
    """
    sentences: list[str] = []
    if outcome is Outcome.INCONCLUSIVE:
        sentences.append(_INCONCLUSIVE)
        sentences += [
            f"{_PICTURE[report.role]}: {' '.join(report.reasons)}" for report in inputs if report.reasons
        ]
        sentences.append(_AGAINST_NOBODY)
    else:
        if outcome is Outcome.MATCH:
            sentences.append(_MATCH)
        else:
            sentences += [_NO_MATCH, _NO_PROOF.format(rate=in_words(threshold.stated.fnmr))]
        sentences.append(threshold.worded)
        if any(report.role is Role.DOCUMENT for report in inputs):
            sentences.append(_PORTRAITS.format(words=threshold.stated.document_portraits))
    if document is not None:
        sentences.append(f"Document: {document.brief}.")
        sentences += document.notes
    sentences.append(assurance.words)
    if demo:
        sentences.append(_DEMO)
    return tuple(sentences)
