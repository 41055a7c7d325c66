"""Builds the pages' application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette

if TYPE_CHECKING:
    from countenance.runtime import Services

__all__ = ["build_web"]


def build_web(services: Services) -> Starlette:
    """Return the ASGI application of the pages."""
    return Starlette()
