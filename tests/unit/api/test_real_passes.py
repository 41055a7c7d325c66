"""Passes over REST with the demonstration's real networks and real portraits of two people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from asgi_client import AsgiClient
from countenance.api.pass_documents import PassCheckAnswer
from countenance.enrolment import PassForm
from countenance.runtime import Settings, prepare_demo
from countenance.runtime.demo_door import prepare_demo_pass_desk
from countenance.server import build_app
from countenance.vision.registry import default_models_folder
from weights import sample_bytes

pytestmark = pytest.mark.models

WHERE = {"purpose": "pur_guestpass", "place": "plc_passdesk", "device": "dev_passdesk"}
AGREED = {"subject": "sub_guest", "consents": "yes", "age_band": "adult", "language": "en"}


@dataclass(frozen=True)
class Desk:
    clerk: AsgiClient
    officer: AsgiClient

    def issue(self, **fields: str) -> Any:
        files = {"picture": ("a.jpg", sample_bytes("obama"))}
        return self.clerk.post("/v1/passes", data=WHERE | AGREED | fields, files=files)

    def check(self, shown: bytes, live: str) -> Any:
        files = {"pass": ("p", shown), "live": ("l", sample_bytes(live))}
        return self.clerk.post("/v1/passes/checks", data=WHERE, files=files)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("passes") / "demo"
    settings = Settings(models_folder=default_models_folder())
    prepare_demo_pass_desk(settings, folder=folder, jurisdiction="EU")
    with prepare_demo(settings, folder=folder, jurisdiction="EU", serving=True) as ready:
        app = build_app(ready.services)
        keys = {
            role: ready.services.api_keys.issue(name=role, roles=(role,)) for role in ("clerk", "officer")
        }
        yield Desk(*(AsgiClient(app, headers={"X-Api-Key": key}) for key in keys.values()))


@pytest.mark.parametrize("form", [PassForm.PNG, PassForm.PDF, PassForm.TEXT])
def test_the_holder_is_told_from_somebody_else_until_the_pass_is_taken_back(
    desk: Desk, form: PassForm
) -> None:
    issued = desk.issue(format=form.value)
    assert issued.status_code == 201, issued.text
    for live, outcome in (("obama2", "match"), ("biden", "no match")):
        answer = PassCheckAnswer.model_validate(desk.check(issued.content, live).json())
        assert (answer.outcome, answer.demo, answer.reissue) == (outcome, True, False)
    told = {"serial": issued.headers["pass-serial"], "purpose": WHERE["purpose"]}
    assert desk.officer.post("/v1/passes/revocations", json=told).json() == {"revoked": True}
    assert desk.check(issued.content, "obama2").json()["code"] == "pass-revoked"
