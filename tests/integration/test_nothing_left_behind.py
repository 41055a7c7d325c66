"""After the demonstration no picture, vector or name lies in clear in data folder, logs or temporary files.

The pictures folder is left aside: it is drawn to be looked at. The scanner itself is tested first; a scan
that can't find a planted marker proves nothing.
"""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from byte_scan import chunks, files_below, name_markers, row_markers, scan, vector_markers
from command_line import Answer, run_countenance
from countenance.capture import CaptureLimits, decode
from countenance.scenes import SpecimenHolder

HOLDER = SpecimenHolder()
NAMES = (
    HOLDER.surname,
    HOLDER.given_names,
    HOLDER.given_names.split()[1],
    HOLDER.number,
    f"{HOLDER.surname}<<{HOLDER.given_names.replace(' ', '<')}",
    "obama",
    "biden",
    "obama2.jpg",
    "specimen-card",
)


def made_up_pixels() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (112, 112, 3), dtype=np.uint8)


def made_up_vector() -> np.ndarray:
    vector = np.random.default_rng(7).normal(size=192).astype(np.float32)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def planted() -> dict[str, bytes]:
    """Every way in which something could lie about, as one would leave it behind."""
    pixels, vector = made_up_pixels(), made_up_vector()
    encoded = secrets.token_bytes(4096)
    return {
        "a whole picture": pixels.tobytes(),
        "a picture as BGR": np.ascontiguousarray(pixels[..., ::-1]).tobytes(),
        "a picture in planes": np.ascontiguousarray(pixels.transpose(2, 0, 1)).tobytes(),
        "a network's input": ((pixels - 127.5) / 128.0).astype(np.float32).tobytes(),
        "half of an encoded file": encoded[:2048],
        "an encoded file in base64": base64.b64encode(encoded),
        "a vector": vector.tobytes(),
        "a vector in half precision": vector.astype(np.float16).tobytes(),
        "a vector in double precision": vector.astype(np.float64).tobytes(),
        "a vector in one byte a number": np.round(vector / np.abs(vector).max() * 127)
        .astype(np.int8)
        .tobytes(),
        "a vector in base64": base64.b64encode(vector.tobytes()),
        "a vector in base64 that begins elsewhere": base64.b64encode(b"x" + vector.tobytes()),
        "a vector in hexadecimal": vector.tobytes().hex().encode(),
        "a vector as JSON": json.dumps([float(value) for value in vector]).encode(),
        "the tail of a vector": vector.tobytes()[-64:],
        "a name": HOLDER.surname.encode(),
        "a name in small letters": HOLDER.surname.lower().encode(),
        "a name in UTF-16": HOLDER.surname.encode("utf-16-le"),
        "a name in base64": base64.b64encode(b"ab" + HOLDER.surname.encode() + b"!"),
        "a name in base64 for URLs": base64.urlsafe_b64encode(b"\xff" + HOLDER.surname.encode()),
        "a name in hexadecimal": HOLDER.surname.encode().hex().encode(),
        "a file's name": b"/home/somebody/obama2.jpg",
        "markers": encoded,
    }


PLANTED = planted()


def made_up_markers() -> dict[str, bytes]:
    return {
        **row_markers("picture", made_up_pixels()),
        **vector_markers("vector", made_up_vector()),
        **chunks("file", PLANTED["markers"]),
        **name_markers(NAMES),
    }


@pytest.mark.parametrize("what", [name for name in PLANTED if name != "markers"])
def test_the_scanner_finds_what_was_planted(tmp_path: Path, what: str) -> None:
    noise = secrets.token_bytes(50_001)
    (tmp_path / "deep" / "below").mkdir(parents=True)
    (tmp_path / "deep" / "below" / "file").write_bytes(noise[:33_333] + PLANTED[what] + noise[33_333:])
    assert scan(files_below(tmp_path), made_up_markers())


def test_the_scanner_finds_what_lies_in_a_database(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "database") as database:
        database.execute("create table t (b blob)")
        database.execute("insert into t values (?)", (made_up_vector().tobytes(),))
    database.close()
    assert scan(files_below(tmp_path), made_up_markers())


