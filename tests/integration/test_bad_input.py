"""What people upload by mistake or on purpose, over REST with the real networks.

Each case has one stable code and one sentence, or is taken. Before and after each the rows, files and
temporary files are counted; at the end nothing of all that was sent is found on the disk, in an answer or in
the log.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from asgi_client import AsgiClient, endless
from byte_scan import files_below, name_markers, scan
from countenance.authority import shipped_rules
from countenance.runtime import Settings, configure_logging, prepare_demo
from countenance.server import build_app
from countenance.vision.registry import default_models_folder
from footprint import Footprint
from odd_pictures import (
    READABLE,
    REFUSED,
    TAKEN,
    UNJUDGED,
    Odd,
    card,
    pieces,
    plain_guest,
    recoded_guest,
    refused,
)

pytestmark = pytest.mark.models

PROBLEM_TYPE = "application/problem+json"
VERIFICATIONS, READINGS = "/v1/verifications", "/v1/document-readings"
FIELDS = {
    "place": "plc_frontdesk",
    "device": "dev_deskcamera",
    "consents": "yes",
    "age_band": "adult",
    "language": "en",
}
FILE_NAME = "PERIWINKLE.jpg"
NOT_SAID = ("PERIWINKLE", "QUILLFEATHER", "SPEC00017")  # the file's name, and what stands on the card
NOTHING: dict[str, int] = {}


@dataclass
class Desk:
    """A client with a clerk's key over an installation in a folder, and all that passed between them."""

    client: AsgiClient
    folder: Path
    temporary: Path
    sent: dict[str, bytes] = field(default_factory=dict)
    said: dict[str, bytes] = field(default_factory=dict)
    verified: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)

    def footprint(self) -> Footprint:
        return Footprint.of(self.folder, temporary=self.temporary)

    def post(self, route: str, **request: Any) -> tuple[httpx.Response, dict[str, int]]:
        """Send a request; the answer, and by how many rows each table grew. No file may come to stay."""
        before = self.footprint()
        response = self.client.post(route, **request)
        after = self.footprint()
        assert "Traceback" not in response.text
        assert (after.files, after.temporary) == (before.files, frozenset())
        self.said[f"answer {len(self.said)}"] = response.content
        return response, before.grown(after)

    def verify(self, live: bytes, *, document: bytes | None = None) -> tuple[httpx.Response, dict[str, int]]:
        return self._upload(
            VERIFICATIONS, {"document": card() if document is None else document, "live": live}
        )

    def read_document(self, document: bytes) -> tuple[httpx.Response, dict[str, int]]:
        return self._upload(READINGS, {"document": document})

    def _upload(self, route: str, files: Mapping[str, bytes]) -> tuple[httpx.Response, dict[str, int]]:
        self.sent |= {f"upload {len(self.sent)} {role}": content for role, content in files.items()}
        named = {role: (FILE_NAME, content) for role, content in files.items()}
        return self.post(route, data=FIELDS, files=named)

    def left(self, log: str) -> list[str]:
        """Where something of what was sent stands on the disk, in an answer or in the log."""
        markers = name_markers(NOT_SAID)
        for content in set(self.sent.values()):
            label = next(name for name, sent in self.sent.items() if sent is content or sent == content)
            markers |= pieces(label, content)
        assert len(markers) > 500
        return scan(files_below(self.folder) | self.said | {"log": log.encode()}, markers)


def looked(grown: Mapping[str, int]) -> dict[str, int]:
    """Return what a decision leaves that rests on a look alone: the capture door is the only one passed."""
    return {**grown, "permit_uses": 1}


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """Give what the server logs, down to the least of it; then leave logging as it was."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    log = io.StringIO()
    with redirect_stderr(log):
        configure_logging(Settings(log_level="debug"))
    try:
        yield log
    finally:
        root.handlers[:] = kept
        root.setLevel(level)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder, temporary = tmp_path_factory.mktemp("desk") / "demo", tmp_path_factory.mktemp("temporary")
    settings = Settings(models_folder=default_models_folder())
    with pytest.MonkeyPatch.context() as patched, listening() as log:
        patched.setenv("TMPDIR", str(temporary))
        patched.setattr(tempfile, "tempdir", str(temporary))
        with prepare_demo(settings, folder=folder, serving=True) as ready:
            key = ready.services.api_keys.issue(name="Front desk", roles=("clerk",))
            desk = Desk(AsgiClient(build_app(ready.services), headers={"X-Api-Key": key}), folder, temporary)
            desk.verify(plain_guest())  # the day's first request counts stored people too
            response, desk.verified = desk.verify(plain_guest())
            assert response.json()["outcome"] == "match"
            response, desk.read = desk.read_document(card())
            assert response.status_code == 200
            yield desk
            assert desk.left(log.getvalue()) == []
        assert desk.left(log.getvalue()) == [], "after it was closed"
        assert key not in log.getvalue()


def rows(odds: tuple[Odd, ...], *, quick: tuple[str, ...] = ()) -> list[Any]:
    """Give each as a case; those that aren't named as quick, where some are, run in the long suite alone."""
    late = pytest.mark.exhaustive
    return [
        pytest.param(odd, id=odd.name, marks=late if quick and odd.name not in quick else ()) for odd in odds
    ]


