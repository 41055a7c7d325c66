"""Incidents over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from asgi_client import AsgiClient
from countenance.api.documentation import INCIDENT_EXAMPLES
from countenance.authority import Role
from countenance.server import build_app
from desk_installation import DESK, NOON, Installation

LEAK = INCIDENT_EXAMPLES["leak"]["value"]
As = Callable[[str], AsgiClient]


@pytest.fixture(scope="module")
def caller(installation: Installation) -> As:
    """A client for each role, with a key of its own."""
    application = build_app(installation.services)
    keys = {
        role.value: installation.services.api_keys.issue(name=f"test {role.value}", roles=(role.value,))
        for role in Role
    }
    return lambda role: AsgiClient(application, headers={"X-Api-Key": keys[role]})


def opened(caller: As, **changes: object) -> dict[str, Any]:
    answer = caller("officer").post("/v1/incidents", json=LEAK | changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def test_from_opening_to_closing(caller: As) -> None:
    incident = opened(caller, aware_at=(NOON - timedelta(hours=25)).isoformat())
    assert [(one["place"], one["rule"], one["overdue"]) for one in incident["notices"]] == [
        (DESK, "CN-PIPL-57", True),
        (DESK, "CN-PIPL-57", True),
    ]
    path = f"/v1/incidents/{incident['incident']}"
    operator = caller("operator")
    assert operator.post(f"{path}/notes", json={"words": "it was sealed"}).status_code == 200
    assert code(operator.post(f"{path}/closing", json={"words": "found"}), 409) == "notices-owed"
    for to, needed in (("authority", True), ("people", False)):
        told = {"to": to, "words": "by letter", "needed": needed}
        assert operator.post(f"{path}/notifications", json=told).status_code == 200
    closed = operator.post(f"{path}/closing", json={"words": "found"}).json()
    assert closed["closed_at"] is not None
    assert [step["kind"] for step in closed["steps"]] == [
        "opened", "noted", "notified", "notified", "closed",
    ]  # fmt: skip
    listed = caller("auditor").get("/v1/incidents").json()["incidents"]
    assert incident["incident"] not in {one["incident"] for one in listed}
    listed = caller("auditor").get("/v1/incidents?closed=true").json()["incidents"]
    assert closed in listed


@pytest.mark.parametrize(
    ("told", "status", "expected"),
    [
        ({"words": "x", "aware_at": "2026-01-01T12:00:00"}, 422, "request-malformed"),
        ({"words": "x", "aware_at": "2030-01-01T12:00:00Z"}, 422, "incident-not-possible"),
        ({"words": " "}, 422, "incident-not-possible"),
        ({"words": "x", "places": ["plc_nowhere"]}, 404, "unknown-place"),
        ({"words": "x", "kind": "fire"}, 422, "request-malformed"),
        ({"words": "x", "other": 1}, 422, "request-malformed"),
        ({}, 422, "request-malformed"),
    ],
)
def test_what_cannot_be_is_refused(caller: As, told: dict[str, Any], status: int, expected: str) -> None:
    assert code(caller("officer").post("/v1/incidents", json=told), status) == expected


@pytest.mark.parametrize("step", ["notes", "closing", "notifications"])
def test_an_unknown_incident(caller: As, step: str) -> None:
    told = {"words": "x"} | ({"to": "people"} if step == "notifications" else {})
    assert code(caller("officer").post(f"/v1/incidents/inc_none/{step}", json=told), 404) == "record-unknown"


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_each_role_does_what_it_may(caller: As, role: str) -> None:
    client = caller(role)
    may = role in ("officer", "operator")
    assert client.post("/v1/incidents", json=LEAK).status_code == (201 if may else 403)
    assert client.get("/v1/incidents").status_code == (200 if may or role == "auditor" else 403)


def test_without_a_key_nothing_is_said(stranger: AsgiClient) -> None:
    assert code(stranger.get("/v1/incidents"), 401) == "api-key-refused"
    assert code(stranger.post("/v1/incidents", json=LEAK), 401) == "api-key-refused"


def test_the_words_of_a_notice_are_drafted(caller: As) -> None:
    incident = opened(caller, aware_at=(NOON - timedelta(hours=25)).isoformat())
    path = f"/v1/incidents/{incident['incident']}/drafts"
    drafts = caller("operator").get(path).json()["drafts"]
    assert {(one["to"], one["rule"], one["language"]) for one in drafts} == {
        (to, "CN-PIPL-57", language) for to in ("authority", "people") for language in ("en", "zh")
    }
    assert all(one["gaps"] for one in drafts)
    assert LEAK["words"] in next(one["text"] for one in drafts if one["language"] == "en")
    alone = caller("officer").get(path, params={"to": "people"}).json()["drafts"]
    assert {one["to"] for one in alone} == {"people"}
    assert code(caller("officer").get(path, params={"to": "press"}), 422) == "request-malformed"
    assert code(caller("officer").get("/v1/incidents/inc_none/drafts"), 404) == "record-unknown"
    for role in ("clerk", "auditor", "installer"):
        assert code(caller(role).get(path), 403) == "role-missing"
