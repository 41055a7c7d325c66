"""``GET /v1/places`` and ``/v1/devices``: what is registered, so that a program can name it."""

from __future__ import annotations

from fastapi import APIRouter

from countenance.api.access import Caller, Installed
from countenance.api.documentation import problems
from countenance.api.schemas import DeviceDocument, DevicesAnswer, PlaceDocument, PlacesAnswer

__all__ = ["router"]

router = APIRouter(tags=["directory"])


@router.get("/v1/places", summary="List the registered places", responses=problems(401, 503))
def list_places(caller: Caller, services: Installed) -> PlacesAnswer:  # noqa: ARG001
    """Every registered place, with its kind and the jurisdictions whose rules hold there."""
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


@router.get("/v1/devices", summary="List the registered devices", responses=problems(401, 503))
def list_devices(caller: Caller, services: Installed) -> DevicesAnswer:  # noqa: ARG001
    """Every registered device, with the place where it stands and the functions it was declared for."""
    return DevicesAnswer(
        devices=tuple(
            DeviceDocument(
                device_id=device.device_id,
                title=device.title,
                place=device.place,
                functions=device.functions,
            )
            for device in services.directory.devices()
        )
    )
