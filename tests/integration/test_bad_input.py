"""What people upload by mistake or on purpose, over REST and the command line, with the real networks.

Each case has one stable code and one sentence, or is taken; nothing of what was sent is left in the data
folder, and nobody sees a trace back.
"""

from __future__ import annotations

import io
import json
import shutil
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from asgi_client import AsgiClient
from byte_scan import chunks, files_below, row_markers, scan
from command_line import Answer, run_countenance
from countenance.authority import shipped_rules
from countenance.runtime import Settings, prepare_demo
from countenance.scenes import draw_specimen_card
from countenance.server import build_app
from countenance.vision.registry import default_models_folder
from pictures import encode, png_with_header
from weights import sample_bytes

pytestmark = pytest.mark.models

PROBLEM_TYPE = "application/problem+json"
HEAD = (0.325, 0.0, 0.752, 0.44)  # head and shoulders of that photograph
FIELDS = {
    "place": "plc_frontdesk",
    "device": "dev_deskcamera",
    "consents": "yes",
    "age_band": "adult",
    "language": "en",
}
FILE_NAME = "QUILLFEATHER.jpg"


def guest(side: int = 480) -> Image.Image:
    """The guest's live photograph, its longer side so many pixels."""
    with Image.open(io.BytesIO(sample_bytes("obama2"))) as image:
        image.load()
    return ImageOps.contain(image.convert("RGB"), (side, side))


def card() -> bytes:
    return draw_specimen_card(sample_bytes("obama"), part=HEAD)


def jpeg(image: Image.Image, **options: object) -> bytes:
    return encode(image, "JPEG", quality=92, **options)


