"""Passes over REST with the demonstration's real networks and real portraits of two people."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

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


VOLATILE = {"decided_at", "decision_id", "inputs", "log", "permit_id", "receipt", "request_digest"}
"""What names one answer, and the quality of the picture, which is the same whoever is in it."""


def blend(share: float) -> bytes:
    """Return a stranger's portrait into which so much of the holder's was mixed; 0 to 1."""
    pictures = (Image.open(io.BytesIO(sample_bytes(name))).convert("RGB") for name in ("biden", "obama2"))
    stranger, holder = (np.asarray(each.resize((480, 600)), dtype=np.float32) for each in pictures)
    mixed = (1 - share) * stranger + share * holder
    written = io.BytesIO()
    Image.fromarray(mixed.round().astype(np.uint8)).save(written, "PNG")
    return written.getvalue()


def test_an_attacker_who_asks_again_and_again_neither_sees_nor_climbs(desk: Desk) -> None:
    """A picture is moved towards the holder in small steps, by whatever the answers tell."""
    issued = desk.issue(format=PassForm.TEXT.value)

    def ask(share: float) -> Any:
        files = {"pass": ("p", issued.content), "live": ("l", blend(share))}
        return desk.clerk.post("/v1/passes/checks", data=WHERE, files=files)

    answers = [ask(step / 100) for step in range(40)]
    decided = [answer.json() for answer in answers if answer.status_code == 200]
    waits = [answer for answer in answers if answer.status_code != 200]
    assert len(decided) == 10, "ten at once, and then one in half an hour"
    assert {(answer.status_code, answer.json()["code"]) for answer in waits} == {
        (429, "too-many-comparisons")
    }
    assert all(0 < int(answer.headers["retry-after"]) <= 1728 for answer in waits)
    assert {answer["outcome"] for answer in decided} <= {"no match", "inconclusive"}
    seen = [
        {name: value for name, value in answer.items() if name not in VOLATILE}
        for answer in decided
        if answer["outcome"] == "no match"
    ]
    assert len(seen) > 1
    varied = {name for answer in seen for name in answer if answer[name] != seen[0][name]}
    assert varied == set(), "nothing rises while the picture comes closer"
