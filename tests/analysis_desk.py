"""The demonstration's picture archive with its analyses, and streams of the sample portraits to give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import weights
from countenance.capture import CaptureLimits, decode
from countenance.kernel import DeviceId, FixedClock, PermitId, PlaceId, SubjectId
from countenance.runtime import AnalysisInstallation, load_settings, prepare_demo_analysis
from countenance.scenes import ANALYSIS_PURPOSE, AgeBand, GuestStatement
from countenance.store import EvidenceRecord
from front_desk import NOON, new_desk

DEPICTED = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="clerk")
SIDE = 360


@dataclass(frozen=True)
class AnalysisDesk:
    """An installation, its clock, and what a test asks its records."""

    ready: AnalysisInstallation
    clock: FixedClock

    @property
    def where(self) -> tuple[PlaceId, DeviceId]:
        assert self.ready.place is not None
        assert self.ready.device is not None
        return self.ready.place, self.ready.device

    def wait(self, time: timedelta) -> None:
        self.clock.move_to(self.clock.now() + time)

    def consents(self) -> list[EvidenceRecord]:
        """Every consent to an analysis on file, the latest last."""
        return [
            record
            for record in self.ready.store.evidence.at(self.clock.now())
            if record.key == "consent.separate" and record.scope.purpose == ANALYSIS_PURPOSE
        ]

    def subjects(self) -> set[SubjectId]:
        return {record.scope.subject for record in self.consents() if record.scope.subject is not None}

    def withdraw(self, subject: SubjectId) -> None:
        new_desk(self.ready.store, self.clock).withdraw_consent(
            subject=subject, purpose=ANALYSIS_PURPOSE, by="officer"
        )

    def last_analysis(self) -> Mapping[str, Any]:
        """The log's last entry about an analysis."""
        log = self.ready.store.log
        entries = (log.entry(index) for index in reversed(range(log.size())))
        return next(each.entry for each in entries if each.kind == "analysis" and each.entry is not None)

    def passages(self, permit: str) -> Mapping[str, int]:
        return self.ready.store.permits.uses(PermitId(permit))

    def open_duties(self) -> set[str]:
        return {duty.key for duty in self.ready.store.duties.open(place=self.where[0])}


@contextmanager
def analysis_desk(folder: Path, **settings: object) -> Iterator[AnalysisDesk]:
    """Open the made-up archive in a folder, with the real networks."""
    clock = FixedClock(NOON)
    told = load_settings(file=None, overrides=settings)
    with prepare_demo_analysis(told, folder=folder, clock=clock) as ready:
        yield AnalysisDesk(ready, clock)


def portrait_video(path: Path, names: Sequence[str | None], *, rate: float = 10.0) -> Path:
    """Write a video with OpenCV, one frame for each name; ``None`` is a black frame without a face."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (SIDE, SIDE))
    for name in names:
        frame = np.zeros((SIDE, SIDE, 3), np.uint8)
        if name is not None:
            pixels = decode(weights.sample_bytes(name), limits=CaptureLimits())
            frame[...] = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)[:, :, ::-1]
        writer.write(frame)
    writer.release()
    return path
