"""Measure which documents are read, with which checks, and how long it takes.

    python scripts/measure_documents.py PICTURE... [--today YYYY-MM-DD] [--threads N] [--json]

Each picture is read as it is, and made worse in memory: turned, laid on a dark ground, seen in perspective,
blurred, shrunk. Of each reading come out the kind, which checks don't hold (without a portrait it isn't
read), and the median of three runs, in milliseconds, after one that isn't counted. No field comes out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.capture import CaptureLimits, decode
from countenance.kernel import Frame, Material, SubjectError, sha256_hex
from countenance.runtime.reading_networks import load_document_reader
from countenance.vision.documents import DocumentReader
from countenance.vision.documents.rectification import turn
from countenance.vision.registry import ModelStore

GROUND = (58, 48, 42)
RUNS = 3


def main() -> int:
    """Read every picture in every state; return 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--today", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    reader = load_document_reader(ModelStore(), threads=options.threads)
    rows = [
        {"picture": number, "state": state, **measure(reader, pixels, today=options.today)}
        for number, path in enumerate(options.pictures, start=1)
        for state, pixels in states(decode(path.read_bytes(), limits=CaptureLimits()))
    ]
    read = [row for row in rows if row["outcome"] == "read"]
    figures = {
        "readings": len(rows),
        "read": len(read),
        "read_with_every_check": sum(not row["wrong"] for row in read),
        "median_ms": round(statistics.median(row["ms"] for row in read), 1) if read else None,
    }
    conditions = {
        "threads": options.threads,
        "pictures": len(options.pictures),
        "onnxruntime": metadata.version("onnxruntime"),
    }
    if options.json:
        sys.stdout.write(json.dumps({"figures": figures, "conditions": conditions, "rows": rows}) + "\n")
        return 0
    for row in rows:
        print(f"{row['picture']:>3}  {row['state']:<18} {row['ms']:>8.1f} ms  {row['words']}")
    print(figures, conditions)
    return 0


def states(pixels: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield a picture as it is, and made worse."""
    around = round(0.25 * max(pixels.shape[:2]))
    ground = np.asarray(
        cv2.copyMakeBorder(pixels, around, around, around, around, cv2.BORDER_CONSTANT, value=GROUND),
        np.uint8,
    )
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
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        try:
            reading = reader.read(frame, today=today)
            outcome, wrong, words = "read", list(reading.wrong), reading.kind.value
        except SubjectError as error:
            outcome, wrong, words = "not read", [], error.code
        taken.append((time.perf_counter() - started) * 1000)
    words += f", wrong: {', '.join(wrong)}" if wrong else ""
    size = f"{pixels.shape[1]}x{pixels.shape[0]}"
    ms = round(statistics.median(taken[1:]), 1)
    return {"size": size, "outcome": outcome, "wrong": wrong, "words": words, "ms": ms}


if __name__ == "__main__":
    raise SystemExit(main())