def assert_refused(response: httpx.Response, status: int, code: str) -> None:
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert response.headers["content-type"] == PROBLEM_TYPE
    assert problem["detail"].endswith(".")
    assert problem["remedy"].endswith(".")


class TestVerifications:
    """A file that is no picture leaves no row, no file, no leaf. What only a look can tell has a permit."""

    @pytest.mark.parametrize("odd", rows(REFUSED))
    @pytest.mark.parametrize("role", ["live", "document"])
    def test_it_is_refused_with_its_code(self, desk: Desk, odd: Odd, role: str) -> None:
        if role == "live":
            response, grown = desk.verify(odd.content)
        else:
            response, grown = desk.verify(plain_guest(), document=odd.content)
        if not odd.content:
            assert_refused(response, 400, "field-missing")
        else:
            assert_refused(response, odd.status, odd.code)
        assert grown == NOTHING

    @pytest.mark.parametrize("odd", rows(TAKEN))
    def test_it_is_taken_and_is_the_guest(self, desk: Desk, odd: Odd) -> None:
        response, grown = desk.verify(odd.content)
        assert (response.status_code, response.json()["outcome"]) == (200, "match"), response.text
        assert grown == desk.verified

    @pytest.mark.parametrize("odd", rows(UNJUDGED))
    def test_it_is_inconclusive_and_says_why(self, desk: Desk, odd: Odd) -> None:
        """A decision like any other, but no template was made."""
        response, grown = desk.verify(odd.content)
        answer = response.json()
        assert (response.status_code, answer["outcome"]) == (200, "inconclusive"), answer
        document, live = answer["inputs"]
        assert (live["role"], odd.code in live["codes"]) == ("live", True), live
        assert live["reasons"]
        assert odd.code not in document["codes"]
        assert grown == looked(desk.verified)

    def test_one_file_twice(self, desk: Desk) -> None:
        response, grown = desk.verify(plain_guest(), document=plain_guest())
        assert_refused(response, 422, "same-picture")
        assert grown == NOTHING

    def test_one_photograph_in_two_encodings(self, desk: Desk) -> None:
        response, grown = desk.verify(plain_guest(), document=recoded_guest())
        assert_refused(response, 422, "same-picture")
        assert grown == NOTHING


class TestDocumentReadings:
    @pytest.mark.parametrize("odd", rows(REFUSED))
    def test_it_is_refused_with_its_code(self, desk: Desk, odd: Odd) -> None:
        response, grown = desk.read_document(odd.content)
        if not odd.content:
            assert_refused(response, 400, "field-missing")
        else:
            assert_refused(response, odd.status, odd.code)
        assert grown == NOTHING

    @pytest.mark.parametrize("odd", rows(READABLE, quick=("turned-by-exif", "cmyk")))
    def test_it_is_read(self, desk: Desk, odd: Odd) -> None:
        response, grown = desk.read_document(odd.content)
        assert (response.status_code, response.json()["age_band"]) == (200, "adult"), response.text
        assert all(check["right"] for check in response.json()["checks"])
        assert grown == desk.read

    @pytest.mark.parametrize("odd", rows((TAKEN[0], *UNJUDGED), quick=("plain", "no-face")))
    def test_a_picture_that_is_no_document(self, desk: Desk, odd: Odd) -> None:
        """Only reading it can tell, so consent, permit and an entry that it failed stay, as of a reading."""
        response, grown = desk.read_document(odd.content)
        assert_refused(response, 422, "no-machine-readable-zone")
        assert grown == desk.read