def truncated_jpeg() -> bytes:
    whole = jpeg(guest())
    return whole[: len(whole) // 2]


def jpeg_with_header(width: int, height: int) -> bytes:
    """A small JPEG whose frame header (SOF0) states another size."""
    content = bytearray(jpeg(Image.new("RGB", (64, 64), (90, 120, 150))))
    start = content.index(b"\xff\xc0")
    content[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def animated(kind: str) -> bytes:
    pictures = [guest(), ImageOps.mirror(guest())]
    return encode(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=80)


def sixteen_bit() -> bytes:
    wide = np.asarray(guest())[:, :, ::-1].astype(np.uint16) * 257
    written, content = cv2.imencode(".png", wide)
    assert written
    return content.tobytes()


def turned() -> bytes:
    """Lies on its side; EXIF orientation 6 says how it is to be shown."""
    exif = Image.Exif()
    exif[274] = 6
    return jpeg(guest().transpose(Image.Transpose.ROTATE_90), exif=exif)


def see_through() -> bytes:
    over = guest().convert("RGBA")
    over.putpixel((0, 0), (0, 0, 0, 0))
    return encode(over, "PNG")


def twins() -> bytes:
    one = guest()
    both = Image.new("RGB", (one.width * 2, one.height))
    both.paste(one, (0, 0))
    both.paste(ImageOps.mirror(one), (one.width, 0))
    return jpeg(both)


def far_away() -> bytes:
    """The same guest as a picture so small that the face has some thirty pixels."""
    return encode(guest(128), "PNG")


def empty_room() -> bytes:
    return encode(Image.effect_noise((640, 480), 30).convert("RGB"), "PNG")


REFUSED: tuple[tuple[str, Callable[[], bytes], int, str], ...] = (
    ("empty", lambda: b"", 400, "field-missing"),
    ("text-as-jpeg", lambda: b"Dear sirs, here is my photograph.\n" * 50, 415, "not-a-picture"),
    ("pdf", lambda: b"%PDF-1.7\n" + b"x" * 4000, 415, "not-a-picture"),
    ("truncated-jpeg", truncated_jpeg, 422, "picture-damaged"),
    ("jpeg-cut-in-its-header", lambda: truncated_jpeg()[:100], 422, "picture-damaged"),
    ("100-megapixel-png", lambda: png_with_header(10_000, 10_000), 413, "picture-too-large"),
    ("100-megapixel-jpeg", lambda: jpeg_with_header(10_000, 10_000), 413, "picture-too-large"),
    ("40000-png", lambda: png_with_header(40_000, 40_000), 413, "picture-too-large"),
    ("40000-jpeg", lambda: jpeg_with_header(40_000, 40_000), 413, "picture-too-large"),
    ("animated-webp", lambda: animated("WEBP"), 415, "picture-moves"),
    ("animated-png", lambda: animated("PNG"), 415, "picture-moves"),
    ("animated-gif", lambda: animated("GIF"), 415, "not-a-picture"),
    ("thumbnail", lambda: jpeg(guest(40)), 422, "picture-too-small"),
)
TAKEN: tuple[tuple[str, Callable[[], bytes]], ...] = (
    ("plain", lambda: jpeg(guest())),
    ("turned-by-exif", turned),
    ("sixteen-bit", sixteen_bit),
    ("cmyk", lambda: jpeg(guest().convert("CMYK"))),
    ("palette", lambda: encode(guest().quantize(256), "PNG")),
    ("grey", lambda: jpeg(guest().convert("L"))),
    ("grey-with-alpha", lambda: encode(guest().convert("LA"), "PNG")),
    ("alpha", see_through),
    ("webp", lambda: encode(guest(), "WEBP", quality=90)),
    ("bmp", lambda: encode(guest(), "BMP")),
)
INCONCLUSIVE: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    ("no-face", empty_room, "No face"),
    ("two-faces-of-like-size", twins, "faces of like size"),
    ("face-under-the-floor", far_away, "too few pixels"),
)


@dataclass(frozen=True)
class Desk:
    """A client with a clerk's key over an installation in a folder."""

    client: AsgiClient
    folder: Path

    def verify(self, live: bytes, *, document: bytes | None = None) -> tuple[int, dict[str, Any], str]:
        """Send one verification; status, document and media type. Nothing of it may be on the disk."""
        files = {
            "document": (FILE_NAME, card() if document is None else document),
            "live": (FILE_NAME, live),
        }
        response = self.client.post("/v1/verifications", data=FIELDS, files=files)
        assert "Traceback" not in response.text
        assert "QUILLFEATHER" not in response.text
        assert self.left_of(live) == []
        return response.status_code, response.json(), response.headers["content-type"]

    def left_of(self, sent: bytes) -> list[str]:
        """Where something of a file that was sent, or of its pixels, stands on the disk."""
        markers = chunks("file", sent, step=max(256, len(sent) // 40)) if len(sent) > 64 else {}
        markers |= {"name of the file": FILE_NAME.encode()}
        try:
            with Image.open(io.BytesIO(sent)) as image:
                if image.width * image.height < 1_000_000:
                    markers |= row_markers("pixels", np.asarray(image.convert("RGB")))
        except (OSError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
            pass  # no pixels to look for
        return scan(files_below(self.folder), markers)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk") / "demo"
    settings = Settings(models_folder=default_models_folder())
    with prepare_demo(settings, folder=folder, serving=True) as ready:
        key = ready.services.api_keys.issue(name="Front desk", roles=("clerk",))
        yield Desk(AsgiClient(build_app(ready.services), headers={"X-Api-Key": key}), folder)


class TestRest:
    @pytest.mark.parametrize(
        ("make", "status", "code"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED]
    )
    @pytest.mark.parametrize("role", ["live", "document"])
    def test_it_is_refused_with_its_code(
        self, desk: Desk, make: Callable[[], bytes], status: int, code: str, role: str
    ) -> None:
        sent = make()
        answered = desk.verify(sent) if role == "live" else desk.verify(jpeg(guest()), document=sent)
        assert (answered[0], answered[1]["code"], answered[2]) == (status, code, PROBLEM_TYPE)
        assert answered[1]["detail"].endswith(".")
        assert answered[1]["remedy"].endswith(".")
        assert desk.left_of(sent) == []

    @pytest.mark.parametrize("make", [pytest.param(row[1], id=row[0]) for row in TAKEN])
    def test_it_is_taken_and_is_the_guest(self, desk: Desk, make: Callable[[], bytes]) -> None:
        status, answer, _ = desk.verify(make())
        assert (status, answer["outcome"]) == (200, "match"), answer

    @pytest.mark.parametrize(("make", "words"), [pytest.param(*row[1:], id=row[0]) for row in INCONCLUSIVE])
    def test_it_is_inconclusive_and_says_why(self, desk: Desk, make: Callable[[], bytes], words: str) -> None:
        status, answer, _ = desk.verify(make())
        assert (status, answer["outcome"]) == (200, "inconclusive"), answer
        live = next(report for report in answer["inputs"] if report["role"] == "live")
        assert words in " ".join(live["reasons"])

    def test_one_photograph_twice(self, desk: Desk) -> None:
        sent = jpeg(guest())
        status, answer, _ = desk.verify(sent, document=sent)
        assert (status, answer["code"]) == (422, "same-picture")

    def test_a_file_over_the_limit_is_refused_while_it_is_read(self, desk: Desk) -> None:
        sent = b"\xff\xd8\xff" + bytes(21 * 1024 * 1024)
        response = desk.client.post(
            "/v1/verifications", data=FIELDS, files={"document": card(), "live": sent}
        )
        assert (response.status_code, response.json()["code"]) == (413, "upload-too-large")

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
        response = desk.client.post("/v1/verdicts", json=question)
        assert (response.status_code, response.json()["code"]) == (422, code)
        assert "Traceback" not in response.text

    @pytest.mark.parametrize("jurisdictions", [["XX"], ["CN", "XX/YY"]], ids=["alone", "beside-a-known-one"])
    def test_where_no_rules_are_known_nothing_is_permitted(
        self, desk: Desk, jurisdictions: list[str]
    ) -> None:
        """The answer is the verdict: a refusal, whatever evidence there is, that says why."""
        question = {"operation": "verify", "place": "hotel_lobby", "jurisdictions": jurisdictions}
        evidence = dict.fromkeys(shipped_rules()[1].evidence, True)
        answer = desk.client.post("/v1/verdicts", json=question | {"facts": evidence}).json()
        assert answer["verdict"]["allowed"] is False
        assert any("no pack of rules for XX" in note for note in answer["verdict"]["notes"])

    def test_after_all_of_it_the_desk_still_works(self, desk: Desk) -> None:
        """Whatever ran before, the next guest is served, and the installation is whole."""
        assert desk.verify(truncated_jpeg())[0] == 422
        assert desk.verify(jpeg(guest(500)))[1]["outcome"] == "match"
        assert desk.client.get("/healthz").json()["ok"] is True


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a demonstration that was run once."""
    home = tmp_path_factory.mktemp("home")
    made = run_countenance("demo", "--folder", home / "demo", "--json", home=home)
    assert made.status == 0, made.err
    return home


class TestCommandLine:
    """The same codes from `countenance checkin`, with exit status 2 and one JSON object."""

    def checkin(self, home: Path, live: bytes, *, models: Path | None = None, folder: str = "demo") -> Answer:
        file = home / FILE_NAME
        file.write_bytes(live)
        card_file = home / "demo" / "pictures" / "specimen-card.png"
        answer = run_countenance(
            *("checkin", card_file, file, "--demo", "--folder", home / folder, "--json"),
            home=home,
            environment={} if models is None else {"COUNTENANCE_MODELS_FOLDER": str(models)},
        )
        file.unlink()
        assert "Traceback" not in answer.out + answer.err
        assert "QUILLFEATHER" not in answer.out + answer.err
        return answer

    @pytest.mark.parametrize(
        ("make", "code"),
        [
            (lambda: b"", "not-a-picture"),
            (truncated_jpeg, "picture-damaged"),
            (lambda: png_with_header(40_000, 40_000), "picture-too-large"),
            (lambda: animated("WEBP"), "picture-moves"),
        ],
        ids=["empty", "truncated", "40000", "animated"],
    )
    def test_it_is_refused_with_its_code(self, home: Path, make: Callable[[], bytes], code: str) -> None:
        sent = make()
        answer = self.checkin(home, sent)
        assert (answer.status, answer.document["error"]["code"]) == (2, code)
        assert Desk(AsgiClient(no_app), home / "demo").left_of(sent) == []

    def test_a_photograph_on_its_side_is_taken(self, home: Path) -> None:
        answer = self.checkin(home, turned())
        assert (answer.status, answer.document["outcome"]) == (0, "match")

    @pytest.mark.parametrize("harm", ["missing", "tampered"])
    def test_without_the_pinned_weights_nothing_starts(self, home: Path, tmp_path: Path, harm: str) -> None:
        models = tmp_path / "models"
        shutil.copytree(default_models_folder(), models)
        weights = next(file for file in (models / "weights").iterdir() if "mobilefacenet" in file.name)
        if harm == "missing":
            weights.unlink()
        else:
            content = bytearray(weights.read_bytes())
            content[len(content) // 2] ^= 1
            weights.chmod(0o644)
            weights.write_bytes(bytes(content))
        before = snapshot(home / "demo" / "data")
        answer = self.checkin(home, jpeg(guest()), models=models)
        assert answer.status == 2
        assert answer.document["error"]["code"] == "installation-not-ready"
        assert f"mobilefacenet-192 ({'missing' if harm == 'missing' else 'wrong hash'})" in json.dumps(
            answer.document["error"]
        )
        assert "countenance models pull" in answer.document["error"]["remedy"]
        assert snapshot(home / "demo" / "data") == before

    def test_a_fact_that_the_rules_do_not_know(self, tmp_path: Path) -> None:
        asked = ("may", "verify", "--place", "hotel_lobby", "--jurisdiction", "CN", "--fact", "moon_is_full")
        answer = run_countenance(*asked, "--json", home=tmp_path)
        assert (answer.status, answer.document["error"]["code"]) == (2, "unknown-fact-name")
        assert "Traceback" not in answer.out + answer.err

    def test_a_jurisdiction_without_rules_permits_nothing(self, tmp_path: Path) -> None:
        asked = ("may", "verify", "--place", "hotel_lobby", "--jurisdiction", "XX")
        answer = run_countenance(*asked, "--json", home=tmp_path)
        assert (answer.status, answer.document["outcome"]) == (3, "refused")
        assert any("no pack of rules for XX" in note for note in answer.document["verdict"]["notes"])

    def test_a_demonstration_stands_where_there_is_one(self, tmp_path: Path) -> None:
        asked = ("demo", "--folder", tmp_path / "demo", "--jurisdiction", "XX", "--json")
        answer = run_countenance(*asked, home=tmp_path)
        assert (answer.status, answer.document["error"]["code"]) == (2, "demo-not-offered")


def snapshot(folder: Path) -> dict[str, bytes]:
    """The database's content; its write-ahead log may be folded in at any opening."""
    return {name: content for name, content in files_below(folder).items() if name.endswith(".db")}


async def no_app(scope: object, receive: object, send: object) -> None:
    raise AssertionError("not for requests")
