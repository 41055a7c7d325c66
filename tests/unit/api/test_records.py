"""Records, devices and consents over HTTP: each act under the role of its key, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_client import AsgiClient
from countenance.api.documentation import (
    CONSENT_EXAMPLES,
    DEVICE_EXAMPLES,
    RECORD_EXAMPLES,
    STATUS_EXAMPLES,
    WITHDRAWAL_EXAMPLES,
)
from countenance.authority import Role
from countenance.kernel import PurposeId
from countenance.server import build_app
from countenance.store import Purpose
from desk_installation import DESK, NOON, Installation
from outside_bodies import Body
from record_examples import content_for


class Callers:
    """A client for each role, with a key of its own."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._app = build_app(installation.services)
        self._keys: dict[tuple[str, ...], str] = {}

    def key(self, *roles: str) -> str:
        if roles not in self._keys:
            name = f"test {' '.join(roles)}"
            self._keys[roles] = self._installation.services.api_keys.replace(name=name, roles=roles)
        return self._keys[roles]

    def __call__(self, *roles: str) -> AsgiClient:
        return AsgiClient(self._app, headers={"X-Api-Key": self.key(*roles)})


@pytest.fixture(scope="module")
def callers(installation: Installation) -> Callers:
    installation.store.purposes.add(
        Purpose(PurposeId("pur_checkin"), "Check-in", "Compare once.", "dpv:IdentityVerification")
    )
    return Callers(installation)


