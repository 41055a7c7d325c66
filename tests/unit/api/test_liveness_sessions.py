"""A liveness session over HTTP: opened, followed frame by frame, ended once.

Networks and people are made up (``liveness_session``); the desk, its rules and store are the product's own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from asgi_client import AsgiClient
from countenance.api.documentation import LIVENESS_EXAMPLES
from countenance.authority import seed_demo
from countenance.kernel import DeviceId, PermitId, PurposeId, SubjectId
from countenance.liveness import (
    Binding,
    FaceWatcher,
    Measurement,
    Step,
    check_statement,
    open_challenge,
)
from countenance.runtime.liveness import FRAME_BYTES, LivenessRoom, liveness_room
from countenance.server import build_app
from desk_installation import NOON, Installation, open_installation
from front_desk import new_desk
from liveness_performances import performance
from liveness_session import RATE, SpelledFaces, SpelledMesh, spelled

SEED = 11
TOLD: dict[str, Any] = dict(LIVENESS_EXAMPLES["desk"]["value"])
SESSIONS = "/v1/liveness-sessions"


@dataclass(frozen=True)
class Desk:
    """Liveness sessions over HTTP."""

    installation: Installation
    room: LivenessRoom
    calling: Callable[..., AsgiClient]

    def open(self, *roles: str, **changes: Any) -> Any:
        told = {name: value for name, value in (TOLD | changes).items() if value is not None}
        return self.calling(*(roles or ("clerk",))).post(SESSIONS, json=told)

    def frame(self, session: str, one: Measurement, picture: bytes | None = None) -> Any:
        told = {"session": session, "number": str(one.number), "taken": f"{one.taken:.4f}"}
        files = {"frame": ("a.png", spelled(one) if picture is None else picture)}
        return self.calling("clerk").post(f"{SESSIONS}/frames", data=told, files=files)

    def end(self, session: str, *roles: str) -> Any:
        told = {"session": session}
        return self.calling(*(roles or ("clerk",))).post(f"{SESSIONS}/results", json=told)

    def perform(self, session: str) -> dict[str, Any]:
        """Follow the prompts in the clock's time; return the last answer."""
        clock = self.installation.clock
        start = clock.now()
        last: dict[str, Any] = {}
        for one in performance(first_steps(), np.random.default_rng(3), rate=RATE):
            clock.move_to(start + timedelta(seconds=one.arrived))
            answer = self.frame(session, one)
            assert answer.status_code == 200, answer.text
            last = answer.json()
            if last["ended"]:
                break
        return last


def first_steps() -> tuple[Step, ...]:
    """What the first session of a room with the test's seed asks."""
    nobody = Binding(SubjectId("a"), PurposeId("b"), DeviceId("c"), PermitId("d"))
    chance = random.Random(SEED)  # noqa: S311
    return open_challenge(binding=nobody, now=NOON, nonce=bytes(32), chance=chance).steps


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_installation(tmp_path, desk=False) as installation:
        authority = new_desk(installation.store, installation.clock)
        seed_demo(authority)
        room = liveness_room(
            installation.services.settings.model_copy(update={"liveness_sessions": 2}),
            store=installation.store,
            authority=authority,
            clock=installation.clock,
            watcher=FaceWatcher(detector=SpelledFaces(), mesh=SpelledMesh()),
            chance=random.Random(SEED),  # noqa: S311
        )
        application = build_app(replace(installation.services, liveness=room))

        @cache  # a key's hash is slow by design
        def calling(*roles: str) -> AsgiClient:
            key = installation.services.api_keys.issue(name="test", roles=roles)
            return AsgiClient(application, headers={"X-Api-Key": key})

        yield Desk(installation, room, calling)


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def test_a_session_from_its_opening_to_its_signed_result(desk: Desk) -> None:
    answer = desk.open()
    assert answer.status_code == 201, answer.text
    opened = answer.json()
    assert opened["prompt"] == {"number": 0, "action": None, "level": None, "coming_back": False}
    assert opened["alternative"]
    assert (opened["frames_per_second"], opened["seconds"], opened["attempts_left"]) == (5.0, 20.0, 49)
    last = desk.perform(opened["session"])
    assert (last["ended"], last["faces"], last["prompt"]["number"]) == (True, 1, 4)
    answer = desk.end(opened["session"])
    assert answer.status_code == 200, answer.text
    result = answer.json()
    assert (result["outcome"], result["species"], result["advice"]) == ("bona fide", [], [])
    assert result["cues"]["nose-relief"] == "confirms"
    assert result["level"] == 0
    assert any("photograph" in words for words in result["not_withstood"])
    assert result["frames"]
    assert result["alternative"] == opened["alternative"]
    assert result["demo"] is True
    stated = check_statement(desk.installation.store.signer, result["result"])
    assert stated.binding.subject == opened["subject"] == result["subject"]
    assert code(desk.end(opened["session"]), 422) == "challenge-not-for-this"


