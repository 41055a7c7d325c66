"""A made-up picture archive, so that an analysis can be shown with evidence really on file.

Rules kept here are those of the made-up hotel (:mod:`countenance.authority.demo`): everything is marked
DEMO, only what a person answers for is filed, and filing it again adds nothing. The archive stands where
the hotel stands, in the same data folder, and has a purpose of its own: no record of the one purpose
counts for the other.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from countenance.authority.demo import DEMO_MARK, file_once, seed_demo, state_once
from countenance.authority.desk import AuthorityDesk
from countenance.kernel import DeviceId, PlaceId, PurposeId
from countenance.store import Device, EvidenceScope, Place, Purpose

__all__ = ["DemoArchive", "seed_demo_archive"]

_FUNCTIONS = ("attributes", "capture")
_Where = Literal["place", "purpose"]


@dataclass(frozen=True, slots=True)
class DemoArchive:
    """The made-up archive.

    Attributes:
        place: its picture desk, a service over the internet.
        device: the upload of the picture desk.
        purpose: analysis of consented pictures.
    """

    place: PlaceId
    device: DeviceId
    purpose: PurposeId


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Desk(_Data):
    place_id: str
    title: str
    kind: str
    device_id: str
    device_title: str


class _Purpose(_Data):
    purpose_id: str
    title: str
    description: str
    dpv_term: str


class _Statement(_Data):
    trigger: str
    value: bool
    where: _Where


class _Evidence(_Data):
    key: str
    where: _Where
    author: str
    text: Annotated[str, Field(min_length=8)]
    content: dict[str, JsonValue]


class _Archive(_Data):
    purpose: _Purpose
    desk: _Desk
    statement: Annotated[tuple[_Statement, ...], Field(strict=False)]
    evidence: Annotated[tuple[_Evidence, ...], Field(strict=False)]


@cache
def _archive() -> _Archive:
    text = files("countenance.authority").joinpath("demo_archive.toml").read_text(encoding="utf-8")
    return _Archive.model_validate(tomllib.loads(text))


def seed_demo_archive(desk: AuthorityDesk, *, jurisdiction: str) -> DemoArchive:
    """Register the made-up archive beside the made-up hotel and file what its people answer for.

    Args:
        desk: the desk of a demonstration.
        jurisdiction: where hotel and archive stand.

    Raises:
        DemoEvidenceRefused: if the store wasn't created for a demonstration.
        DemoNotOffered: if there is none in that jurisdiction, or this data folder's stands in another one.
    """
    hotel = seed_demo(desk, jurisdiction=jurisdiction)
    told = _archive()
    archive = DemoArchive(
        place=PlaceId(told.desk.place_id),
        device=DeviceId(told.desk.device_id),
        purpose=PurposeId(told.purpose.purpose_id),
    )
    register = desk.registrar
    if archive.purpose not in register.purposes():
        register.add_purpose(
            Purpose(
                archive.purpose,
                told.purpose.title,
                f"{DEMO_MARK} {told.purpose.description}",
                told.purpose.dpv_term,
            )
        )
    if archive.place not in register.places():
        beside = register.places()[hotel.place]
        register.add_place(
            Place(archive.place, told.desk.title, told.desk.kind, beside.jurisdictions, beside.time_zone)
        )
    if archive.device not in register.devices():
        register.add_device(
            Device(archive.device, told.desk.device_title, archive.place, _FUNCTIONS, desk.now)
        )
    _file(desk, told, archive)
    return archive


def _file(desk: AuthorityDesk, told: _Archive, archive: DemoArchive) -> None:
    scopes = {
        "place": EvidenceScope(place=archive.place),
        "purpose": EvidenceScope(purpose=archive.purpose),
    }
    about = EvidenceScope(archive.place, archive.purpose, archive.device)
    state_once(desk, {s.trigger: (s.value, scopes[s.where]) for s in told.statement}, about=about)
    file_once(
        desk,
        {e.key: (e.author, scopes[e.where], {**e.content, "text": e.text}) for e in told.evidence},
        about=about,
    )
