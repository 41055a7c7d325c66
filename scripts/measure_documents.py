"""Measure which documents are read, how rightly, and how long it takes.

    PYTHONPATH=src:tests python scripts/measure_documents.py --drawn N [--seed N] [--threads N] [--json]
    PYTHONPATH=src:tests python scripts/measure_documents.py PICTURE... [--today YYYY-MM-DD] [--json]

``--drawn`` draws so many documents of each of three kinds (the back of an ID-1 card, a passport's page, a
resident card), all of made-up holders, and photographs them by the seed: scale, turn, perspective, light,
noise, blur, JPEG. What stands on them is known, so each reading is one of: right in everything that is said;
flagged, as a check doesn't hold; wrong although every check holds; refused, by code. Each is read once.

A PICTURE is read as it is, and made worse in memory: turned, laid on a dark ground, seen in perspective,
blurred, shrunk. Of each reading come out the kind, which checks don't hold (without a portrait it isn't
read), and the median of three runs, in milliseconds and in processor time, after one that isn't counted. No
field comes out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.capture import CaptureLimits, decode
from countenance.kernel import Frame, Material, SubjectError, sha256_hex
from countenance.runtime.reading_networks import load_document_reader
from countenance.vision.documents import (
    AgeBand,
    DocumentKind,
    DocumentNumber,
    DocumentReader,
    DocumentReading,
    icao_check_digit,
    iso7064_mod_11_2,
)
from countenance.vision.documents.rectification import turn
from countenance.vision.registry import ModelStore, SampleStore
from drawn_documents import draw_card, draw_document

GROUND = (58, 48, 42)
RUNS = 3
DRAWN_DAY = date(2026, 11, 23)
KEY = bytes(range(16))
LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
STATES = ("UTO", "XXA", "XXB", "XXC", "XOM", "XPO", "UNO", "EUE")
"""Codes of ICAO Doc 9303-3 that belong to no country: specimens, the stateless, organisations."""
PROVINCES = ("11", "31", "44", "51", "65", "81")
ADULT, YOUTH = 18, 14
CHILD, LEAST_AGE, MOST_AGE = 0.2, 1, 90
HEAD = (0.325, 0.0, 0.752, 0.44)  # head and shoulders of the sample photograph obama


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn document, photographed, and what stands on it."""

    pixels: NDArray[np.uint8]
    kind: DocumentKind
    state: str
    number: str
    band: AgeBand
    expired: bool | None
    portrait: bool


def main() -> int:
    """Measure, print; return 1 if a drawn document was read wrong although every check held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--drawn", type=int, default=0, help="documents of each kind, instead of pictures")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--today", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if bool(options.drawn) == bool(options.pictures):
        parser.error("either pictures or --drawn N")
    reader = load_document_reader(ModelStore(), threads=options.threads)
    report = measure_drawn(reader, options) if options.drawn else measure_pictures(reader, options)
    if options.json:
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        show(report)
    return int(bool(report["figures"].get("wrong_with_every_check")))


def show(report: dict[str, Any]) -> None:
    """Print a report as a table."""
    for row in report["rows"]:
        print(f"{row['picture']:>4}  {row['state']:<20} {row['ms']:>8.1f} ms  {row['words']}")
    for name, value in {**report["figures"], **report["conditions"]}.items():
        print(f"{name:<28} {value}")


def conditions(options: argparse.Namespace) -> dict[str, Any]:
    """Return what was measured with."""
    return {"threads": options.threads, "onnxruntime": metadata.version("onnxruntime")}


def measure_pictures(reader: DocumentReader, options: argparse.Namespace) -> dict[str, Any]:
    """Read every picture in every state."""
    rows = [
        {"picture": number, "state": state, **measure(reader, pixels, today=options.today)}
        for number, path in enumerate(options.pictures, start=1)
        for state, pixels in states(decode(path.read_bytes(), limits=CaptureLimits()))
    ]
    read = [row for row in rows if row["outcome"] == "read"]
    refused = [row["cpu_ms"] for row in rows if row["outcome"] != "read"]
    figures = {
        "readings": len(rows),
        "read": len(read),
        "read_with_every_check": sum(not row["wrong"] for row in read),
        "median_ms": round(statistics.median(row["ms"] for row in read), 1) if read else None,
        "cpu_ms_median": round(statistics.median(row["cpu_ms"] for row in read), 1) if read else None,
        "refused_cpu_ms_median": round(statistics.median(refused), 1) if refused else None,
    }
    return {
        "figures": figures,
        "conditions": {**conditions(options), "pictures": len(options.pictures)},
        "rows": rows,
    }


def states(pixels: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield a picture as it is, and made worse."""
    ground = on_ground(pixels)
    yield "as it is", pixels
    yield "on a dark ground", ground
    for degrees in (8, 90, 180, 270):
        yield f"turned by {degrees}", turn(ground, -degrees)
    for lean in (0.05, 0.10):
        yield f"perspective {lean}", slanted(ground, lean)
    for sigma in (1.0, 1.5, 2.0):
        yield f"blurred by {sigma} px", np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)
    for share in (0.75, 0.5):
        smaller = cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        yield f"shrunk to {share}", np.asarray(smaller, np.uint8)


