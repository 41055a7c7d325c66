"""The product's own server over a fresh demonstration, in a process of its own on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

_PATIENCE_SECONDS = 90


@dataclass(frozen=True)
class Served:
    """A running server."""

    address: str
    key: str


@contextlib.contextmanager
def demo_server(folder: Path, *program: str) -> Iterator[Served]:
    """Serve a fresh demonstration from a process of its own, and stop it.

    Args:
        folder: of the demonstration.
        program: what Python is told to run; it takes the command's arguments.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["serve", "--demo", "--json", "--folder", str(folder), "--port", str(port)]
    with (folder / "stderr.log").open("wb") as errors:
        server = subprocess.Popen(
            [sys.executable, *program, *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"},
        )
    try:
        told = first_object(server, folder / "stderr.log")
        wait_until_healthy(str(told["address"]))
        yield Served(str(told["address"]), str(told["api_key"]))
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=20)
        server.kill()
        server.communicate()


def first_object(server: subprocess.Popen[bytes], errors: Path) -> dict[str, object]:
    """Return the JSON object that the server prints when it begins."""
    assert server.stdout is not None
    text = b""
    while True:
        line = server.stdout.readline()
        if not line:
            pytest.fail(f"the server ended: {errors.read_text(encoding='utf-8')[-3000:]}")
        text += line
        with contextlib.suppress(ValueError):
            return dict(json.loads(text))


def wait_until_healthy(address: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{address}healthz", timeout=5)
            return
        time.sleep(0.1)
    pytest.fail("the server doesn't answer")
