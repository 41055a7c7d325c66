"""The pages over a real store with a scripted scene, and browsers signed in and not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from asgi_client import ORIGIN, AsgiClient
from countenance.server import build_app
from desk_installation import Installation, open_installation

BROWSER = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN, "Accept-Language": "en-GB,en;q=0.9"}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with open_installation(tmp_path_factory.mktemp("installation"), largest_upload_bytes=300_000) as opened:
        yield opened


@pytest.fixture
def browser(installation: Installation) -> AsgiClient:
    """A browser that isn't signed in."""
    installation.scene.script = None
    installation.scene.orders.clear()
    return AsgiClient(build_app(installation.services), headers=BROWSER)


@pytest.fixture
def clerk(browser: AsgiClient, installation: Installation) -> AsgiClient:
    """A browser that is."""
    answer = browser.post("/sign-in", data={"key": installation.key})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    return browser
