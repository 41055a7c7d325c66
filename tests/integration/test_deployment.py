"""The files under deploy/: two servers on one PostgreSQL behind a real nginx; and what else can be tried."""

from __future__ import annotations

import configparser
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from command_line import run_countenance, user_environment
from countenance.runtime import load_settings
from loopback_server import self_signed
from postgresql_cluster import running_cluster, server_programs

DEPLOY = Path(__file__).parents[2] / "deploy"
PAGE = (DEPLOY.parent / "docs" / "how-to" / "deploy.md").read_text(encoding="utf-8")
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
NAME = "desk.example"
LONGEST_START = 60


@dataclass(frozen=True)
class Node:
    """One of the servers."""

    home: Path
    port: int
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]


@dataclass(frozen=True)
class Deployment:
    """Two nodes and the proxy before them."""

    nodes: tuple[Node, Node]
    url: str
    tls: ssl.SSLContext
    bodies: Path

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.url, verify=self.tls, trust_env=False, timeout=30, headers={"Host": NAME, **headers}
        )

    def run(self, node: int, *arguments: str) -> dict[str, Any]:
        """Run a command on a node's machine."""
        at = self.nodes[node]
        answer = run_countenance(*arguments, "--json", home=at.home, environment=at.environment)
        assert answer.status == 0, answer.err
        return answer.document


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + LONGEST_START
    while not answers():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)


