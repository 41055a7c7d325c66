"""``GET /healthz``: ready or not. What exactly is wrong is said to callers with a key alone."""

from __future__ import annotations

from fastapi import APIRouter, Response

from countenance.api.access import Installed, MaybeCaller
from countenance.api.documentation import problems
from countenance.api.schemas import HealthAnswer, HealthFindingDocument

__all__ = ["router"]

router = APIRouter(tags=["health"])


@router.get(
    "/healthz",
    summary="Say whether the installation is ready",
    response_model_exclude_none=True,
    responses={503: {"model": HealthAnswer, "description": "Not ready"}, **problems(401)},
)
def health(caller: MaybeCaller, services: Installed, response: Response) -> HealthAnswer:
    """Run the self-check. Without a key only ``ok`` is said."""
    findings = services.health()
    ready = all(finding.lets_serve for finding in findings)
    response.status_code = 200 if ready else 503
    if caller is None:
        return HealthAnswer(ok=ready)
    return HealthAnswer(
        ok=ready,
        findings=tuple(
            HealthFindingDocument(
                name=finding.name, ok=finding.ok, words=finding.words, remedy=finding.remedy
            )
            for finding in findings
        ),
    )
