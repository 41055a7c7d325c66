"""Searches over HTTP: named under consent and permit, reviewed, and never with a score.

Networks are made up (the faces of ``verification_desk``); the desk, its doors, rules, keys, tail and store
are the product's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from asgi_client import AsgiClient
from countenance.api.identifications import IDENTIFICATION_EXAMPLES
from countenance.authority import seed_demo_door
from countenance.decisions import check_receipt
from countenance.server import build_app
from countenance.vision.registry import default_models_folder
from desk_installation import Installation, open_installation
from front_desk import new_desk
from scene_clips import clip_of, noise_frames
from verification_desk import MadeUpFace, picture_of

WHERE = {"purpose": "pur_staffdoor", "place": "plc_staffdoor", "device": "dev_staffdoor"}
SAID = {"consents": "yes", "age_band": "adult", "language": "en"}


def face(angle: float, seed: int, *, quality: int = 80) -> bytes:
    return picture_of(MadeUpFace(angle=angle, quality=quality), seed=seed)


@dataclass(frozen=True)
class Door:
    installation: Installation
    calling: Callable[..., AsgiClient]

    def enrol(self, subject: str, angle: float, seed: int) -> None:
        answer = self.calling("clerk").post(
            "/v1/enrolments",
            data={"subject": subject, **WHERE, **SAID},
            files={"picture": ("a.png", face(angle, seed))},
        )
        assert answer.status_code == 201, answer.text

    def search(self, picture: bytes, *, role: str = "clerk", **fields: Any) -> Any:
        told = {name: value for name, value in ({**WHERE, **SAID} | fields).items() if value is not None}
        return self.calling(role).post("/v1/identifications", data=told, files={"picture": ("p", picture)})

    def review(self, decision: str, *, right: bool, role: str = "reviewer") -> Any:
        return self.calling(role).post(f"/v1/identifications/{decision}/reviews", json={"right": right})


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_installation(tmp_path, desk=False) as installation:
        seed_demo_door(new_desk(installation.store, installation.clock), jurisdiction="EU")
        application = build_app(installation.services)

        @cache  # a key's hash is slow by design
        def calling(*roles: str) -> AsgiClient:
            key = installation.services.api_keys.issue(name="test", roles=roles)
            return AsgiClient(application, headers={"X-Api-Key": key})

        yield Door(installation, calling)


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def members(document: Any) -> set[str]:
    """Return the names of all members, however deep."""
    if isinstance(document, dict):
        return set(document).union(*(members(one) for one in document.values()))
    return set().union(*(members(one) for one in document)) if isinstance(document, list) else set()


def test_who_is_enrolled_is_a_lead_with_its_error_and_who_is_not_is_unknown(door: Door) -> None:
    door.enrol("sub_ann", 0.0, 1)
    door.enrol("sub_ben", math.pi / 2, 2)
    answer = door.search(face(0.05, 3))
    assert answer.status_code == 200, answer.text
    lead = answer.json()
    assert (lead["outcome"], [one["subject"] for one in lead["candidates"]]) == ("lead", ["sub_ann"])
    stated = lead["stated_error"]
    assert (stated["asked"], stated["people"]) == (0.001, 2)
    assert 0 < stated["low"] < stated["fpir"] < stated["high"]
    assert not {"score", "threshold", "similarity", "distance"} & members(lead)
    receipt = check_receipt(door.installation.store.signer, lead["receipt"])
    assert (receipt.outcome, receipt.people) == ("lead", 2)
    unknown = door.search(face(math.pi, 4)).json()
    assert (unknown["outcome"], unknown["candidates"]) == ("unknown", [])
    assert unknown["subject"] != lead["subject"]


def test_a_poor_picture_is_inconclusive(door: Door) -> None:
    door.enrol("sub_ann", 0.0, 1)
    poor = door.search(face(0.0, 3, quality=5)).json()
    assert poor["outcome"] == "inconclusive"
    assert any("Hold still." in sentence for sentence in poor["words"])


def test_a_reviewer_speaks_once(door: Door) -> None:
    door.enrol("sub_ann", 0.0, 1)
    decision = door.search(face(0.05, 3)).json()["decision_id"]
    assert code(door.review(decision, right=True, role="clerk"), 403) == "role-missing"
    done = door.review(decision, right=True)
    assert done.json() == {"decision": decision, "given": 1, "asked": 1, "confirmed": True}
    assert code(door.review(decision, right=False), 422) == "nothing-to-review"


@pytest.mark.parametrize(
    ("fields", "status", "expected"),
    [
        pytest.param({"consents": "no"}, 403, "refused-by-rule", id="does-not-agree"),
        pytest.param({"consents": None}, 400, "field-missing", id="was-not-asked"),
        pytest.param({"age_band": "old"}, 422, "request-malformed", id="age-band"),
        pytest.param({"fpir": "0.5"}, 422, "request-malformed", id="half-of-all"),
        pytest.param({"threshold": "0.4"}, 422, "request-malformed", id="a-threshold-of-ones-own"),
        pytest.param({"place": "plc_none"}, 404, "unknown-place", id="place"),
        pytest.param({"purpose": "pur_guestpass"}, 422, "gallery-empty", id="nobody-enrolled"),
    ],
)
def test_what_is_refused(door: Door, fields: dict[str, Any], status: int, expected: str) -> None:
    door.enrol("sub_ann", 0.0, 1)
    assert code(door.search(face(0.05, 3), **fields), status) == expected


def test_only_a_clerk_searches(door: Door) -> None:
    assert code(door.search(face(0.05, 3), role="reviewer"), 403) == "role-missing"


@pytest.mark.models
def test_a_clip_without_anybody_is_no_search(door: Door, tmp_path: Path) -> None:
    """The networks that look at clips are the real ones: nobody is before the wall."""
    (tmp_path / "models").symlink_to(default_models_folder())
    door.enrol("sub_ann", 0.0, 1)
    clip = clip_of(tmp_path / "wall.avi", noise_frames(20)).read_bytes()
    assert code(door.search(clip), 422) == "not-shown-to-be-a-person"


def test_no_picture_is_no_search(door: Door) -> None:
    answer = door.calling("clerk").post(
        "/v1/identifications", data={**WHERE, **SAID}, files={"portrait": ("p", face(0.05, 3))}
    )
    assert answer.status_code in {400, 422}


def test_the_example_runs(door: Door) -> None:
    door.enrol("sub_ann", 0.0, 1)
    (example,) = IDENTIFICATION_EXAMPLES.values()
    answer = door.calling("clerk").post(
        "/v1/identifications", data=example["value"], files={"picture": ("p", face(0.05, 3))}
    )
    assert answer.json()["outcome"] == "lead"