def on_ground(pixels: NDArray[np.uint8], *, margin: float = 0.25) -> NDArray[np.uint8]:
    """Return the picture on a dark ground; the margin is a share of its longer side."""
    around = round(margin * max(pixels.shape[:2]))
    sides = (around, around, around, around)
    return np.asarray(
        cv2.copyMakeBorder(pixels, *sides, borderType=cv2.BORDER_CONSTANT, value=GROUND), np.uint8
    )


def slanted(pixels: NDArray[np.uint8], lean: float) -> NDArray[np.uint8]:
    """Return the picture with its upper side shorter by twice this share."""
    height, width = pixels.shape[:2]
    there = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = np.array([[lean * width, 0], [(1 - lean) * width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(there, seen)
    return np.asarray(cv2.warpPerspective(pixels, matrix, (width, height), borderValue=GROUND), np.uint8)


def measure(reader: DocumentReader, pixels: NDArray[np.uint8], *, today: date) -> dict[str, Any]:
    """Read one picture four times; return how it ended and the median of the last three."""
    frame = Frame(pixels=np.ascontiguousarray(pixels), material=Material(sha256_hex(pixels.tobytes())))
    taken: list[float] = []
    busy: list[float] = []
    for _ in range(RUNS + 1):
        started, began = time.perf_counter(), time.process_time()
        try:
            reading = reader.read(frame, today=today)
            outcome, wrong, words = "read", list(reading.wrong), reading.kind.value
        except SubjectError as error:
            outcome, wrong, words = "not read", [], error.code
        taken.append((time.perf_counter() - started) * 1000)
        busy.append((time.process_time() - began) * 1000)
    words += f", wrong: {', '.join(wrong)}" if wrong else ""
    size = f"{pixels.shape[1]}x{pixels.shape[0]}"
    ms = round(statistics.median(taken[1:]), 1)
    cpu_ms = round(statistics.median(busy[1:]), 1)
    return {"size": size, "outcome": outcome, "wrong": wrong, "words": words, "ms": ms, "cpu_ms": cpu_ms}


def measure_drawn(reader: DocumentReader, options: argparse.Namespace) -> dict[str, Any]:
    """Draw, photograph and read; count."""
    rows = []
    draw = np.random.default_rng(options.seed)
    portrait = sample_portrait()
    for number in range(1, options.drawn + 1):
        for make in (drawn_td1, drawn_td3, drawn_resident_card):
            drawn = make(draw, portrait)
            rows.append({"picture": number, "state": drawn.kind.name, **judge(reader, drawn)})
    ends = Counter(row["outcome"] for row in rows)
    figures: dict[str, Any] = {
        "readings": len(rows),
        "right": ends["right"],
        "flagged": ends["flagged"],
        "wrong_with_every_check": ends["wrong"],
        "refused": ends["refused"],
        "flagged_and_said_wrong": sum(
            row["outcome"] == "flagged" and bool(row["said_wrong"]) for row in rows
        ),
        "ms_median": round(statistics.median(row["ms"] for row in rows), 1),
        "cpu_ms_median": round(statistics.median(row["cpu_ms"] for row in rows), 1),
        "cpu_ms_p95": round(float(np.percentile([row["cpu_ms"] for row in rows], 95)), 1),
    }
    for kind in dict.fromkeys(row["state"] for row in rows):
        of_kind = [row for row in rows if row["state"] == kind]
        figures[f"{kind}_right"] = sum(row["outcome"] == "right" for row in of_kind)
        figures[f"{kind}_readings"] = len(of_kind)
    refusals = Counter(row["words"] for row in rows if row["outcome"] == "refused")
    return {
        "figures": figures,
        "conditions": {**conditions(options), "seed": options.seed, "refusals": dict(refusals)},
        "rows": rows,
    }


def sample_portrait() -> NDArray[np.uint8]:
    """Return head and shoulders of a sample photograph."""
    whole = decode(SampleStore().read("obama"), limits=CaptureLimits())
    left, top, right, bottom = (
        round(share * whole.shape[side]) for share, side in zip(HEAD, (1, 0, 1, 0), strict=True)
    )
    return np.ascontiguousarray(whole[top:bottom, left:right])


def judge(reader: DocumentReader, drawn: Drawn) -> dict[str, Any]:
    """Read one drawn document and hold the reading against what stands on it."""
    frame = Frame(pixels=drawn.pixels, material=Material(sha256_hex(drawn.pixels.tobytes())))
    started, began = time.perf_counter(), time.process_time()
    said_wrong: list[str] = []
    try:
        reading = reader.read(frame, today=DRAWN_DAY, portrait=drawn.portrait)
    except SubjectError as error:
        outcome, words = "refused", error.code
    else:
        said_wrong = said_wrongly(reading, drawn)
        outcome = "flagged" if reading.wrong else "wrong" if said_wrong else "right"
        words = ", ".join((outcome, *reading.wrong, *(f"{name} not as drawn" for name in said_wrong)))
    return {
        "size": f"{drawn.pixels.shape[1]}x{drawn.pixels.shape[0]}",
        "outcome": outcome,
        "said_wrong": said_wrong,
        "words": words,
        "ms": round((time.perf_counter() - started) * 1000, 1),
        "cpu_ms": round((time.process_time() - began) * 1000, 1),
    }


def said_wrongly(reading: DocumentReading, drawn: Drawn) -> list[str]:
    """Return which of the things that a reading says aren't so; what it leaves unsaid isn't wrong."""
    number = DocumentNumber(kind=drawn.kind, issuing_state=drawn.state, value=drawn.number)
    said = {
        "kind": reading.kind is drawn.kind,
        "state": reading.issuing_state in {"", drawn.state},
        "number": reading.number is None or reading.number.keyed_digest(KEY) == number.keyed_digest(KEY),
        "age band": reading.age_band in {AgeBand.UNKNOWN, drawn.band},
        "expiry": reading.expired in {None, drawn.expired},
    }
    return [name for name, so in said.items() if not so]


def drawn_td1(draw: np.random.Generator, portrait: NDArray[np.uint8]) -> Drawn:  # noqa: ARG001
    """Draw and photograph the back of a card."""
    state, number, born, expires = holder(draw)
    first = f"I<{state}{number}{icao_check_digit(number)}".ljust(30, "<")
    dates = f"{yymmdd(born)}F{yymmdd(expires)}".replace("F", icao_check_digit(yymmdd(born)) + "F")
    second = f"{dates}{icao_check_digit(yymmdd(expires))}{state}".ljust(29, "<")
    second += icao_check_digit(first[5:30] + second[0:7] + second[8:15] + second[18:29])
    page = draw_document((first, second, names(draw, 30)), scale=float(draw.uniform(5.0, 12.0)))
    return Drawn(
        photographed(draw, page),
        DocumentKind.TD1,
        state,
        number,
        band(born),
        expired=expires < DRAWN_DAY,
        portrait=False,
    )


def drawn_td3(draw: np.random.Generator, portrait: NDArray[np.uint8]) -> Drawn:
    """Draw and photograph a passport's page."""
    state, number, born, expires = holder(draw)
    first = f"P<{state}" + names(draw, 39)
    second = f"{number}{icao_check_digit(number)}{state}{yymmdd(born)}{icao_check_digit(yymmdd(born))}M"
    second += yymmdd(expires) + icao_check_digit(yymmdd(expires)) + "<" * 14 + "0"
    second += icao_check_digit(second[:10] + second[13:20] + second[21:43])
    page = draw_document((first, second), scale=float(draw.uniform(4.5, 10.0)), portrait=portrait)
    return Drawn(
        photographed(draw, page),
        DocumentKind.TD3,
        state,
        number,
        band(born),
        expired=expires < DRAWN_DAY,
        portrait=True,
    )


def drawn_resident_card(draw: np.random.Generator, portrait: NDArray[np.uint8]) -> Drawn:
    """Draw and photograph the front of a resident card."""
    born = birth(draw)
    digits = str(draw.choice(PROVINCES)) + letters(draw, DIGITS, 4) + f"{born:%Y%m%d}"
    digits += letters(draw, DIGITS, 3)
    number = digits + iso7064_mod_11_2(digits)
    page = draw_card(number, scale=float(draw.uniform(5.0, 12.0)), portrait=portrait)
    kind = DocumentKind.RESIDENT_CARD_CN
    return Drawn(photographed(draw, page), kind, "CHN", number, band(born), expired=None, portrait=True)


def holder(draw: np.random.Generator) -> tuple[str, str, date, date]:
    """Return state, number, birth and expiry of nobody."""
    number = letters(draw, LETTERS, 2) + letters(draw, DIGITS, 7)
    expires = DRAWN_DAY + timedelta(days=int(draw.integers(-700, 3600)))
    return str(draw.choice(STATES)), number, birth(draw), expires


def birth(draw: np.random.Generator) -> date:
    """Return a day of birth; one in five is a child's."""
    ages = (LEAST_AGE, ADULT) if draw.random() < CHILD else (ADULT, MOST_AGE)
    return DRAWN_DAY - timedelta(days=int(draw.integers(ages[0] * 366, ages[1] * 365)))


def band(born: date) -> AgeBand:
    """Return the band of somebody born on this day, on the day of reading."""
    had = (DRAWN_DAY.month, DRAWN_DAY.day) >= (born.month, born.day)
    years = DRAWN_DAY.year - born.year - (not had)
    if years >= ADULT:
        return AgeBand.ADULT
    return AgeBand.FROM_14_TO_17 if years >= YOUTH else AgeBand.UNDER_14


def yymmdd(day: date) -> str:
    """Return a day as a zone has it."""
    return f"{day:%y%m%d}"


def names(draw: np.random.Generator, length: int) -> str:
    """Return names as a zone has them, of letters by chance."""
    family = letters(draw, LETTERS, int(draw.integers(3, 10)))
    given = letters(draw, LETTERS, int(draw.integers(3, 8)))
    return f"{family}<<{given}".ljust(length, "<")


def letters(draw: np.random.Generator, alphabet: str, count: int) -> str:
    """Return so many characters by chance."""
    return "".join(alphabet[place] for place in draw.integers(0, len(alphabet), count))


def photographed(draw: np.random.Generator, page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a page as somebody photographs it: one in four fills the picture, the others lie on a ground."""
    seen = page
    if draw.random() < 0.75:  # noqa: PLR2004
        seen = slanted(on_ground(page, margin=float(draw.uniform(0.05, 0.3))), float(draw.uniform(0, 0.1)))
        most = 180.0 if draw.random() < 0.3 else 12.0  # noqa: PLR2004
        seen = turn(seen, float(draw.uniform(-most, most)))
    light = lit(draw, np.asarray(seen, np.float32))
    light += draw.normal(0.0, draw.uniform(0.0, 6.0), light.shape).astype(np.float32)
    soft = cv2.GaussianBlur(np.clip(light, 0, 255).astype(np.uint8), (0, 0), float(draw.uniform(0.3, 1.6)))
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(draw.integers(40, 96))]
    return np.ascontiguousarray(cv2.imdecode(cv2.imencode(".jpg", soft, quality)[1], cv2.IMREAD_COLOR))


def lit(draw: np.random.Generator, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a picture under a light that falls off to one side."""
    height, width = pixels.shape[:2]
    side = draw.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    fall = 1.0 + draw.uniform(0, 0.35) * (np.cos(side) * columns + np.sin(side) * rows)
    return np.asarray(pixels * (draw.uniform(0.6, 1.1) * fall)[..., None], np.float32)


if __name__ == "__main__":
    raise SystemExit(main())
