"""Runs the application in uvicorn."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import uvicorn

from countenance.kernel import OperatorError
from countenance.server.app import build_app, is_encrypted

if TYPE_CHECKING:
    from countenance.runtime import Services, Settings

__all__ = ["UnsafeBind", "require_safe_bind", "serve"]

_GOING_DOWN_SECONDS = 10


class UnsafeBind(OperatorError):
    """The address can be reached from other machines, and what travels there isn't encrypted."""

    code = "unsafe-bind"
    default_remedy = (
        "Bind to 127.0.0.1, or set tls_certificate and tls_private_key, or set behind_tls_proxy "
        "if a proxy in front ends TLS."
    )


def require_safe_bind(settings: Settings, host: str) -> None:
    """Return if an address may be bound to.

    Raises:
        UnsafeBind: if it isn't loopback and nobody encrypts, or keys are switched off beyond loopback.
    """
    if _is_loopback(host):
        return
    if not is_encrypted(settings):
        raise UnsafeBind("The server would be reachable from other machines without TLS.")
    if not settings.auth:
        raise UnsafeBind(
            "The server would be reachable from other machines without API keys.",
            remedy="Switch auth on; it may be off on loopback alone.",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # another name may resolve to anything


def serve(services: Services, host: str, port: int) -> None:
    """Serve until interrupted.

    Args:
        services: what the application may use.
        host: the address to bind to.
        port: the TCP port; 0 takes a free one.

    Raises:
        UnsafeBind: if the address isn't safe to bind to with these settings.
    """
    settings = services.settings
    require_safe_bind(settings, host)
    uvicorn.run(
        build_app(services),
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        # Who a proxy says that it speaks for isn't needed: nothing here rests on an address but the
        # count of failed sign-ins, and that is believed from a proxy on this machine alone.
        proxy_headers=settings.behind_tls_proxy,
        forwarded_allow_ips="127.0.0.1,::1",
        timeout_graceful_shutdown=_GOING_DOWN_SECONDS,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_private_key,
        h11_max_incomplete_event_size=16 * 1024,
    )
