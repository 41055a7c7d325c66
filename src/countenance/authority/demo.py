"""A made-up hotel, so that the check-in can be shown with evidence really on file.

Rules kept here:

* Everything is marked DEMO, in the record and in its text, and is taken by a demonstration's store alone.
* Only what a person answers for is filed here. What the system can see, it sees itself, here as anywhere.
* Filing it again adds nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from countenance.authority.desk import AuthorityDesk
from countenance.authority.errors import DemoNotOffered
from countenance.authority.outside import is_signed_trigger
from countenance.kernel import DeviceId, PlaceId, PurposeId
from countenance.policy import FactSource
from countenance.store import DemoEvidenceRefused, Device, EvidenceScope, Place, Purpose

__all__ = ["DEMO_JURISDICTIONS", "DEMO_MARK", "DemoSite", "file_once", "seed_demo", "state_once"]

DEMO_MARK = "DEMO: says nothing about a real place."
"""Stands in front of every text of the demonstration."""

_FUNCTIONS = ("capture", "pad", "verify")
_Where = Literal["deployment", "place", "purpose"]


@dataclass(frozen=True, slots=True)
class DemoSite:
    """The made-up hotel.

    Attributes:
        place: its front desk.
        guest_room: its guest room 204, where nothing is permitted.
        desk_device: the camera on the front desk.
        room_device: the tablet in the guest room.
        purpose: hotel check-in.
        jurisdiction: whose rules hold in it.
    """

    place: PlaceId
    guest_room: PlaceId
    desk_device: DeviceId
    room_device: DeviceId
    purpose: PurposeId
    jurisdiction: str


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Spot(_Data):
    place_id: str
    title: str
    kind: str
    device_id: str
    device_title: str


class _Country(_Data):
    jurisdictions: Annotated[tuple[str, ...], Field(strict=False)]
    time_zone: str


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


class _Hotel(_Data):
    purpose: _Purpose
    desk: _Spot
    room: _Spot
    sites: dict[str, _Country]
    statement: Annotated[tuple[_Statement, ...], Field(strict=False)]
    evidence: Annotated[tuple[_Evidence, ...], Field(strict=False)]


@cache
def _hotel() -> _Hotel:
    text = files("countenance.authority").joinpath("demo_hotel.toml").read_text(encoding="utf-8")
    return _Hotel.model_validate(tomllib.loads(text))


DEMO_JURISDICTIONS = ("CN", "EU", "UK", "US/IL")
"""Where the made-up hotel can stand; the first is the default."""


def seed_demo(desk: AuthorityDesk, *, jurisdiction: str = DEMO_JURISDICTIONS[0]) -> DemoSite:
    """Register the made-up hotel and file what its people answer for.

    One data folder holds one hotel: its jurisdiction is settled by the first call.

    Args:
        desk: the desk of a demonstration.
        jurisdiction: one of :data:`DEMO_JURISDICTIONS`.

    Raises:
        DemoEvidenceRefused: if the store wasn't created for a demonstration.
        DemoNotOffered: if there is no hotel in that jurisdiction, or this data folder's hotel stands in
            another one.
    """
    if not desk.demo:
        msg = "The demonstration's evidence was offered to a store that isn't a demonstration's."
        raise DemoEvidenceRefused(msg)
    hotel = _hotel()
    country = hotel.sites.get(jurisdiction)
    if country is None:
        msg = f"The demonstration has a hotel in: {', '.join(DEMO_JURISDICTIONS)}."
        raise DemoNotOffered(msg)
    site = DemoSite(
        place=PlaceId(hotel.desk.place_id),
        guest_room=PlaceId(hotel.room.place_id),
        desk_device=DeviceId(hotel.desk.device_id),
        room_device=DeviceId(hotel.room.device_id),
        purpose=PurposeId(hotel.purpose.purpose_id),
        jurisdiction=jurisdiction,
    )
    _register(desk, hotel, country)
    _file(desk, hotel, site)
    return site


def _register(desk: AuthorityDesk, hotel: _Hotel, country: _Country) -> None:
    register = desk.registrar
    if hotel.purpose.purpose_id not in register.purposes():
        told = hotel.purpose
        register.add_purpose(
            Purpose(PurposeId(told.purpose_id), told.title, f"{DEMO_MARK} {told.description}", told.dpv_term)
        )
    for spot in (hotel.desk, hotel.room):
        place = Place(
            PlaceId(spot.place_id),
            spot.title,
            spot.kind,
            tuple(sorted(country.jurisdictions)),
            country.time_zone,
        )
        known = register.places().get(place.place_id)
        if known is None:
            register.add_place(place)
        elif known.jurisdictions != place.jurisdictions:
            msg = f"The hotel of this data folder stands in {', '.join(known.jurisdictions)}."
            raise DemoNotOffered(msg, remedy="Use another data folder for a hotel in another jurisdiction.")
        if spot.device_id not in register.devices():
            register.add_device(
                Device(DeviceId(spot.device_id), spot.device_title, place.place_id, _FUNCTIONS, desk.now)
            )


def _file(desk: AuthorityDesk, hotel: _Hotel, site: DemoSite) -> None:
    scopes = {
        "deployment": EvidenceScope(),
        "place": EvidenceScope(place=site.place),
        "purpose": EvidenceScope(purpose=site.purpose),
    }
    about = EvidenceScope(site.place, site.purpose, site.desk_device)
    state_once(desk, {s.trigger: (s.value, scopes[s.where]) for s in hotel.statement}, about=about)
    file_once(
        desk,
        {e.key: (e.author, scopes[e.where], {**e.content, "text": e.text}) for e in hotel.evidence},
        about=about,
    )


def state_once(
    desk: AuthorityDesk, facts: Mapping[str, tuple[bool, EvidenceScope]], *, about: EvidenceScope
) -> None:
    """Make the statements of a demonstration that aren't on file yet.

    Args:
        desk: of the demonstration.
        facts: trigger -> what is stated, and what it is about.
        about: the request for which they have to count.
    """
    known = desk.on_file(scope=about)
    on_file = {*known.statements, *known.contradicted}
    missing = {name: told for name, told in facts.items() if name not in on_file}
    operator = {name: value for name, (value, _) in missing.items() if is_signed_trigger(name)}
    if operator:
        desk.sign_deployment(operator, "DEMO operator")
    for name in missing.keys() - operator.keys():
        value, scope = missing[name]
        desk.record_evidence(
            key=name,
            content={"value": value},
            author="DEMO operator",
            scope=scope,
            source=FactSource.DEPLOYMENT,
            demo=True,
        )


def file_once(
    desk: AuthorityDesk,
    records: Mapping[str, tuple[str, EvidenceScope, Mapping[str, JsonValue]]],
    *,
    about: EvidenceScope,
) -> None:
    """File the evidence of a demonstration that isn't on file yet, its text marked.

    Args:
        desk: of the demonstration.
        records: evidence key -> author, what it is about, and its content.
        about: the request for which they have to count.
    """
    known = desk.on_file(scope=about)
    for key, (author, scope, content) in records.items():
        if key not in known.evidence:
            desk.record_evidence(
                key=key,
                content={**content, "text": f"{DEMO_MARK} {content['text']}"},
                author=f"DEMO {author}",
                scope=scope,
                demo=True,
            )
