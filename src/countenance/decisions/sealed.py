"""The sealed record: the exact score and all that stays out of sight, for a review that has cause.

Rules kept here:

* It is sealed under the key of this check-in's subject and the purpose, bound to the decision. Destroying
  that key erases it.
* It holds no picture, no vector, and nothing that a document says but which checks hold; of the pictures it
  names the hashes that the permit was bound to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from countenance.decisions.decision import Decision
from countenance.decisions.error_table import Threshold
from countenance.decisions.examination import Look
from countenance.kernel import ProcessingRequest, canonical_json
from countenance.templates import ComparisonScore

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["sealed_content", "sealed_context"]


def sealed_context(decision: Decision) -> Mapping[str, str]:
    """Return what the sealed record is bound to; needed again to open it."""
    return {"record": "decision", "decision": decision.decision_id, "rule_set": decision.rule_set}


def sealed_content(
    decision: Decision,
    *,
    request: ProcessingRequest,
    threshold: Threshold,
    score: ComparisonScore | None,
    looks: Sequence[Look],
) -> bytes:
    """Return the canonical JSON of what is sealed.

    Args:
        decision: as everybody may see it.
        request: what was carried out.
        threshold: the level that was used.
        score: the exact score; ``None`` if nothing was compared.
        looks: what was found in each picture.
    """
    kept = None if decision.document is None else decision.document.kept()
    return canonical_json(
        {
            "decision": {**decision.to_json(), "document": kept},
            "request": request.request_id,
            "materials": list(request.materials),
            "threshold": threshold.value,
            "score": None if score is None else score.value,
            "quality": [_measures(look) for look in looks],
        }
    )


def _measures(look: Look) -> dict[str, object]:
    measures = () if look.observation is None else look.observation.quality.measures
    return {
        "role": look.report.role.value,
        "measures": [[m.component.value, m.value, m.unit, m.quality] for m in measures],
    }