def filed(callers: Callers, key: str = "tech_doc", role: str = "officer", **changes: Any) -> dict[str, Any]:
    told = {"key": key, "content": content_for(key)} | changes
    answer = callers(role).post("/v1/records", json=told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["code"] == code
    return found


# Records.


def test_a_record_is_filed_shown_listed_and_withdrawn(callers: Callers) -> None:
    record = filed(callers)
    prefix = callers.key("officer").split("_")[1]
    assert record["author"] == f"officer (key {prefix})"
    shown = callers("auditor").get(f"/v1/records/{record['record']}").json()
    assert shown["content"]["form"] == "document"
    assert shown["counts"] is True
    listed = callers("auditor").get("/v1/records").json()["records"]
    assert record["record"] in {each["record"] for each in listed}
    assert all(each["content"] is None for each in listed)
    gone = callers("officer").post(
        f"/v1/records/{record['record']}/withdrawal", json={"reason": "out of date"}
    )
    assert gone.json()["withdrawn_at"]
    assert callers("officer").get(f"/v1/records/{record['record']}").json()["counts"] is False


def test_a_scope_and_a_validity_are_taken(callers: Callers) -> None:
    record = filed(
        callers,
        "appeal_channel",
        scope={"place": DESK},
        valid_from="2026-11-22T12:00:00Z",
        valid_until="2026-12-22T12:00:00Z",
    )
    assert record["scope"] == {"place": DESK, "purpose": None, "device": None, "subject": None}
    assert record["valid_until"].startswith("2026-12-22T12:00:00")
    elsewhere = callers("officer").get("/v1/records", params={"place": "plc_other"}).json()["records"]
    assert record["record"] not in {each["record"] for each in elsewhere}


def test_a_key_acts_in_the_role_that_may(callers: Callers) -> None:
    both = callers("clerk", "reviewer")
    answer = both.post("/v1/records", json={"key": "human_review", "content": content_for("human_review")})
    assert answer.status_code == 201
    assert answer.json()["author"].startswith("reviewer (key ")


ROUTES: dict[str, tuple[str, str, dict[str, Any] | None, set[str]]] = {
    "list": ("GET", "/v1/records", None, {"officer", "auditor"}),
    "show": ("GET", "/v1/records/evd_none", None, {"officer", "auditor"}),
    "file a document": (
        "POST",
        "/v1/records",
        {"key": "tech_doc", "content": content_for("tech_doc")},
        {"officer", "operator"},
    ),
    "state a leak": (
        "POST",
        "/v1/records",
        {"key": "event.leak", "content": {"value": False}},
        {"officer", "operator"},
    ),
    "state the basis": (
        "POST",
        "/v1/records",
        {"key": "legal_basis.consent", "content": {"value": True}},
        {"officer"},
    ),
    "file a review": (
        "POST",
        "/v1/records",
        {"key": "human_review", "content": content_for("human_review")},
        {"reviewer"},
    ),
    "file an installation": (
        "POST",
        "/v1/records",
        {"key": "area_bounded", "content": content_for("area_bounded"), "scope": {"place": DESK}},
        {"installer"},
    ),
    "withdraw": ("POST", "/v1/records/evd_none/withdrawal", {"reason": "no"}, {"officer"}),
    "list devices": (
        "GET",
        "/v1/devices",
        None,
        {"officer", "operator", "installer", "clerk", "reviewer", "auditor", "device"},
    ),
    "change a device": (
        "POST",
        "/v1/devices/dev_none/status",
        {"status": "suspended"},
        {"officer", "operator"},
    ),
    "file a consent": ("POST", "/v1/consents", CONSENT_EXAMPLES["check-in"]["value"], {"clerk"}),
    "withdraw a consent": (
        "POST",
        "/v1/consents/withdrawals",
        {"subject": "sub_none", "purpose": "pur_checkin"},
        {"officer", "clerk"},
    ),
    "ask": (
        "POST",
        "/v1/verdicts",
        {"operation": "verify", "place": "hotel_lobby", "jurisdictions": ["CN"]},
        {"officer", "operator", "clerk", "reviewer", "auditor"},
    ),
}


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_every_role_may_do_what_the_table_says_and_nothing_else(
    callers: Callers, role: str, route: tuple[str, str, dict[str, Any] | None, set[str]]
) -> None:
    method, path, body, may = route
    answer = callers(role).request(method, path, json=body)
    if role in may:
        assert answer.status_code in {200, 201, 404}, answer.text
    else:
        assert answer.status_code == 403, answer.text
        assert answer.json()["code"] in {"role-missing", "role-may-not"}


def test_without_a_key_nothing_is_said(callers: Callers, stranger: AsgiClient) -> None:
    for method, path, body, _ in ROUTES.values():
        refused(stranger.request(method, path, json=body), 401, "api-key-refused")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "the system's own": ({"key": "audit_log", "content": {"text": "so it is"}}, "evidence-not-accepted"),
    "unknown key": ({"key": "wishful", "content": {"text": "so it is"}}, "evidence-not-accepted"),
    "a field is missing": (
        {"key": "tech_doc", "content": content_for("tech_doc", summary=None)},
        "evidence-not-accepted",
    ),
    "no content": ({"key": "tech_doc"}, "request-malformed"),
    "another member": (
        {"key": "tech_doc", "content": content_for("tech_doc"), "issuer": "system"},
        "request-malformed",
    ),
    "a time without a zone": (
        {"key": "tech_doc", "content": content_for("tech_doc"), "valid_until": "2026-12-01T00:00:00"},
        "request-malformed",
    ),
    "a statement that isn't one": (
        {"key": "event.leak", "content": {"value": "perhaps"}},
        "evidence-not-accepted",
    ),
    "what the operator is": (
        {"key": "actor.private", "content": {"value": True}},
        "evidence-not-accepted",
    ),
    "an authority's without its signature": (
        {"key": "authorisation", "content": content_for("authorisation"), "scope": {"place": DESK}},
        "evidence-not-accepted",
    ),
}


@pytest.mark.parametrize(("told", "code"), WRONG.values(), ids=WRONG.keys())
def test_what_is_not_taken(callers: Callers, told: dict[str, Any], code: str) -> None:
    problem = refused(callers("officer").post("/v1/records", json=told), 422, code)
    assert "perhaps" not in str(problem)
    assert "so it is" not in str(problem)


