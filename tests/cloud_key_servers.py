"""Servers on loopback that speak the documented protocols of AWS KMS and Google Cloud KMS: encrypt, decrypt.

Neither is the cloud's own service: none can be reached from here. AWS's is JSON over HTTP with signed
requests (``X-Amz-Target: TrentService.Encrypt``), Google's is gRPC. What they answer to good and bad requests
follows the services' references.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.cloud import kms_v1

__all__ = ["ACCESS_KEY", "SECRET_KEY", "aws_kms_server", "gcp_client_of", "gcp_kms_server"]

ACCESS_KEY, SECRET_KEY = "AKIDMADEUPBYTHETESTS", "a-made-up-secret-of-the-tests"
_NONCE = 12


def _sealed(key: bytes, plaintext: bytes, about: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, about)


def _opened(key: bytes, sealed: bytes, about: bytes) -> bytes:
    if len(sealed) <= _NONCE:
        raise InvalidTag
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about)


@contextmanager
def aws_kms_server(keys: dict[str, bytes]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve the keys of an ARN; gives the address and what was asked. A key that is empty is disabled."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(told)
            status, answer = self._answer(told)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _answer(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            if f"Credential={ACCESS_KEY}/" not in self.headers.get("Authorization", ""):
                return 400, {"__type": "AccessDeniedException", "message": "not authorized"}
            key = keys.get(told["KeyId"])
            if key is None:
                return 400, {"__type": "NotFoundException", "message": f"{told['KeyId']} is not found"}
            if not key:
                return 500, {"__type": "KMSInternalException", "message": "try again"}
            about = json.dumps(told.get("EncryptionContext", {}), sort_keys=True).encode()
            if self.headers["X-Amz-Target"] == "TrentService.Encrypt":
                sealed = _sealed(key, base64.b64decode(told["Plaintext"]), about)
                return 200, {"CiphertextBlob": base64.b64encode(sealed).decode(), "KeyId": told["KeyId"]}
            try:
                plain = _opened(key, base64.b64decode(told["CiphertextBlob"]), about)
            except InvalidTag:
                return 400, {"__type": "InvalidCiphertextException"}
            return 200, {"Plaintext": base64.b64encode(plain).decode(), "KeyId": told["KeyId"]}

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


@contextmanager
def gcp_kms_server(keys: dict[str, bytes]) -> Iterator[tuple[str, list[Any]]]:
    """Serve the keys of a resource name over gRPC; gives the address and what was asked."""
    asked: list[Any] = []

    def key_of(name: str, context: Any) -> bytes:
        if name not in keys:
            context.abort(grpc.StatusCode.NOT_FOUND, f"{name} not found")
        if not keys[name]:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "permission denied")
        return keys[name]

    def encrypt(request: Any, context: Any) -> Any:
        asked.append(request)
        sealed = _sealed(
            key_of(request.name, context), request.plaintext, request.additional_authenticated_data
        )
        return kms_v1.EncryptResponse(name=request.name, ciphertext=sealed)

    def decrypt(request: Any, context: Any) -> Any:
        asked.append(request)
        key = key_of(request.name, context)
        try:
            plain = _opened(key, request.ciphertext, request.additional_authenticated_data)
        except InvalidTag:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Decryption failed: the ciphertext is invalid.")
        return kms_v1.DecryptResponse(plaintext=plain)

    methods = {
        "Encrypt": _method(encrypt, kms_v1.EncryptRequest, kms_v1.EncryptResponse),
        "Decrypt": _method(decrypt, kms_v1.DecryptRequest, kms_v1.DecryptResponse),
    }
    server = grpc.server(ThreadPoolExecutor(2))
    service = "google.cloud.kms.v1.KeyManagementService"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", asked
    finally:
        server.stop(None).wait()


def _method(answer: Any, request: Any, response: Any) -> Any:
    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request.deserialize, response_serializer=response.serialize
    )


def gcp_client_of(address: str) -> kms_v1.KeyManagementServiceClient:
    """Return Google's own client, for a server on loopback without TLS."""
    from google.cloud.kms_v1.services.key_management_service.transports import (  # noqa: PLC0415
        KeyManagementServiceGrpcTransport,
    )

    return kms_v1.KeyManagementServiceClient(
        transport=KeyManagementServiceGrpcTransport(channel=grpc.insecure_channel(address))
    )
