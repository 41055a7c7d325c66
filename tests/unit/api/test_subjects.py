"""People's rights over HTTP: erased with a certificate, exported, held back; and who may."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from asgi_client import AsgiClient
from countenance.api.documentation import CONSENT_EXAMPLES, WITHDRAWAL_EXAMPLES
from countenance.authority import Role
from countenance.cases import check_certificate
from countenance.kernel import PurposeId, SubjectId
from countenance.server import build_app
from countenance.store import Purpose
from desk_installation import Installation, open_installation
from held_people import keep

GUEST = "sub_specimen"
PURPOSE = PurposeId("pur_checkin")
HOLD = {"subject": GUEST, "ground": "order of the court, file 7", "until": "2027-03-31"}
As = Callable[[str], AsgiClient]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with open_installation(tmp_path) as opened:
        opened.store.purposes.add(Purpose(PURPOSE, "Check-in", "Compare once.", "dpv:IdentityVerification"))
        yield opened


@pytest.fixture
def caller(installation: Installation) -> As:
    """A client for a role, with a key of its own."""
    application = build_app(installation.services)

    def calling(role: str) -> AsgiClient:
        key = installation.services.api_keys.replace(name=f"test {role}", roles=(role,))
        return AsgiClient(application, headers={"X-Api-Key": key})

    return calling


def held(installation: Installation, caller: As) -> None:
    """Something of every kind is held about the guest."""
    answer = caller("clerk").post("/v1/consents", json=CONSENT_EXAMPLES["check-in"]["value"])
    assert answer.status_code == 201, answer.text
    keep(installation.store, SubjectId(GUEST), PURPOSE)


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def erased(client: AsgiClient, *, status: int = 200, **told: Any) -> dict[str, Any]:
    answer = client.post("/v1/subjects/erasures", json={"subject": GUEST, **told})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("act", ["erasures", "exports"])
def test_no_key_acts_as_a_person_concerned(installation: Installation, caller: As, act: str) -> None:
    """It would be the key to everybody's records."""
    held(installation, caller)
    answer = caller("subject").post(f"/v1/subjects/{act}", json={"subject": GUEST})
    assert code(answer, 403) == "role-missing"
    assert erased(caller("officer"))["finished"] is True


def test_an_erasure_leaves_nothing_and_hands_the_certificate_out(
    installation: Installation, caller: As
) -> None:
    held(installation, caller)
    done = erased(caller("officer"))
    claims = done["certificate"]["certificate"]
    assert done["finished"] is True
    assert (claims["subject"], claims["by"], claims["purpose"]) == (GUEST, "officer", None)
    assert (claims["erased"]["decisions"], claims["files"]["found"]) == (1, 0)
    assert claims["id"] in done["page"] or GUEST in done["page"]
    assert check_certificate(done["certificate"], jwk=installation.store.signer.public_jwk()).key_compared
    listed = caller("officer").get("/v1/records", params={"subject": GUEST}).json()
    assert listed["records"] == []
    assert code(caller("officer").post("/v1/subjects/exports", json={"subject": GUEST}), 404) == (
        "subject-not-on-file"
    )
    # Asked again, nothing changes, and nothing is claimed.
    again = caller("officer").post("/v1/subjects/erasures", json={"subject": GUEST})
    assert code(again, 404) == "subject-not-on-file"


def test_one_purpose_is_erased_and_another_stays(installation: Installation, caller: As) -> None:
    other = PurposeId("pur_other")
    installation.store.purposes.add(Purpose(other, "Other", "Something else.", "dpv:Purpose"))
    held(installation, caller)
    keep(installation.store, SubjectId(GUEST), other)
    done = erased(caller("officer"), purpose="pur_checkin")
    assert done["certificate"]["certificate"]["purpose"] == "pur_checkin"
    left = caller("officer").post("/v1/subjects/exports", json={"subject": GUEST}).json()["export"]
    assert "pur_checkin" not in left["purposes"]
    assert "pur_other" in left["purposes"]


