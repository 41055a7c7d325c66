"""A model card as Markdown: what whoever uses the model should have read. Made from the manifest alone."""

from __future__ import annotations

from collections.abc import Iterable

from countenance.vision.registry.entries import ModelEntry, OperatorSource

__all__ = ["model_card"]


def model_card(entry: ModelEntry) -> str:
    """Return the card of one entry as Markdown, starting with a heading of the second level."""
    parts = [
        f"## {entry.model_id}",
        f"{entry.title}.",
        f"**Intended use.** {entry.card.intended_use}",
        "**Limits.**",
        _bullets(entry.card.limits),
        *_measured(entry),
        "**What isn't known.**",
        _bullets(entry.unknown),
        f"**Licence as found.** {entry.licence.spdx}. {entry.licence.found}",
        f"**Provenance.** {entry.provenance}",
        f"**Input.** {entry.inputs}",
        f"**Output.** {entry.outputs}",
        _bullets(_pins(entry)),
    ]
    return "\n\n".join(parts) + "\n"


def _measured(entry: ModelEntry) -> list[str]:
    if not entry.card.measured:
        return ["**Measured.** Not measured."]
    return ["**Measured.**", _bullets(f"{fact.figure} ({fact.conditions})" for fact in entry.card.measured)]


def _pins(entry: ModelEntry) -> list[str]:
    source = entry.source
    if isinstance(source, OperatorSource):
        lines = [f"from: {source.address}, {source.words}"]
    else:
        lines = [
            f"package: {source.words}, {source.archive_bytes:,} bytes, SHA-256 `{source.archive_sha256}`",
            f"member: `{entry.member}`",
        ]
    return [*lines, f"file: {entry.format.value}, {entry.bytes:,} bytes, SHA-256 `{entry.sha256}`"]


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
