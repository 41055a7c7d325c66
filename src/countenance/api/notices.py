"""``/v1/notices``, and what the bearer of a receipt may do without a key: open it, take a consent back."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from countenance.api.access import Caller, Installed, acting
from countenance.api.documentation import problems
from countenance.authority import Act
from countenance.kernel import EvidenceId

__all__ = ["NOTICE_REQUESTS", "router"]

router = APIRouter()

LINKED_DATA: Final = "application/ld+json"


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BearerReceiptRequest(_Request):
    """A receipt as its bearer has it."""

    receipt: str = Field(
        max_length=65_536, description="A decision's receipt (a compact JWS), or a consent's (its JSON)."
    )


class BearerWithdrawalRequest(_Request):
    """A token that takes one consent back."""

    token: str = Field(max_length=4_096, description="From the receipt's code.")


NOTICE_REQUESTS: Final[tuple[type[BaseModel], ...]] = (BearerReceiptRequest, BearerWithdrawalRequest)


class OpenedReceiptAnswer(BaseModel):
    """What a receipt opens: its one decision, or its one consent."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(description="decision or consent.")
    claims: dict[str, Any] = Field(description="What the receipt states.")
    state: str | None = Field(description="How the consent stands now; null for a decision.")


class TakenBackAnswer(BaseModel):
    """What taking a consent back did."""

    model_config = ConfigDict(frozen=True)

    records: int = Field(description="How many records stopped counting just now.")
    told: tuple[str, ...] = Field(description="Who let go of what rested on it.")
    unfinished: tuple[str, ...] = Field(description="Who couldn't; ask again.")
    log_index: int | None = Field(description="Where it stands in the log; null if it was taken back before.")
    certificates: tuple[dict[str, Any], ...] = Field(
        description="The deletion certificates of what was kept on the consent; not kept here."
    )


class ConsentReceiptAnswer(BaseModel):
    """A consent's receipt, and the way to take the consent back; for the person alone."""

    model_config = ConfigDict(frozen=True)

    receipt: dict[str, Any] = Field(description="In the shape of ISO/IEC TS 27560:2023, signed.")
    withdrawal_token: str = Field(description="Takes this one consent back, and does nothing else.")
    withdrawal_link: str = Field(description="The same as an address, for a code.")


@router.get(
    "/v1/notices/{notice}",
    tags=["notices"],
    summary="Read a notice",
    response_class=JSONResponse,
    responses={200: {"content": {LINKED_DATA: {}}}, **problems(404, 503)},
)
def read_notice(
    notice: Annotated[str, Path(max_length=128, description="Its identifier, or a version's SHA-256.")],
    services: Installed,
) -> JSONResponse:
    """The signed notice as JSON-LD. No key is asked for: a notice is written for everybody."""
    found = services.notices.find(notice)
    headers = {"Countenance-In-Force": "yes" if found.in_force else "no"}
    return JSONResponse(dict(found.notice.document), headers=headers, media_type=LINKED_DATA)


@router.post(
    "/v1/receipts/open",
    tags=["receipts"],
    summary="Open a receipt as its bearer",
    responses=problems(413, 422, 503),
)
def open_receipt(told: BearerReceiptRequest, services: Installed) -> OpenedReceiptAnswer:
    """No key is asked for: the receipt opens its one decision or consent, and nothing else."""
    opened = services.consents.open(told.receipt)
    return OpenedReceiptAnswer(kind=opened.kind, claims=dict(opened.claims), state=opened.state)


@router.post(
    "/v1/receipts/withdrawals",
    tags=["receipts"],
    summary="Take a consent back as its bearer",
    responses=problems(404, 413, 422, 503),
)
def take_back(told: BearerWithdrawalRequest, services: Installed) -> TakenBackAnswer:
    """No key and no reason is asked for. Everything that rests on the consent stops counting at once."""
    done = services.consents.take_back(told.token)
    return TakenBackAnswer(
        records=done.records,
        told=done.told,
        unfinished=done.unfinished,
        log_index=done.log_index,
        certificates=tuple(dict(each) for each in done.certificates),
    )


@router.post(
    "/v1/consents/{record_id}/receipt",
    tags=["consents"],
    summary="Issue a consent's receipt",
    status_code=201,
    responses=problems(401, 403, 404, 422, 503),
)
def issue_receipt(record_id: str, caller: Caller, services: Installed) -> ConsentReceiptAnswer:
    """For the person who consented, with the token that takes it back."""
    author = acting(caller, Act.FILE_RECORD, key="consent.record")
    issued = services.consents.receipt(EvidenceId(record_id), author=author)
    return ConsentReceiptAnswer(
        receipt=dict(issued.document), withdrawal_token=issued.token, withdrawal_link=issued.link
    )