def test_what_is_not_on_file_is_not_found(callers: Callers) -> None:
    refused(callers("officer").get("/v1/records/evd_none"), 404, "record-unknown")
    told = {"subject": "sub_none", "purpose": "pur_checkin"}
    refused(callers("clerk").post("/v1/consents/withdrawals", json=told), 404, "consent-not-on-file")


def test_an_outside_statement_that_is_not_good_is_refused(callers: Callers) -> None:
    token = Body.ed25519(44).sign({"key": "authorisation"})
    answer = callers("officer").post("/v1/records/signed", json={"statement": token})
    refused(answer, 403, "outside-signature-refused")


# Consents.


def test_one_consent_is_filed_under_what_it_satisfies_and_withdrawn_whole(callers: Callers) -> None:
    told = CONSENT_EXAMPLES["check-in"]["value"]
    answer = callers("clerk").post("/v1/consents", json=told)
    assert answer.status_code == 201, answer.text
    records = answer.json()["records"]
    assert {each["key"] for each in records} == {
        "consent.explicit",
        "consent.informed",
        "consent.purpose_match",
        "consent.record",
        "consent.separate",
    }
    assert all(each["scope"]["subject"] == told["subject"] for each in records)
    everything = callers("officer").get("/v1/records").json()["records"]
    assert not [each for each in everything if each["scope"]["subject"]]
    about = callers("officer").get("/v1/records", params={"subject": told["subject"]}).json()["records"]
    assert {each["record"] for each in records} <= {each["record"] for each in about}
    done = callers("clerk").post("/v1/consents/withdrawals", json=WITHDRAWAL_EXAMPLES["person"]["value"])
    assert done.status_code == 200
    assert {each["record"] for each in records} <= set(done.json()["records"])
    left = callers("officer").get("/v1/records", params={"subject": told["subject"]}).json()["records"]
    assert left == []


def test_a_consent_asked_with_others_is_not_separate(callers: Callers) -> None:
    told = CONSENT_EXAMPLES["check-in"]["value"]
    consent = {**told["consent"], "screen_purposes": ["pur_checkin", "pur_advertising"]}
    answer = callers("clerk").post("/v1/consents", json={"subject": "sub_b", "consent": consent})
    refused(answer, 422, "evidence-not-accepted")
    honest = {**consent, "separate": False}
    answer = callers("clerk").post("/v1/consents", json={"subject": "sub_b", "consent": honest})
    assert "consent.separate" not in {each["key"] for each in answer.json()["records"]}


@pytest.mark.parametrize("purpose", ["", None, 7])
def test_a_consent_names_its_purpose(callers: Callers, purpose: object) -> None:
    consent = {**CONSENT_EXAMPLES["check-in"]["value"]["consent"], "purpose": purpose}
    answer = callers("clerk").post("/v1/consents", json={"subject": "sub_c", "consent": consent})
    refused(answer, 422, "evidence-not-accepted")


# Devices.


def test_a_device_is_registered_and_changed(callers: Callers) -> None:
    told = {**DEVICE_EXAMPLES["camera"]["value"], "place": DESK}
    added = callers("installer").post("/v1/devices", json=told)
    assert added.status_code == 201, added.text
    assert added.json()["status"] == "active"
    assert added.json()["key_id"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    refused(callers("installer").post("/v1/devices", json=told), 409, "record-exists")
    path = f"/v1/devices/{told['device_id']}/status"
    suspended = callers("operator").post(path, json=STATUS_EXAMPLES["suspend"]["value"])
    assert suspended.json()["status"] == "suspended"
    listed = {d["device_id"]: d for d in callers("clerk").get("/v1/devices").json()["devices"]}
    assert listed[told["device_id"]]["status"] == "suspended"
    assert callers("officer").post(path, json=STATUS_EXAMPLES["activate"]["value"]).status_code == 200
    assert callers("officer").post(path, json={"status": "retired"}).json()["status"] == "retired"
    refused(callers("officer").post(path, json={"status": "active"}), 409, "record-exists")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"public_key": {"kty": "oct", "k": "AAAA"}}, 403, "signature-refused"),
        ({"place": "plc_none"}, 404, "record-unknown"),
        ({"functions": ["guess"]}, 422, "unknown-operation"),
        ({"functions": []}, 422, "request-malformed"),
        ({"device_id": "camera"}, 422, "request-malformed"),
        ({"public_key": None}, 422, "request-malformed"),
    ],
    ids=str,
)
def test_a_device_that_is_not_taken(callers: Callers, change: dict[str, Any], status: int, code: str) -> None:
    told = {
        **DEVICE_EXAMPLES["camera"]["value"],
        "place": DESK,
        "device_id": "dev_third",
        "public_key": Body.ed25519(45).jwk,
    }
    refused(callers("officer").post("/v1/devices", json=told | change), status, code)
    listed = callers("officer").get("/v1/devices").json()["devices"]
    assert "dev_third" not in {each["device_id"] for each in listed}, "nothing is left behind"


