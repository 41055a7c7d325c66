"""Builds an installation from its settings. The only place where its objects are put together."""

from __future__ import annotations

from countenance.kernel import Clock
from countenance.runtime.services import Services
from countenance.runtime.settings import Settings

__all__ = ["build"]


def build(settings: Settings, *, clock: Clock | None = None) -> Services:
    """Open the data folder, load the networks and put the desks together.

    Args:
        settings: what the installation was told.
        clock: its time; the machine's own if left out.

    Raises:
        OperatorError: if the data folder, the root key or a model is missing, or the installation is unsafe.
    """
    raise NotImplementedError
