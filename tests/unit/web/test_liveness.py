"""The liveness page, and what its script asks: for who is signed in, from this site's own page, as JSON."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from asgi_client import ORIGIN, AsgiClient
from countenance.authority import seed_demo
from countenance.kernel import DeviceId, PermitId, PurposeId, SubjectId
from countenance.liveness import Advice, Binding, FaceWatcher, Measurement, open_challenge
from countenance.runtime.liveness import FRAME_BYTES, liveness_room
from countenance.scenes import shipped_profiles
from countenance.server import build_app
from countenance.web.languages import read_catalogue
from desk_installation import NOON, Installation, open_installation
from front_desk import new_desk
from liveness_performances import performance
from liveness_session import RATE, SpelledFaces, SpelledMesh, spelled

BROWSER = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN, "Accept-Language": "en-GB,en;q=0.9"}
SEED = 11
SAID = {
    "place": "plc_frontdesk",
    "device": "dev_deskcamera",
    "consents": "yes",
    "age_band": "adult",
    "notice_language": "en",
}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with open_installation(tmp_path, desk=False) as opened:
        seed_demo(new_desk(opened.store, opened.clock))
        yield opened


def client(installation: Installation, *, sessions: bool = True) -> AsgiClient:
    room = liveness_room(
        installation.services.settings,
        store=installation.store,
        authority=new_desk(installation.store, installation.clock),
        clock=installation.clock,
        watcher=FaceWatcher(detector=SpelledFaces(), mesh=SpelledMesh()),
        chance=random.Random(SEED),  # noqa: S311
    )
    scripted = replace(
        installation.services,
        liveness=room if sessions else None,
        attended={"hotel-checkin": Scene()},  # type: ignore[dict-item]
    )
    return AsgiClient(build_app(scripted), headers=BROWSER)


class Scene:
    """The scene whose way without a face the page shows."""

    profile = shipped_profiles()["hotel-checkin"]


@pytest.fixture
def stranger(installation: Installation) -> AsgiClient:
    return client(installation)


@pytest.fixture
def clerk(stranger: AsgiClient, installation: Installation) -> AsgiClient:
    assert stranger.post("/sign-in", data={"key": installation.key}).status_code == 303
    return stranger


def ask(browser: AsgiClient, what: str, told: dict[str, str], frame: bytes | None = None) -> Any:
    fields: dict[str, Any] = {name: (None, value) for name, value in told.items()}
    if frame is not None:
        fields["frame"] = ("frame.png", frame)
    return browser.post(f"/liveness/{what}", files=fields)


def test_the_page_shows_the_way_without_a_face_and_may_use_the_camera(clerk: AsgiClient) -> None:
    answer = clerk.get("/liveness")
    assert answer.status_code == 200
    assert "Without a face" in answer.text
    assert answer.text.index("Without a face") < answer.text.index("Open the camera")
    assert "camera=(self)" in answer.headers["permissions-policy"]
    assert "camera=()" in clerk.get("/").headers["permissions-policy"]
    assert "checked" not in answer.text


def test_it_speaks_chinese_too(clerk: AsgiClient) -> None:
    clerk.headers["Accept-Language"] = "zh"
    assert "不使用人脸" in clerk.get("/liveness").text


def test_who_is_not_signed_in_gets_nothing(stranger: AsgiClient) -> None:
    assert stranger.get("/liveness").status_code == 303
    for what in ("open", "frames", "end"):
        assert ask(stranger, what, SAID).status_code == 303


def test_a_session_from_the_first_prompt_to_its_result(clerk: AsgiClient, installation: Installation) -> None:
    opened = ask(clerk, "open", SAID).json()
    assert opened["prompt"] == {"number": 0, "action": None, "level": None, "coming_back": False}
    bound = Binding(SubjectId("a"), PurposeId("b"), DeviceId("c"), PermitId("d"))
    chance = random.Random(SEED)  # noqa: S311
    steps = open_challenge(binding=bound, now=NOON, nonce=bytes(32), chance=chance).steps
    start = installation.clock.now()
    for one in performance(steps, np.random.default_rng(3), rate=RATE):
        installation.clock.move_to(start + timedelta(seconds=one.arrived))
        told = {"session": opened["session"], "number": str(one.number), "taken": f"{one.taken:.4f}"}
        answer = ask(clerk, "frames", told, spelled(one))
        assert answer.status_code == 200, answer.text
        if answer.json()["ended"]:
            break
    result = ask(clerk, "end", {"session": opened["session"]}).json()
    assert (result["outcome"], result["level"], result["advice"]) == ("bona_fide", 0, [])
    assert result["not_withstood"]


def test_a_post_from_elsewhere_is_refused(clerk: AsgiClient) -> None:
    clerk.headers["Sec-Fetch-Site"] = "cross-site"
    answer = ask(clerk, "open", SAID)
    assert (answer.status_code, answer.json()["code"]) == (403, "post-from-elsewhere")


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"consents": ""}, 422, "session-question-open"),
        ({"age_band": "old"}, 422, "session-question-open"),
        ({"place": ""}, 422, "session-question-open"),
        ({"consents": "no"}, 403, "refused-by-rule"),
        ({"device": "dev_roomtablet"}, 403, "refused-by-rule"),
    ],
    ids=["no answer", "no band", "no place", "doesn't agree", "guest room"],
)
def test_what_is_wrong_is_told_with_a_remedy(
    clerk: AsgiClient, said: dict[str, str], status: int, code: str
) -> None:
    answer = ask(clerk, "open", SAID | said)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["remedy"]


def test_too_many_attempts_are_told_to_wait(clerk: AsgiClient) -> None:
    for _ in range(20):
        assert ask(clerk, "open", SAID).status_code == 200
    answer = ask(clerk, "open", SAID)
    assert (answer.status_code, answer.json()["code"]) == (503, "liveness-sessions-full")
    assert int(answer.headers["retry-after"]) >= 1


def test_a_frame_is_small_and_says_its_number(clerk: AsgiClient) -> None:
    session = ask(clerk, "open", SAID).json()["session"]
    told = {"session": session, "number": "first", "taken": "0"}
    frame = spelled(Measurement(0, 0.0, 0.0, size=200.0))
    assert ask(clerk, "frames", told, frame).json()["code"] == "session-question-open"
    assert ask(clerk, "frames", told | {"number": "0"}, bytes(2 * FRAME_BYTES)).status_code == 413


def test_an_installation_without_sessions_says_so(installation: Installation) -> None:
    browser = client(installation, sessions=False)
    browser.post("/sign-in", data={"key": installation.key})
    assert ask(browser, "open", SAID).json()["code"] == "sessions-not-held"


def test_every_advice_has_its_sentence_on_the_page(clerk: AsgiClient) -> None:
    page = clerk.get("/liveness").text
    for advice in Advice:
        assert f'data-key="advice-{advice.name.lower().replace("_", "-")}"' in page
    assert any(str(message.id).startswith("live.") for message in read_catalogue("zh"))