def test_how_long_to_stay_is_not_told(desk: Desk) -> None:
    opened = desk.open().json()
    last = desk.perform(opened["session"])
    assert "hold" not in str(last)
    assert set(last["prompt"]) == {"number", "action", "level", "coming_back"}


@pytest.mark.parametrize("name", sorted(LIVENESS_EXAMPLES))
def test_an_example_is_answered_as_it_says(desk: Desk, name: str) -> None:
    answer = desk.calling("clerk").post(SESSIONS, json=LIVENESS_EXAMPLES[name]["value"])
    if name == "guest-room":
        assert code(answer, 403) == "refused-by-rule"
        assert answer.json()["verdict"]
    else:
        assert answer.status_code == 201, answer.text


def test_without_a_consent_no_session_is_opened(desk: Desk) -> None:
    assert code(desk.open(consents="no"), 403) == "refused-by-rule"
    assert code(desk.open(consents=None), 403) == "refused-by-rule"
    assert code(desk.open(age_band=None), 422) == "request-malformed"


@pytest.mark.parametrize(
    ("changes", "status", "refused"),
    [
        ({"scene": "nowhere"}, 404, "unknown-scene"),
        ({"place": "plc_nowhere"}, 404, "unknown-place"),
        ({"device": "dev_nothing"}, 404, "unknown-device"),
        ({"subject": "Anna Example"}, 422, "request-malformed"),
        ({"language": "not a tag"}, 422, "request-malformed"),
        ({"hold": 3}, 422, "request-malformed"),
    ],
    ids=["scene", "place", "device", "a name", "language", "unknown member"],
)
def test_what_is_wrong_is_named(desk: Desk, changes: dict[str, Any], status: int, refused: str) -> None:
    answer = desk.open(**changes)
    assert code(answer, status) == refused
    assert "Anna" not in answer.text


def test_a_key_without_the_role_opens_nothing(desk: Desk) -> None:
    assert code(desk.open("auditor"), 403) == "role-missing"
    opened = desk.open().json()
    assert code(desk.end(opened["session"], "auditor"), 403) == "role-missing"


def test_another_key_neither_sends_nor_ends(desk: Desk) -> None:
    opened = desk.open().json()
    assert code(desk.end(opened["session"], "clerk", "officer"), 422) == "challenge-not-for-this"
    desk.perform(opened["session"])
    assert desk.end(opened["session"]).json()["outcome"] == "bona fide"


def test_who_is_too_many_is_told_when_to_come_back(desk: Desk) -> None:
    for _ in range(2):
        assert desk.open().status_code == 201
    refused = desk.open()
    assert code(refused, 503) == "liveness-sessions-full"
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert "without a face" in refused.json()["remedy"]


def test_after_too_many_attempts_it_says_how_long_to_wait(desk: Desk) -> None:
    for _ in range(5):
        assert desk.open(subject="sub_known").status_code == 201
    refused = desk.open(subject="sub_known")
    assert code(refused, 429) == "liveness-attempts-used-up"
    assert refused.headers["retry-after"] == "30"


@pytest.mark.parametrize(
    ("told", "status", "refused"),
    [
        ({"number": "x"}, 422, "request-malformed"),
        ({"taken": "nan"}, 422, "request-malformed"),
        ({"taken": "61"}, 422, "request-malformed"),
        ({"session": "A" * 43}, 422, "challenge-not-for-this"),
        ({"session": "A" * 65}, 422, "request-malformed"),
    ],
    ids=["number", "no time", "too late", "no such session", "too long"],
)
def test_a_frame_that_says_nonsense_is_refused(
    desk: Desk, told: dict[str, str], status: int, refused: str
) -> None:
    opened = desk.open().json()
    fields = {"session": opened["session"], "number": "0", "taken": "0"} | told
    files = {"frame": ("a.png", spelled(Measurement(0, 0.0, 0.0, size=200.0)))}
    assert code(desk.calling("clerk").post(f"{SESSIONS}/frames", data=fields, files=files), status) == refused


def test_a_frame_is_a_picture_within_the_limits(desk: Desk) -> None:
    opened = desk.open().json()
    one = Measurement(0, 0.0, 0.0)
    assert code(desk.frame(opened["session"], one, b"no picture"), 415) == "not-a-picture"
    assert code(desk.frame(opened["session"], one, bytes(2 * FRAME_BYTES)), 413) == "upload-too-large"


def test_nothing_of_a_session_is_in_the_log_of_the_server(desk: Desk) -> None:
    with capture_logs() as logged:
        opened = desk.open().json()
        desk.perform(opened["session"])
        desk.end(opened["session"])
    assert logged
    assert opened["session"] not in str(logged)
    assert opened["subject"] not in str(logged)


def test_an_installation_without_sessions_says_so(tmp_path: Path) -> None:
    with open_installation(tmp_path) as installation:
        client = AsgiClient(
            build_app(replace(installation.services, liveness=None)),
            headers={"Authorization": f"Bearer {installation.key}"},
        )
        assert code(client.post(SESSIONS, json=TOLD), 503) == "liveness-not-offered"
