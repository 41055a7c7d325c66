"""From an empty installation to a permitted desk over REST alone, and shut again by a withdrawal.

Issuing the first keys is done at the machine; everything else is a request.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asgi_client import AsgiClient
from countenance.api.documentation import SETUP_EXAMPLES
from countenance.authority import RefusedByRule, record_guest_consent
from countenance.authority.notices import LANGUAGES
from countenance.kernel import DeviceId, PlaceId, ProcessingRequest, PurposeId, RequestId, SubjectId, new_id
from countenance.runtime.setup_answers import plain
from countenance.server import build_app
from countenance.store import DemoEvidenceRefused, EvidenceRecord, EvidenceScope, Issuer
from desk_installation import Installation, open_installation
from drafted_notices import BY_HAND
from front_desk import BUDGET, DOCUMENT, LIVE, new_desk
from outside_bodies import Body
from record_examples import content_for

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "set-up-a-desk.md").read_text(encoding="utf-8")
EU = {
    'jurisdictions = ["CN"]': 'jurisdictions = ["EU"]',
    "Asia/Shanghai": "Europe/Brussels",
    "PIPL Art 29": "GDPR Art 9(2)(a)",
    'kind = "PIA"': 'kind = "DPIA"',
}
PUBLIC_KEY = SETUP_EXAMPLES["desk"]["value"]["device"]["public_key"]
STATING = ("officer", "operator", "installer")
As = Callable[..., AsgiClient]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A real one: nobody is made up in it."""
    with open_installation(tmp_path, demo=False) as opened:
        yield opened


@pytest.fixture
def caller(installation: Installation) -> As:
    application = build_app(installation.services)

    def calling(*roles: str) -> AsgiClient:
        key = installation.services.api_keys.replace(name=f"test {' '.join(roles)}", roles=roles)
        return AsgiClient(application, headers={"X-Api-Key": key})

    return calling


def answers(country: str) -> dict[str, Any]:
    """What the page shows, as JSON."""
    text = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
    for one, other in EU.items() if country == "EU" else ():
        text = text.replace(one, other)
    told = plain(tomllib.loads(text))
    assert isinstance(told, dict)
    del told["api_keys"]
    assert isinstance(told["device"], dict)
    told["device"]["public_key"] = PUBLIC_KEY
    return told


