"""What people are told, and where: notices, signs, channels, the route without a face."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from countenance.authority.records.base import (
    Hash,
    Identifier,
    Language,
    RecordContent,
    ScopePart,
    Statement,
    Term,
    Words,
)
from countenance.kernel import require_utc

__all__ = [
    "Alternative",
    "Channel",
    "Notice",
    "NoticePassage",
    "Pictogram",
    "Publication",
    "RecipientNotice",
    "Sign",
    "WorkersTold",
]


class Pictogram(StrEnum):
    """Which kind of processing a sign shows."""

    VERIFY = "verify"
    IDENTIFY = "identify"
    COUNT = "count"


class Notice(RecordContent):
    """A layered notice in one version, in all its languages."""

    form: ClassVar[str] = "notice"
    title: ClassVar[str] = "notice"

    notice_id: Identifier = Field(description="The notice's identifier; the same in every version.")
    version: Annotated[int, Field(ge=1, le=1_000_000)] = Field(description="Which version, from 1.")
    texts: Annotated[dict[Language, Hash], Field(min_length=1)] = Field(
        description="Language tag to the SHA-256 of the text in that language."
    )
    purpose: Words = Field(description="The purpose, as the notice states it.")
    keeper: Term = Field(description="Who keeps the data: the organisation; no person's name.")
    retention: Words = Field(description="How long what is kept, as the notice states it.")
    rights: Words = Field(description="The person's rights and how to use them, as the notice states it.")
    appeal: Words = Field(description="Where to appeal, as the notice states it.")
    alternative: Words | None = Field(
        default=None, description="The route without a face, as the notice states it."
    )
    shown: Words | None = Field(default=None, description="Where and when it is shown.")
    statement: Statement | None = Field(
        default=None, description="The whole notice in all its languages, signed: a compact JWS."
    )


class NoticePassage(RecordContent):
    """That a notice says one thing more (why, with what effect), or comes in a further form."""

    form: ClassVar[str] = "notice-passage"
    title: ClassVar[str] = "part of a notice"

    notice_id: Identifier = Field(description="Of which notice.")
    version: Annotated[int, Field(ge=1, le=1_000_000)] = Field(description="Of which version.")
    passage: Words = Field(description="What the notice says there, or in which form it is offered.")


class Sign(RecordContent):
    """A sign that stands before the camera."""

    form: ClassVar[str] = "sign"
    title: ClassVar[str] = "sign"
    about: ClassVar[frozenset[ScopePart]] = frozenset({"place"})

    sign_id: Identifier = Field(description="The sign's identifier, printed on it.")
    notice_id: Identifier = Field(description="The notice to which it leads.")
    notice_version: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="The version of the notice to which it leads; with another version it must be replaced."
    )
    pictogram: Pictogram = Field(description="Which kind of processing its picture shows.")
    devices: Annotated[tuple[Identifier, ...], Field(min_length=1)] = Field(
        description="The devices of which it warns."
    )
    posted_at: AwareDatetime = Field(description="When it was put up.")
    posted_by_role: Term = Field(description="The role that put it up; no name.")
    position: Words = Field(description="Where it hangs or stands.")
    photograph_sha256: Hash | None = Field(default=None, description="SHA-256 of a photograph of it.")
    take_down_by: AwareDatetime | None = Field(
        default=None, description="Until when it stands at the latest."
    )

    def ends(self) -> datetime | None:
        """Return when it is to be taken down."""
        return None if self.take_down_by is None else require_utc(self.take_down_by)


class Alternative(RecordContent):
    """The route without a face."""

    form: ClassVar[str] = "alternative"
    title: ClassVar[str] = "route without a face"

    route: Words = Field(description="What somebody does who doesn't want the face to be used.")
    offered_by_role: Term = Field(description="The role that offers it; no name.")
    costs_nothing: bool = Field(description="Whether it costs the person neither money nor rank nor service.")
    delay: Words | None = Field(default=None, description="How much longer it takes, if it does.")


class Channel(RecordContent):
    """A way to withdraw, object, appeal, or ask for a copy."""

    form: ClassVar[str] = "channel"
    title: ClassVar[str] = "channel for people"

    how: Words = Field(description="How it is used, step by step.")
    address: Term = Field(description="The address, page or desk.")
    answered_by_role: Term = Field(description="The role that answers; no name.")
    answer_within_days: Annotated[int, Field(ge=0, le=365)] = Field(
        description="Within how many days it is answered; 0 for at once."
    )


class Publication(RecordContent):
    """A policy that was published."""

    form: ClassVar[str] = "publication"
    title: ClassVar[str] = "published policy"

    published_at: Term = Field(description="Where it can be read: the page, the desk.")
    published_on: date = Field(description="Since when.")
    summary: Words = Field(description="What it says.")
    sha256: Hash | None = Field(default=None, description="SHA-256 of its text.")


class RecipientNotice(RecordContent):
    """That a person was told who receives the data."""

    form: ClassVar[str] = "recipient-notice"
    title: ClassVar[str] = "recipients told to the person"

    recipients: Annotated[tuple[Term, ...], Field(min_length=1)] = Field(
        description="Who receives the data: organisations; no person's name."
    )
    what_for: Words = Field(description="What they do with it.")
    told_at: AwareDatetime = Field(description="When the person was told.")


class WorkersTold(RecordContent):
    """That workers and their representatives were told before the start."""

    form: ClassVar[str] = "workers-told"
    title: ClassVar[str] = "workers told"

    told_on: date = Field(description="When they were told.")
    told_whom: Words = Field(description="Which groups and bodies were told; no names.")
    starts_on: date = Field(description="When the use starts.")
