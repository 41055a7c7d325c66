"""Passes over HTTP: issued under consent and permit, checked with a receipt, exchanged, taken back.

Networks are made up (the faces of ``verification_desk``); the desk, its doors, rules, keys and store are the
product's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from asgi_client import AsgiClient
from countenance.api.pass_documents import (
    PASS_CHECK_EXAMPLES,
    PASS_CHECK_FILES,
    PASS_EXAMPLES,
    PASS_PICTURES,
    PASS_REQUESTS,
)
from countenance.authority import Role, seed_demo_pass_desk
from countenance.capture import CaptureLimits, read_code
from countenance.decisions import check_receipt
from countenance.enrolment import PassForm, draw_pass
from countenance.kernel import PurposeId
from countenance.server import build_app
from desk_installation import Installation, open_installation
from front_desk import new_desk
from verification_desk import MadeUpFace, picture_of

DOCS = Path(__file__).resolve().parents[3] / "docs"
ANN = "sub_ann"
PURPOSE = PurposeId("pur_guestpass")
WHERE = {"purpose": PURPOSE, "place": "plc_passdesk", "device": "dev_passdesk"}
AGREED: dict[str, Any] = {"consents": "yes", "age_band": "adult", "language": "en"}


def face(angle: float, seed: int, *, quality: int = 80) -> bytes:
    return picture_of(MadeUpFace(angle=angle, quality=quality), seed=seed)


@dataclass(frozen=True)
class Desk:
    """The pass desk over HTTP."""

    installation: Installation
    calling: Callable[..., AsgiClient]

    def issue(self, *pictures: bytes, accept: str = "*/*", **fields: Any) -> Any:
        files = dict(zip(PASS_PICTURES, (("a.png", one) for one in pictures), strict=False))
        told = {"subject": ANN, **WHERE, **fields}
        return self.calling("clerk").request(
            "POST", "/v1/passes", data=told, files=files, headers={"Accept": accept}
        )

    def check(self, shown: bytes | str, live: bytes, **fields: Any) -> Any:
        content = shown.encode() if isinstance(shown, str) else shown
        files = {"pass": ("p", content), "live": ("l", live)}
        return self.calling("clerk").post("/v1/passes/checks", data={**WHERE, **fields}, files=files)

    def revoke(self, serial: str, purpose: str = PURPOSE) -> Any:
        told = {"serial": serial, "purpose": purpose}
        return self.calling("officer").post("/v1/passes/revocations", json=told)

    def logged(self) -> str:
        log = self.installation.store.log
        return repr([log.entry(at).entry for at in range(log.size())])

    def own_open_duties(self) -> list[str]:
        own = {"image_deleted", "raw_deleted", "nonmatch_deleted", "processing_log"}
        return [duty.key for duty in self.installation.store.duties.open() if duty.key in own]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_installation(tmp_path, desk=False, eight_bit_weights=False) as installation:
        seed_demo_pass_desk(new_desk(installation.store, installation.clock), jurisdiction="EU")
        application = build_app(installation.services)

        @cache  # a key's hash is slow by design
        def calling(*roles: str) -> AsgiClient:
            key = installation.services.api_keys.issue(name="test", roles=roles)
            return AsgiClient(application, headers={"X-Api-Key": key})

        yield Desk(installation, calling)


@pytest.fixture
def text(desk: Desk) -> str:
    """A pass that was issued to somebody who agreed."""
    answer = desk.issue(face(0.0, 1), **AGREED)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["text"])


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def test_who_agrees_takes_a_pass_along_and_nothing_of_it_is_kept(desk: Desk) -> None:
    before = desk.installation.store.references.count(PURPOSE)
    answer = desk.issue(face(0.0, 1), face(0.05, 2), face(0.0, 3, quality=10), **AGREED, days="30")
    assert answer.status_code == 201, answer.text
    done = answer.json()
    assert (done["pictures"], [one["number"] for one in done["left_out"]]) == (2, [3])
    moments = [datetime.fromisoformat(done[name]) for name in ("valid_from", "valid_until")]
    assert moments[1] - moments[0] == timedelta(days=30)
    assert "score" not in answer.text
    assert desk.installation.store.references.count(PURPOSE) == before == 0
    assert done["serial"] not in desk.logged()
    assert done["text"] not in desk.logged()
    assert desk.own_open_duties() == []


def test_what_was_agreed_to_is_a_pass_and_not_an_enrolment(desk: Desk, text: str) -> None:
    assert text
    store, clock = desk.installation.store, desk.installation.clock
    [consent] = [one for one in store.evidence.at(clock.now()) if one.key == "consent.record"]
    assert "asked for this holder pass alone" in str(consent.content["given"])
    assert "the person carries" in str(consent.content["processing_method"])
    assert consent.author.startswith("clerk (key ")


def test_a_pass_ends_no_later_than_the_consent(desk: Desk) -> None:
    done = desk.issue(face(0.0, 1), **AGREED, days="300", consent_days="7").json()
    moments = [datetime.fromisoformat(done[name]) for name in ("valid_from", "valid_until")]
    assert moments[1] - moments[0] == timedelta(days=7)


FORMS = {
    "field": lambda form: {"format": form.value},
    "accept": lambda form: {"accept": f"text/html, {form.media_type};q=0.9, */*"},
}


@pytest.mark.parametrize("form", PassForm)
@pytest.mark.parametrize("way", FORMS.values(), ids=FORMS.keys())
def test_it_is_answered_in_the_form_that_is_asked_for(
    desk: Desk, form: PassForm, way: Callable[[PassForm], dict[str, str]]
) -> None:
    answer = desk.issue(face(0.0, 1), **AGREED, **way(form))
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"].partition(";")[0] == form.media_type
    assert answer.headers["cache-control"] == "no-store"
    assert datetime.fromisoformat(answer.headers["pass-valid-until"]) > desk.installation.clock.now()
    if form is not PassForm.SVG:
        assert desk.check(answer.content, face(0.1, 2)).json()["outcome"] == "match"
    assert desk.revoke(answer.headers["pass-serial"]).json() == {"revoked": True}
    if form is not PassForm.SVG:
        assert code(desk.check(answer.content, face(0.1, 2)), 422) == "pass-revoked"


def test_a_form_that_is_named_goes_before_what_is_accepted(desk: Desk) -> None:
    answer = desk.issue(face(0.0, 1), **AGREED, format="json", accept="image/png")
    assert answer.headers["content-type"] == "application/json"
    answer = desk.issue(face(0.0, 1), accept="application/json, image/png")
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("live", "outcome"),
    [
        pytest.param(face(0.1, 2), "match", id="holder"),
        pytest.param(face(1.5, 3), "no match", id="somebody-else"),
        pytest.param(face(0.1, 4, quality=5), "inconclusive", id="too-poor"),
    ],
)
def test_who_shows_it_gets_a_decision_with_stated_error_and_receipt(
    desk: Desk, text: str, live: bytes, outcome: str
) -> None:
    answer = desk.check(draw_pass(text, PassForm.PNG), live, error_target="0.0001")
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["outcome"], done["reissue"], done["renewed"]) == (outcome, False, None)
    assert done["stated_error"]["asked"] == 1e-4
    assert done["verdict"]["allowed"] is True
    receipt = check_receipt(desk.installation.store.signer, done["receipt"])
    assert receipt.decision_id == done["decision_id"]
    assert "score" not in answer.text
    assert desk.own_open_duties() == []


def test_after_a_re_key_it_is_exchanged_while_it_is_shown(desk: Desk, text: str) -> None:
    store, clock = desk.installation.store, desk.installation.clock
    store.purpose_keys.renew(PURPOSE, grace_until=clock.now() + timedelta(days=3))
    told = desk.check(text, face(0.1, 2)).json()
    assert (told["outcome"], told["reissue"], told["renewed"]) == ("match", True, None)
    assert desk.check(text, face(1.5, 3), renew="yes").json()["renewed"] is None
    new = desk.check(text, face(0.1, 2), renew="yes").json()["renewed"]
    assert new["purpose"] == PURPOSE
    assert code(desk.check(text, face(0.1, 2)), 422) == "pass-revoked"
    done = desk.check(new["text"], face(0.1, 2), renew="yes").json()
    assert (done["outcome"], done["reissue"], done["renewed"]) == ("match", False, None)
    assert new["serial"] not in desk.logged()


def test_each_pass_that_doesnt_hold_is_refused_in_its_own_way(desk: Desk, text: str) -> None:
    live = face(0.1, 2)
    altered = text[:-8] + ("A" if text[-8] != "A" else "B") + text[-7:]
    other = desk.issue(face(0.0, 1), format="json").json()
    desk.revoke(other["serial"])
    cases = {
        "no pass": (b"CP1:no", "pass-unreadable"),
        "no code in the picture": (face(0.0, 1), "pass-unreadable"),
        "altered": (altered, "pass-foreign"),
        "taken back": (other["text"], "pass-revoked"),
        "no picture at all": (b"hello", "not-a-picture"),
    }
    for name, (shown, wanted) in cases.items():
        answer = desk.check(shown, live)
        assert answer.json()["code"] == wanted, name
    clock = desk.installation.clock
    clock.move_to(clock.now() + timedelta(days=91))
    assert code(desk.check(text, live), 422) == "pass-ended"
    clock.move_to(clock.now() - timedelta(days=92))
    assert code(desk.check(text, live), 422) == "pass-not-yet-valid"


def test_for_another_purpose_it_is_foreign(desk: Desk, text: str) -> None:
    assert code(desk.check(text, face(0.1, 2), purpose="pur_checkin"), 422) == "pass-foreign"


def test_who_takes_the_consent_back_is_compared_no_more(desk: Desk, text: str) -> None:
    told = {"subject": ANN, "purpose": PURPOSE}
    assert desk.calling("clerk").post("/v1/consents/withdrawals", json=told).status_code == 200
    answer = desk.check(text, face(0.1, 2))
    assert code(answer, 403) == "refused-by-rule"
    assert "consent.record" in repr(answer.json()["verdict"]["missing"])


def test_who_was_erased_is_compared_no_more(desk: Desk, text: str) -> None:
    """The pass is the person's and stays; nothing here answers to it."""
    gone = desk.calling("officer").post("/v1/subjects/erasures", json={"subject": ANN})
    assert gone.status_code in {200, 202}, gone.text
    answer = desk.check(text, face(0.1, 2))
    assert code(answer, 403) == "refused-by-rule"
    assert "consent.record" in repr(answer.json()["verdict"]["missing"])


