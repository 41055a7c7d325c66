"""Builds the REST application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

if TYPE_CHECKING:
    from countenance.runtime import Services

__all__ = ["build_api"]


def build_api(services: Services) -> FastAPI:
    """Return the ASGI application of ``/v1`` and ``/healthz``."""
    return FastAPI(title="Countenance", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
