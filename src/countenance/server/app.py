"""Joins REST and pages behind the headers and limits that both need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.api import build_api

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from countenance.runtime import Services

__all__ = ["build_app"]


def build_app(services: Services) -> ASGIApp:
    """Return the whole ASGI application."""
    return build_api(services)