def answers_at(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v1/openapi.json", trust_env=False).is_success
    except httpx.TransportError:
        return False


@contextmanager
def running(command: list[str], log: Path, **given: Any) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as words:
        process = subprocess.Popen(command, stdout=words, stderr=words, **given)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(30)


@contextmanager
def node(home: Path, *, key: Path, database: str, journal: Path) -> Iterator[Node]:
    """Start a server with the settings file of the two nodes, its addresses and paths put in."""
    port = free_port()
    settings = (DEPLOY / "two-nodes" / "settings.toml").read_text(encoding="utf-8")
    for written, meant in {
        "/var/lib/countenance/data": str(home / "data"),
        "/var/lib/countenance/models": user_environment(home)["COUNTENANCE_MODELS_FOLDER"],
        "/etc/countenance/root.key": str(key),
        "postgresql://countenance@db.example/countenance?sslmode=verify-full"
        "&sslrootcert=/etc/countenance/db-ca.pem": database,
        "/srv/countenance/erasures": str(journal),
        "10.84.20.1": "127.0.0.1",
        "port = 8420": f"port = {port}",
    }.items():
        assert written in settings
        settings = settings.replace(written, meant)
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(settings, encoding="utf-8")
    environment = {"COUNTENANCE_SETTINGS_FILE": str(home / "settings.toml")}
    if not key.exists():
        made = run_countenance("init", "--json", home=home, environment=environment)
        assert made.status == 0, made.err
    else:
        (home / "data").mkdir(mode=0o700)
    log = home / "server.log"
    with running(
        [sys.executable, "-m", "countenance.cli", "serve"],
        log,
        env=user_environment(home) | environment,
        cwd=home,
    ) as process:
        wait_for(lambda: answers_at(port), process, log)
        yield Node(home, port, environment, process)


@contextmanager
def proxy(folder: Path, ports: tuple[int, int]) -> Iterator[tuple[str, ssl.SSLContext, Path]]:
    """Start nginx with the site of deploy/ and the upstream of two nodes."""
    folder.mkdir()
    tls, port, bodies = self_signed(folder), free_port(), folder / "bodies"
    upstream = (DEPLOY / "two-nodes" / "upstream.conf").read_text(encoding="utf-8")
    for address, at in zip(("10.84.20.1:8420", "10.84.20.2:8420"), ports, strict=True):
        assert address in upstream
        upstream = upstream.replace(address, f"127.0.0.1:{at}")
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    site, replaced = re.subn(r"upstream countenance \{.*?\n\}\n", lambda _: upstream, site, flags=re.DOTALL)
    assert replaced == 1
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    for file in ("certificate.pem", "private-key.pem"):
        site = site.replace(f"/etc/countenance/tls/{file}", str(folder / "server.pem"))
    own = "".join(f"{kind}_temp_path {folder / kind};\n" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    whole = folder / "nginx.conf"
    user = f"user {'root' if os.geteuid() == 0 else os.environ.get('USER', 'nobody')};\n"
    whole.write_text(
        f"{user if os.geteuid() == 0 else ''}daemon off;\npid {folder / 'pid'};\nevents {{}}\n"
        f"http {{\nclient_body_temp_path {bodies};\n{own}{site}\n}}\n"
    )
    assert NGINX is not None
    log = folder / "nginx.log"
    with running([NGINX, "-p", str(folder), "-e", str(log), "-c", str(whole)], log) as process:
        url = f"https://127.0.0.1:{port}"

        def answers() -> bool:
            try:
                return httpx.get(
                    f"{url}/v1/openapi.json", verify=tls.client, trust_env=False, headers={"Host": NAME}
                ).is_success
            except httpx.TransportError:
                return False

        wait_for(answers, process, log)
        yield url, tls.client, bodies


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    if server_programs() is None:
        pytest.skip("PostgreSQL isn't installed")
    if NGINX is None:
        pytest.skip("nginx isn't installed")
    folder = tmp_path_factory.mktemp("deployment")
    key, journal = folder / "key" / "root.key", folder / "shared" / "erasures"
    journal.parent.mkdir()
    with ExitStack() as stack:
        cluster = stack.enter_context(running_cluster())
        url = cluster.new()
        first = stack.enter_context(node(folder / "one", key=key, database=url, journal=journal))
        second = stack.enter_context(node(folder / "two", key=key, database=url, journal=journal))
        address, tls, bodies = stack.enter_context(proxy(folder / "proxy", (first.port, second.port)))
        yield Deployment((first, second), address, tls, bodies)


@pytest.mark.slow
@pytest.mark.models
class TestTwoNodesBehindAProxy:
    def test_what_one_node_issues_every_node_believes_until_any_revokes_it(
        self, deployment: Deployment
    ) -> None:
        issued = deployment.run(0, "keys", "issue", "desk", "--by", "officer", "--role", "clerk")
        key = issued["api_key"]
        with deployment.client(Authorization=f"Bearer {key}") as client:
            seen = [client.get("/healthz") for _ in range(8)]
            assert {answer.status_code for answer in seen} == {200}
            assert all("findings" in answer.json() for answer in seen)
            deployment.run(1, "keys", "revoke", issued["key"]["key"], "--by", "officer")
            assert {client.get("/healthz").status_code for _ in range(8)} == {401}

    def test_the_proxy_says_that_it_is_encrypted_and_the_server_believes_it(
        self, deployment: Deployment
    ) -> None:
        with deployment.client() as client:
            answer = client.get("/v1/openapi.json")
        assert "max-age=" in answer.headers["strict-transport-security"]

    def test_a_request_for_another_name_is_refused(self, deployment: Deployment) -> None:
        with deployment.client() as client:
            assert client.get("/healthz", headers={"Host": "elsewhere.example"}).status_code == 400

    def test_a_picture_passes_the_proxy_without_a_copy_on_its_disk(self, deployment: Deployment) -> None:
        with deployment.client() as client:
            answer = client.post(
                "/v1/verifications", files={"document": b"\x89" * 5_000_000, "live": b"\x89" * 5_000_000}
            )
        assert answer.status_code == 401
        assert [path for path in deployment.bodies.rglob("*") if path.is_file()] == []

    def test_what_is_larger_than_two_pictures_stops_at_the_proxy(self, deployment: Deployment) -> None:
        at = httpx.URL(deployment.url)
        asking = http.client.HTTPSConnection(at.host, at.port, timeout=30, context=deployment.tls)
        with closing(asking):
            asking.putrequest("POST", "/v1/verifications", skip_host=True)
            for name, value in {"Host": NAME, "Content-Length": str(43 * 1024 * 1024)}.items():
                asking.putheader(name, value)
            asking.endheaders()
            assert asking.getresponse().status == 413

    def test_one_node_dies_and_the_other_answers(self, deployment: Deployment) -> None:
        first, second = deployment.nodes
        first.process.kill()
        first.process.wait(30)
        with deployment.client() as client:
            assert {client.get("/v1/openapi.json").status_code for _ in range(10)} == {200}
        assert not answers_at(first.port)
        assert answers_at(second.port)


class TestTheFiles:
    def test_the_settings_of_one_node_are_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in [name for name in os.environ if name.startswith("COUNTENANCE_")]:
            monkeypatch.delenv(name)
        for file in (DEPLOY / "settings.toml", DEPLOY / "two-nodes" / "settings.toml"):
            settings = load_settings(file=file)
            assert settings.behind_tls_proxy
            assert set(tomllib.loads(file.read_text())) <= set(type(settings).model_fields)

    def test_systemd_finds_the_unit_hardened(self) -> None:
        programme = shutil.which("systemd-analyze")
        if programme is None:
            pytest.skip("systemd isn't installed")
        found = subprocess.run(
            [programme, "security", "--offline=true", "--threshold=15", str(DEPLOY / "countenance.service")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.returncode == 0, found.stdout
        stated = re.search(r"exposure level of (\d\.\d)", PAGE)
        assert stated is not None
        assert f": {stated[1]} " in found.stdout.splitlines()[-1]

    def test_the_unit_serves_and_keeps_what_was_in_memory_from_disks(self) -> None:
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read(DEPLOY / "countenance.service")
        service = unit["Service"]
        assert service["ExecStart"].endswith("/countenance serve")
        assert service["LimitCORE"] == "0"
        assert service["MemorySwapMax"] == "0"
        assert service["User"] != "root"

    def test_the_image_holds_no_weights_no_key_and_no_data(self) -> None:
        steps = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
        copied = re.findall(r"^COPY (?:--from=\S+ )?(.+)$", steps, flags=re.MULTILINE)
        assert copied
        for words in copied:
            *sources, _ = words.split()
            for source in sources:
                assert source.startswith("/opt/countenance") or (DEPLOY.parent / source).exists()
        assert "models pull" not in re.sub(r"^#.*$", "", steps, flags=re.MULTILINE)
        assert "--require-hashes" in steps
        *_, user = re.findall(r"^USER (\S+)$", steps, flags=re.MULTILINE)
        assert user == "countenance"

    @pytest.mark.parametrize(
        "file", sorted(str(path.relative_to(DEPLOY)) for path in DEPLOY.rglob("*") if path.is_file())
    )
    def test_the_page_names_every_file(self, file: str) -> None:
        assert f"deploy/{file}" in PAGE
