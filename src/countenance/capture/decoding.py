"""From untrusted bytes to upright sRGB pixels.

The order is what makes it safe: bytes are counted, the format is recognised from a short list, width and
height are read from the header and held against the limits, and only then is a pixel decoded.

Colour: a picture with an embedded ICC profile is brought to sRGB; without one, or with one that can't be
used, it is taken for sRGB. What is transparent is laid on white. Sixteen bits a channel become eight.
"""

from __future__ import annotations

import io
import struct
import threading
import warnings
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from countenance.capture.errors import (
    NotAPicture,
    PictureDamaged,
    PictureMoves,
    PictureTooLarge,
    PictureTooSmall,
)
from countenance.capture.limits import CaptureLimits

__all__ = ["decode"]

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP")  # the JPEG reader recognises MPO by itself
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow's parsers raise on damaged files (found by the fuzz test).
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)
_PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_SIXTEEN_TO_EIGHT = 257
_WHITE = (255, 255, 255, 255)

# warnings.catch_warnings changes the state of the whole process, so one thread at a time.
_quiet = threading.Lock()


def decode(data: bytes, *, limits: CaptureLimits) -> NDArray[np.uint8]:
    """Decode one still picture.

    JPEG, PNG, WebP and BMP are taken. Of a telephone's multi-picture JPEG (MPO) the first picture, the
    main one, is taken; any other file with several pictures is refused.

    Args:
        data: the encoded file.
        limits: how large and how small it may be.

    Returns:
        uint8, shape (height, width, 3), RGB in sRGB, upright by its EXIF orientation, C-contiguous,
        writable, and shared with nobody.

    Raises:
        NotAPicture: if it is none of these formats.
        PictureTooLarge: if the file has too many bytes or its header states too many pixels.
        PictureTooSmall: if its shorter side is too short.
        PictureMoves: if it holds several pictures.
        PictureDamaged: if it can't be decoded to its end.
    """
    if len(data) > limits.largest_bytes:
        msg = f"The picture's file is larger than {limits.largest_bytes} bytes."
        raise PictureTooLarge(msg)
    with _open(data) as image:
        _check_header(image, limits)
        try:
            image.load()
        except _DAMAGE as error:
            msg = "The picture can't be decoded to its end."
            raise PictureDamaged(msg) from error
        method = _UPRIGHT.get(_orientation(image))
        # transpose keeps the mode but not the profile, so the colours come first.
        plain = _to_srgb(_without_alpha(image), image.info.get("icc_profile"))
        upright = plain if method is None else plain.transpose(method)
        return np.array(upright, dtype=np.uint8, order="C")


def _open(data: bytes) -> Image.Image:
    try:
        with _quiet, warnings.catch_warnings():
            # Pillow warns of large pictures and odd metadata; the size is checked below, against ours.
            warnings.simplefilter("ignore")
            return Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        msg = "The picture's header states far more pixels than are allowed."
        raise PictureTooLarge(msg) from error
    except UnidentifiedImageError as error:
        msg = "The file isn't a picture of a format that is accepted."
        raise NotAPicture(msg) from error
    except _DAMAGE as error:
        msg = "The picture's header is damaged."
        raise PictureDamaged(msg) from error


def _check_header(image: Image.Image, limits: CaptureLimits) -> None:
    if image.width * image.height > limits.largest_pixels:
        msg = f"The picture has more than {limits.largest_pixels} pixels."
        raise PictureTooLarge(msg)
    if min(image.size) < limits.smallest_side:
        msg = f"The picture's shorter side has fewer than {limits.smallest_side} pixels."
        raise PictureTooSmall(msg)
    if image.format != "MPO" and getattr(image, "is_animated", False):
        msg = "The file holds several pictures."
        raise PictureMoves(msg)


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 (upright) where there is none that can be read."""
    try:
        with _quiet, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = image.getexif().get(ExifTags.Base.Orientation)
    except _DAMAGE:
        return 1
    return value if isinstance(value, int) else 1


def _without_alpha(image: Image.Image) -> Image.Image:
    """Return the picture as L, RGB or CMYK with eight bits a channel; transparency becomes white."""
    if image.mode.startswith("I"):
        wide = np.asarray(image).astype(np.uint32)
        return Image.fromarray((np.minimum(wide, 65535) // _SIXTEEN_TO_EIGHT).astype(np.uint8))
    if image.mode in ("P", "PA") and image.palette is None:
        # A PNG may say that its colours stand in a palette and have none; Pillow only asserts that.
        msg = "The picture's palette is missing."
        raise PictureDamaged(msg)
    if image.has_transparency_data:
        over = image.convert("RGBA")
        ground = Image.new("RGBA", over.size, _WHITE)
        ground.alpha_composite(over)
        return ground.convert("RGB")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB."""
    if not profile:
        return image.convert("RGB") if image.mode != "RGB" else image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if _PROFILE_MODES.get(source.profile.xcolor_space.strip()) == image.mode and not _says_srgb(source):
            changed = ImageCms.profileToProfile(
                image,
                source,
                ImageCms.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
            )
            if changed is not None:
                return changed
    except (OSError, ValueError, ImageCms.PyCMSError):
        # A broken profile isn't a broken picture: viewers show it as sRGB, and so do we.
        pass
    return image.convert("RGB") if image.mode != "RGB" else image


def _says_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Return whether a profile calls itself sRGB; then nothing has to be computed."""
    try:
        description = profile.profile.profile_description
    except ValueError:
        # Pillow can't read the text of some old profiles; their colours are fine.
        return False
    return description is not None and description.startswith("sRGB")
