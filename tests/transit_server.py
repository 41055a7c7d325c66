"""A server that speaks the documented protocol of Vault's transit engine: encrypt and decrypt, under a token.

Not Vault: none could be installed here. What it answers to good and bad requests follows the documentation of
the engine's HTTP API.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["TOKEN", "transit_server"]

TOKEN = "hvs.made-up-token-of-the-tests"
_NONCE = 12


@contextmanager
def transit_server(keys: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serve the keys of a name; gives the address and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = self._answer(told)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _answer(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            if self.headers.get("X-Vault-Token") != TOKEN:
                return 403, {"errors": ["permission denied"]}
            *_, mount, operation, name = self.path.split("/")
            if mount != "transit" or name not in keys:
                return 400, {"errors": ["encryption key not found"]}
            cipher = AESGCM(keys[name])
            about = base64.b64decode(told.get("associated_data", ""))
            if operation == "encrypt":
                nonce = os.urandom(_NONCE)
                sealed = nonce + cipher.encrypt(nonce, base64.b64decode(told["plaintext"]), about)
                return 200, {"data": {"ciphertext": f"vault:v1:{base64.b64encode(sealed).decode()}"}}
            version, _, text = told["ciphertext"].removeprefix("vault:").partition(":")
            try:
                sealed = base64.b64decode(text, validate=True)
                if version != "v1":
                    return 400, {"errors": ["invalid ciphertext: version is too new"]}
                opened = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], about)
            except (InvalidTag, ValueError):
                return 400, {"errors": ["cipher: message authentication failed"]}
            return 200, {"data": {"plaintext": base64.b64encode(opened).decode()}}

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
