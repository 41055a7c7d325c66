"""REST over the demonstration with its real networks: what a program at the desk gets."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from asgi_client import AsgiClient
from countenance.api.schemas import ProblemDocument, VerificationAnswer
from countenance.runtime import Settings, prepare_demo
from countenance.scenes import draw_specimen_card
from countenance.server import build_app
from countenance.vision.registry import SampleStore, default_models_folder

pytestmark = pytest.mark.models

HEAD = (0.325, 0.0, 0.752, 0.44)  # head and shoulders of that photograph
FIELDS = {
    "place": "plc_frontdesk",
    "device": "dev_deskcamera",
    "consents": "yes",
    "age_band": "adult",
    "language": "en",
}


@dataclass(frozen=True)
class Desk:
    """A client with a clerk's key, one of this machine itself, and photographs."""

    client: AsgiClient
    watcher: AsgiClient
    card: bytes
    same: bytes
    other: bytes

    def verify(
        self, live: bytes, changes: dict[str, str] | None = None, *, document: bytes | None = None
    ) -> dict[str, object]:
        files = {"document": ("a.png", document or self.card), "live": ("b.jpg", live)}
        response = self.client.post("/v1/verifications", data=FIELDS | (changes or {}), files=files)
        return {"status": response.status_code, **response.json()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def desk(folder: Path) -> Iterator[Desk]:
    samples = SampleStore()
    settings = Settings(models_folder=default_models_folder())
    with prepare_demo(settings, folder=folder, serving=True) as ready:
        key = ready.services.api_keys.issue(name="Front desk", roles=("clerk",))
        app = build_app(ready.services)
        client = AsgiClient(app, headers={"X-Api-Key": key})
        card = draw_specimen_card(samples.read("obama"), part=HEAD)
        yield Desk(client, AsgiClient(app), card, samples.read("obama2"), samples.read("biden"))


def test_the_guest_of_the_document_is_a_match(desk: Desk) -> None:
    answer = VerificationAnswer.model_validate(desk.verify(desk.same))
    assert (answer.outcome, answer.demo) == ("match", True)
    assert answer.verdict.allowed
    assert len(answer.verdict.rules) >= 5
    assert all(report.quality is not None for report in answer.inputs)
    assert answer.stated_error.fmr <= answer.stated_error.asked
    checked = desk.client.post("/v1/receipts/check", json={"receipt": answer.receipt}).json()
    assert (checked["claims"]["id"], checked["claims"]["out"]) == (answer.decision_id, "match")


def test_somebody_else_is_no_match(desk: Desk) -> None:
    assert desk.verify(desk.other)["outcome"] == "no match"


def test_a_picture_without_a_face_is_inconclusive_and_receipted(desk: Desk) -> None:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((800, 600)).convert("RGB").save(buffer, "PNG")
    answer = VerificationAnswer.model_validate(desk.verify(desk.same, document=buffer.getvalue()))
    assert answer.outcome == "inconclusive"
    document = next(report for report in answer.inputs if report.role == "document")
    assert document.quality is None
    assert document.reasons


@pytest.mark.parametrize(
    ("change", "cited"),
    [
        ({"device": "dev_roomtablet"}, "Order 19 Art 13(2)"),
        ({"consents": "no"}, "PIPL Art 29"),
        ({"age_band": "under14"}, "PIPL Art 31"),
    ],
    ids=["guest-room", "no-consent", "child"],
)
def test_a_refusal_cites_its_rule(desk: Desk, change: dict[str, str], cited: str) -> None:
    answer = desk.verify(desk.same, change)
    problem = ProblemDocument.model_validate(answer)
    assert (problem.status, problem.code) == (403, "refused-by-rule")
    assert problem.verdict is not None
    refusing = [
        rule.citation for rule in problem.verdict.rules if rule.status in {"refused", "banned", "asks"}
    ]
    assert cited in refusing


@pytest.mark.parametrize(
    ("live", "status", "code"),
    [(b"not a picture", 415, "not-a-picture"), (None, 422, "same-picture")],
    ids=["text", "twice"],
)
def test_a_photograph_that_can_t_be_used(desk: Desk, live: bytes | None, status: int, code: str) -> None:
    answer = desk.verify(live if live is not None else desk.card)
    assert (answer["status"], answer["code"]) == (status, code)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("place", "plc_nowhere", "unknown-place"), ("device", "dev_hidden", "unknown-device")],
)
def test_what_isn_t_registered_doesn_t_exist(desk: Desk, name: str, value: str, code: str) -> None:
    answer = desk.verify(desk.same, {name: value})
    assert answer["code"] in {code, "refused-by-rule"}
    assert answer["status"] in {403, 404}


def test_the_directory_is_the_hotel(desk: Desk) -> None:
    places = {place["place_id"]: place["kind"] for place in desk.client.get("/v1/places").json()["places"]}
    assert places == {"plc_frontdesk": "hotel_lobby", "plc_guestroom204": "private_space"}


def test_the_installation_is_healthy(desk: Desk) -> None:
    answer = desk.client.get("/healthz")
    assert (answer.status_code, answer.json()["ok"]) == (200, True), answer.json()


def test_two_guests_leave_the_same_labels_in_the_figures(desk: Desk) -> None:
    def labels() -> set[str]:
        """Every figure with its labels, without its value."""
        desk.watcher.get("/metrics")  # is an answer itself, and counted with the next one
        lines = desk.watcher.get("/metrics").text.splitlines()
        return {line.rsplit(" ", 1)[0] for line in lines if not line.startswith("#")}

    assert desk.verify(desk.same)["outcome"] == "match"
    first = labels()
    assert any('operation="verify"' in label for label in first)
    assert any('door="compare"' in label for label in first)
    assert desk.verify(desk.other)["outcome"] == "no match"
    assert labels() == first
    assert not [label for label in first if "sub_" in label or "plc_" in label or "score" in label]


def test_nothing_of_a_photograph_is_left_in_the_folder(desk: Desk, folder: Path) -> None:
    desk.verify(desk.same)
    markers = [desk.same[1000:1064], desk.card[1000:1064], b"b.jpg"]
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(marker in content for marker in markers), file.name
