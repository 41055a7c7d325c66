"""The server as a process: it prints the key once, answers, and asks for the key."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import pytest

from countenance.vision.registry import default_models_folder

pytestmark = pytest.mark.models


@dataclass(frozen=True)
class Served:
    address: str
    key: str
    folder: Path


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _first_object(stream: IO[str]) -> dict[str, str]:
    """Read one JSON object that spans lines."""
    text = ""
    for line in stream:
        text += line
        if line.rstrip() == "}":
            break
    found: dict[str, str] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    folder = home / "demo"
    command = ["serve", "--demo", "--folder", str(folder), "--port", str(_free_port()), "--json"]
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(("COUNTENANCE_", "XDG_"))}
    with subprocess.Popen(
        [sys.executable, "-m", "countenance.cli", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**inherited, "HOME": str(home), "COUNTENANCE_MODELS_FOLDER": str(default_models_folder())},
    ) as process:
        assert process.stdout is not None
        said = _first_object(process.stdout)
        address = said["address"].rstrip("/")
        for _ in range(200):
            try:
                httpx.get(f"{address}/healthz", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield Served(address, said["api_key"], folder)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def test_it_is_ready(served: Served) -> None:
    answer = httpx.get(f"{served.address}/healthz", timeout=30)
    assert answer.status_code == 200
    assert answer.json() == {"ok": True}


def test_it_asks_for_the_key(served: Served) -> None:
    assert httpx.get(f"{served.address}/v1/places", timeout=30).status_code == 401


def test_the_printed_key_opens_it(served: Served) -> None:
    answer = httpx.get(
        f"{served.address}/v1/places", headers={"Authorization": f"Bearer {served.key}"}, timeout=30
    )
    assert answer.status_code == 200
    assert "plc_frontdesk" in answer.text


def test_the_key_is_not_kept(served: Served) -> None:
    secret = served.key.rsplit("_", 1)[-1].encode()
    files = [path for path in served.folder.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if secret in path.read_bytes()] == []
