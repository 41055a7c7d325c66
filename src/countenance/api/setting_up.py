"""``/v1/places``: a place set up from answers, and how it stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from countenance.api.access import Caller, CallerKey, Installed, acting
from countenance.api.documentation import SETUP_EXAMPLES, problems
from countenance.authority import Act, Readiness, Role, Standing
from countenance.kernel import PlaceId
from countenance.runtime import Answers, OpenDuty

__all__ = ["SETUP_REQUESTS", "router"]

router = APIRouter(tags=["setting up"])

SETUP_REQUESTS: Final[tuple[type[BaseModel], ...]] = (Answers,)

Within = Annotated[int, Query(ge=0, le=3660, description="What runs out in so many days counts as expiring.")]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True)


class ReadinessItemDocument(_Document):
    """One thing that the rules ask for."""

    keys: tuple[str, ...] = Field(description="Evidence keys of which any one is enough, or the fact.")
    standing: Standing = Field(description="missing, expiring or met.")
    rules: tuple[str, ...] = Field(description="The rules that ask for it.")
    words: str = Field(description="What it proves, or the question to be answered.")
    remedy: str = Field(description="What to do about it; empty if nothing.")
    by_hand: bool = Field(description="Whether only a person, here or outside, can supply it.")
    records: tuple[str, ...] = Field(description="The records on which it rests.")
    until: datetime | None = Field(description="When the last of them runs out; null if it doesn't.")


class OwedDutyDocument(_Document):
    """A duty at the place: overdue, or of an incident."""

    duty: str
    key: str
    words: str
    rule: str
    due: datetime
    overdue: bool = Field(description="Whether it stops every permit at the place.")
    incident: str | None


class ReadinessAnswer(_Document):
    """How a place stands for a scene, for an adult who agrees."""

    place: str
    scene: str
    ready: bool = Field(description="Whether nothing is missing and nothing overdue. It permits nothing.")
    house_rules_only: bool = Field(description="Whether no rule of the jurisdiction itself speaks.")
    asked_of_each: tuple[str, ...] = Field(description="What is asked of each person anew; supposed here.")
    items: tuple[ReadinessItemDocument, ...] = Field(
        description="What the rules ask for: missing first, then expiring, then met."
    )
    owed: tuple[OwedDutyDocument, ...] = Field(description="Duties there that somebody has to see to.")


class SetUpAnswer(_Document):
    """What a set-up did, and what is still wanted."""

    filed: tuple[str, ...] = Field(description="Evidence keys and facts that were filed now.")
    on_file: tuple[str, ...] = Field(description="Those that were on file in the same words.")
    waiting: dict[str, tuple[str, ...]] = Field(description="Key or fact -> what is still wanted.")
    readiness: ReadinessAnswer
    wanted: dict[str, JsonValue] | None = Field(
        description="The answers with a draft of all that only people can supply, gaps marked; to be filled "
        "in, read, and sent again. Null when nothing is missing."
    )


@router.post(
    "/v1/places",
    summary="Set a place up from answers",
    responses=problems(401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": SETUP_EXAMPLES}}}},
)
def set_up(answers: Answers, caller: Caller, services: Installed, within_days: Within = 30) -> SetUpAnswer:
    """Register place, device and purpose, file what was stated, draft the rest.

    Sent again, it goes on where it stopped, also after an error. A record is filed for a role of the caller's
    key alone.
    """
    done = services.setup.apply(
        answers,
        author=acting(caller, Act.REGISTER_PURPOSE),
        within=timedelta(days=within_days),
        roles=_roles_of(caller),
    )
    stands = done.readiness
    return SetUpAnswer(
        filed=done.filed,
        on_file=done.on_file,
        waiting=dict(done.waiting),
        readiness=_document(stands, services.duties.owed_at(stands.place)),
        wanted=None if stands.ready else services.setup.draft_document(answers, stands),
    )


@router.get(
    "/v1/places/{place_id}/readiness",
    summary="Say how a place stands",
    responses=problems(401, 403, 404, 422, 503),
)
def look(
    place_id: Annotated[str, Path(max_length=128)],
    caller: Caller,
    services: Installed,
    scene: Annotated[str, Query(max_length=128, description="For which scene.")] = "hotel-checkin",
    within_days: Within = 30,
) -> ReadinessAnswer:
    """Met, missing, expiring, each with rule and remedy. The system is looked at as before a permit."""
    place = PlaceId(place_id)
    stands = services.setup.readiness.look(
        author=acting(caller, Act.READ_RECORDS),
        place=place,
        scene=scene,
        within=timedelta(days=within_days),
    )
    return _document(stands, services.duties.owed_at(place))


def _roles_of(caller: CallerKey) -> tuple[Role, ...]:
    return tuple(role for role in Role if role.value in caller.roles)


def _document(stands: Readiness, owed: tuple[OpenDuty, ...]) -> ReadinessAnswer:
    return ReadinessAnswer(
        place=stands.place,
        scene=stands.scene,
        ready=stands.ready and not any(duty.overdue for duty in owed),
        house_rules_only=stands.house_rules_only,
        asked_of_each=stands.asked_of_each,
        items=tuple(
            ReadinessItemDocument(
                keys=item.keys,
                standing=item.standing,
                rules=item.rules,
                words=item.words,
                remedy=item.remedy,
                by_hand=item.by_hand,
                records=item.records,
                until=item.until,
            )
            for item in stands.items
        ),
        owed=tuple(
            OwedDutyDocument(
                duty=duty.duty_id,
                key=duty.key,
                words=duty.words,
                rule=duty.rule,
                due=duty.due,
                overdue=duty.overdue,
                incident=duty.case,
            )
            for duty in owed
        ),
    )
