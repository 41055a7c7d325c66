"""Structured logs that can't hold what they must not."""

from __future__ import annotations

from countenance.runtime.settings import Settings

__all__ = ["configure_logging"]


def configure_logging(settings: Settings) -> None:
    """Set up structlog: JSON lines on standard error, redacted."""
