"""A network that reads who somebody is from the first pixel, and evaluations under the real rules with it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from countenance.authority import AuthorityDesk, LogObserver, shipped_rules
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.evaluation.datasets import DatasetProvenance
from countenance.evaluation.permission import (
    EVALUATE,
    AggregateObserver,
    EvaluationAuthority,
    register_evaluation,
)
from countenance.evaluation.reading import PictureReader, ReadFace
from countenance.evaluation.resumption import Resumption
from countenance.evaluation.searches import CrossComparison
from countenance.kernel import FixedClock, Frame, PermitToken, ProcessingRequest
from countenance.store import Store
from pictures import png

RULES, VOCABULARY = shipped_rules()
PROVENANCE = DatasetProvenance(name="Ours", origin="volunteers", terms="signed")
NOON = FixedClock(datetime(2026, 11, 22, 12, tzinfo=UTC))
BLANK = 255


class PixelReader:
    """Reads a face from the first pixel: red says who, green how bad the picture is."""

    model_id = "pixels"

    def read(self, frame: Frame, *, permit: PermitToken, request: ProcessingRequest) -> ReadFace | None:
        assert permit
        assert frame.material in request.materials
        who, badness, other = (int(value) for value in frame.pixels[0, 0])
        if who == BLANK:
            return None
        vector = _direction(who) + badness / 30 * _direction(1000 + other)
        return ReadFace((3 * vector).astype(np.float32), 100.0 - badness)


def _direction(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=128)
    unit: np.ndarray = vector / np.linalg.norm(vector)
    return unit


def picture(folder: Path, name: str, count: int, who: int, *, badness: int = 0) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:] = list(hashlib.sha256(f"{name}{count}".encode()).digest()[:3])
    pixels[0, 0] = (who, badness, count)
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / f"{name}_{count:04d}.png").write_bytes(png(pixels))


def doors_of(
    store: Store,
    folder: Path,
    *,
    list_sha256: str,
    readers: int = 1,
    provenance: DatasetProvenance | None = PROVENANCE,
) -> tuple[list[PictureReader], CrossComparison]:
    """Return readers of pictures, and what compares, of one evaluation."""
    desk = AuthorityDesk(
        store=store,
        rules=RULES,
        vocabulary=VOCABULARY,
        clock=NOON,
        observers=(LogObserver(store=store, clock=NOON), AggregateObserver(writes=("rates",))),
        permit_lifetime=timedelta(minutes=2),
    )
    site = register_evaluation(desk, list_sha256=list_sha256, provenance=provenance, jurisdictions=("EU",))
    authority = EvaluationAuthority(desk=desk, site=site)
    limits = CaptureLimits(smallest_side=16)
    made = [
        PictureReader(
            authority=authority,
            capture_door=CaptureDoor(verifier=desk.verifier, limits=limits, operation=EVALUATE),
            faces=PixelReader(),
            resumption=Resumption(
                folder=folder / f"resume-{n}", vault=store.vault, purpose=site.purpose, run={"list": "1"}
            ),
            batch=64 if readers > 1 else 4,
        )
        for n in range(readers)
    ]
    return made, CrossComparison(authority=authority, verifier=desk.verifier, batch=8)
