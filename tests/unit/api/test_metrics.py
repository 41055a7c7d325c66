"""``GET /metrics``: who gets the figures, and what the server itself counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from asgi_client import AsgiClient
from countenance.authority import Act, Role, shipped_roles
from countenance.runtime import METRICS_TYPE
from countenance.server import build_app
from desk_installation import Installation, open_installation

ELSEWHERE = "192.0.2.7"
MAY = {role for role in Role if role in shipped_roles().terms and shipped_roles().may(role, Act.READ_METRICS)}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with open_installation(tmp_path_factory.mktemp("installation")) as opened:
        yield opened


def refused(client: AsgiClient, status: int, code: str, **headers: str) -> bool:
    answer = client.get("/metrics", headers=headers)
    return (answer.status_code, answer.json()["code"]) == (status, code) and "countenance_" not in answer.text


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_itself_needs_no_key(installation: Installation, address: str) -> None:
    answer = AsgiClient(build_app(installation.services), address=address).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == METRICS_TYPE
    assert answer.headers["cache-control"] == "no-store"
    assert "countenance_log_entries" in answer.text


@pytest.mark.parametrize("address", [ELSEWHERE, "10.0.0.1", "2001:db8::1", "localhost", ""])
def test_another_machine_needs_one(installation: Installation, address: str) -> None:
    assert refused(AsgiClient(build_app(installation.services), address=address), 401, "api-key-refused")


@pytest.mark.parametrize("header", ["Forwarded", "Via", "X-Forwarded-For", "X-Real-IP"])
def test_what_a_proxy_passes_on_needs_one(installation: Installation, header: str) -> None:
    client = AsgiClient(build_app(installation.services))
    assert refused(client, 401, "api-key-refused", **{header: "127.0.0.1"})


def test_behind_a_proxy_this_machine_needs_one_too(tmp_path: Path) -> None:
    with open_installation(tmp_path, behind_tls_proxy=True) as proxied:
        client = AsgiClient(build_app(proxied.services))
        assert refused(client, 401, "api-key-refused")
        key = proxied.services.api_keys.issue(name="Watch", roles=("auditor",))
        assert client.get("/metrics", headers={"X-Api-Key": key}).status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_a_key_s_role_decides(installation: Installation, role: Role) -> None:
    key = installation.services.api_keys.issue(name=role.value, roles=(role.value,))
    for address in (ELSEWHERE, "127.0.0.1"):
        client = AsgiClient(build_app(installation.services), address=address)
        if role in MAY:
            assert client.get("/metrics", headers={"X-Api-Key": key}).status_code == 200
        else:
            assert refused(client, 403, "role-missing", **{"X-Api-Key": key})


def test_these_roles_and_no_others_may() -> None:
    assert {Role.OFFICER, Role.OPERATOR, Role.AUDITOR} == MAY


def test_a_wrong_key_is_refused_here_too(installation: Installation) -> None:
    assert refused(AsgiClient(build_app(installation.services)), 401, "api-key-refused", **{"X-Api-Key": "x"})


def test_where_keys_are_off_other_machines_still_get_nothing(tmp_path: Path) -> None:
    with open_installation(tmp_path, auth=False) as opened:
        app = build_app(opened.services)
        assert AsgiClient(app).get("/metrics").status_code == 200
        assert refused(AsgiClient(app, address=ELSEWHERE), 401, "api-key-refused")


def test_answers_are_counted_under_paths_of_ours_alone(installation: Installation) -> None:
    client = AsgiClient(build_app(installation.services))
    for path in ("/healthz", "/v1/Zhang-San", "/Zhang-San.jpg", "/v1/records/evd_zhangsan?who=zhangsan"):
        client.get(path)
    client.request("ZHANGSAN", "/healthz")
    text = client.get("/metrics").text
    assert 'path="/healthz",status="200"' in text
    assert 'path="other",status="404"' in text
    assert 'method="other",path="/healthz"' in text
    assert "hang" not in text.replace("changed", "")


def test_the_queue_is_that_of_the_server(installation: Installation) -> None:
    client = AsgiClient(build_app(installation.services))
    assert "countenance_verifications_inside 0.0" in client.get("/metrics").text


def test_nothing_but_reading_is_possible(installation: Installation) -> None:
    client = AsgiClient(build_app(installation.services))
    assert client.post("/metrics", content=b"").status_code == 404
