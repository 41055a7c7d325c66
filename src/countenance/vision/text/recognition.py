"""Reads lines of text with a CTC network.

Source of the method: A. Graves and others, "Connectionist temporal classification", ICML 2006. The network
gives for each narrow column of the line how likely each character is, or none (the blank). The likeliest of
each column is taken, repetitions are joined, blanks dropped. Which number means which character stands in the
network's own file.

A line is read at 48 px of height, and its width goes with that; a very long one is squeezed, since what a
line costs goes with its width.

A line that can hold certain characters only is read so: the others are left out of the choice, column by
column. That is knowledge about the form, not about the person, and never a guess that makes a sum come true.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes import OnnxSession
from countenance.vision.text.base import WrittenLine

__all__ = ["PpOcrTextRecogniser"]

_HEIGHT = 48
_NARROWEST = 320
_WIDEST = 960
_HALF = 127.5
_CHARACTERS = "character"
_EXTRA = 2  # the blank in front, the space behind


class PpOcrTextRecogniser:
    """PP-OCRv6 small, text recognition: Latin, Chinese, Japanese, digits, signs.

    Args:
        content: the bytes of ``ppocr-v6-rec-small.onnx``.
        threads: threads of one call.
        widest: lines are squeezed so that at a height of 48 px they are no wider, in pixels. Default 960: a
            passport's line of 44 characters keeps 21 px a character.

    Raises:
        ModelUnusable: if the bytes aren't this network, or don't say which characters they know.
        ValueError: if ``threads`` is below 1, or ``widest`` below 320.
    """

    __slots__ = ("_characters", "_session", "_widest")

    model_id = "ppocr-v6-rec-small"

    def __init__(self, *, content: bytes, threads: int = 1, widest: int = _WIDEST) -> None:
        if widest < _NARROWEST:
            msg = f"lines are squeezed to {_NARROWEST} px at the narrowest"
            raise ValueError(msg)
        self._widest = widest
        self._session = OnnxSession(content=content, threads=threads)
        listed = self._session.metadata.get(_CHARACTERS, "").splitlines()
        inputs, outputs = self._session.inputs, self._session.outputs
        fits = (
            len(inputs) == len(outputs) == 1
            and inputs[0].shape[1:3] == (3, _HEIGHT)
            and outputs[0].shape[2:] == (len(listed) + _EXTRA,)
        )
        if not (listed and fits):
            msg = "This network doesn't have the inputs and outputs that are expected of it."
            raise ModelUnusable(msg)
        self._characters = ("", *listed, " ")

    def read(
        self, lines: Sequence[NDArray[np.uint8]], *, alphabet: str | None = None
    ) -> tuple[WrittenLine, ...]:
        """Return what each line says.

        Args:
            lines: each uint8, shape (height, width, 3), RGB, one level line from left to right.
            alphabet: the characters that can stand there; all that the network knows if left out.

        Raises:
            ValueError: if the alphabet holds a character that the network doesn't know.
        """
        return tuple(written for (written,) in self.read_as(lines, alphabets=(alphabet,)))

    def read_as(
        self, lines: Sequence[NDArray[np.uint8]], *, alphabets: Sequence[str | None]
    ) -> tuple[tuple[WrittenLine, ...], ...]:
        """Return for each line what it says in each of several alphabets; the network runs once a line.

        Args:
            lines: as for :meth:`read`.
            alphabets: each as for :meth:`read`.

        Raises:
            ValueError: if an alphabet holds a character that the network doesn't know.
        """
        allowed = [self._allowed(alphabet) for alphabet in alphabets]
        return tuple(self._read(line, allowed) for line in lines)

    def _allowed(self, alphabet: str | None) -> NDArray[np.intp] | None:
        if alphabet is None:
            return None
        unknown = set(alphabet) - set(self._characters[1:])
        if unknown or not alphabet:
            msg = "an alphabet has characters, and the network knows every one of them"
            raise ValueError(msg)
        wanted = set(alphabet)
        found = [number for number, character in enumerate(self._characters) if character in wanted]
        return np.array([0, *found], np.intp)

    def _read(
        self, line: NDArray[np.uint8], alphabets: Sequence[NDArray[np.intp] | None]
    ) -> tuple[WrittenLine, ...]:
        tensor, share = _tensor(line, self._widest)
        columns = self._session.run({self._session.inputs[0].name: tensor})[self._session.outputs[0].name][0]
        tensor.fill(0.0)
        written = []
        for allowed in alphabets:
            best = columns.argmax(axis=1) if allowed is None else allowed[columns[:, allowed].argmax(axis=1)]
            strengths = columns[np.arange(len(columns)), best]
            written.append(self._collapse(best, strengths, share))
        return tuple(written)

    def _collapse(
        self, numbers: NDArray[np.intp], strengths: NDArray[np.float32], share: float
    ) -> WrittenLine:
        """Join repetitions, drop blanks."""
        text: list[str] = []
        confidences: list[float] = []
        places: list[float] = []
        starts = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]]))
        for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
            if numbers[start] == 0:
                continue
            text.append(self._characters[numbers[start]])
            confidences.append(float(strengths[start:end].max()))
            places.append((start + end) / 2 / len(numbers) / share)
        return WrittenLine(text="".join(text), confidences=tuple(confidences), places=tuple(places))


def _tensor(line: NDArray[np.uint8], widest: int) -> tuple[NDArray[np.float32], float]:
    """Return the line as the network takes it, and which share of the width it fills."""
    height, width = line.shape[:2]
    filled = int(np.clip(np.ceil(_HEIGHT * width / height), 1, widest))
    whole = max(_NARROWEST, filled)
    resized = cv2.resize(line, (filled, _HEIGHT), interpolation=cv2.INTER_LINEAR)[..., ::-1]
    tensor = np.zeros((1, 3, _HEIGHT, whole), np.float32)
    tensor[0, :, :, :filled] = resized.transpose(2, 0, 1) / _HALF - 1.0
    return tensor, filled / whole
