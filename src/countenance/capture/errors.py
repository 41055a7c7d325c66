"""Why a picture isn't taken in. All of them are for whoever sent it."""

from __future__ import annotations

from countenance.kernel import CallerError

__all__ = [
    "NotAPicture",
    "PictureDamaged",
    "PictureMoves",
    "PictureRefused",
    "PictureTooLarge",
    "PictureTooSmall",
]


class PictureRefused(CallerError):
    """The picture can't be taken in. One subclass for each reason."""

    code = "picture-refused"
    default_remedy = "Send a JPEG, PNG or WebP photograph."


class NotAPicture(PictureRefused):
    """The bytes aren't a picture of a format that is accepted."""

    code = "not-a-picture"
    default_remedy = "Send a JPEG, PNG, WebP or BMP photograph."


class PictureDamaged(PictureRefused):
    """The file begins like a picture but can't be decoded to its end."""

    code = "picture-damaged"
    default_remedy = "Send the file again, whole; if it stays damaged, take the photograph again."


class PictureMoves(PictureRefused):
    """The file holds several pictures, so it doesn't say which one is meant."""

    code = "picture-moves"
    default_remedy = "Send one still photograph."


class PictureTooLarge(PictureRefused):
    """The file, or the picture in it, is larger than the limits allow."""

    code = "picture-too-large"
    default_remedy = "Send a smaller photograph; about 12 megapixels are more than enough for a face."


class PictureTooSmall(PictureRefused):
    """The picture has fewer pixels on a side than a face needs."""

    code = "picture-too-small"
    default_remedy = "Send the photograph as the camera took it, not a thumbnail."
