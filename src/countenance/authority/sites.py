"""Where a request is judged: at its place, and at the place where its device is registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from countenance.authority.errors import (
    DeviceNotDeclared,
    DeviceNotInUse,
    PlaceWithoutTimeZone,
    UnknownDevice,
    UnknownPlace,
    UnknownPurpose,
)
from countenance.kernel import DeviceId, PlaceId, ProcessingRequest, PurposeId, SubjectId
from countenance.store import Device, DeviceStatus, EvidenceScope, Place, RecordUnknown, Store

__all__ = ["Site", "sites_at", "sites_of", "time_zone_of"]


@dataclass(frozen=True, slots=True)
class Site:
    """One place at which a request is judged.

    Attributes:
        kind: the kind of place in the rules' vocabulary.
        jurisdictions: those of the request's place and of the device's together, sorted: the strictest
            one wins.
        day: the calendar day there.
        scope: what evidence has to be about to count there.
    """

    kind: str
    jurisdictions: tuple[str, ...]
    day: date
    scope: EvidenceScope


def sites_of(request: ProcessingRequest, *, store: Store, now: datetime) -> tuple[Site, ...]:
    """Return the places at which a request is judged: one, or two if the device belongs elsewhere.

    A camera that is registered in a guest room stays a guest room's camera when a desk asks for its
    pictures, so the rules of both places must say yes, on evidence about both.

    Args:
        request: what is asked.
        store: where places, devices and purposes are registered.
        now: the moment, aware.

    Raises:
        UnknownPurpose: if the purpose isn't registered.
        UnknownPlace: if the place isn't registered.
        UnknownDevice: if the device isn't registered.
        DeviceNotInUse: if the device is suspended or retired.
        DeviceNotDeclared: if the device wasn't declared for one of the operations.
        PlaceWithoutTimeZone: if a place's time zone isn't known.
    """
    _require_purpose(request, store)
    place = _place(request.place, store)
    device = _device(request, store)
    enrolment = store.enrolments.get(device.device_id)
    if enrolment is not None and enrolment.status is not DeviceStatus.ACTIVE:
        msg = f"The device is {enrolment.status.value}."
        raise DeviceNotInUse(msg)
    undeclared = sorted(set(request.operations) - set(device.functions))
    if undeclared:
        msg = f"The device wasn't declared for: {', '.join(undeclared)}."
        raise DeviceNotDeclared(msg)
    places = [place] if device.place == place.place_id else [place, _place(device.place, store)]
    return sites_at(places, purpose=request.purpose, device=request.device, subject=request.subject, now=now)


def sites_at(
    places: Sequence[Place],
    *,
    purpose: PurposeId,
    device: DeviceId,
    subject: SubjectId | None,
    now: datetime,
) -> tuple[Site, ...]:
    """Return the sites of a request at these places; pure.

    Args:
        places: the request's place, and the device's own where that is another.
        purpose: what for.
        device: with what.
        subject: whom it concerns.
        now: the moment, aware.

    Raises:
        PlaceWithoutTimeZone: if a place's time zone isn't known.
    """
    jurisdictions = tuple(sorted({code for each in places for code in each.jurisdictions}))
    return tuple(
        Site(
            kind=each.kind,
            jurisdictions=jurisdictions,
            day=now.astimezone(time_zone_of(each)).date(),
            scope=EvidenceScope(each.place_id, purpose, device, subject),
        )
        for each in places
    )


def time_zone_of(place: Place) -> ZoneInfo:
    """Return the time zone of a place.

    Raises:
        PlaceWithoutTimeZone: if this machine's time zone database doesn't have it.
    """
    try:
        return ZoneInfo(place.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"The time zone of the place {place.place_id} isn't known on this machine."
        raise PlaceWithoutTimeZone(msg) from error


def _require_purpose(request: ProcessingRequest, store: Store) -> None:
    try:
        store.purposes.get(request.purpose)
    except RecordUnknown as error:
        msg = "The purpose of this request isn't registered."
        raise UnknownPurpose(msg) from error


def _place(place_id: PlaceId, store: Store) -> Place:
    try:
        return store.places.get(place_id)
    except RecordUnknown as error:
        msg = "The place of this request isn't registered."
        raise UnknownPlace(msg) from error


def _device(request: ProcessingRequest, store: Store) -> Device:
    try:
        return store.devices.get(request.device)
    except RecordUnknown as error:
        msg = "The device of this request isn't registered."
        raise UnknownDevice(msg) from error
