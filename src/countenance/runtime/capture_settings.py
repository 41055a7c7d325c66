"""The settings of folders, videos and cameras, with unit, limit and default."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

__all__ = ["CaptureSettings", "declared_cameras"]

_DECLARED = re.compile(r"(\d{1,3})=([A-Za-z0-9_-]{1,80})")


def declared_cameras(stated: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """Return camera numbers with the ids of the registered devices that they are declared for.

    Raises:
        ValueError: if one isn't NUMBER=DEVICE, or a number is stated twice.
    """
    found = [_DECLARED.fullmatch(each) for each in stated]
    cameras = tuple((int(each[1]), each[2]) for each in found if each is not None)
    if len({number for number, _ in cameras}) != len(stated):
        msg = "a camera is stated as NUMBER=DEVICE, each number once"
        raise ValueError(msg)
    return cameras


class CaptureSettings(BaseSettings):
    """What an installation can be told about sources of more than one picture."""

    video_decoder: Annotated[
        Literal["opencv", "pyav"],
        Field(
            title="Video decoder",
            description="opencv, or pyav, which needs the extra `video` (its wheel holds GPL codecs).",
        ),
    ] = "opencv"
    video_largest_bytes: Annotated[
        int,
        Field(
            title="Largest video, bytes",
            description="Bytes of one video file, 1024 to 2147483648 (2 GiB). It is held in memory.",
            ge=1024,
            le=2**31,
        ),
    ] = 200 * 1024 * 1024
    video_longest_seconds: Annotated[
        float,
        Field(title="Longest video", description="Seconds of one video, 1 to 7200.", ge=1, le=7200),
    ] = 300.0
    video_most_frames: Annotated[
        int,
        Field(
            title="Most pictures of a video",
            description="Pictures in one video or recording, kept or not, 1 to 1000000.",
            ge=1,
            le=1_000_000,
        ),
    ] = 20_000
    video_largest_pixels: Annotated[
        int,
        Field(
            title="Largest frame",
            description="Width times height of a picture of a video or camera, 4096 to 50000000.",
            ge=4096,
            le=50_000_000,
        ),
    ] = 4096 * 2160
    video_frames_per_second: Annotated[
        float,
        Field(
            title="Frames kept",
            description="Pictures of each second of a video or camera that are kept at most, 0.01 to 240.",
            ge=0.01,
            le=240,
        ),
    ] = 30.0
    folder_most_pictures: Annotated[
        int,
        Field(
            title="Most pictures of a folder",
            description="Pictures of one folder, 1 to 1000000.",
            ge=1,
            le=1_000_000,
        ),
    ] = 10_000
    cameras: Annotated[
        tuple[str, ...],
        Field(
            title="Cameras",
            description="Which cameras may be opened, each as NUMBER=DEVICE: N of /dev/videoN and the id "
            "of the registered device. None: no camera is opened. In the environment: a JSON list.",
            max_length=64,
        ),
    ] = ()
    camera_warm_up_seconds: Annotated[
        float,
        Field(
            title="Camera warm-up",
            description="Seconds, 0 to 10, whose pictures are thrown away while a camera finds its exposure.",
            ge=0,
            le=10,
        ),
    ] = 0.5
    camera_longest_seconds: Annotated[
        float,
        Field(
            title="Longest recording",
            description="Seconds that a camera may be recorded from in one go, 1 to 3600.",
            ge=1,
            le=3600,
        ),
    ] = 60.0

    @field_validator("cameras", mode="after")
    @classmethod
    def _declared(cls, stated: tuple[str, ...]) -> tuple[str, ...]:
        declared_cameras(stated)
        return stated
