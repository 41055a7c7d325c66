"""One picture as a sample of a person: which face is meant, and whether it is good enough.

Rules kept here:

* That a file is no picture, or is the same as another, is found before anybody is asked.
* What can't be used is reported with what to change, never used all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from countenance.capture import PictureRefused
from countenance.enrolment.order import SampleLeftOut
from countenance.kernel import SubjectError
from countenance.vision import FaceObservation, QualityGate, choose_face

if TYPE_CHECKING:
    from countenance.capture import CaptureDoor, PendingPicture

__all__ = ["Sample", "not_fitting", "receive_pictures", "sample_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What one picture says about a person.

    Attributes:
        number: which picture, from 1.
        vector: float32, shape (d,), of length 1. Left out of ``repr``.
        quality: the face's unified quality, 0 to 100.
    """

    number: int
    vector: NDArray[np.float32] = field(repr=False)
    quality: int

    def wipe(self) -> None:
        """Overwrite the vector with zeros."""
        self.vector[...] = 0.0


def receive_pictures(
    contents: Sequence[bytes], door: CaptureDoor, to_wipe: ExitStack
) -> tuple[dict[int, PendingPicture], tuple[SampleLeftOut, ...]]:
    """See which files are pictures, each once.

    Args:
        contents: the encoded pictures.
        door: says whether bytes are a picture within the limits.
        to_wipe: gets what overwrites them.

    Returns:
        The pictures by number, shut, and the files that are none.
    """
    pictures: dict[int, PendingPicture] = {}
    refused: list[SampleLeftOut] = []
    for number, content in enumerate(contents, 1):
        try:
            picture = to_wipe.enter_context(door.check(content))
        except PictureRefused as error:
            refused.append(SampleLeftOut(number, (error.code,), (error.message, error.remedy)))
            continue
        if any(picture.same_as(other) for other in pictures.values()):
            words = ("It is the same picture as another one.", "Give different pictures of the person.")
            refused.append(SampleLeftOut(number, ("same-picture",), words))
            continue
        pictures[number] = picture
    return pictures, tuple(refused)


def sample_of(
    number: int,
    observations: Sequence[FaceObservation],
    *,
    frame_size: tuple[int, int],
    gate: QualityGate,
) -> FaceObservation | SampleLeftOut:
    """Return the face that is meant, if it is good enough to be enrolled; else why it isn't.

    Args:
        number: which picture, from 1.
        observations: its faces, the largest first.
        frame_size: width and height in pixels.
        gate: what a face must reach to be enrolled.
    """
    try:
        chosen = choose_face(observations, frame_size=frame_size)
    except SubjectError as error:
        return SampleLeftOut(number, (error.code,), (error.message, error.remedy))
    if chosen.quality.acceptable(gate):
        return chosen
    reasons = chosen.quality.reasons
    codes = tuple(reason.code for reason in reasons) or ("low-quality",)
    words = tuple(f"{reason.words} {reason.advice}" for reason in reasons)
    return SampleLeftOut(number, codes, words or ("The quality of the face is too low. Take it anew.",))


def not_fitting(number: int) -> SampleLeftOut:
    """Return that a picture doesn't fit the person's others."""
    words = ("It isn't like the person's other pictures.", "See that it shows this person, and take it anew.")
    return SampleLeftOut(number, ("unlike-the-others",), words)
