"""Sources of frames, built within the limits of the settings. Building one decodes nothing.

A folder's files are hashed and a video's file is read when its source is built, because a request has to
name them before there is a permit. A camera isn't opened.
"""

from __future__ import annotations

from pathlib import Path

from countenance.capture import (
    Camera,
    CaptureLimits,
    FrameSource,
    OpenCvVideo,
    PictureFolder,
    PyAvVideo,
    StreamLimits,
    VideoTooLarge,
    looks_like_video,
    read_plain_file,
)
from countenance.kernel import DeviceId
from countenance.runtime.capture_settings import declared_cameras
from countenance.runtime.settings import Settings

__all__ = ["camera_source", "source_at", "stream_limits", "video_source"]

_FIRST_BYTES = 12


def stream_limits(settings: Settings, *, every: int = 1) -> StreamLimits:
    """Return the settings' limits on folders, videos and cameras.

    Args:
        settings: what the installation was told.
        every: of the pictures that the settings keep, each so manyth is given.
    """
    return StreamLimits(
        picture=CaptureLimits(
            largest_bytes=settings.capture_largest_bytes,
            largest_pixels=settings.capture_largest_pixels,
            smallest_side=settings.capture_smallest_side,
        ),
        largest_bytes=settings.video_largest_bytes,
        longest_seconds=settings.video_longest_seconds,
        most_frames=settings.video_most_frames,
        largest_pixels=settings.video_largest_pixels,
        frames_per_second=settings.video_frames_per_second,
        every=every,
        most_pictures=settings.folder_most_pictures,
        cameras=tuple((number, DeviceId(device)) for number, device in declared_cameras(settings.cameras)),
        warm_up_seconds=settings.camera_warm_up_seconds,
        longest_recording_seconds=settings.camera_longest_seconds,
    )


def video_source(data: bytes, *, settings: Settings, every: int = 1) -> FrameSource:
    """Return a video as a source, by the decoder that the settings name.

    Raises:
        VideoDecoderMissing: if that decoder isn't installed.
        VideoTooLarge: if the file has too many bytes.
    """
    decoder = PyAvVideo if settings.video_decoder == "pyav" else OpenCvVideo
    return decoder(data=data, limits=stream_limits(settings, every=every))


def camera_source(number: int, *, seconds: float, settings: Settings, every: int = 1) -> FrameSource:
    """Return a declared camera as a source.

    Raises:
        CameraNotDeclared: if the settings declare no camera of that number.
        RecordingTooLong: if it is to be recorded from for longer than the settings allow.
    """
    return Camera(number=number, seconds=seconds, limits=stream_limits(settings, every=every))


def source_at(path: Path, *, settings: Settings, every: int = 1) -> FrameSource | None:
    """Return a folder or a video file as a source; ``None`` for anything else, such as one picture.

    Raises:
        CallerError: if the folder can't be listed or holds no picture, or one of them has too much.
        VideoDecoderMissing: if the decoder of the settings isn't installed.
    """
    if path.is_dir():
        return PictureFolder.listed(path, limits=stream_limits(settings, every=every))
    if not _is_video(path):
        return None
    data = read_plain_file(path, largest_bytes=settings.video_largest_bytes, too_large=VideoTooLarge)
    return video_source(data, settings=settings, every=every)


def _is_video(path: Path) -> bool:
    """Return whether a plain file begins as a video does; a file that can't be read doesn't."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return looks_like_video(file.read(_FIRST_BYTES))
    except OSError:
        return False
