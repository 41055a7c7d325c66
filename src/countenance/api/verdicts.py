"""``POST /v1/verdicts``: what the rules would say. A hypothesis never yields a permit."""

from __future__ import annotations

from fastapi import APIRouter

from countenance.api.access import Caller, Installed, acting
from countenance.api.documentation import VERDICT_EXAMPLES, problems
from countenance.api.schemas import HypothesisRequest, VerdictAnswer
from countenance.authority import Act, hypothetical

__all__ = ["router"]

router = APIRouter(tags=["verdicts"])


@router.post(
    "/v1/verdicts",
    summary="Ask the rules about something that nobody is about to do",
    description=(
        "Facts are taken as given, so the answer is hypothetical: it explains, and it never yields a "
        "permit. A fact that isn't stated is unknown; unknown refuses and asks."
    ),
    response_model=VerdictAnswer,
    responses=problems(401, 403, 413, 422),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": VERDICT_EXAMPLES}}}},
)
def judge(question: HypothesisRequest, caller: Caller, services: Installed) -> dict[str, object]:
    """Answer one question."""
    acting(caller, Act.ASK_VERDICT)
    verdict = hypothetical(
        services.rules,
        services.vocabulary,
        operation=question.operation,
        place_kind=question.place,
        jurisdictions=question.jurisdictions,
        at=services.clock.now().date() if question.at is None else question.at,
        facts=question.facts,
    )
    return {"hypothetical": True, "verdict": verdict.to_json()}
