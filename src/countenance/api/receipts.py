"""``GET /v1/keys`` and ``POST /v1/receipts/check``: whoever holds a receipt can have it checked."""

from __future__ import annotations

from fastapi import APIRouter

from countenance.api.access import Caller, Installed
from countenance.api.documentation import problems
from countenance.api.schemas import KeysAnswer, ReceiptAnswer, ReceiptRequest

__all__ = ["router"]

router = APIRouter(tags=["receipts"])


@router.get("/v1/keys", summary="The public keys that receipts are signed with", responses=problems(401, 503))
def list_keys(caller: Caller, services: Installed) -> KeysAnswer:  # noqa: ARG001
    """A JSON Web Key Set. With it, a receipt can be checked without asking this installation."""
    return KeysAnswer(keys=(dict(services.receipts.public_jwk()),))


@router.post(
    "/v1/receipts/check",
    summary="Check a receipt",
    description="Answers with the receipt's claims if this installation signed it, unaltered; else with 422.",
    responses=problems(401, 413, 422),
)
def check(question: ReceiptRequest, caller: Caller, services: Installed) -> ReceiptAnswer:  # noqa: ARG001
    """Check one receipt."""
    return ReceiptAnswer(claims=dict(services.receipts.check(question.receipt)))
