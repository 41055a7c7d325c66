"""Rendered faces in front of a made-up camera: heads, sheets and screens, for benches and tests.

Rules of this package:

* What it makes is simulated, and whoever states a rate of it says so.
* It is for measuring alone: no session, no scene and no page imports it.
* Arrays in, arrays out: nothing is read or written, and the same arguments give the same pixels.
"""

from countenance.vision.rendering.camera import FilmedBy, Sensor
from countenance.vision.rendering.heads import (
    PortraitUnusable,
    RenderedHead,
    head_from_portrait,
    require_frontal,
)
from countenance.vision.rendering.posters import CameraMotion, PosterKind, PosterScene
from countenance.vision.rendering.scenery import HeldScreen, Scenery
from countenance.vision.rendering.sheets import Sheet, cut_out_sheet, printed_sheet
from countenance.vision.rendering.surfaces import FRAME_SIZE, Stance, Surface, paint

__all__ = [
    "FRAME_SIZE",
    "CameraMotion",
    "FilmedBy",
    "HeldScreen",
    "PortraitUnusable",
    "PosterKind",
    "PosterScene",
    "RenderedHead",
    "Scenery",
    "Sensor",
    "Sheet",
    "Stance",
    "Surface",
    "cut_out_sheet",
    "head_from_portrait",
    "paint",
    "printed_sheet",
    "require_frontal",
]
