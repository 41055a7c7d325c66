"""Scenes: what a place does with faces, as data, over a handful of flows.

Rules of this package:

* A scene is a TOML profile: purpose, operations, roles, error target, retention, what may be shown. A new
  scene needs a file, not code.
* A flow never asks whether a rule is met and never opens a picture. It states who is concerned, what
  the person said and who wrote it down, and hands the order to the desk that asks for the permit.
* Every check-in has a fresh pseudonym. It names nobody, and no two check-ins share one.
* A consent is recorded only when the guest gave it, as the word of whoever recorded it; a flow has no
  default for it.
* The specimen card shows a country and a holder that don't exist, and says SPECIMEN across itself.
"""

from countenance.scenes.analysis import ANALYSIS_PURPOSE, AnalysisOrder, AnalysisResult, ImageAnalysis
from countenance.scenes.analysis_stream import (
    FrameOutcome,
    StreamAnalysis,
    StreamKind,
    StreamOrder,
    StreamResult,
    StreamStop,
)
from countenance.scenes.attended import (
    AgeBand,
    AttendedOrder,
    AttendedResult,
    AttendedVerification,
    GuestStatement,
)
from countenance.scenes.clip import ClipLiveness, ClipMoment, ClipOrder, ClipResult
from countenance.scenes.driver import (
    DRIVER_PURPOSE,
    DriverMoment,
    DriverOrder,
    DriverResult,
    DriverWatching,
    NotADrive,
)
from countenance.scenes.errors import ClipWithoutTimes, GuestStatementInvalid, SceneInvalid, UnknownScene
from countenance.scenes.identification import IdentificationFlow, VisitOrder, VisitResult
from countenance.scenes.passage import (
    PassageMoment,
    PassageOrder,
    PassageResult,
    PassageWatching,
    ShownPicture,
)
from countenance.scenes.profile import Photograph, Retention, SceneProfile, parse_profile
from countenance.scenes.refusal import refusal_document, rules_against
from countenance.scenes.shipped import shipped_profiles
from countenance.scenes.specimen import SpecimenHolder, draw_specimen_card

__all__ = [
    "ANALYSIS_PURPOSE",
    "DRIVER_PURPOSE",
    "AgeBand",
    "AnalysisOrder",
    "AnalysisResult",
    "AttendedOrder",
    "AttendedResult",
    "AttendedVerification",
    "ClipLiveness",
    "ClipMoment",
    "ClipOrder",
    "ClipResult",
    "ClipWithoutTimes",
    "DriverMoment",
    "DriverOrder",
    "DriverResult",
    "DriverWatching",
    "FrameOutcome",
    "GuestStatement",
    "GuestStatementInvalid",
    "IdentificationFlow",
    "ImageAnalysis",
    "NotADrive",
    "PassageMoment",
    "PassageOrder",
    "PassageResult",
    "PassageWatching",
    "Photograph",
    "Retention",
    "SceneInvalid",
    "SceneProfile",
    "ShownPicture",
    "SpecimenHolder",
    "StreamAnalysis",
    "StreamKind",
    "StreamOrder",
    "StreamResult",
    "StreamStop",
    "UnknownScene",
    "VisitOrder",
    "VisitResult",
    "draw_specimen_card",
    "parse_profile",
    "refusal_document",
    "rules_against",
    "shipped_profiles",
]
