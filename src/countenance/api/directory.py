"""``/v1/places`` and ``/v1/devices``: what is registered, and the devices' keys and status."""

from __future__ import annotations

from fastapi import APIRouter

from countenance.api.access import Caller, Installed, acting
from countenance.api.documentation import DEVICE_EXAMPLES, STATUS_EXAMPLES, problems
from countenance.api.schemas import (
    DeviceDocument,
    DeviceRequest,
    DevicesAnswer,
    DeviceStatusRequest,
    PlaceDocument,
    PlacesAnswer,
)
from countenance.authority import Act
from countenance.kernel import DeviceId, PlaceId
from countenance.runtime import EnrolledDevice
from countenance.store import DeviceStatus

__all__ = ["router"]

router = APIRouter(tags=["directory"])


@router.get("/v1/places", summary="List the registered places", responses=problems(401, 403, 503))
def list_places(caller: Caller, services: Installed) -> PlacesAnswer:
    """Every registered place, with its kind and the jurisdictions whose rules hold there."""
    acting(caller, Act.READ_DIRECTORY)
    return PlacesAnswer(
        places=tuple(
            PlaceDocument(
                place_id=place.place_id,
                title=place.title,
                kind=place.kind,
                jurisdictions=place.jurisdictions,
                time_zone=place.time_zone,
            )
            for place in services.directory.places()
        )
    )


@router.get("/v1/devices", summary="List the registered devices", responses=problems(401, 403, 503))
def list_devices(caller: Caller, services: Installed) -> DevicesAnswer:
    """Every registered device: where it stands, what it was declared for, its key and its status."""
    found = services.records.devices(author=acting(caller, Act.READ_DIRECTORY))
    return DevicesAnswer(devices=tuple(map(_document, found)))


@router.post(
    "/v1/devices",
    summary="Register a device with its key",
    status_code=201,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": DEVICE_EXAMPLES}}}},
)
def add_device(told: DeviceRequest, caller: Caller, services: Installed) -> DeviceDocument:
    """Register a device. Its key pair is made in the device; the private key never travels."""
    added = services.records.add_device(
        author=acting(caller, Act.REGISTER_DEVICE),
        device_id=DeviceId(told.device_id),
        title=told.title,
        place=PlaceId(told.place),
        functions=told.functions,
        jwk=told.public_key,
    )
    return _document(added)


@router.post(
    "/v1/devices/{device_id}/status",
    summary="Put a device into use, suspend or retire it",
    responses=problems(401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": STATUS_EXAMPLES}}}},
)
def change_device(
    device_id: str, told: DeviceStatusRequest, caller: Caller, services: Installed
) -> DeviceDocument:
    """A device that isn't active takes no pictures, whatever was permitted before."""
    changed = services.records.set_device_status(
        DeviceId(device_id), DeviceStatus(told.status), author=acting(caller, Act.CHANGE_DEVICE)
    )
    return _document(changed)


def _document(enrolled: EnrolledDevice) -> DeviceDocument:
    device = enrolled.device
    return DeviceDocument(
        device_id=device.device_id,
        title=device.title,
        place=device.place,
        functions=device.functions,
        status=enrolled.status.value,
        key_id=enrolled.key_id,
    )
