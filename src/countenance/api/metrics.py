"""``GET /metrics``: figures for whoever watches the installation, to its own machine or under a role."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request, Response

from countenance.api.access import Installed, MaybeCaller, acting
from countenance.api.documentation import problems
from countenance.authority import Act
from countenance.runtime import METRICS_TYPE
from countenance.store import ApiKeyRefused

if TYPE_CHECKING:
    from countenance.runtime import Settings

__all__ = ["router"]

router = APIRouter(tags=["health"])

_PASSED_ON: Final = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
"""Headers of proxies: a request that carries one began elsewhere."""


@router.get(
    "/metrics",
    summary="Return figures in the text form of Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems(401, 403, 429)},
)
def metrics(request: Request, caller: MaybeCaller, services: Installed) -> Response:
    """Count and measure: no person, no score, no file. From this machine itself no key is asked for.

    Raises:
        ApiKeyRefused: if there is no key, and the request doesn't come from this machine itself.
        RoleMissing: if the key's roles may not read figures.
    """
    if caller is not None:
        acting(caller, Act.READ_METRICS)
    elif not _is_near(request, services.settings):
        raise ApiKeyRefused("The request carries no API key that is good here.")
    return Response(services.metrics.text(), media_type=METRICS_TYPE)


def _is_near(request: Request, settings: Settings) -> bool:
    """Say whether a request comes from this machine, and through no proxy."""
    if settings.behind_tls_proxy or request.client is None:
        return False
    if any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
