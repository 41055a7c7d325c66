"""Runs the application in uvicorn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn

from countenance.server.app import build_app

if TYPE_CHECKING:
    from countenance.runtime import Services

__all__ = ["serve"]


def serve(services: Services, host: str, port: int) -> None:
    """Serve until interrupted.

    Args:
        services: what the application may use.
        host: the address to bind to.
        port: the TCP port; 0 takes a free one.
    """
    uvicorn.run(build_app(services), host=host, port=port)
