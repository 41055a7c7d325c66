"""What the pages need from the floor that joins them with REST: one reader of forms, one error table.

``api`` and ``web`` don't import one another, so the server hands these to the pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from starlette.requests import Request

    from countenance.kernel import CountenanceError

__all__ = ["Attempts", "Form", "FormSource", "StatusTable"]


class Form(Protocol):
    """A form in memory."""

    @property
    def fields(self) -> Mapping[str, str]:
        """Text fields by name."""
        ...

    @property
    def files(self) -> Mapping[str, bytes]:
        """Uploaded bytes by field name."""
        ...

    def file(self, name: str) -> bytes:
        """Return one upload; raises a ``CallerError`` if there is none."""
        ...


class FormSource(Protocol):
    """Reads a multipart form into memory, within limits."""

    async def read(self, request: Request) -> Form:
        """Return the form; raises a ``CallerError`` if it is malformed or too large."""
        ...


class Attempts(Protocol):
    """Bounds failed sign-ins."""

    def require_room(self, address: str) -> None:
        """Return if an address may try; raises a ``CallerError`` if it failed too often."""
        ...

    def failed(self, address: str) -> None:
        """Note a failure."""
        ...

    def succeeded(self, address: str) -> None:
        """Forget an address's failures."""
        ...


class StatusTable(Protocol):
    """Knows the HTTP status of every error."""

    def __call__(self, error: CountenanceError) -> int:
        """Return the status."""
        ...