class TestForms:
    """What is wrong about the request itself is answered before anybody's consent is taken down."""

    def test_the_media_type_that_a_file_claims_counts_for_nothing(self, desk: Desk) -> None:
        """Neither does it make a picture of a text, nor a text of a picture."""
        files = {"document": ("a.txt", card(), "text/plain"), "live": ("b", plain_guest(), "image/gif")}
        response, _ = desk.post(VERIFICATIONS, data=FIELDS, files=files)
        assert response.json()["outcome"] == "match"
        text = (FILE_NAME, refused("text-as-jpeg").content, "image/jpeg")
        response, _ = desk.post(VERIFICATIONS, data=FIELDS, files=files | {"live": text})
        assert_refused(response, 415, "not-a-picture")

    @pytest.mark.parametrize(
        ("request_", "status", "code"),
        [
            pytest.param({"json": FIELDS}, 415, "not-a-form", id="json"),
            pytest.param({"content": plain_guest}, 415, "not-a-form", id="bare-picture"),
            pytest.param({"data": FIELDS}, 415, "not-a-form", id="urlencoded"),
            pytest.param(
                {"content": b"--x\r\n", "headers": {"content-type": "multipart/form-data"}},
                400,
                "form-malformed",
                id="no-boundary",
            ),
            pytest.param(
                {"data": FIELDS | {"live": "me"}, "files": {"document": card}},
                422,
                "request-malformed",
                id="text-in-place-of-a-file",
            ),
            pytest.param(
                {"data": FIELDS, "files": {"document": card, "selfie": plain_guest}},
                422,
                "request-malformed",
                id="unknown-file",
            ),
            pytest.param(
                {"data": FIELDS, "files": {"live": plain_guest}}, 400, "field-missing", id="one-file"
            ),
        ],
    )
    def test_a_wrong_form(self, desk: Desk, request_: dict[str, Any], status: int, code: str) -> None:
        drawn = {name: part() if callable(part) else part for name, part in request_.items()}
        if "files" in drawn:
            drawn["files"] = {role: (FILE_NAME, draw()) for role, draw in drawn["files"].items()}
        response, grown = desk.post(VERIFICATIONS, **drawn)
        assert_refused(response, status, code)
        assert grown == NOTHING

    @pytest.mark.parametrize("route", [VERIFICATIONS, READINGS])
    def test_a_file_over_the_limit_is_refused_while_it_is_read(self, desk: Desk, route: str) -> None:
        huge = b"\xff\xd8\xff" + bytes(21 * 1024 * 1024)
        response, grown = desk.post(route, data=FIELDS, files={"document": (FILE_NAME, huge)})
        assert_refused(response, 413, "upload-too-large")
        assert grown == NOTHING

    def test_an_upload_without_an_end(self, desk: Desk) -> None:
        head = b'--x\r\nContent-Disposition: form-data; name="live"; filename="PERIWINKLE.jpg"\r\n\r\n'
        body = endless(head + bytes(1024 * 1024), most=1000)
        typed = {"content-type": "multipart/form-data; boundary=x"}
        response, grown = desk.post(VERIFICATIONS, content=body, headers=typed)
        assert_refused(response, 413, "upload-too-large")
        assert grown == NOTHING


class TestQuestions:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"jurisdictions": []}, "request-malformed"),
            ({"facts": {"moon_is_full": True}}, "unknown-fact-name"),
            ({"operation": "mind_reading"}, "unknown-operation"),
            ({"place": "moon"}, "unknown-place-kind"),
            ({"facts": {"consent.separate": "perhaps"}}, "request-malformed"),
        ],
        ids=["no-jurisdiction", "fact", "operation", "place", "no-boolean"],
    )
    def test_what_the_rules_do_not_know(self, desk: Desk, change: dict[str, Any], code: str) -> None:
        question = {"operation": "verify", "place": "hotel_lobby", "jurisdictions": ["CN"]} | change
        response, grown = desk.post("/v1/verdicts", json=question)
        assert_refused(response, 422, code)
        assert grown == NOTHING

    @pytest.mark.parametrize("jurisdictions", [["XX"], ["CN", "XX/YY"]], ids=["alone", "beside-a-known-one"])
    def test_where_no_rules_are_known_nothing_is_permitted(
        self, desk: Desk, jurisdictions: list[str]
    ) -> None:
        """The answer is the verdict: a refusal, whatever evidence there is, that says why."""
        question = {"operation": "verify", "place": "hotel_lobby", "jurisdictions": jurisdictions}
        evidence = dict.fromkeys(shipped_rules()[1].evidence, True)
        response, grown = desk.post("/v1/verdicts", json=question | {"facts": evidence})
        verdict = response.json()["verdict"]
        assert verdict["allowed"] is False
        assert any("no pack of rules for XX" in note for note in verdict["notes"])
        assert grown == NOTHING


def test_after_all_of_it_the_desk_still_works(desk: Desk) -> None:
    """Whatever ran before, the next guest is served, and the installation is whole."""
    assert desk.verify(refused("truncated-jpeg").content)[0].status_code == 422
    assert desk.verify(plain_guest())[0].json()["outcome"] == "match"
    assert desk.client.get("/healthz").json()["ok"] is True


@pytest.mark.parametrize("kind", ["file", "pixels", "name"])
def test_what_stayed_behind_would_be_found(tmp_path: Path, kind: str) -> None:
    """The search at the end isn't blind: it finds what is planted."""
    plain = TAKEN[-1].content  # a BMP holds its rows as they are
    planted = {
        "file": plain_guest()[5000:15000],
        "pixels": plain[100_000:200_000],
        "name": b"..periwinkle.JPG..",
    }
    (tmp_path / "left").write_bytes(b"\0" * 77 + planted[kind])
    desk = Desk(AsgiClient(lambda *_: None), tmp_path, tmp_path)  # type: ignore[arg-type]
    desk.sent = {"photograph": plain_guest() if kind == "file" else plain}
    assert desk.left("") != []
    (tmp_path / "left").write_bytes(b"\0" * 77)
    assert desk.left("") == []
