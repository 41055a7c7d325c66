"""``/v1/liveness-sessions``: opened for a scene, frames sent one by one, ended once with a signed result.

What comes next is told when its time comes. No measurement is in an answer but how far the person is on the
way to what is asked, and nothing of a frame is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, cast

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from countenance.api.access import Clerk, Installed, acting
from countenance.api.documentation import LIVENESS_EXAMPLES, LIVENESS_FRAME_BODY, problems
from countenance.api.schemas import LogReceiptDocument
from countenance.api.uploads import FormReader
from countenance.api.verifications import RequestMalformed, check_form, form_reader
from countenance.authority import Act
from countenance.kernel import DeviceId, OperatorError, PlaceId, SubjectId
from countenance.liveness import LONGEST_SECONDS, Prompt
from countenance.runtime import Services
from countenance.runtime.liveness import LivenessRoom
from countenance.scenes import AgeBand, GuestStatement
from countenance.scenes.liveness_values import LivenessOrder, LivenessProgress, LivenessResult

__all__ = ["FRAME_PATH", "LIVENESS_REQUESTS", "LivenessNotOffered", "router"]

router = APIRouter(tags=["liveness"])

FRAME_PATH: Final = "/v1/liveness-sessions/frames"

FRAMES_PER_SECOND: Final = 5.0
"""How many frames a device sends at least. Fewer than four are never judged."""


class LivenessNotOffered(OperatorError):
    """This installation holds no liveness sessions."""

    code = "liveness-not-offered"
    default_remedy = "Bring the networks of detector and mesh, or use the way without a face."


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SessionRequest(_Asked):
    """For whom a session is opened, where, and for which scene."""

    scene: str = Field(default="hotel-checkin", description="Its purpose is the session's.")
    place: str = Field(description="Id of the registered place.")
    device: str = Field(description="Id of the registered device that sends the frames.")
    subject: str | None = Field(
        default=None,
        pattern=r"^sub_[a-z0-9][a-z0-9_-]{0,60}$",
        description="The person's pseudonym; left out, a fresh one is made.",
    )
    consents: Literal["yes", "no"] | None = Field(
        default=None, description="What the person answered; left out where the consent is on file."
    )
    age_band: Literal["adult", "14-17", "under14"] | None = Field(
        default=None, description="The age band that the person stated; with `consents`."
    )
    language: str = Field(
        default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="Of the notice (BCP 47)."
    )


class FrameFields(_Asked):
    """The text fields of a frame's form; the picture stands beside them as `frame`."""

    session: str = Field(min_length=1, max_length=64, description="As it was given out.")
    number: int = Field(ge=0, le=100_000, description="The frame's place, counted by the device from 0.")
    taken: float = Field(ge=0, le=60, description="Seconds since the opening, by the device's clock.")


class EndRequest(_Asked):
    """Which session is to be judged."""

    session: str = Field(min_length=1, max_length=64, description="As it was given out.")


LIVENESS_REQUESTS: Final[tuple[type[BaseModel], ...]] = (SessionRequest, FrameFields, EndRequest)


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True)


class PromptDocument(_Document):
    """What the person may be told now; nothing that comes later."""

    number: int = Field(ge=0, le=4, description="0 while the person looks straight ahead, then 1 to 4.")
    action: str | None = Field(
        description="`turn-left`, `turn-right`, `nod`, `blink`, `come-closer`; null: look straight ahead."
    )
    level: float | None = Field(
        description="Degrees for a turn, a multiple of the size for coming closer, a count for a nod."
    )
    coming_back: bool = Field(description="Whether the person is to come back and look straight ahead.")


class SessionAnswer(_Document):
    """A session that is open."""

    session: str = Field(description="Names it. Whoever has it and the key sends frames.")
    subject: str
    prompt: PromptDocument
    frames_per_second: float = Field(description="How many frames to send, at least.")
    seconds: float = Field(description="After so many seconds it is over.")
    attempts_left: int = Field(ge=0, description="Attempts left after this one.")
    alternative: str = Field(description="The way without a face.")
    permit_id: str


class FrameAnswer(_Document):
    """What came of a frame."""

    prompt: PromptDocument
    faces: int = Field(ge=0, description="How many faces were in it; there has to be one.")
    reach: float | None = Field(description="How far the person is on the way, 1 at the mark.")
    ended: bool = Field(description="Whether everything was asked, and the session can be ended.")


class ResultAnswer(_Document):
    """What came of a session."""

    result: str = Field(description="Signed (JWS); a decision that demands liveness takes it, once.")
    outcome: str = Field(description="`bona fide`, `attack suspected` or `inconclusive`.")
    species: tuple[str, ...] = Field(description="The kinds of attack suspected.")
    advice: tuple[str, ...] = Field(description="What to do better; only if inconclusive.")
    level: int = Field(ge=0, le=4, description="The assurance level reached; self-declared.")
    good_for: str = Field(description="What this level may be used for.")
    not_withstood: tuple[str, ...] = Field(description="What gets past this level.")
    cues: dict[str, str] = Field(description="What each cue said: `confirms`, `denies`, `silent`.")
    frames: tuple[int, ...] = Field(description="Frames of which a decision takes one as its photograph.")
    good_until: datetime
    subject: str
    permit_id: str
    models: tuple[str, ...]
    alternative: str
    demo: bool
    log: LogReceiptDocument