def test_without_a_consent_there_is_none(desk: Desk) -> None:
    answer = desk.issue(face(0.0, 1))
    assert code(answer, 403) == "refused-by-rule"
    assert "consent.record" in repr(answer.json()["verdict"]["missing"])
    assert code(desk.issue(face(0.0, 1), consents="no"), 422) == "request-malformed"
    # Somebody who said no isn't given one under an older yes.
    assert desk.issue(face(0.0, 1), **AGREED).status_code == 201
    assert code(desk.issue(face(0.0, 1), consents="no"), 422) == "request-malformed"


WRONG: dict[str, tuple[dict[str, str], int, str]] = {
    "a name": ({"subject": "Ann Other"}, 422, "request-malformed"),
    "an unknown field": ({"mood": "glad"}, 422, "request-malformed"),
    "an unknown form": ({"format": "gif"}, 422, "request-malformed"),
    "a consent without an age": ({"consents": "yes"}, 422, "request-malformed"),
    "for ever": ({**AGREED, "days": "9999"}, 422, "request-malformed"),
    "an unknown place": ({**AGREED, "place": "plc_none"}, 404, "unknown-place"),
    "an unknown purpose": ({**AGREED, "purpose": "pur_none"}, 422, "unknown-purpose"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_cant_be_used_is_refused(desk: Desk, wrong: tuple[dict[str, Any], int, str]) -> None:
    fields, status, wanted = wrong
    answer = desk.issue(face(0.0, 1), **fields)
    assert code(answer, status) == wanted
    assert fields.get("subject", ANN) not in answer.text


def test_both_files_are_asked_for(desk: Desk, text: str) -> None:
    clerk = desk.calling("clerk")
    for name in PASS_CHECK_FILES:
        sent = {name: ("a", text.encode())}
        assert code(clerk.post("/v1/passes/checks", data=WHERE, files=sent), 400) == "field-missing"
    assert code(desk.check(text, face(0.1, 2), error_target="0.123"), 422) == "error-target-not-offered"
    assert code(desk.check(text, face(0.1, 2), error_target="7"), 422) == "request-malformed"


def test_a_serial_is_taken_back_for_its_own_purpose_alone(desk: Desk) -> None:
    serial = "5a" * 16
    assert desk.revoke(serial).json() == desk.revoke(serial).json() == {"revoked": True}
    assert code(desk.revoke(serial, purpose="pur_checkin"), 404) == "record-unknown"
    assert code(desk.revoke("5A"), 422) == "request-malformed"
    assert serial not in desk.logged()


def test_every_example_is_a_form_that_is_taken(desk: Desk) -> None:
    for example in PASS_EXAMPLES.values():
        files = {"picture": ("a", face(0.0, 1))}
        answer = desk.calling("clerk").post("/v1/passes", data=example["value"], files=files)
        assert answer.status_code == 201, answer.text
    shown = answer.content
    for example in PASS_CHECK_EXAMPLES.values():
        files = {"pass": ("p", shown), "live": ("l", face(0.1, 2))}
        answer = desk.calling("clerk").post("/v1/passes/checks", data=example["value"], files=files)
        assert answer.json()["outcome"] == "match", answer.text
    assert read_code(shown, limits=CaptureLimits()).startswith("CP1:")


ROUTES: dict[str, tuple[str, dict[str, Any], set[str]]] = {
    "issue": ("/v1/passes", {"files": {"picture": ("a", b"no")}}, {"clerk"}),
    "check": ("/v1/passes/checks", {"files": {"pass": ("a", b"no")}}, {"clerk"}),
    "revoke": ("/v1/passes/revocations", {"json": {"serial": "00" * 16, "purpose": PURPOSE}}, {"officer"}),
}


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_every_role_may_do_what_the_table_says_and_nothing_else(
    desk: Desk, route: tuple[str, dict[str, Any], set[str]]
) -> None:
    path, sent, may = route
    for role in Role:
        answer = desk.calling(role.value).post(path, **sent)
        if role.value in may:
            assert answer.status_code in {200, 400}, answer.text
        else:
            assert code(answer, 403) == "role-missing"


def test_nothing_about_anybody_is_in_the_server_s_log(desk: Desk) -> None:
    with capture_logs() as logged:
        done = desk.issue(face(0.0, 1), **AGREED).json()
        desk.revoke(done["serial"])
    said = repr(logged)
    assert "/v1/passes/revocations" in said
    for secret in (ANN, "a.png", done["serial"], done["text"]):
        assert secret not in said


def test_every_field_is_named_in_the_reference() -> None:
    text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    named = {name for request in PASS_REQUESTS for name in request.model_fields} | set(PASS_CHECK_FILES)
    assert [name for name in named if f"`{name}`" not in text] == []