def done(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def published(officer: AsgiClient, place: str, device: str) -> dict[str, Any]:
    """A notice drafted, completed in both languages, and published."""
    told = {"place": place, "purpose": "pur_checkin", "device": device}
    drafted = done(officer.post("/v1/notices/drafts", json=told))
    assert drafted["gaps"]
    draft = drafted["draft"]
    unfinished = officer.post("/v1/notices", json=draft)
    assert (unfinished.status_code, unfinished.json()["code"]) == (422, "notice-has-gaps")
    for gap in drafted["gaps"]:
        by_hand = {part.value: texts for part, texts in BY_HAND.items()}
        said = dict(zip(LANGUAGES, by_hand.get(gap["part"], ("By consent.", "基于同意。")), strict=True))
        draft["text"][gap["part"]][gap["language"]] = said[gap["language"]]
    return done(officer.post("/v1/notices", json=draft), 201)


def permitted(installation: Installation, told: dict[str, Any]) -> bool:
    """Whether a real guest who agrees is let through, by a desk that looks at the same store."""
    desk, subject = new_desk(installation.store, installation.clock), SubjectId(new_id("sub"))
    place, device = PlaceId(told["place"]["id"]), DeviceId(told["device"]["id"])
    record_guest_consent(
        desk, subject=subject, place=place, purpose=PurposeId("pur_checkin"), consents=True,
        age_band="adult", language="en", stated_by="clerk",
    )  # fmt: skip
    request = ProcessingRequest(
        request_id=RequestId(new_id("req")),
        operations=("capture", "verify"),
        purpose=PurposeId("pur_checkin"),
        place=place,
        device=device,
        materials=tuple(sorted((DOCUMENT, LIVE))),
        error_target=1e-4,
        subject=subject,
        scene="hotel-checkin",
    )
    try:
        return not desk.permit(request, budget=BUDGET).claims.demo
    except RefusedByRule:
        return False


@pytest.mark.parametrize("country", ["CN", "EU"])
def test_requests_alone_lead_to_a_ready_desk_and_a_withdrawal_shuts_it(
    installation: Installation, caller: As, country: str
) -> None:
    officer, auditor, told = caller(*STATING), caller("auditor"), answers(country)
    place, device = told["place"]["id"], told["device"]["id"]
    path = f"/v1/places/{place}/readiness"
    first = done(officer.post("/v1/places", json=told))
    assert first["waiting"] == {"notice.accessible": ["the notice: publish it first"]}
    missing = [item for item in first["readiness"]["items"] if item["standing"] == "missing"]
    assert missing
    assert all(item["rules"] and item["remedy"] for item in missing)
    assert not permitted(installation, told)

    notice = published(officer, place, device)
    assert done(auditor.get(f"/v1/notices/{notice['notice']}"))["@type"]
    assert not permitted(installation, told), "no sign hangs yet"
    sign = done(officer.post("/v1/signs", json={"place": place, "devices": [device]}))
    assert sign["statement"] in sign["svg"]
    posted = {"sign": sign["statement"], "position": "Beside the camera, at eye level"}
    hung = done(caller("installer").post("/v1/signs/postings", json=posted), 201)
    assert hung["devices"] == [device]

    last = done(officer.post("/v1/places", json=told))
    assert last["filed"] == ["notice.accessible"]
    assert last["readiness"]["ready"], [
        item["keys"] for item in last["readiness"]["items"] if item["standing"] == "missing"
    ]
    assert last["wanted"] is None
    assert done(auditor.get(path))["ready"]
    assert not any(record["demo"] for record in done(auditor.get("/v1/records"))["records"])
    assert permitted(installation, told)

    assert officer.post(f"/v1/records/{hung['record']}/withdrawal", json={"reason": "it fell off"}).is_success
    assert not permitted(installation, told)
    items = done(auditor.get(path))["items"]
    assert [item["keys"] for item in items if item["standing"] == "missing"] == [["sign"]]


def test_nothing_that_is_made_up_gets_into_it(installation: Installation, caller: As) -> None:
    told = answers("CN")
    done(caller(*STATING).post("/v1/places", json=told))
    made_up = EvidenceRecord.make(
        key="notice", content={"said": "DEMO"}, author="officer", issuer=Issuer.PERSON,
        recorded_at=installation.clock.now(), scope=EvidenceScope(), demo=True,
    )  # fmt: skip
    with pytest.raises(DemoEvidenceRefused):
        installation.store.evidence.add(made_up)
    body = {"key": "appeal_channel", "content": content_for("appeal_channel"), "demo": True}
    assert caller("officer").post("/v1/records", json=body).status_code == 422
    assert not permitted(installation, told)


def test_a_body_outside_supplies_a_record_over_rest(installation: Installation, caller: As) -> None:
    officer, court = caller("officer"), Body.ed25519()
    done(caller(*STATING).post("/v1/places", json=answers("CN")))
    body = {"name": "District court", "kind": "court", "public_key": court.jwk, "keys": ["authorisation"]}
    registered = done(officer.post("/v1/issuers", json=body), 201)
    assert registered["key_id"] == court.key_id
    place = answers("CN")["place"]["id"]
    wanted = {
        "key": "authorisation",
        "content": content_for("authorisation", places=[place]),
        "scope": {"place": place},
        "valid_from": "2026-11-20T00:00:00Z",
        "valid_until": "2026-12-01T00:00:00Z",
    }
    drafted = done(officer.post("/v1/records/signed/drafts", json=wanted))
    token = court.sign({}, payload=drafted["payload"].encode())
    filed = done(officer.post("/v1/records/signed", json={"statement": token}), 201)
    assert (filed["issuer"], filed["counts"]) == ("outside", True)
    gone = officer.post(f"/v1/issuers/{court.key_id}/revocation")
    assert done(gone)["revoked_at"] is not None
    assert done(officer.get(f"/v1/records/{filed['record']}"))["counts"] is False
    assert [one["name"] for one in done(caller("auditor").get("/v1/issuers"))["issuers"]] == [
        "District court"
    ]
