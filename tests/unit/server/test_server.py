"""Headers, limits, host names, the access log, and where the server may bind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from starlette.types import Message, Receive, Scope, Send

from asgi_client import AsgiClient
from countenance.runtime import Settings
from countenance.server import build_app
from countenance.server.access_log import AccessLog
from countenance.server.app import host_names
from countenance.server.headers import CONTENT_POLICY, SECURITY_HEADERS
from countenance.server.limits import BodyLimit
from countenance.server.serving import UnsafeBind, require_safe_bind
from desk_installation import Installation, open_installation
from event_loop import finish

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is tested is that nobody binds to it
PATHS = [
    "/",
    "/sign-in",
    "/static/desk.js",
    "/nothing",
    "/v1/places",
    "/v1/openapi.json",
    "/healthz",
    "/v1/no",
]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with open_installation(
        tmp_path_factory.mktemp("installation"), allowed_hosts=("desk.example",)
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(installation: Installation) -> AsgiClient:
    return AsgiClient(build_app(installation.services), headers={"X-Api-Key": installation.key})


def told(tmp_path: Path, **settings: Any) -> Settings:
    return Settings(data_folder=tmp_path / "data", root_key="env:ROOT", models_folder=tmp_path, **settings)


class TestHeaders:
    @pytest.mark.parametrize("path", PATHS)
    def test_every_answer_carries_them(self, client: AsgiClient, path: str) -> None:
        headers = client.get(path).headers
        assert {name: headers.get(name) for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)

    def test_the_policy_is_the_strictest_that_the_pages_work_under(self) -> None:
        parts = dict(part.split(" ", 1) for part in CONTENT_POLICY.split("; "))
        assert parts["default-src"] == "'none'"
        assert parts["script-src"] == parts["style-src"] == parts["connect-src"] == "'self'"
        assert parts["base-uri"] == parts["frame-ancestors"] == "'none'"
        assert "unsafe" not in CONTENT_POLICY
        assert "http" not in CONTENT_POLICY

    @pytest.mark.parametrize("path", PATHS)
    def test_only_static_files_may_be_kept(self, client: AsgiClient, path: str) -> None:
        kept = client.get(path).headers["cache-control"]
        assert kept == ("no-cache" if path == "/static/desk.js" else "no-store")

    def test_an_error_under_static_isn_t_kept(self, client: AsgiClient) -> None:
        assert client.get("/static/none.js").headers["cache-control"] == "no-store"

    def test_refusals_of_the_outer_layers_carry_them_too(self, client: AsgiClient) -> None:
        for answer in (
            client.get("/", headers={"Host": "evil.example"}),
            client.post("/v1/verdicts", content=bytes(100_000)),
        ):
            assert answer.status_code in {400, 413}
            assert answer.headers["content-security-policy"] == CONTENT_POLICY

    def test_browsers_are_told_to_stay_on_tls_where_there_is_tls(
        self, tmp_path: Path, client: AsgiClient
    ) -> None:
        assert "strict-transport-security" not in client.get("/healthz").headers
        with open_installation(tmp_path, behind_tls_proxy=True) as proxied:
            headers = AsgiClient(build_app(proxied.services)).get("/healthz").headers
        assert "max-age=" in headers["strict-transport-security"]


class TestHostNames:
    @pytest.mark.parametrize(
        "host", ["127.0.0.1:8420", "localhost", "desk.example", "DESK.example:443", "[::1]:1"]
    )
    def test_known_names_are_answered(self, client: AsgiClient, host: str) -> None:
        assert client.get("/healthz", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize("host", ["evil.example", "desk.example.evil.example", "", "127.0.0.1.nip.io"])
    def test_other_names_are_refused(self, client: AsgiClient, host: str) -> None:
        assert client.get("/healthz", headers={"Host": host}).status_code == 400

    def test_a_wildcard_address_is_no_name(self, tmp_path: Path) -> None:
        names = host_names(told(tmp_path, host=EVERYWHERE, allowed_hosts=("desk.example", "*")))
        assert set(names) == {"127.0.0.1", "localhost", "[::1]", "desk.example"}


class TestBodyLimit:
    @staticmethod
    async def swallow(_: Scope, receive: Receive, send: Send) -> None:
        """Reads everything, then says so."""
        while True:
            message = await receive()
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def send(self, path: str, *pieces: bytes, stated: str | None = None) -> int | Exception:
        app = BodyLimit(self.swallow, largest=10, by_path={"/big": 100})
        headers = [] if stated is None else [(b"content-length", stated.encode())]
        left = list(pieces)
        answered: list[int] = []

        async def receive() -> Message:
            piece = left.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(left)}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.append(message["status"])

        try:
            finish(app({"type": "http", "path": path, "headers": headers, "method": "POST"}, receive, send))
        except Exception as error:  # noqa: BLE001 - what the layers above would see
            return error
        return answered[0]

    @pytest.mark.parametrize(
        ("path", "pieces", "stated", "status"),
        [
            ("/", [b"x" * 10], "10", 200),
            ("/", [b"x" * 10], None, 200),
            ("/", [b"x" * 11], "11", 413),
            ("/big", [b"x" * 100], "100", 200),
            ("/big", [b"x" * 101], "101", 413),
            ("/big/", [b"x" * 11], "11", 413),
            ("/", [b"x"], "-1", 413),
            ("/", [b"x"], "ten", 413),
            ("/", [b"x"], "\u0661", 413),
        ],
    )
    def test_stated_lengths(self, path: str, pieces: list[bytes], stated: str | None, status: int) -> None:
        assert self.send(path, *pieces, stated=stated) == status

    @pytest.mark.parametrize("stated", [None, "5"])
    def test_what_turns_out_longer_is_cut_off(self, stated: str | None) -> None:
        error = self.send("/", b"x" * 6, b"x" * 5, b"never read", stated=stated)
        assert getattr(error, "status_code", None) == 413


class TestAccessLog:
    @pytest.fixture
    def written(self) -> Iterator[list[Any]]:
        with structlog.testing.capture_logs() as entries:
            yield entries

    def test_a_request_is_one_line(self, client: AsgiClient, written: list[Any]) -> None:
        client.get("/v1/places")
        [entry] = written
        assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/v1/places", 200)
        assert entry["milliseconds"] >= 0

    @pytest.mark.parametrize(
        ("path", "logged"),
        [
            ("/v1/places?name=somebody", "/v1/places"),
            ("/somebody", "other"),
            ("/v1/places/somebody", "other"),
            ("/static/somebody", "/static/"),
            ("/language/somebody", "/language/"),
            ("/", "/"),
        ],
    )
    def test_what_a_caller_wrote_isn_t_logged(
        self, client: AsgiClient, written: list[Any], path: str, logged: str
    ) -> None:
        client.get(path, headers={"User-Agent": "somebody", "Referer": "http://somebody/"})
        assert [entry["path"] for entry in written] == [logged]
        assert "somebody" not in str(written)
        assert "127.0.0.1" not in str(written)

    def test_an_odd_method_isn_t_logged(self, client: AsgiClient, written: list[Any]) -> None:
        client.request("SOMEBODY", "/")
        assert written[0]["method"] == "other"

    def test_what_fails_is_logged_as_500(self, written: list[Any]) -> None:
        async def fail(scope: Scope, receive: Receive, send: Send) -> None:
            raise RuntimeError("the clerk's secret")

        AsgiClient(AccessLog(fail, paths=["/"])).get("/")
        [entry] = written
        assert entry["status"] == 500
        assert "secret" not in str(entry)


class TestBinding:
    @pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
    def test_loopback_is_safe(self, tmp_path: Path, host: str) -> None:
        require_safe_bind(told(tmp_path), host)

    @pytest.mark.parametrize(
        "host", [EVERYWHERE, "::", "192.168.1.5", "desk.example", "", "127.0.0.1.evil.example"]
    )
    def test_anything_else_isn_t_without_tls(self, tmp_path: Path, host: str) -> None:
        with pytest.raises(UnsafeBind, match="TLS"):
            require_safe_bind(told(tmp_path), host)

    @pytest.mark.parametrize("protection", ["files", "proxy"])
    def test_tls_makes_it_safe(self, tmp_path: Path, protection: str) -> None:
        settings = (
            {"behind_tls_proxy": True}
            if protection == "proxy"
            else {"tls_certificate": tmp_path / "cert.pem", "tls_private_key": tmp_path / "key.pem"}
        )
        require_safe_bind(told(tmp_path, **settings), EVERYWHERE)

    def test_keys_stay_on_beyond_loopback(self, tmp_path: Path) -> None:
        with pytest.raises(UnsafeBind, match="keys"):
            require_safe_bind(told(tmp_path, behind_tls_proxy=True, auth=False), EVERYWHERE)
