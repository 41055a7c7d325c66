"""Documents at the front desk, good and bad, over REST with the real networks."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from asgi_client import AsgiClient
from contract.detector import head_and_shoulders
from countenance.api.documentation import DOCUMENT_READING_EXAMPLES
from countenance.api.schemas import DocumentReadingAnswer, ProblemDocument, VerificationAnswer
from countenance.runtime import Settings, prepare_demo
from countenance.scenes import SpecimenHolder, draw_specimen_card
from countenance.server import build_app
from countenance.vision.registry import SampleStore, default_models_folder
from drawn_documents import TD1, TD3, draw_document

pytestmark = pytest.mark.models

HEAD = (0.325, 0.0, 0.752, 0.44)  # head and shoulders of that photograph
GUEST = {
    "place": "plc_frontdesk",
    "device": "dev_deskcamera",
    "consents": "yes",
    "age_band": "adult",
    "language": "en",
}
SECRETS = ("QUILLFEATHER", "MARLOW", "SPEC00017", "700101", "400101", "ERIKSSON", "L898902C3", "740812")
SPECIMEN = SpecimenHolder()
CHILD = SpecimenHolder(born="200101")
EXPIRED = SpecimenHolder(expires="200101")
WRONG = (TD3[0], TD3[1].replace("L898902C36", "L898902C37"))


@dataclass(frozen=True)
class Desk:
    """A client with a clerk's key at the demonstration's desk."""

    client: AsgiClient
    folder: Path
    samples: SampleStore

    def card(self, holder: SpecimenHolder = SPECIMEN) -> bytes:
        return draw_specimen_card(self.samples.read("obama"), holder=holder, part=HEAD)

    def verify(
        self, document: bytes, changes: dict[str, str] | None = None, *, live: bytes | None = None
    ) -> tuple[int, dict[str, object]]:
        files = {
            "document": ("a.png", document),
            "live": ("b.jpg", live if live is not None else self.samples.read("obama2")),
        }
        response = self.client.post("/v1/verifications", data=GUEST | (changes or {}), files=files)
        return response.status_code, response.json()

    def read(self, document: bytes, changes: dict[str, str] | None = None) -> tuple[int, dict[str, object]]:
        files = {"document": ("a.png", document)}
        response = self.client.post("/v1/document-readings", data=GUEST | (changes or {}), files=files)
        return response.status_code, response.json()

    def decisions(self) -> int:
        (database,) = [file for file in self.folder.rglob("*") if is_database(file)]
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            (count,) = connection.execute("SELECT count(*) FROM decisions").fetchone()
        connection.close()
        return int(count)


def is_database(file: Path) -> bool:
    return file.is_file() and file.read_bytes()[:15] == b"SQLite format 3"


def png(pixels: NDArray[np.uint8]) -> bytes:
    return encoded(Image.fromarray(pixels), "PNG")


def encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def passport(lines: Sequence[str] = TD3) -> bytes:
    return png(draw_document(lines, portrait=head_and_shoulders("obama")))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("demo")
    with prepare_demo(Settings(models_folder=default_models_folder()), folder=folder, serving=True) as ready:
        key = ready.services.api_keys.issue(name="Front desk", roles=("clerk",))
        yield Desk(AsgiClient(build_app(ready.services), headers={"X-Api-Key": key}), folder, SampleStore())


def test_the_specimen_card_is_read_and_its_portrait_compared(desk: Desk) -> None:
    status, body = desk.verify(desk.card())
    answer = VerificationAnswer.model_validate(body)
    assert (status, answer.outcome) == (200, "match")
    assert answer.document is not None
    assert answer.document.read
    assert (answer.document.age_band, answer.document.age_band_source) == ("adult", "document read")
    assert answer.document.expired is False
    assert {"number (check digit)", "composite (check digit)"} <= set(answer.document.checks.passed)
    assert answer.document.assurance == "document not authenticated"
    assert answer.document.kind is None, "the profile doesn't ask for it"
    assert "ppocr-v6-rec-small" in answer.models
    claims = desk.client.post("/v1/receipts/check", json={"receipt": answer.receipt}).json()["claims"]
    assert claims["doc"].startswith("read, ")
    assert claims["doc"].endswith("document not authenticated")


def test_neither_name_nor_number_nor_date_leaves_the_desk(desk: Desk) -> None:
    for _, body in (desk.verify(desk.card()), desk.read(passport()), desk.verify(passport(WRONG))):
        said = json.dumps(body)
        assert [secret for secret in SECRETS if secret in said] == []
    for file in desk.folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert [secret for secret in SECRETS if secret.encode() in content] == [], file.name


def test_a_portrait_alone_is_compared_and_said_not_to_be_read(desk: Desk) -> None:
    status, body = desk.verify(encoded(Image.fromarray(head_and_shoulders("obama")), "PNG"))
    answer = VerificationAnswer.model_validate(body)
    assert (status, answer.outcome) == (200, "match")
    assert answer.document is not None
    assert not answer.document.read
    assert answer.document.checks.unread
    assert answer.document.notes
    assert "ppocr-v6-rec-small" not in answer.models


def test_an_expired_document_is_taken_with_a_word_about_it(desk: Desk) -> None:
    answer = VerificationAnswer.model_validate(desk.verify(desk.card(EXPIRED))[1])
    assert answer.document is not None
    assert answer.document.expired is True
    assert "The document's day of expiry has passed." in answer.words


@pytest.mark.parametrize(
    ("document", "changes", "status", "code"),
    [
        (lambda _: passport(WRONG), {}, 422, "check-digit-wrong"),
        (lambda _: png(draw_document(TD3)), {}, 422, "document-without-portrait"),
        (lambda desk: desk.card(CHILD), {}, 403, "age-band-disagrees"),
        (lambda desk: desk.card(), {"age_band": "14-17"}, 403, "age-band-disagrees"),
    ],
    ids=["wrong-check-digit", "no-portrait", "a-child's", "stated-younger"],
)
def test_a_document_that_is_refused(
    desk: Desk, document: object, changes: dict[str, str], status: int, code: str
) -> None:
    before = desk.decisions()
    assert callable(document)
    got, body = desk.verify(document(desk), changes)
    problem = ProblemDocument.model_validate(body)
    if changes and problem.code == "refused-by-rule":
        pytest.skip("the rules refuse this age before anything is read")
    assert (got, problem.code) == (status, code)
    assert problem.remedy
    assert desk.decisions() == before, "no decision is written"


def live_again(desk: Desk, kind: str, scale: float, **options: int) -> bytes:
    image = Image.open(io.BytesIO(desk.samples.read("obama2"))).convert("RGB")
    size = (round(image.width * scale), round(image.height * scale))
    return encoded(image.resize(size, Image.Resampling.LANCZOS), kind, **options)


@pytest.mark.parametrize(
    ("kind", "scale", "options"),
    [("PNG", 1.0, {}), ("JPEG", 1.0, {"quality": 60}), ("WEBP", 0.8, {"quality": 80})],
)
def test_one_photograph_in_two_encodings(
    desk: Desk, kind: str, scale: float, options: dict[str, int]
) -> None:
    before = desk.decisions()
    status, body = desk.verify(live_again(desk, kind, scale, **options))
    assert (status, body["code"]) == (422, "same-picture")
    assert desk.decisions() == before


def test_a_reading_apart(desk: Desk) -> None:
    status, body = desk.read(passport())
    answer = DocumentReadingAnswer.model_validate(body)
    assert (status, answer.kind, answer.issuing_state) == (200, "passport (TD3)", "UTO")
    assert (answer.age_band, answer.age_agrees, answer.expired) == ("adult", True, True)
    assert all(check.right for check in answer.checks)
    assert answer.portrait_found
    assert answer.verdict.allowed


def test_a_reading_says_which_check_doesn_t_hold(desk: Desk) -> None:
    answer = DocumentReadingAnswer.model_validate(desk.read(passport(WRONG))[1])
    assert {check.field for check in answer.checks if not check.right} == {"number", "composite"}
    assert answer.assurance == "document not authenticated"


def test_the_back_of_a_card_needs_no_portrait(desk: Desk) -> None:
    back = png(draw_document(TD1))
    assert desk.read(back)[1]["code"] == "document-without-portrait"
    assert desk.read(back, {"portrait": "no"})[0] == 200


@pytest.mark.parametrize(
    ("document", "changes", "status", "code"),
    [
        (b"", {}, None, None),
        (b"not a picture", {}, 415, "not-a-picture"),
        (None, {}, 422, "no-machine-readable-zone"),
        (b"x", {"consents": "perhaps"}, 422, "request-malformed"),
        (b"x", {"scene": "hotel-checkin"}, 422, "request-malformed"),
        (b"x", {"place": "plc_nowhere"}, 404, "unknown-place"),
        (None, {"consents": "no"}, 403, "refused-by-rule"),
        (b"x", {"consents": "no"}, 415, "not-a-picture"),
    ],
    ids=[
        "empty",
        "text",
        "no-zone",
        "perhaps",
        "unknown-field",
        "nowhere",
        "no-consent",
        "no-consent-to-text",
    ],
)
def test_a_reading_that_is_refused(
    desk: Desk, document: bytes | None, changes: dict[str, str], status: int | None, code: str | None
) -> None:
    got, body = desk.read(document if document is not None else desk.samples.read("biden"), changes)
    problem = ProblemDocument.model_validate(body)
    assert 400 <= got < 500
    if status is not None:
        assert (got, problem.code) == (status, code)


@pytest.mark.parametrize("name", sorted(DOCUMENT_READING_EXAMPLES))
def test_the_examples_run(desk: Desk, name: str) -> None:
    fields = DOCUMENT_READING_EXAMPLES[name]["value"]
    response = desk.client.post(
        "/v1/document-readings", data=fields, files={"document": ("a.png", passport())}
    )
    assert response.status_code == (200 if name == "page" else 403)
