"""Fuzzing of the videos' front with atheris; run by ``scripts/fuzz.sh``.

    python tests/fuzz/decode_videos.py -max_total_time=600 CORPUS_FOLDER

The seeds are short clips of drawn pictures. FFmpeg isn't instrumented, so what guides the mutations is how
our own code goes on from what it says. A finding is anything but frames or a ``VideoRefused``, a source that
doesn't say how it ended, a time that doesn't increase, and whatever ends the process.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # quiet: nearly every input is damaged
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")

import atheris  # type: ignore[import-untyped]
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

with atheris.instrument_imports(include=["countenance"]):
    from countenance.capture import EndReason, OpenCvVideo, StreamLimits, VideoRefused
from videos import huge_header, sound_alone, turned, unknown_codec, video, with_times, without_rate

SIZE = (64, 48)
TIMES = (0.0, 0.1, 0.2, 0.35)
LIMITS = StreamLimits(
    largest_bytes=200_000,
    longest_seconds=10.0,
    most_frames=12,
    largest_pixels=300_000,
    frames_per_second=20.0,
)


def try_one(data: bytes) -> None:
    """Decode bytes that may be anything."""
    try:
        source = OpenCvVideo(data=data, limits=LIMITS)
    except VideoRefused:
        return
    last, given = -1.0, 0
    try:
        with source:
            for timed in source.frames():
                pixels = timed.frame.pixels
                if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
                    raise AssertionError(pixels.shape)
                if not timed.seconds > last:
                    raise AssertionError((last, timed.seconds))
                last, given = timed.seconds, given + 1
                timed.frame.wipe()
    except VideoRefused as refused:
        if source.ended is None or source.ended.reason is not EndReason.FAILED:
            raise AssertionError(source.ended) from refused
    if source.ended is None or source.ended.given != given or given > LIMITS.most_frames:
        raise AssertionError((source.ended, given))


def write_seeds(folder: Path) -> None:
    """Put a short clip of each kind, and one of each known defect, into the corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = {
        "mp4": video(TIMES, size=SIZE),
        "mov": video(TIMES, kind="mov", size=SIZE),
        "matroska": video(TIMES, kind="matroska", codec="mjpeg", size=SIZE),
        "webm": video(TIMES, kind="webm", codec="vp8", size=SIZE),
        "avi": video(TIMES, kind="avi", codec="mjpeg", size=SIZE),
        "one": video((0.0,), size=SIZE),
        "turned": turned(),
        "back": with_times((0, 100, 50, 200)),
        "sound": sound_alone(),
        "codec": unknown_codec(),
        "huge": huge_header(),
        "rate": without_rate(),
    }
    for name, content in seeds.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    write_seeds(Path(sys.argv[-1]))
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()