def test_what_a_reader_still_holds_is_told(installation: Installation, caller: As, tmp_path: Path) -> None:
    held(installation, caller)
    files = [path for path in (tmp_path / "data").iterdir() if path.is_file()]
    [database] = [path for path in files if path.read_bytes()[:15] == b"SQLite format 3"]
    with closing(sqlite3.connect(database)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        done = erased(caller("officer"), status=202)
    assert done["finished"] is False
    assert done["certificate"]["certificate"]["files"]["log_emptied"] is False


def test_a_hold_keeps_what_it_holds_until_it_is_lifted(installation: Installation, caller: As) -> None:
    officer = caller("officer")
    held(installation, caller)
    placed = officer.post("/v1/subjects/holds", json=HOLD)
    assert placed.status_code == 201, placed.text
    [hold] = placed.json()["holds"]
    assert hold["until"].startswith("2027-04-01T00:00:00")
    same = officer.post("/v1/subjects/holds", json=HOLD)
    assert same.status_code == 200
    assert same.json()["holds"] == [hold]
    assert officer.get("/v1/subjects/holds").json()["holds"] == [hold]
    refused = officer.post("/v1/subjects/erasures", json={"subject": GUEST})
    assert code(refused, 409) == "held-from-erasure"
    assert "court" not in refused.text
    # A consent is withdrawn all the same: a hold keeps records, it permits nothing.
    gone = caller("clerk").post("/v1/consents/withdrawals", json=WITHDRAWAL_EXAMPLES["person"]["value"])
    assert gone.status_code == 200, gone.text
    [lifted] = officer.post("/v1/subjects/holds/lifting", json={"subject": GUEST}).json()["holds"]
    assert lifted["lifted_at"] is not None
    nothing = officer.post("/v1/subjects/holds/lifting", json={"subject": GUEST})
    assert code(nothing, 404) == "record-unknown"
    certificate = erased(officer)["certificate"]["certificate"]
    assert [one["ground"] for one in certificate["holds"]] == [HOLD["ground"]]


def test_an_export_holds_what_is_held_and_no_score(installation: Installation, caller: As) -> None:
    held(installation, caller)
    answer = caller("officer").post("/v1/subjects/exports", json={"subject": GUEST})
    assert answer.status_code == 200, answer.text
    export = answer.json()["export"]
    assert export["subject"] == GUEST
    assert "consent.record" in {record["key"] for record in export["records"]}
    assert len(export["decisions"]) == 1
    assert GUEST in answer.json()["page"]
    last = list(installation.store.retention.statements_about(SubjectId(GUEST)))[-1]
    assert installation.store.log.entry(last).kind == "subject-exported"


def test_a_certificate_is_checked_and_an_altered_one_refused(installation: Installation, caller: As) -> None:
    held(installation, caller)
    certificate = erased(caller("officer"))["certificate"]
    auditor = caller("auditor")
    checked = auditor.post("/v1/certificates/check", json={"certificate": certificate})
    assert checked.status_code == 200, checked.text
    assert checked.json()["claims"] == certificate["certificate"]
    altered = copy.deepcopy(certificate)
    altered["certificate"]["erased"]["records"] += 1
    for wrong in (altered, {}, {"signature": 7, "key": {}, "certificate": []}):
        answer = auditor.post("/v1/certificates/check", json={"certificate": wrong})
        assert code(answer, 422) == "certificate-refused"


def test_no_pseudonym_is_in_the_server_s_log(installation: Installation, caller: As) -> None:
    held(installation, caller)
    with capture_logs() as logged:
        caller("officer").post("/v1/subjects/exports", json={"subject": GUEST})
        erased(caller("officer"))
    said = repr(logged)
    assert "/v1/subjects/erasures" in said
    assert GUEST not in said


ROUTES: dict[str, tuple[str, str, dict[str, Any] | None, set[str]]] = {
    "erase": ("POST", "/v1/subjects/erasures", {"subject": "sub_none"}, {"officer"}),
    "export": ("POST", "/v1/subjects/exports", {"subject": "sub_none"}, {"officer"}),
    "list holds": ("GET", "/v1/subjects/holds", None, {"officer"}),
    "hold": ("POST", "/v1/subjects/holds", {**HOLD, "subject": "sub_none"}, {"officer"}),
    "lift": ("POST", "/v1/subjects/holds/lifting", {"subject": "sub_none"}, {"officer"}),
}


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_every_role_may_do_what_the_table_says_and_nothing_else(
    caller: As, route: tuple[str, str, dict[str, Any] | None, set[str]]
) -> None:
    method, path, body, may = route
    for role in Role:
        answer = caller(role.value).request(method, path, json=body)
        if role.value in may:
            assert answer.status_code in {200, 404}, answer.text
        else:
            assert code(answer, 403) == "role-missing"


def test_without_a_key_nothing_is_said_or_done(
    installation: Installation, caller: As, stranger: AsgiClient
) -> None:
    held(installation, caller)
    told = {**HOLD, "certificate": {}}
    for method, path, body, _ in ROUTES.values():
        sent = None if body is None else {name: told[name] for name in body}
        assert code(stranger.request(method, path, json=sent), 401) == "api-key-refused"
    assert code(stranger.post("/v1/certificates/check", json={"certificate": {}}), 401) == "api-key-refused"
    assert installation.store.retention.file_of(SubjectId(GUEST))


WRONG: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "nobody": ("/v1/subjects/erasures", {}, 422, "request-malformed"),
    "an empty pseudonym": ("/v1/subjects/erasures", {"subject": ""}, 422, "request-malformed"),
    "another member": ("/v1/subjects/exports", {"subject": GUEST, "to": "me"}, 422, "request-malformed"),
    "no ground": ("/v1/subjects/holds", {**HOLD, "ground": " "}, 422, "hold-not-possible"),
    "a day that is over": ("/v1/subjects/holds", {**HOLD, "until": "2026-01-01"}, 422, "hold-not-possible"),
    "the last day of all": ("/v1/subjects/holds", {**HOLD, "until": "9999-12-31"}, 422, "hold-not-possible"),
    "no day": ("/v1/subjects/holds", {**HOLD, "until": "soon"}, 422, "request-malformed"),
    "another purpose": (
        "/v1/subjects/erasures",
        {"subject": GUEST, "purpose": "pur_none"},
        404,
        "subject-not-on-file",
    ),
    "no certificate": ("/v1/certificates/check", {}, 422, "request-malformed"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_cant_be_asked_is_refused(
    installation: Installation, caller: As, wrong: tuple[str, dict[str, Any], int, str]
) -> None:
    path, body, status, wanted = wrong
    held(installation, caller)
    answer = caller("officer").post(path, json=body)
    assert code(answer, status) == wanted
    assert GUEST not in answer.text
    assert installation.store.retention.file_of(SubjectId(GUEST))
