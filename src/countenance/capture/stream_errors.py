"""Why a stream of pictures isn't taken in: by whoever sent the file, or whoever runs the camera."""

from __future__ import annotations

from countenance.kernel import CallerError, OperatorError

__all__ = [
    "CameraNotDeclared",
    "CameraStopped",
    "CameraUnavailable",
    "FileChanged",
    "FileUnreadable",
    "FolderTooLarge",
    "FolderWithoutPictures",
    "NotAVideo",
    "RecordingTooLong",
    "VideoDamaged",
    "VideoDecoderMissing",
    "VideoRefused",
    "VideoTimesUnusable",
    "VideoTooLarge",
    "VideoTooLong",
    "VideoUnreadable",
]


class FileUnreadable(CallerError):
    """A file or folder isn't there, isn't readable, or isn't a plain file."""

    code = "file-unreadable"
    default_remedy = "Give a plain file, or a folder of them, that this user may read."


class FileChanged(CallerError):
    """A file isn't what it was when the permit was asked for."""

    code = "file-changed"
    default_remedy = "Run it again once nothing writes into the folder."


class FolderTooLarge(CallerError):
    """A folder holds more pictures than the limits allow."""

    code = "folder-too-large"
    default_remedy = "Divide the folder, or raise folder_most_pictures in the settings."


class FolderWithoutPictures(CallerError):
    """A folder holds no picture."""

    code = "folder-without-pictures"
    default_remedy = "Give a folder with .jpg, .png, .webp or .bmp files in it; folders inside aren't read."


class RecordingTooLong(CallerError):
    """A recording was asked for that is longer than the limits allow, or has no length."""

    code = "recording-too-long"
    default_remedy = "Ask for a shorter one, or raise camera_longest_seconds in the settings."


class VideoRefused(CallerError):
    """The video can't be taken in. One subclass for each reason."""

    code = "video-refused"
    default_remedy = "Send an MP4, MOV, WebM, Matroska or AVI video."


class NotAVideo(VideoRefused):
    """The bytes aren't a video file of a kind that is accepted."""

    code = "not-a-video"


class VideoUnreadable(VideoRefused):
    """Not one picture can be decoded: the file is damaged, holds sound alone, or needs an unknown codec."""

    code = "video-unreadable"
    default_remedy = "Send a whole video file with a picture track, such as H.264 in MP4."


class VideoDamaged(VideoRefused):
    """Pictures could be decoded, but not to the end that the file states."""

    code = "video-damaged"
    default_remedy = "Send the file again, whole; if it stays damaged, record it again."


class VideoTimesUnusable(VideoRefused):
    """Its pictures have no times, or times that stand still or run back."""

    code = "video-times-unusable"
    default_remedy = "Send the file as the camera wrote it, or write it anew with increasing time stamps."


class VideoTooLarge(VideoRefused):
    """The file has more bytes, or its pictures more pixels, than the limits allow."""

    code = "video-too-large"
    default_remedy = "Send a smaller one; 1280 by 720 is enough for a face in front of the camera."


class VideoTooLong(VideoRefused):
    """It lasts longer or has more pictures than the limits allow."""

    code = "video-too-long"
    default_remedy = "Cut it, or raise video_longest_seconds or video_most_frames in the settings."


class VideoDecoderMissing(OperatorError):
    """The settings name a video decoder that isn't installed."""

    code = "video-decoder-missing"
    default_remedy = "Install the extra countenance[video], or set video_decoder to opencv."


class CameraNotDeclared(OperatorError):
    """No camera of that number is declared for the device that the request names."""

    code = "camera-not-declared"
    default_remedy = 'State it in the settings: cameras = ["0=the registered device\'s id"].'


class CameraUnavailable(OperatorError):
    """The declared camera isn't there, is in use, or doesn't give pictures within the limits."""

    code = "camera-unavailable"
    default_remedy = "Plug it in, close what else uses it, and see that this user may read /dev/video*."


class CameraStopped(OperatorError):
    """The camera gave pictures and then none."""

    code = "camera-stopped"
    default_remedy = "Look at the camera's cable and at what else uses it, then record again."
