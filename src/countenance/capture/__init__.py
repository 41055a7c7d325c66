"""Where pictures come in, and the first door.

Rules of this package:

* A picture may be decoded to see whether it is one before there is a permit: a file that is none leaves no
  trace. Its pixels then wait in a :class:`PendingPicture`; only the capture door gives them out, under a
  permit that names these bytes, and they are overwritten if it stays shut.
* What comes in is untrusted. The format is one of a short list, the size is read from the header and
  held against the limits before a pixel is decoded, and whatever is damaged is refused.
* A frame that leaves here is upright, in sRGB, without alpha, and lives in memory alone.
* A stream (a folder, a video, a camera) is one :class:`FrameSource`: it is opened under a permit by the
  stream door, read once, in order of strictly increasing times, and gives nothing after the permit's end.
* Nothing is written: a video is decoded from memory, a camera's pictures are never a file.
* No error text holds the caller's file name or anything else from the file.
"""

from countenance.capture.camera import Camera, camera_material
from countenance.capture.codes import read_code
from countenance.capture.containers import looks_like_video
from countenance.capture.decoding import decode
from countenance.capture.door import CaptureDoor
from countenance.capture.errors import (
    NotAPicture,
    PictureDamaged,
    PictureMoves,
    PictureRefused,
    PictureTooLarge,
    PictureTooSmall,
)
from countenance.capture.limits import CaptureLimits, StreamLimits
from countenance.capture.pending import PendingPicture
from countenance.capture.pictures import PictureFolder, StillPicture, read_plain_file
from countenance.capture.pyav import PyAvVideo
from countenance.capture.sent_frames import SentFrameDoor, SentFrames, sent_frames_material
from countenance.capture.source import EndReason, FrameSource, Skipped, SourceEnd, TimedFrame
from countenance.capture.stream_door import PermittedStream, StreamDoor
from countenance.capture.stream_errors import (
    CameraNotDeclared,
    CameraStopped,
    CameraUnavailable,
    FileChanged,
    FileUnreadable,
    FolderTooLarge,
    FolderWithoutPictures,
    NotAVideo,
    RecordingTooLong,
    VideoDamaged,
    VideoDecoderMissing,
    VideoRefused,
    VideoTimesUnusable,
    VideoTooLarge,
    VideoTooLong,
    VideoUnreadable,
)
from countenance.capture.video import OpenCvVideo

__all__ = [
    "Camera",
    "CameraNotDeclared",
    "CameraStopped",
    "CameraUnavailable",
    "CaptureDoor",
    "CaptureLimits",
    "EndReason",
    "FileChanged",
    "FileUnreadable",
    "FolderTooLarge",
    "FolderWithoutPictures",
    "FrameSource",
    "NotAPicture",
    "NotAVideo",
    "OpenCvVideo",
    "PendingPicture",
    "PermittedStream",
    "PictureDamaged",
    "PictureFolder",
    "PictureMoves",
    "PictureRefused",
    "PictureTooLarge",
    "PictureTooSmall",
    "PyAvVideo",
    "RecordingTooLong",
    "SentFrameDoor",
    "SentFrames",
    "Skipped",
    "SourceEnd",
    "StillPicture",
    "StreamDoor",
    "StreamLimits",
    "TimedFrame",
    "VideoDamaged",
    "VideoDecoderMissing",
    "VideoRefused",
    "VideoTimesUnusable",
    "VideoTooLarge",
    "VideoTooLong",
    "VideoUnreadable",
    "camera_material",
    "decode",
    "looks_like_video",
    "read_code",
    "read_plain_file",
    "sent_frames_material",
]
