"""Reads manifests: the shipped one (data in this package) and the operator's own.

A manifest that contradicts itself is refused whole: two entries of one id, two contents under one id, a
package that nobody declared, a key that nobody reads.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from countenance.vision.registry.entries import ModelEntry, PackageSource
from countenance.vision.registry.errors import ManifestInvalid, ModelUnknown

__all__ = ["ModelManifest", "parse_manifest", "parse_operator_entries", "read_toml", "shipped_manifest"]

_T = TypeVar("_T")
_ENTRIES = TypeAdapter(tuple[ModelEntry, ...])
_PACKAGES = TypeAdapter(dict[str, PackageSource])


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """The models that may be pulled and loaded, in the order of the file.

    Raises:
        ManifestInvalid: if two entries have one id.
    """

    entries: tuple[ModelEntry, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for entry in self.entries:
            if entry.model_id in seen:
                msg = f"Two entries of the manifest have the id {entry.model_id!r}."
                raise ManifestInvalid(msg)
            seen.add(entry.model_id)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids, in order."""
        return tuple(entry.model_id for entry in self.entries)

    @property
    def defaults(self) -> tuple[str, ...]:
        """The ids that the check-in needs."""
        return tuple(entry.model_id for entry in self.entries if entry.default)

    def entry(self, model_id: str) -> ModelEntry:
        """Return the entry of an id.

        Raises:
            ModelUnknown: if there is none.
        """
        for entry in self.entries:
            if entry.model_id == model_id:
                return entry
        msg = f"The manifest has no model {model_id!r}; it has {', '.join(self.ids) or 'none'}."
        raise ModelUnknown(msg)

    def with_entries(self, more: tuple[ModelEntry, ...]) -> ModelManifest:
        """Return a manifest with further entries after these.

        Raises:
            ManifestInvalid: if an id would stand twice; an operator's entry never replaces a shipped one.
        """
        return ModelManifest((*self.entries, *more))


def read_toml(text: str, *, what: str, keys: frozenset[str]) -> dict[str, object]:
    """Return a TOML document whose top-level keys are all known.

    Args:
        text: the document.
        what: its name in error messages.
        keys: the keys that may stand at the top.

    Raises:
        ManifestInvalid: if it isn't TOML or holds another key.
    """
    try:
        document: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"The {what} isn't valid TOML: {error}."
        raise ManifestInvalid(msg) from error
    unread = sorted(set(document) - keys)
    if unread:
        msg = f"The {what} has keys that nothing reads: {', '.join(unread)}."
        raise ManifestInvalid(msg)
    return document


def parse_manifest(text: str) -> ModelManifest:
    """Parse a manifest whose entries name packages declared in the same file.

    Args:
        text: TOML with a table ``packages`` and an array of tables ``models``.

    Raises:
        ManifestInvalid: if anything in it isn't as this version reads it; the message names the entry.
    """
    document = read_toml(text, what="model manifest", keys=frozenset({"packages", "models"}))
    packages = _validated(_PACKAGES, document.get("packages", {}), "model manifest")
    rows = document.get("models", [])
    if not isinstance(rows, list):
        raise ManifestInvalid("The model manifest's 'models' isn't an array of tables.")
    entries = [_with_source(row, packages) for row in rows]
    return ModelManifest(_validated(_ENTRIES, entries, "model manifest"))


def parse_operator_entries(text: str) -> tuple[ModelEntry, ...]:
    """Parse the operator's own entries; each states its source itself, and none is a default.

    Args:
        text: TOML with an array of tables ``models``.

    Raises:
        ManifestInvalid: if anything in it isn't as this version reads it.
    """
    document = read_toml(text, what="operator's model list", keys=frozenset({"models"}))
    entries = _validated(_ENTRIES, document.get("models", []), "operator's model list")
    for entry in entries:
        if not entry.operator_supplied or entry.default:
            msg = f"The operator's entry {entry.model_id!r} must have an address and can't be a default."
            raise ManifestInvalid(msg)
    return entries


@cache
def shipped_manifest() -> ModelManifest:
    """Return the manifest that this version ships."""
    text = (
        resources.files("countenance.vision.registry").joinpath("manifest.toml").read_text(encoding="utf-8")
    )
    return parse_manifest(text)


def _with_source(row: object, packages: Mapping[str, PackageSource]) -> dict[str, object]:
    if not isinstance(row, dict):
        raise ManifestInvalid("The model manifest's 'models' isn't an array of tables.")
    entry = dict(row)
    name = entry.pop("package", None)
    if name not in packages:
        msg = f"The entry {entry.get('model_id')!r} names the package {name!r}, which isn't declared."
        raise ManifestInvalid(msg)
    entry["source"] = packages[name]
    return entry


def _validated(adapter: TypeAdapter[_T], value: object, what: str) -> _T:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        msg = f"The {what} is wrong at {place}: {first['msg']}."
        raise ManifestInvalid(msg) from error
