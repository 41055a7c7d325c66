"""What every command that looks at a clip asks: which clip, what was said, where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from countenance.cli.attended import DEMO_GUEST
from countenance.cli.recording import recorder_of
from countenance.kernel import DeviceId, PlaceId, PurposeId
from countenance.runtime.streams import camera_source, source_at
from countenance.scenes import AgeBand, ClipWithoutTimes, GuestStatement

if TYPE_CHECKING:
    from countenance.capture import FrameSource
    from countenance.runtime import Settings
    from countenance.runtime.gate import PassageInstallation

__all__ = ["clip_source", "said_before", "where_at"]

_SECONDS: Final = 10.0


def said_before(
    consent: bool | None, age_band: AgeBand | None, language: str | None, recorded_by: str, *, demo: bool
) -> GuestStatement:
    """Return what was said before the camera; the demonstration's guest if nothing was, and never a default.

    Raises:
        typer.BadParameter: if something of it is missing.
    """
    if demo and consent is None and age_band is None and language is None:
        return DEMO_GUEST
    if consent is None or age_band is None or language is None:
        raise typer.BadParameter(
            "state what whoever passes said: --consent or --no-consent, --age-band, --language"
        )
    return GuestStatement(consent, age_band, language, recorder_of(recorded_by))


def clip_source(
    video: Path | None, camera: int | None, seconds: float | None, settings: Settings
) -> FrameSource:
    """Return the video or the declared camera that is meant.

    Raises:
        typer.BadParameter: if not exactly one is named.
        CountenanceError: if it can't be taken in.
    """
    if (video is None) == (camera is None):
        raise typer.BadParameter("name a video, or else a --camera")
    if camera is not None:
        return camera_source(camera, seconds=seconds or _SECONDS, settings=settings)
    if seconds is not None:
        raise typer.BadParameter("only a recording by a --camera has a length", param_hint="--seconds")
    source = source_at(video, settings=settings) if video is not None else None
    if source is None:
        raise ClipWithoutTimes("The file is no video.")
    return source


def where_at(
    ready: PassageInstallation, named: tuple[str | None, str | None, str | None]
) -> tuple[PurposeId, PlaceId, DeviceId]:
    """Return purpose, place and device as named, else those of the demonstration's gate.

    Raises:
        typer.BadParameter: if one is missing.
    """
    gate = ready.gate
    own = (None, None, None) if gate is None else (gate.purpose, gate.place, gate.device)
    purpose, place, device = (one or other for one, other in zip(named, own, strict=True))
    if purpose is None or place is None or device is None:
        raise typer.BadParameter("name the registered --purpose, --place and --device")
    return PurposeId(purpose), PlaceId(place), DeviceId(device)
