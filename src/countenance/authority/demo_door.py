"""A made-up staff door, so that enrolment can be shown with evidence really on file.

Rules kept here are those of the made-up hotel (:mod:`countenance.authority.demo`): everything is marked
DEMO, only what a person answers for is filed, and filing it again adds nothing. The door is the hotel's, in
the same data folder, and has a purpose of its own: no record of the one purpose counts for the other. It
enrols nobody: whoever is to be enrolled has to have agreed, on file.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from countenance.authority.demo import DEMO_MARK, file_once, seed_demo, state_once
from countenance.authority.desk import AuthorityDesk
from countenance.kernel import DeviceId, PlaceId, PurposeId
from countenance.policy import FactSource
from countenance.store import Device, EvidenceScope, Place, Purpose

__all__ = ["DemoDoor", "seed_beside_hotel", "seed_demo_door"]

_FUNCTIONS: Final = ("capture", "decide_auto", "enrol", "identify", "pad", "store", "verify")
_Where = Literal["place", "purpose"]


@dataclass(frozen=True, slots=True)
class DemoDoor:
    """A made-up place beside the hotel's front desk, such as its staff door.

    Attributes:
        place: where it is.
        device: its camera.
        purpose: what is done there, such as opening the door to staff who agreed.
    """

    place: PlaceId
    device: DeviceId
    purpose: PurposeId


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Spot(_Data):
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


class _Door(_Data):
    purpose: _Purpose
    desk: _Spot
    statement: Annotated[tuple[_Statement, ...], Field(strict=False)]
    happening: Annotated[tuple[_Statement, ...], Field(strict=False)]
    evidence: Annotated[tuple[_Evidence, ...], Field(strict=False)]


@cache
def _door(file: str) -> _Door:
    text = files("countenance.authority").joinpath(file).read_text(encoding="utf-8")
    return _Door.model_validate(tomllib.loads(text))


def seed_demo_door(desk: AuthorityDesk, *, jurisdiction: str) -> DemoDoor:
    """Register the made-up staff door beside the made-up hotel and file what its people answer for.

    Args:
        desk: the desk of a demonstration.
        jurisdiction: where both stand. Staff are enrolled by these rules in ``EU`` and ``UK``; elsewhere
            more is asked than the door has on file, and the refusal names it.

    Raises:
        DemoEvidenceRefused: if the store wasn't created for a demonstration.
        DemoNotOffered: if there is no hotel in that jurisdiction, or this data folder's stands in another.
    """
    return seed_beside_hotel(desk, file="demo_door.toml", functions=_FUNCTIONS, jurisdiction=jurisdiction)


def seed_beside_hotel(
    desk: AuthorityDesk, *, file: str, functions: tuple[str, ...], jurisdiction: str
) -> DemoDoor:
    """Register one made-up place beside the made-up hotel and file what its people answer for.

    Args:
        desk: the desk of a demonstration.
        file: of this package, which says what is on file.
        functions: what the place's device does.
        jurisdiction: where both stand.

    Raises:
        DemoEvidenceRefused: if the store wasn't created for a demonstration.
        DemoNotOffered: if there is no hotel in that jurisdiction, or this data folder's stands in another.
    """
    hotel = seed_demo(desk, jurisdiction=jurisdiction)
    told = _door(file)
    door = DemoDoor(
        place=PlaceId(told.desk.place_id),
        device=DeviceId(told.desk.device_id),
        purpose=PurposeId(told.purpose.purpose_id),
    )
    register, named = desk.registrar, told.purpose
    if door.purpose not in register.purposes():
        described = f"{DEMO_MARK} {named.description}"
        register.add_purpose(Purpose(door.purpose, named.title, described, named.dpv_term))
    if door.place not in register.places():
        beside = register.places()[hotel.place]
        register.add_place(
            Place(door.place, told.desk.title, told.desk.kind, beside.jurisdictions, beside.time_zone)
        )
    if door.device not in register.devices():
        register.add_device(Device(door.device, told.desk.device_title, door.place, functions, desk.now))
    _file(desk, told, door)
    return door


def _file(desk: AuthorityDesk, told: _Door, door: DemoDoor) -> None:
    scopes = {
        "place": EvidenceScope(place=door.place),
        "purpose": EvidenceScope(purpose=door.purpose),
    }
    about = EvidenceScope(door.place, door.purpose, door.device)
    state_once(desk, {s.trigger: (s.value, scopes[s.where]) for s in told.statement}, about=about)
    known = desk.on_file(scope=about)
    for happening in told.happening:
        if happening.trigger not in {*known.statements, *known.contradicted}:
            desk.record_evidence(
                key=happening.trigger,
                content={"value": happening.value},
                author="DEMO operator",
                scope=scopes[happening.where],
                source=FactSource.OPERATOR,
                demo=True,
            )
    file_once(
        desk,
        {e.key: (e.author, scopes[e.where], {**e.content, "text": e.text}) for e in told.evidence},
        about=about,
    )
