"""Models that the operator supplies: an address or a path, a SHA-256, and a licence that somebody read.

They are listed in ``operator.toml`` in the models folder, marked as the operator's, and pass through the
same verification as ours. None of them ever replaces a shipped entry.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from countenance.vision.registry.entries import (
    Job,
    Licence,
    ModelCard,
    ModelEntry,
    ModelFormat,
    OperatorSource,
    TrainingSets,
)
from countenance.vision.registry.errors import LicenceNotAcknowledged, ManifestInvalid
from countenance.vision.registry.fetch import recorded_address
from countenance.vision.registry.folders import place
from countenance.vision.registry.manifest import parse_operator_entries

__all__ = ["OperatorModel", "operator_entries", "operator_entry", "write_operator_entries"]

FILE_NAME = "operator.toml"
_NOT_STATED = "Not stated by the operator."
_WHOSE_FACES: Final = {
    TrainingSets.UNKNOWN: "Training data unknown.",
    TrainingSets.STATED: "Whether it learned from those sets alone, and whether the people in them agreed.",
}
_TEXTS = (
    "model_id",
    "title",
    "job",
    "format",
    "member",
    "sha256",
    "inputs",
    "outputs",
    "provenance",
    "dataset_provenance",
)
_ENTRY = TypeAdapter(ModelEntry)


@dataclass(frozen=True, slots=True)
class OperatorModel:
    """What the operator says about a model.

    Attributes:
        model_id: the name by which it will be called: lower-case letters, digits and hyphens.
        job: what it is for.
        format: which runtime loads it.
        address: ``https:`` or ``file:`` address of the bare file.
        sha256: SHA-256 of the file, 64 hexadecimal digits.
        licence: its licence, SPDX identifier where there is one.
        acknowledged: whether the operator says that this licence was read and permits the use.
        title: one line; the id if empty.
        training_sets: the data sets that it learned from, as its makers name them; empty if they don't.
    """

    model_id: str
    job: Job
    format: ModelFormat
    address: str
    sha256: str
    licence: str
    acknowledged: bool
    title: str = ""
    training_sets: tuple[str, ...] = ()


def operator_entry(model: OperatorModel, *, size: int, today: date) -> ModelEntry:
    """Return the manifest entry of an operator's model.

    Args:
        model: what the operator says.
        size: the size of the file in bytes.
        today: the day that is written down as the day of the acknowledgement.

    Raises:
        LicenceNotAcknowledged: if nobody says that the licence was read.
        FetchRefused: if the address isn't one to fetch from.
        ManifestInvalid: if a value doesn't have the form that an entry needs; the message names it.
    """
    if not model.acknowledged:
        msg = f"The licence of {model.model_id!r} ({model.licence}) wasn't acknowledged."
        raise LicenceNotAcknowledged(msg)
    stated = TrainingSets.STATED if model.training_sets else TrainingSets.UNKNOWN
    value = {
        "model_id": model.model_id,
        "title": model.title or model.model_id,
        "job": model.job,
        "format": model.format,
        "source": OperatorSource(address=recorded_address(model.address), added_on=today),
        "member": f"{model.model_id}.{model.format.value}",
        "sha256": model.sha256.lower(),
        "bytes": size,
        "inputs": _NOT_STATED,
        "outputs": _NOT_STATED,
        "licence": {
            "spdx": model.licence,
            "found": "Stated and acknowledged by the operator; not checked here.",
        },
        "provenance": "Supplied by the operator; not looked at by the makers of this software.",
        "dataset_provenance": stated,
        "training_sets": model.training_sets,
        "unknown": [_WHOSE_FACES[stated], "Accuracy: not measured here."],
        "card": {"intended_use": "As the operator decides.", "limits": ["Not measured here."]},
    }
    try:
        return _ENTRY.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        wrong = str(first["loc"][0]) if first["loc"] else "entry"
        msg = f"The operator's model isn't acceptable: {wrong}: {first['msg']}."
        raise ManifestInvalid(
            msg, remedy="See what each value has to look like in docs/how-to/add-a-model.md."
        ) from error


def operator_entries(folder: Path) -> tuple[ModelEntry, ...]:
    """Return the operator's entries of a models folder; none if there is no list.

    Raises:
        ManifestInvalid: if the list isn't as this version reads it.
    """
    path = folder / FILE_NAME
    try:
        return parse_operator_entries(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError as error:
        raise ManifestInvalid("The operator's model list isn't UTF-8 text.") from error


def write_operator_entries(folder: Path, entries: tuple[ModelEntry, ...]) -> None:
    """Write the operator's list, whole or not at all.

    Raises:
        ManifestInvalid: if the text couldn't be read back as the same entries; then nothing is written.
    """
    text = "# Models that the operator of this installation added. Remove an entry to take one away.\n"
    text += "".join(_toml(entry) for entry in entries)
    if parse_operator_entries(text) != entries:
        raise ManifestInvalid("The operator's model list couldn't be written so that it reads back the same.")
    place(text.encode("utf-8"), folder / FILE_NAME)


def _toml(entry: ModelEntry) -> str:
    """Return one entry as TOML; only strings, whole numbers, dates and lists of strings occur."""
    if not isinstance(entry.source, OperatorSource):
        raise ManifestInvalid("Only the operator's own entries stand in the operator's list.")
    lines = ["", "[[models]]", *(f"{key} = {_quoted(str(getattr(entry, key)))}" for key in _TEXTS)]
    lines += [f"bytes = {entry.bytes}", f"unknown = {_listed(entry.unknown)}"]
    lines += [f"training_sets = {_listed(entry.training_sets)}"]
    lines += ["[models.source]", f"address = {_quoted(entry.source.address)}"]
    lines += [f"added_on = {entry.source.added_on.isoformat()}"]
    lines += _licence(entry.licence) + _card(entry.card)
    return "\n".join(lines) + "\n"


def _licence(licence: Licence) -> list[str]:
    return ["[models.licence]", f"spdx = {_quoted(licence.spdx)}", f"found = {_quoted(licence.found)}"]


def _card(card: ModelCard) -> list[str]:
    return [
        "[models.card]",
        f"intended_use = {_quoted(card.intended_use)}",
        f"limits = {_listed(card.limits)}",
    ]


def _listed(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(_quoted(value) for value in values) + "]"


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
