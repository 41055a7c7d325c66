"""Places set up over HTTP: what a key may state is filed, what it may not waits, and no secret travels."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asgi_client import AsgiClient
from countenance.api.documentation import INCIDENT_EXAMPLES, SETUP_EXAMPLES
from countenance.authority import Role
from countenance.authority.notices import GAP_MARK
from countenance.server import build_app
from desk_installation import DESK, Installation, open_installation
from record_examples import content_for

ANSWERS: dict[str, Any] = SETUP_EXAMPLES["desk"]["value"]
PLACE = ANSWERS["place"]["id"]
As = Callable[..., AsgiClient]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with open_installation(tmp_path) as opened:
        yield opened


@pytest.fixture
def caller(installation: Installation) -> As:
    """A client for some roles, with a key of its own."""
    application = build_app(installation.services)

    def calling(*roles: str) -> AsgiClient:
        name = f"test {' '.join(roles)}"
        key = installation.services.api_keys.replace(name=name, roles=roles)
        return AsgiClient(application, headers={"X-Api-Key": key})

    return calling


def answers(**changes: Any) -> dict[str, Any]:
    """The example with sections changed member by member."""
    told = copy.deepcopy(ANSWERS)
    for section, members in changes.items():
        told[section] = {**told.get(section, {}), **members} if isinstance(members, dict) else members
    return told


def applied(client: AsgiClient, told: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/v1/places", json=told)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def test_the_example_registers_files_and_drafts_the_rest(caller: As) -> None:
    officer = caller("officer")
    done = applied(officer, ANSWERS)
    assert set(done["filed"]) == {"purpose", "actor.private", "capture.area"}
    assert PLACE in {place["place_id"] for place in officer.get("/v1/places").json()["places"]}
    stands = done["readiness"]
    assert (stands["place"], stands["ready"]) == (PLACE, False)
    assert "consent.separate" in stands["asked_of_each"]
    missing = [item for item in stands["items"] if item["standing"] == "missing"]
    assert all(item["remedy"] for item in missing)
    drafted = done["wanted"]["records"]["pia"]
    assert drafted["by"].startswith(GAP_MARK)
    assert drafted["error_rates"][0]["name"] == "FMR"


def test_what_is_wanted_can_be_sent_back_and_files_nothing_by_itself(caller: As) -> None:
    officer = caller("officer")
    wanted = applied(officer, ANSWERS)["wanted"]
    again = applied(officer, wanted)
    assert again["filed"] == []
    assert set(again["on_file"]) == {"purpose", "actor.private", "capture.area"}
    assert set(again["waiting"]) >= set(wanted["records"]) - {"purpose"}
    assert again["wanted"] == wanted


def test_what_was_filled_in_is_filed_once_under_the_key(caller: As) -> None:
    officer = caller("officer")
    wanted = applied(officer, ANSWERS)["wanted"]
    wanted["records"]["appeal_channel"] = {"by": "officer", **content_for("appeal_channel")}
    assert applied(officer, wanted)["filed"] == ["appeal_channel"]
    # Another key of the same role finds it on file.
    assert "appeal_channel" in applied(caller("officer", "clerk"), wanted)["on_file"]
    listed = officer.get("/v1/records", params={"place": PLACE}).json()["records"]
    (record,) = [one for one in listed if one["key"] == "appeal_channel"]
    assert record["author"].startswith("officer (key ")


def test_a_key_states_for_its_own_roles_alone(caller: As) -> None:
    told = answers(records={"tech_doc": {"by": "operator", **content_for("tech_doc")}})
    done = applied(caller("officer"), told)
    assert "tech_doc" not in done["filed"]
    assert "operator" in done["waiting"]["tech_doc"][0]
    both = caller("officer", "operator")
    assert applied(both, told)["filed"] == ["tech_doc"]
    (record,) = [one for one in both.get("/v1/records").json()["records"] if one["key"] == "tech_doc"]
    assert record["author"].startswith("operator (key ")
    # The officer's key alone finds the operator's word on file.
    assert "tech_doc" in applied(caller("officer"), told)["on_file"]


def test_no_secret_travels(caller: As, installation: Installation) -> None:
    told = answers(api_keys={"front desk": ["clerk"]})
    done = applied(caller("officer"), told)
    assert "keys issue" in done["waiting"]["front desk"][0]
    assert "front desk" not in {key.name for key in installation.store.api_keys.all()}
    told = answers(place={"id": "plc_third"}, device={"id": "dev_third", "public_key": None})
    assert code(caller("officer").post("/v1/places", json=told), 422) == "answers-invalid"
    assert "plc_third" not in {place.place_id for place in installation.store.places.all()}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a scene that isn't": (answers(scene="watching"), "answers-invalid"),
    "a gap in the place": (answers(place={"title": f"{GAP_MARK} its name"}), "answers-invalid"),
    "another member": (answers(more=1), "request-malformed"),
    "another form": (answers(schema=2), "request-malformed"),
    "a fact of a person": (answers(facts={"subject.under14": False}), "answers-invalid"),
    "what the system sees itself": (answers(records={"audit_log": {"by": "officer"}}), "answers-invalid"),
    "a sign": (answers(records={"sign": {"by": "officer"}}), "answers-invalid"),
    "a role that isn't": (answers(records={"purpose": {"by": "king"}}), "answers-invalid"),
    "a content of another form": (
        answers(records={"purpose": {"by": "officer", "statement": None}}),
        "evidence-not-accepted",
    ),
    "a kind of place that isn't": (answers(place={"kind": "palace"}), "unknown-place-kind"),
    "a time zone that isn't": (answers(place={"time_zone": "Mars/Olympus"}), "answers-invalid"),
    "a key that isn't one": (answers(device={"public_key": {"kty": "oct"}}), "signature-refused"),
}


@pytest.mark.parametrize(("told", "wanted"), WRONG.values(), ids=WRONG.keys())
def test_what_may_not_be_answered_is_refused(caller: As, told: dict[str, Any], wanted: str) -> None:
    answer = caller("officer").post("/v1/places", json=told)
    assert answer.json()["code"] == wanted
    assert 400 <= answer.status_code < 500
    assert "palace" not in answer.text
    assert "Mars" not in answer.text


@pytest.mark.parametrize("body", ["", "[]", "not json", "[" * 20_000, '{"records":' * 5_000])
def test_a_body_that_isnt_answers_is_refused(caller: As, body: str) -> None:
    answer = caller("officer").post("/v1/places", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500


def test_a_deep_record_is_refused(caller: As) -> None:
    deep: Any = "end"
    for _ in range(180):
        deep = [deep]
    told = answers(records={"purpose": {"by": "officer", "statement": deep}})
    assert 400 <= caller("officer").post("/v1/places", json=told).status_code < 500


def test_a_place_that_is_registered_otherwise_isnt_taken_over(caller: As) -> None:
    officer = caller("officer")
    applied(officer, ANSWERS)
    told = answers(place={"jurisdictions": ["EU"]})
    assert code(officer.post("/v1/places", json=told), 422) == "answers-invalid"


ROUTES: dict[str, tuple[str, str, dict[str, Any] | None, set[str]]] = {
    "set up": ("POST", "/v1/places", ANSWERS, {"officer"}),
    "look": ("GET", f"/v1/places/{DESK}/readiness", None, {"officer", "auditor"}),
}


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_every_role_may_do_what_the_table_says_and_nothing_else(
    caller: As, role: str, route: tuple[str, str, dict[str, Any] | None, set[str]]
) -> None:
    method, path, body, may = route
    answer = caller(role).request(method, path, json=body)
    if role in may:
        assert answer.status_code == 200, answer.text
    else:
        assert code(answer, 403) == "role-missing"


def test_without_a_key_nothing_is_said_or_done(stranger: AsgiClient, installation: Installation) -> None:
    for method, path, body, _ in ROUTES.values():
        assert code(stranger.request(method, path, json=body), 401) == "api-key-refused"
    assert {place.place_id for place in installation.store.places.all()} == {DESK}


def test_a_place_says_what_is_missing_and_what_is_owed(caller: As) -> None:
    officer = caller("officer")
    applied(officer, ANSWERS)
    path = f"/v1/places/{PLACE}/readiness"
    before = caller("auditor").get(path).json()
    assert before["owed"] == []
    assert {item["standing"] for item in before["items"]} == {"missing", "met"}
    told = INCIDENT_EXAMPLES["leak"]["value"] | {"places": [PLACE], "aware_at": "2026-11-18T12:00:00Z"}
    assert officer.post("/v1/incidents", json=told).status_code == 201
    owed = officer.get(path).json()["owed"]
    assert owed
    assert all(duty["overdue"] and duty["incident"] for duty in owed)


def test_what_runs_out_within_the_days_asked_for_is_expiring(caller: As) -> None:
    officer = caller("officer")
    applied(officer, ANSWERS)
    told = {
        "key": "alternative_offered",
        "content": content_for("alternative_offered"),
        "scope": {"place": PLACE},
        "valid_until": "2026-12-12T12:00:00Z",
    }
    assert officer.post("/v1/records", json=told).status_code == 201

    def standing(days: int) -> dict[str, str]:
        found = officer.get(f"/v1/places/{PLACE}/readiness", params={"within_days": days}).json()
        return {key: item["standing"] for item in found["items"] for key in item["keys"]}

    assert standing(10)["alternative_offered"] == "met"
    assert standing(30)["alternative_offered"] == "expiring"


def test_what_isnt_there_is_named(caller: As) -> None:
    officer = caller("officer")
    assert code(officer.get("/v1/places/plc_none/readiness"), 404) == "unknown-place"
    path = f"/v1/places/{DESK}/readiness"
    assert code(officer.get(path, params={"scene": "watching"}), 404) == "unknown-scene"
    assert code(officer.get(path, params={"within_days": -1}), 422) == "request-malformed"
