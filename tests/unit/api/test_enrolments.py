"""People are enrolled over HTTP: under consent and permit, once; listed and removed by who may.

Networks are made up (the faces of ``verification_desk``); the desk, its doors, rules, store and gallery are
the product's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from asgi_client import AsgiClient
from countenance.api.documentation import ENROLMENT_EXAMPLES, ENROLMENT_PICTURES
from countenance.api.schemas import EnrolmentFields
from countenance.authority import DemoDoor, Role, seed_demo_door
from countenance.kernel import PurposeId
from countenance.server import build_app
from desk_installation import Installation, open_installation
from front_desk import new_desk
from verification_desk import MadeUpFace, picture_of

DOCS = Path(__file__).resolve().parents[3] / "docs"
ANN, BEN = "sub_ann", "sub_ben"
AGREED: dict[str, Any] = {"consents": "yes", "age_band": "adult", "language": "en"}
PURPOSE = "pur_staffdoor"


def face(angle: float, seed: int, *, quality: int = 80) -> bytes:
    return picture_of(MadeUpFace(angle=angle, quality=quality), seed=seed)


@dataclass(frozen=True)
class Door:
    """The staff door over HTTP."""

    installation: Installation
    door: DemoDoor
    calling: Callable[..., AsgiClient]

    def enrol(
        self, subject: str, *pictures: bytes, roles: tuple[str, ...] = ("clerk",), **fields: str
    ) -> Any:
        told = {
            "subject": subject,
            "purpose": self.door.purpose,
            "place": self.door.place,
            "device": self.door.device,
        }
        files = dict(zip(ENROLMENT_PICTURES, (("a.png", one) for one in pictures), strict=False))
        return self.calling(*roles).post("/v1/enrolments", data=told | fields, files=files)

    def references(self, subject: str) -> list[dict[str, Any]]:
        answer = self.calling("officer").get("/v1/enrolments", params={"subject": subject})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["references"]
        return found

    def count(self) -> int:
        return self.installation.store.references.count(PurposeId(PURPOSE))


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_installation(tmp_path, desk=False) as installation:
        seeded = seed_demo_door(new_desk(installation.store, installation.clock), jurisdiction="EU")
        application = build_app(installation.services)

        @cache  # a key's hash is slow by design
        def calling(*roles: str) -> AsgiClient:
            key = installation.services.api_keys.issue(name="test", roles=roles)
            return AsgiClient(application, headers={"X-Api-Key": key})

        yield Door(installation, seeded, calling)


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def test_who_agrees_is_enrolled_from_several_pictures(door: Door) -> None:
    answer = door.enrol(ANN, face(0.0, 1), face(0.05, 2), face(0.0, 3, quality=10), **AGREED)
    assert answer.status_code == 201, answer.text
    done = answer.json()
    assert (done["subject"], done["pictures"], done["compared"]) == (ANN, 2, 0)
    assert [one["number"] for one in done["left_out"]] == [3]
    assert "score" not in answer.text
    [kept] = door.references(ANN)
    assert kept["reference"] == done["reference"]
    assert kept["valid_until"] == done["valid_until"] is not None
    assert kept["permit_id"] == done["permit_id"]
    assert kept["consent"].startswith("ev")
    # What the desk did is on file: nothing of its own is owed.
    owed = {duty.key for duty in door.installation.store.duties.open()}
    assert not owed & {"image_deleted", "raw_deleted", "processing_log", "deletion_job"}


def test_an_example_is_a_form_that_is_taken(door: Door) -> None:
    for name in ("agreed", "on file"):
        told = {**ENROLMENT_EXAMPLES[name]["value"], "subject": f"sub_{name.replace(' ', '-')}"}
        if name == "on file":
            agreed = door.enrol(told["subject"], b"no picture", **AGREED)
            assert code(agreed, 422) == "no-usable-sample"
        own = face(1.5 if name == "on file" else 0.0, len(name))
        answer = door.calling("clerk").post("/v1/enrolments", data=told, files={"picture": ("a", own)})
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("said", [{}, {"consents": "no"}], ids=["nothing on file", "no"])
def test_without_a_consent_nobody_is(door: Door, said: dict[str, Any]) -> None:
    answer = door.enrol(ANN, face(0.0, 1), **said)
    assert code(answer, 403) == "refused-by-rule"
    verdict = answer.json()["verdict"]
    assert verdict["allowed"] is False
    assert "consent.record" in repr(verdict["missing"])
    assert door.count() == 0


def test_a_child_isnt_enrolled(door: Door) -> None:
    assert code(door.enrol(ANN, face(0.0, 1), **AGREED | {"age_band": "under14"}), 403) == "refused-by-rule"
    assert door.count() == 0


def test_a_request_may_be_sent_again(door: Door) -> None:
    """Nothing is enrolled twice, and a consent isn't filed twice."""
    assert door.enrol(ANN, face(0.0, 1), **AGREED).status_code == 201
    before = len(door.installation.store.evidence.at(door.installation.clock.now()))
    again = door.enrol(ANN, face(0.0, 1), **AGREED)
    assert code(again, 409) == "already-enrolled"
    assert len(door.references(ANN)) == 1
    assert len(door.installation.store.evidence.at(door.installation.clock.now())) == before


