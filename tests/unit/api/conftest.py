"""An application over a real store with a scripted scene, and a client with a clerk's key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from asgi_client import AsgiClient
from countenance.server import build_app
from desk_installation import Installation, open_installation


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with open_installation(tmp_path_factory.mktemp("installation"), largest_upload_bytes=300_000) as opened:
        yield opened


@pytest.fixture
def client(installation: Installation) -> AsgiClient:
    """Sends the clerk's key with every request."""
    installation.scene.script = None
    installation.scene.orders.clear()
    app = build_app(installation.services)
    return AsgiClient(app, headers={"Authorization": f"Bearer {installation.key}"})


@pytest.fixture
def stranger(installation: Installation) -> AsgiClient:
    """Sends no key."""
    return AsgiClient(build_app(installation.services))


@pytest.fixture
def no_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever wants a temporary file fails."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
