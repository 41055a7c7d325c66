"""Sources of frames, built within the limits of the settings. Building one opens nothing."""

from __future__ import annotations

from countenance.capture import CaptureLimits, FrameSource, OpenCvVideo, PyAvVideo, StreamLimits
from countenance.kernel import DeviceId
from countenance.runtime.capture_settings import declared_cameras
from countenance.runtime.settings import Settings

__all__ = ["stream_limits", "video_source"]


def stream_limits(settings: Settings) -> StreamLimits:
    """Return the settings' limits on folders, videos and cameras."""
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
        most_pictures=settings.folder_most_pictures,
        cameras=tuple((number, DeviceId(device)) for number, device in declared_cameras(settings.cameras)),
        warm_up_seconds=settings.camera_warm_up_seconds,
        longest_recording_seconds=settings.camera_longest_seconds,
    )


def video_source(data: bytes, *, settings: Settings) -> FrameSource:
    """Return a video as a source, by the decoder that the settings name.

    Raises:
        VideoDecoderMissing: if that decoder isn't installed.
        VideoTooLarge: if the file has too many bytes.
    """
    decoder = PyAvVideo if settings.video_decoder == "pyav" else OpenCvVideo
    return decoder(data=data, limits=stream_limits(settings))