def test_who_is_close_waits_for_a_reviewer(door: Door) -> None:
    assert door.enrol(ANN, face(0.0, 1), **AGREED).status_code == 201
    close = door.enrol(BEN, face(0.1, 2), **AGREED)
    assert code(close, 409) == "close-to-another"
    # Who it is isn't said to the desk.
    assert door.references(ANN)[0]["reference"] not in close.text
    assert code(door.enrol(BEN, face(0.1, 2), looked="yes"), 403) == "role-missing"
    done = door.enrol(BEN, face(0.1, 2), roles=("clerk", "reviewer"), looked="yes")
    assert (done.status_code, done.json()["compared"], done.json()["look_alikes"]) == (201, 1, 1)
    kinds = [door.installation.store.log.entry(at) for at in range(door.installation.store.log.size())]
    last = [one.entry for one in kinds if one.kind == "enrolment" and one.entry is not None][-1]
    assert last["look_alikes"] == 1
    assert str(last["looked_at_by"]).startswith("reviewer (key ")


def test_who_is_removed_is_found_no_more(door: Door) -> None:
    assert door.enrol(ANN, face(0.0, 1), **AGREED).status_code == 201
    told = {"subject": ANN, "purpose": PURPOSE}
    officer = door.calling("officer")
    assert officer.post("/v1/enrolments/removals", json=told).json() == {"removed": 1}
    assert officer.post("/v1/enrolments/removals", json=told).json() == {"removed": 0}
    assert door.references(ANN) == []
    assert door.enrol(BEN, face(0.0, 2), **AGREED).json()["compared"] == 0


@pytest.mark.parametrize("way", ["erased", "withdrawn"])
def test_the_open_gallery_follows(door: Door, way: str) -> None:
    """Somebody else with that very face is enrolled afterwards: nothing of the first is in memory."""
    assert door.enrol(ANN, face(0.0, 1), **AGREED).status_code == 201
    assert code(door.enrol(BEN, face(0.0, 2), **AGREED), 409) == "close-to-another"
    if way == "erased":
        gone = door.calling("officer").post("/v1/subjects/erasures", json={"subject": ANN})
        assert gone.json()["certificate"]["certificate"]["erased"]["references"] == 1
    else:
        told = {"subject": ANN, "purpose": PURPOSE}
        gone = door.calling("clerk").post("/v1/consents/withdrawals", json=told)
    assert gone.status_code == 200, gone.text
    if way == "withdrawn":
        door.installation.services.people.sweeper.sweep()
    assert door.references(ANN) == []
    after = door.enrol(BEN, face(0.0, 2))
    assert (after.status_code, after.json()["compared"]) == (201, 0)


WRONG: dict[str, tuple[dict[str, str], int, str]] = {
    "a name": ({"subject": "Ann Other"}, 422, "request-malformed"),
    "an unknown field": ({"mood": "glad"}, 422, "request-malformed"),
    "a consent without an age": ({"consents": "yes"}, 422, "request-malformed"),
    "a consent for ever": ({**AGREED, "consent_days": "9999"}, 422, "request-malformed"),
    "an unknown place": ({**AGREED, "place": "plc_none"}, 404, "unknown-place"),
    "an unknown device": ({**AGREED, "device": "dev_none"}, 404, "unknown-device"),
    "an unknown purpose": ({**AGREED, "purpose": "pur_none"}, 422, "unknown-purpose"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_cant_be_used_is_refused(door: Door, wrong: tuple[dict[str, Any], int, str]) -> None:
    fields, status, wanted = wrong
    subject = fields.get("subject", ANN)
    answer = door.enrol(subject, face(0.0, 1), **{key: fields[key] for key in fields if key != "subject"})
    assert code(answer, status) == wanted
    assert subject not in answer.text
    assert door.count() == 0


def test_a_form_has_one_to_five_pictures(door: Door) -> None:
    assert code(door.enrol(ANN, **AGREED), 415) == "not-a-form"  # without a file it isn't multipart
    other = door.calling("clerk").post(
        "/v1/enrolments",
        data={"subject": ANN, "purpose": PURPOSE, "place": door.door.place, "device": door.door.device},
        files={"picture_2": ("a", face(0.0, 1))},
    )
    assert code(other, 400) == "field-missing"
    five = door.enrol(ANN, *(face(0.01 * number, number) for number in range(5)), **AGREED)
    assert five.json()["pictures"] == 5


ROUTES: dict[str, tuple[str, str, dict[str, Any], set[str]]] = {
    "list": ("GET", "/v1/enrolments", {"params": {"subject": "sub_none"}}, {"officer", "auditor"}),
    "remove": (
        "POST",
        "/v1/enrolments/removals",
        {"json": {"subject": "sub_none", "purpose": PURPOSE}},
        {"officer"},
    ),
    "enrol": ("POST", "/v1/enrolments", {"files": {"picture": ("a", b"no")}}, {"clerk"}),
}


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_every_role_may_do_what_the_table_says_and_nothing_else(
    door: Door, route: tuple[str, str, dict[str, Any], set[str]]
) -> None:
    method, path, sent, may = route
    for role in Role:
        answer = door.calling(role.value).request(method, path, **sent)
        if role.value in may:
            assert answer.status_code in {200, 400}, answer.text
        else:
            assert code(answer, 403) == "role-missing"


def test_nothing_about_anybody_is_in_the_server_s_log(door: Door) -> None:
    with capture_logs() as logged:
        assert door.enrol(ANN, face(0.0, 1), **AGREED).status_code == 201
        door.references(ANN)
    said = repr(logged)
    assert "/v1/enrolments" in said
    assert ANN not in said
    assert "a.png" not in said


def test_every_field_is_named_in_the_reference() -> None:
    text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    fields = {ENROLMENT_PICTURES[0], ENROLMENT_PICTURES[-1], *EnrolmentFields.model_fields}
    assert [field for field in fields if f"`{field}`" not in text] == []
