"""The comparison door: one probe against one reference, under a permit.

Rules kept here:

* What can't be compared is refused before the permit is asked, so that a mistake costs no passage.
* The permit is asked before the score is computed.
"""

from __future__ import annotations

import numpy as np

from countenance.kernel import (
    Door,
    EvidenceError,
    Passage,
    PermitToken,
    PermitVerifier,
    ProcessingRequest,
)
from countenance.templates.template import ComparisonScore, Template

__all__ = ["ComparisonDoor", "TemplatesNotComparable"]


class TemplatesNotComparable(EvidenceError):
    """The two templates don't belong together: another model, purpose or request, or one was wiped."""

    code = "templates-not-comparable"
    default_remedy = "Make both templates anew, with one model, under one permit for one request."


class ComparisonDoor:
    """Compares two templates of one request.

    Args:
        verifier: decides whether the permit opens this door.
        operation: the one operation that this door serves; a permit for another doesn't open it.
    """

    __slots__ = ("_operation", "_verifier")

    def __init__(self, *, verifier: PermitVerifier, operation: str = "verify") -> None:
        self._verifier = verifier
        self._operation = operation

    def compare(
        self,
        probe: Template,
        reference: Template,
        *,
        permit: PermitToken,
        request: ProcessingRequest,
    ) -> ComparisonScore:
        """Return the cosine of the two templates' vectors.

        Args:
            probe: the template of the face whose identity is claimed.
            reference: the template that it is compared with.
            permit: the permit for this request; one passage through ``Door.COMPARE`` is counted.
            request: the request under which both templates were made.

        Returns:
            The score, computed in float64 from the float32 vectors and clipped to [-1, 1].

        Raises:
            TemplatesNotComparable: if they are of two models, two purposes or another request, or if
                one was wiped. Nothing was counted.
            PermitRefused: if the permit doesn't open this door.
        """
        _require_comparable(probe, reference, request)
        self._verifier.admit(permit, Passage(Door.COMPARE, self._operation, request))
        left = probe.vector.astype(np.float64)
        right = reference.vector.astype(np.float64)
        cosine = float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))
        left[...] = 0.0
        right[...] = 0.0
        return ComparisonScore(value=min(1.0, max(-1.0, cosine)), model_id=probe.model_id)


def _require_comparable(probe: Template, reference: Template, request: ProcessingRequest) -> None:
    """Refuse what doesn't belong together.

    Raises:
        TemplatesNotComparable: with the first reason found.
    """
    digest = request.digest()
    for template in (probe, reference):
        if template.purpose != request.purpose:
            msg = "A template was made for another purpose than the request's."
            raise TemplatesNotComparable(msg)
        if template.request_digest != digest:
            msg = "A template was made under another request."
            raise TemplatesNotComparable(msg)
        if template.material not in request.materials:
            msg = "A template was made from a picture that isn't part of the request."
            raise TemplatesNotComparable(msg)
        if not template.has_unit_length():
            msg = "A template was wiped or is damaged."
            raise TemplatesNotComparable(msg)
    if probe.model_id != reference.model_id:
        msg = "The templates were made by two models; their scores mean nothing together."
        raise TemplatesNotComparable(msg)
    if probe.vector.shape != reference.vector.shape:
        msg = "The templates have different lengths."
        raise TemplatesNotComparable(msg)