def _room(services: Services) -> LivenessRoom:
    if services.liveness is None:
        raise LivenessNotOffered("This installation holds no liveness sessions.")
    return services.liveness


def watching_room(request: Request) -> CapacityLimiter:
    """Return what bounds the frames that are looked at at once."""
    return cast("CapacityLimiter", request.app.state.watching)


@router.post(
    "/v1/liveness-sessions",
    summary="Open a liveness session",
    status_code=201,
    description=(
        "Asks the rules, counts the attempt, and draws a challenge of four actions that are told one by one: "
        "a turn to each side and two of nod, blink and coming closer, with random angles and timing. It is "
        "over after 20 seconds. If every session is taken, 503 with `Retry-After`; after too many attempts, "
        "429. The way without a face is in every answer."
    ),
    response_model=SessionAnswer,
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
def open_session(
    told: Annotated[SessionRequest, Body(openapi_examples=dict(LIVENESS_EXAMPLES))],
    caller: Clerk,
    services: Installed,
) -> SessionAnswer:
    """For one scene, on one device; `subject` names who is known already."""
    person = None
    if told.consents is not None:
        if told.age_band is None:
            raise RequestMalformed("A consent is stated without the person's age_band.")
        person = GuestStatement(
            consents=told.consents == "yes",
            age_band=AgeBand(told.age_band),
            language=told.language,
            stated_by=caller.prefix,
        )
    order = LivenessOrder(
        scene=told.scene,
        place=PlaceId(told.place),
        device=DeviceId(told.device),
        person=person,
        opened_by=caller.prefix,
        subject=None if told.subject is None else SubjectId(told.subject),
    )
    opened = _room(services).open(order, author=acting(caller, Act.CARRY_OUT_SCENE))
    return SessionAnswer(
        session=opened.session,
        subject=opened.subject,
        prompt=_prompt(opened.prompt),
        frames_per_second=FRAMES_PER_SECOND,
        seconds=LONGEST_SECONDS,
        attempts_left=opened.attempts_left,
        alternative=opened.alternative,
        permit_id=opened.permit_id,
    )


@router.post(
    FRAME_PATH,
    summary="Send one frame of a session",
    description=(
        "One picture, looked at and overwritten. Frames are sent in order, five or more a second, with the "
        "device's own numbers and times; a gap, a repeat or a jump makes the session inconclusive or is "
        "suspected."
    ),
    response_model=FrameAnswer,
    responses=problems(400, 401, 403, 413, 415, 422, 503),
    openapi_extra={"requestBody": LIVENESS_FRAME_BODY},
)
async def send_frame(
    request: Request,
    caller: Clerk,
    services: Installed,
    forms: Annotated[FormReader, Depends(form_reader)],
    room: Annotated[CapacityLimiter, Depends(watching_room)],
) -> FrameAnswer:
    """Look at one frame."""
    form = await forms.read(request, most_files=1)
    fields = check_form(form, FrameFields, files=frozenset({"frame"}))
    frame = form.file("frame")

    def look() -> LivenessProgress:
        return _room(services).take(
            fields.session, frame, number=fields.number, taken=fields.taken, opened_by=caller.prefix
        )

    done = await to_thread.run_sync(look, limiter=room)
    return FrameAnswer(prompt=_prompt(done.prompt), faces=done.faces, reach=done.reach, ended=done.ended)


@router.post(
    "/v1/liveness-sessions/results",
    summary="End a session and get its result",
    response_model=ResultAnswer,
    responses=problems(401, 403, 422, 503),
)
def end_session(told: EndRequest, caller: Clerk, services: Installed) -> ResultAnswer:
    """Judged once; what was measured is forgotten, the outcome logged and signed."""
    return _result(_room(services).end(told.session, opened_by=caller.prefix))


def _prompt(prompt: Prompt) -> PromptDocument:
    task = prompt.task
    return PromptDocument(
        number=prompt.number,
        action=None if task is None else task.action.value,
        # How long to stay isn't told: the word to come back tells it.
        level=None if task is None or not task.level else task.level,
        coming_back=prompt.coming_back,
    )


def _result(done: LivenessResult) -> ResultAnswer:
    stated = done.statement
    return ResultAnswer(
        result=done.token,
        outcome=stated.outcome.value,
        species=tuple(species.value for species in stated.species),
        advice=tuple(advice.value for advice in done.advice),
        level=int(done.assurance),
        good_for=done.assurance.good_for,
        not_withstood=done.not_withstood,
        cues={name: bearing.value for name, bearing in done.readings.items()},
        frames=done.frames,
        good_until=stated.good_until,
        subject=stated.binding.subject,
        permit_id=stated.binding.permit,
        models=done.models,
        alternative=done.alternative,
        demo=stated.demo,
        log=LogReceiptDocument(
            index=done.log.index, leaf_hash=done.log.leaf_hash, tree_size=done.log.tree_size
        ),
    )
