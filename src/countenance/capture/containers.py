"""Which kinds of video file are taken, by their first bytes.

A demultiplexer library guesses among hundreds of formats, and some of them (playlists, session
descriptions, lists of files) name other files or addresses to open. A list of kinds that name nothing is
kept here, and a file of another kind never reaches the library.
"""

from __future__ import annotations

from typing import Final

from countenance.capture.stream_errors import NotAVideo, VideoDamaged

__all__ = ["container_of", "looks_like_video", "require_whole"]

_MP4_BOXES: Final = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_EBML: Final = b"\x1a\x45\xdf\xa3"
_TOLERATED_SECONDS: Final = 0.5
_TOLERATED_SHARE: Final = 0.05


def container_of(data: bytes) -> str:
    """Return the kind of a video file: ``mp4`` (and MOV), ``matroska`` (and WebM) or ``avi``.

    Raises:
        NotAVideo: if its first bytes are those of none of them.
    """
    if data[4:8] in _MP4_BOXES:
        return "mp4"
    if data[:4] == _EBML:
        return "matroska"
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "avi"
    msg = "The file isn't a video of a kind that is accepted."
    raise NotAVideo(msg)


def looks_like_video(data: bytes) -> bool:
    """Return whether the first bytes are those of a video file; twelve are enough."""
    try:
        container_of(data)
    except NotAVideo:
        return False
    return True


def require_whole(*, stated_seconds: float | None, seconds: float) -> None:
    """See that a video was read to about the end that its header states.

    Headers are rough: sound may run on after the last picture, and an edited file states pictures that
    aren't shown. Half a second or a twentieth is let pass, so a smaller loss isn't seen.

    Args:
        stated_seconds: how long the pictures last by the header; ``None`` or 0 if it doesn't say.
        seconds: the end of the last picture that was read.

    Raises:
        VideoDamaged: if more is missing.
    """
    if not stated_seconds or stated_seconds <= 0.0:
        return
    missing = stated_seconds - seconds
    if missing > max(_TOLERATED_SECONDS, _TOLERATED_SHARE * stated_seconds):
        msg = f"The video ends about {missing:.1f} seconds before the end that its header states."
        raise VideoDamaged(msg)