def test_the_scanner_finds_nothing_in_noise(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(secrets.token_bytes(2_000_000))
    (tmp_path / "text").write_text(secrets.token_hex(200_000) + secrets.token_urlsafe(200_000))
    assert scan(files_below(tmp_path), made_up_markers()) == []


def test_every_kind_of_marker_was_made() -> None:
    labels = list(made_up_markers())
    for part in (
        "row",
        "plane",
        "float32",
        "float16",
        "float64",
        "int8",
        "base64",
        "hex",
        "JSON",
        "utf-16",
        "at 0",
    ):
        assert any(part in label for label in labels), part


@dataclass(frozen=True)
class Run:
    """One demonstration in a fresh home with a fresh temporary folder."""

    home: Path
    folder: Path
    temporary: Path
    answer: Answer

    @property
    def left(self) -> dict[str, bytes]:
        """Everything that it left on the disk but what it drew to be looked at, and what it printed."""
        files = files_below(self.home, self.temporary)
        pictures = str(self.folder / "pictures")
        return {path: content for path, content in files.items() if not path.startswith(pictures)} | {
            "standard error, where the logs go": self.answer.err.encode()
        }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    home = tmp_path_factory.mktemp("home")
    temporary = tmp_path_factory.mktemp("temporary")
    folder = home / "demo"
    answer = run_countenance(
        "demo",
        "--folder",
        folder,
        "--json",
        "--set",
        "log_level=debug",
        home=home,
        environment={name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")},
    )
    assert answer.status == 0, answer.err
    return Run(home, folder, temporary, answer)


@pytest.fixture(scope="module")
def inputs(run: Run) -> dict[str, bytes]:
    """The encoded pictures that went in; the card as it was drawn for looking at is the one that was used."""
    from weights import sample_bytes  # noqa: PLC0415 - loads networks; the tests above need none

    return {
        "card": (run.folder / "pictures" / "specimen-card.png").read_bytes(),
        "portrait": sample_bytes("obama"),
        "guest": sample_bytes("obama2"),
        "another": sample_bytes("biden"),
    }


@pytest.mark.models
def test_there_is_something_to_scan(run: Run) -> None:
    names = {Path(path).name for path in run.left}
    assert "root.key" in names
    assert sum(len(content) for content in run.left.values()) > 100_000


@pytest.mark.models
def test_no_encoded_picture_is_left(run: Run, inputs: dict[str, bytes]) -> None:
    markers: dict[str, bytes] = {}
    for label, content in inputs.items():
        markers |= chunks(label, content)
    assert len(markers) > 500
    assert scan(run.left, markers) == []


@pytest.mark.models
def test_no_pixels_are_left(run: Run, inputs: dict[str, bytes]) -> None:
    from weights import frame_of, observe_one  # noqa: PLC0415

    markers: dict[str, bytes] = {}
    for label, content in inputs.items():
        pixels = decode(content, limits=CaptureLimits())
        markers |= row_markers(label, pixels)
        markers |= row_markers(f"aligned face of {label}", observe_one(frame_of(pixels)).aligned)
    assert len(markers) > 1000
    assert scan(run.left, markers) == []


@pytest.mark.models
def test_no_embedding_is_left(run: Run, inputs: dict[str, bytes]) -> None:
    from weights import frame_of, mobilefacenet, observe_one  # noqa: PLC0415

    markers: dict[str, bytes] = {}
    for label, content in inputs.items():
        crop = observe_one(frame_of(decode(content, limits=CaptureLimits()))).aligned
        markers |= vector_markers(label, mobilefacenet().embed(crop[None])[0])
    assert len(markers) > 1000
    assert scan(run.left, markers) == []


@pytest.mark.models
def test_no_name_is_left(run: Run) -> None:
    assert scan(run.left, name_markers(NAMES)) == []


@pytest.mark.models
def test_the_scan_would_have_found_them_in_what_was_drawn(run: Run, inputs: dict[str, bytes]) -> None:
    """The card lies in the pictures folder on purpose: there the same markers are found."""
    drawn = files_below(run.folder / "pictures")
    assert scan(drawn, chunks("card", inputs["card"]))


@pytest.mark.models
def test_nothing_stays_in_the_temporary_folder(run: Run) -> None:
    assert list(run.temporary.iterdir()) == []


@pytest.mark.models
def test_only_its_owner_can_read_what_is_left(run: Run) -> None:
    readable = [path for path in (run.folder, *run.folder.rglob("*")) if path.stat().st_mode & 0o077]
    assert readable == []
