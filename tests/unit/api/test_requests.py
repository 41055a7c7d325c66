"""People's requests over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from asgi_client import AsgiClient
from countenance.api.documentation import REQUEST_EXAMPLES
from countenance.authority import Role
from countenance.server import build_app
from desk_installation import Installation

ACCESS = REQUEST_EXAMPLES["access"]["value"]
As = Callable[[str], AsgiClient]


@pytest.fixture(scope="module")
def caller(installation: Installation) -> As:
    """A client for each role, with a key of its own."""
    application = build_app(installation.services)
    keys = {
        role.value: installation.services.api_keys.issue(name=f"asks {role.value}", roles=(role.value,))
        for role in Role
    }
    return lambda role: AsgiClient(application, headers={"X-Api-Key": keys[role]})


def opened(caller: As, **changes: object) -> dict[str, Any]:
    answer = caller("clerk").post("/v1/requests", json=ACCESS | changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def answered(caller: As, request: dict[str, Any], **told: object) -> dict[str, Any]:
    answer = caller("officer").post(f"/v1/requests/{request['request']}/answer", json=told)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_access_hands_the_export_out(caller: As) -> None:
    done = answered(caller, opened(caller, subject="sub_access"))
    assert done["request"]["answer"] == "exported"
    assert done["export"]["subject"] == "sub_access"
    assert done["certificate"] is None


def test_erasure_hands_the_certificate_out(caller: As) -> None:
    done = answered(caller, opened(caller, subject="sub_erasure", right="erasure"))
    assert done["request"]["answer"] == "erased"
    assert done["request"]["subject"] is None
    assert done["certificate"]["certificate"]["id"] == done["request"]["certificate"]


def test_the_rest_is_answered_in_words_or_refused(caller: As) -> None:
    granted = answered(caller, opened(caller, right="human-review"), words="a person looked again")
    assert granted["request"]["answer"] == "granted"
    refused = answered(caller, opened(caller), words="not the person", refused=True)
    assert (refused["request"]["answer"], refused["export"]) == ("refused", None)


def test_they_are_listed_for_those_who_may(caller: As) -> None:
    request = opened(caller)
    for role in Role:
        answer = caller(role.value).get("/v1/requests")
        assert answer.status_code == (200 if role.value in ("officer", "auditor") else 403)
    listed = caller("auditor").get("/v1/requests").json()["requests"]
    assert request["request"] in {one["request"] for one in listed}
    answered(caller, request)
    listed = caller("officer").get("/v1/requests").json()["requests"]
    assert request["request"] not in {one["request"] for one in listed}
    listed = caller("officer").get("/v1/requests?answered=true").json()["requests"]
    assert request["request"] in {one["request"] for one in listed}


@pytest.mark.parametrize(
    ("told", "status", "expected"),
    [
        ({"right": "revenge"}, 422, "request-malformed"),
        ({"words": ""}, 422, "request-malformed"),
        ({"words": " "}, 422, "request-not-possible"),
        ({"received_at": "2030-01-01T12:00:00Z"}, 422, "request-not-possible"),
        ({"place": "plc_nowhere"}, 404, "unknown-place"),
        ({"more": 1}, 422, "request-malformed"),
    ],
)
def test_what_cannot_be_is_refused(caller: As, told: dict[str, Any], status: int, expected: str) -> None:
    assert code(caller("clerk").post("/v1/requests", json=ACCESS | told), status) == expected


def test_what_no_rule_allows_is_not_extended(caller: As) -> None:
    path = f"/v1/requests/{opened(caller)['request']}/extension"
    assert code(caller("officer").post(path, json={"words": "much"}), 422) == "request-not-possible"
    assert code(caller("clerk").post(path, json={"words": "much"}), 403) == "role-missing"
    unknown = "/v1/requests/req_none/extension"
    assert code(caller("officer").post(unknown, json={"words": "much"}), 404) == "record-unknown"


def test_without_a_key_nothing_is_said(stranger: AsgiClient) -> None:
    assert code(stranger.get("/v1/requests"), 401) == "api-key-refused"
    assert code(stranger.post("/v1/requests", json=ACCESS), 401) == "api-key-refused"
