"""A model card as Markdown: what whoever uses the model should have read. Made from the manifest alone."""

from __future__ import annotations

from collections.abc import Iterable

from countenance.vision.registry.entries import Job, ModelEntry, OperatorSource, TrainingSets

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
        *_training_sets(entry),
        f"**Input.** {entry.inputs}",
        f"**Output.** {entry.outputs}",
        _bullets(_pins(entry)),
    ]
    return "\n\n".join(parts) + "\n"


def _measured(entry: ModelEntry) -> list[str]:
    if not entry.card.measured:
        return ["**Measured.** Not measured."]
    return ["**Measured.**", _bullets(f"{fact.figure} ({fact.conditions})" for fact in entry.card.measured)]


def _training_sets(entry: ModelEntry) -> list[str]:
    if entry.job is not Job.EMBED:
        return []
    if entry.dataset_provenance is TrainingSets.STATED:
        return ["**Training sets.** Stated, not checked:", _bullets(entry.training_sets)]
    needed = f"unless its purpose accepts `{entry.model_id}` by name"
    return [f"**Training sets.** `unknown`. A search turned against whoever is found is refused {needed}."]


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