# The document.


@pytest.mark.parametrize("name", sorted(RECORD_EXAMPLES))
def test_the_examples_run(callers: Callers, name: str) -> None:
    answer = callers("officer").post("/v1/records", json=RECORD_EXAMPLES[name]["value"])
    assert answer.status_code == 201, answer.text


def test_every_route_of_records_is_in_the_document(callers: Callers) -> None:
    document = callers("officer").get("/v1/openapi.json").json()
    for path in ("/v1/records", "/v1/consents", "/v1/devices"):
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        assert body["examples"], path


def test_times_are_those_of_the_installation(callers: Callers) -> None:
    assert filed(callers)["valid_from"].startswith(NOON.strftime("%Y-%m-%dT%H:%M"))


# Adverse uses.

SEARCH = {"operation": "retro_search", "place": "transit", "jurisdictions": ["EU"]}


def wanting(callers: Callers) -> set[str]:
    answer = callers("auditor").post("/v1/verdicts", json=SEARCH)
    assert answer.status_code == 200, answer.text
    verdict = answer.json()["verdict"]
    assert verdict["allowed"] is False
    return {key for wanted in verdict["missing"] for key in wanted["alternatives"]}


def test_a_search_of_recordings_is_refused_over_http_for_groups_and_network(callers: Callers) -> None:
    assert {"demographic_report", "network_provenance"} <= wanting(callers)


@pytest.mark.parametrize("key", ["demographic_report", "network_provenance"])
def test_nobody_files_over_http_what_an_adverse_use_has_to_show(callers: Callers, key: str) -> None:
    told = {"key": key, "content": {"text": "All groups are alike."}, "scope": {"purpose": "pur_checkin"}}
    refused(callers("officer").post("/v1/records", json=told), 422, "evidence-not-accepted")


def test_an_officer_accepts_a_network_by_name_for_a_purpose(callers: Callers) -> None:
    content = {"statement": "Find one missing person.", "accepts_networks": ["mobilefacenet-192"]}
    told = {"key": "purpose", "content": content, "scope": {"purpose": "pur_checkin"}}
    answer = callers("officer").post("/v1/records", json=told)
    assert answer.status_code == 201, answer.text
    shown = callers("auditor").get(f"/v1/records/{answer.json()['record']}").json()
    assert shown["content"]["accepts_networks"] == ["mobilefacenet-192"]
    refused(callers("clerk").post("/v1/records", json=told), 403, "role-may-not")


@pytest.mark.parametrize("networks", ["mobilefacenet-192", [""], ["*"], ["two words"]])
def test_a_network_is_accepted_by_an_id_and_nothing_wider(callers: Callers, networks: object) -> None:
    content = {"statement": "Find one missing person.", "accepts_networks": networks}
    told = {"key": "purpose", "content": content, "scope": {"purpose": "pur_checkin"}}
    assert callers("officer").post("/v1/records", json=told).status_code == 422
