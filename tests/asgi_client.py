"""A browser's side of an ASGI application, in memory: keeps cookies, follows nothing by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
from starlette.types import ASGIApp

from event_loop import finish

ORIGIN = "http://127.0.0.1:8420"


class AsgiClient:
    """Sends requests to an application without a network."""

    def __init__(
        self, app: ASGIApp, *, headers: Mapping[str, str] | None = None, address: str = "127.0.0.1"
    ) -> None:
        self.app = app
        self.headers = dict(headers or {})
        self.cookies = httpx.Cookies()
        self._address = address

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(
                self.app, raise_app_exceptions=False, client=(self._address, 50000)
            )
            async with httpx.AsyncClient(
                transport=transport, base_url=ORIGIN, headers=self.headers, cookies=self.cookies
            ) as client:
                response = await client.request(method, path, **arguments)
                self.cookies = client.cookies
                return response

        return finish(send())

    def get(self, path: str, **arguments: Any) -> httpx.Response:
        return self.request("GET", path, **arguments)

    def post(self, path: str, **arguments: Any) -> httpx.Response:
        return self.request("POST", path, **arguments)


async def endless(piece: bytes, *, most: int) -> AsyncIterator[bytes]:
    """A body without a stated length: the same piece again and again."""
    for _ in range(most):
        yield piece
