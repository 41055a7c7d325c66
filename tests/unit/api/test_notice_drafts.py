"""Notices and signs over HTTP: drafted, published, made and posted, each under the roles that may."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asgi_client import AsgiClient
from countenance.api.documentation import (
    ISSUER_EXAMPLES,
    NOTICE_DRAFT_EXAMPLES,
    OUTSIDE_DRAFT_EXAMPLES,
    SETUP_EXAMPLES,
    SIGN_EXAMPLES,
)
from countenance.authority import Role, shipped_roles
from countenance.authority.notices import LANGUAGES, NoticeDraftDocument
from countenance.server import build_app
from desk_installation import Installation, open_installation
from drafted_notices import BY_HAND, filled, incomplete

ANSWERS: dict[str, Any] = SETUP_EXAMPLES["desk"]["value"]
DRAFT: dict[str, Any] = NOTICE_DRAFT_EXAMPLES["desk"]["value"]
SIGN: dict[str, Any] = SIGN_EXAMPLES["desk"]["value"]
As = Callable[..., AsgiClient]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with open_installation(tmp_path) as opened:
        yield opened


@pytest.fixture
def caller(installation: Installation) -> As:
    application = build_app(installation.services)

    def calling(*roles: str) -> AsgiClient:
        key = installation.services.api_keys.replace(name=f"test {' '.join(roles)}", roles=roles)
        return AsgiClient(application, headers={"X-Api-Key": key})

    return calling


@pytest.fixture
def officer(caller: As) -> AsgiClient:
    """An officer whose place is registered."""
    client = caller("officer")
    assert client.post("/v1/places", json=ANSWERS).status_code == 200
    return client


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def completed(officer: AsgiClient) -> dict[str, Any]:
    answer = officer.post("/v1/notices/drafts", json=DRAFT)
    assert answer.status_code == 200, answer.text
    draft: dict[str, Any] = answer.json()["draft"]
    by_hand = {part.value: texts for part, texts in BY_HAND.items()}
    for gap in answer.json()["gaps"]:
        said = dict(zip(LANGUAGES, by_hand.get(gap["part"], ("By consent.", "基于同意。")), strict=True))
        draft["text"][gap["part"]][gap["language"]] = said[gap["language"]]
    return draft


def in_force(officer: AsgiClient) -> dict[str, Any]:
    answer = officer.post("/v1/notices", json=completed(officer))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("made", [incomplete(), filled(incomplete(version=3))], ids=["drafted", "completed"])
def test_a_draft_travels_whole(made: Any) -> None:
    assert NoticeDraftDocument.model_validate(NoticeDraftDocument.of(made).model_dump()).to_draft() == made


def test_a_draft_says_what_is_known_and_what_isnt(officer: AsgiClient, installation: Installation) -> None:
    size = installation.store.log.size()
    answer = officer.post("/v1/notices/drafts", json=DRAFT).json()
    assert "60" in answer["draft"]["text"]["errors"]["en"] or answer["draft"]["text"]["errors"]["en"]
    assert {gap["part"] for gap in answer["gaps"]} >= {"keeper", "contact", "recipients"}
    assert all(gap["wanted"] for gap in answer["gaps"])
    assert installation.store.log.size() == size, "nothing is filed"


def test_a_completed_draft_is_published_and_a_later_version_takes_its_place(officer: AsgiClient) -> None:
    first = in_force(officer)
    assert officer.get(f"/v1/notices/{first['version_id']}").headers["Countenance-In-Force"] == "yes"
    second = in_force(officer)
    assert (second["notice"], second["version"]) == (first["notice"], 2)
    assert officer.get(f"/v1/notices/{first['version_id']}").headers["Countenance-In-Force"] == "no"
    sign = officer.post("/v1/signs", json=SIGN).json()
    assert (sign["version"], sign["kind"]) == (2, "verify")


def test_a_sign_is_posted_by_its_statement_or_its_whole_file(officer: AsgiClient) -> None:
    in_force(officer)
    sign = officer.post("/v1/signs", json=SIGN).json()
    for told in (sign["statement"], sign["svg"]):
        answer = officer.post("/v1/signs/postings", json={"sign": told, "position": "At eye level"})
        assert answer.status_code == 201, answer.text
        assert (answer.json()["sign"], answer.json()["devices"]) == (sign["sign"], SIGN["devices"])


def change(draft: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(draft), **changes}


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"place": "plc_none"}, "unknown-place"),
        ({"purpose": "pur_none"}, "unknown-purpose"),
        ({"jurisdictions": ["EU"]}, "notice-file-invalid"),
        ({"place_kind": "street"}, "notice-file-invalid"),
        ({"version": 0}, "request-malformed"),
        ({"kind": "watch"}, "request-malformed"),
        ({"more": 1}, "request-malformed"),
        ({"text": {}}, "notice-has-gaps"),
        ({"text": {"title": {"fr": "Avis"}}}, "notice-file-invalid"),
        ({"text": {"tittle": {"en": "Notice"}}}, "request-malformed"),
    ],
)
def test_what_cannot_be_published_is_refused(
    officer: AsgiClient, changes: dict[str, Any], wanted: str
) -> None:
    answer = officer.post("/v1/notices", json=change(completed(officer), **changes))
    assert answer.json()["code"] == wanted
    assert 400 <= answer.status_code < 500
    assert "Avis" not in answer.text


@pytest.mark.parametrize(
    ("path", "body", "status", "wanted"),
    [
        ("/v1/notices/drafts", DRAFT | {"device": "dev_none"}, 404, "unknown-device"),
        ("/v1/notices/drafts", DRAFT | {"more": 1}, 422, "request-malformed"),
        ("/v1/signs", SIGN, 404, "notice-not-published"),
        ("/v1/signs", SIGN | {"devices": []}, 422, "request-malformed"),
        ("/v1/signs/postings", {"sign": "nothing", "position": "here"}, 403, "sign-not-current"),
        (
            "/v1/signs/postings",
            {"sign": "countenance-sign:a.b.c", "position": "here"},
            403,
            "sign-not-current",
        ),
        ("/v1/signs/postings", {"sign": "x", "position": ""}, 422, "request-malformed"),
        ("/v1/signs/postings", {"sign": "x" * 300_000, "position": "here"}, 413, "upload-too-large"),
    ],
)
def test_what_isnt_right_is_named(
    officer: AsgiClient, path: str, body: dict[str, Any], status: int, wanted: str
) -> None:
    assert code(officer.post(path, json=body), status) == wanted


def may_file(key: str) -> set[str]:
    table = shipped_roles()
    return {role.value for role in Role if table.may_file(role, key)} - {"subject"}


COURT = ISSUER_EXAMPLES["court"]["value"]
ROUTES: dict[str, tuple[str, str, dict[str, Any] | None, set[str]]] = {
    "draft": ("POST", "/v1/notices/drafts", DRAFT, {"officer", "auditor"}),
    "publish": ("POST", "/v1/notices", NoticeDraftDocument.of(incomplete()).model_dump(), may_file("notice")),
    "sign": ("POST", "/v1/signs", SIGN, may_file("sign")),
    "post": ("POST", "/v1/signs/postings", {"sign": "x", "position": "here"}, may_file("sign")),
    "issuers": ("GET", "/v1/issuers", None, {"officer", "auditor"}),
    "add issuer": ("POST", "/v1/issuers", COURT, {"officer"}),
    "revoke issuer": ("POST", "/v1/issuers/none/revocation", None, {"officer"}),
}


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_every_role_may_do_what_the_table_says_and_nothing_else(
    caller: As, role: str, route: tuple[str, str, dict[str, Any] | None, set[str]]
) -> None:
    method, path, body, may = route
    answer = caller(role).request(method, path, json=body)
    if role in may:
        assert answer.status_code != 401
        assert not str(answer.json().get("code", "")).startswith("role-"), answer.text
    else:
        assert code(answer, 403) in ("role-missing", "role-may-not")


def test_without_a_key_nothing_is_said_or_done(stranger: AsgiClient) -> None:
    for method, path, body, _ in ROUTES.values():
        assert code(stranger.request(method, path, json=body), 401) == "api-key-refused"


def test_the_examples_of_bodies_outside_run(caller: As) -> None:
    officer = caller("officer")
    added = officer.post("/v1/issuers", json=COURT)
    assert added.status_code == 201, added.text
    assert "public_key" not in added.json()
    assert code(officer.post("/v1/issuers", json=COURT), 409) == "record-exists"
    drafted = officer.post("/v1/records/signed/drafts", json=OUTSIDE_DRAFT_EXAMPLES["authorisation"]["value"])
    assert drafted.status_code == 200, drafted.text
    assert '"authorisation"' in drafted.json()["payload"]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"keys": ["notice"]}, "evidence-not-accepted"),
        ({"keys": []}, "request-malformed"),
        ({"kind": "friend"}, "request-malformed"),
        ({"public_key": {"kty": "oct"}}, "signature-refused"),
        ({"name": ""}, "request-malformed"),
    ],
)
def test_a_body_that_isnt_one_isnt_registered(
    caller: As, installation: Installation, changes: dict[str, Any], wanted: str
) -> None:
    answer = caller("officer").post("/v1/issuers", json=COURT | changes)
    assert answer.json()["code"] == wanted
    assert installation.store.issuers.all() == ()
