"""Write docs/reference/errors.md: error classes, outcomes of a verification, reasons about a photograph.

Usage::

    python scripts/document_errors.py            write
    python scripts/document_errors.py --check    exit 1 if the page is out of date
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import countenance
from countenance.kernel import CountenanceError, Family

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "reference" / "errors.md"
FAMILIES = {
    Family.CALLER: "Whoever sent the request has to send a better one.",
    Family.SUBJECT: "The photograph can't be used; the person concerned can give a better one.",
    Family.EVIDENCE: "A rule said no, or evidence is missing; the officer has to supply it, or nobody can.",
    Family.OPERATOR: "Whoever runs the installation has to act.",
}
EXIT_STATUS = {Family.CALLER: 2, Family.SUBJECT: 2, Family.EVIDENCE: 3, Family.OPERATOR: 2}
HEAD = """# Errors

Written by `scripts/document_errors.py` from the code; don't edit it by hand.

Every error has a stable code, a sentence that says what happened, and a remedy. The command line prints
them as `error` with `--json` and ends with the exit status below. REST answers with the HTTP status below
and a problem document (RFC 9457) that holds `code`, `detail`, `remedy`, and, when a rule said no, the
`verdict`. A photograph that can't be judged is no error: it ends in the [outcome](#outcomes) `inconclusive`.
"""
OUTCOMES = """
## Outcomes

A verification that was carried out ends in one of three, as `outcome`. Each has a permit, a log entry
and a receipt.

| outcome | HTTP | exit | what it means |
|---|---|---|---|
| `match` | 200 | 0 | The two faces are as alike as the threshold of the stated error asks. |
| `no match` | 200 | 1 | They are less alike. That is no proof that they are two people. |
| `inconclusive` | 200 | 1 | A photograph can't be judged, so nothing was compared. |

What is wrong with which photograph stands in `inputs`: `reasons` for people, `codes` for programs. The first
two codes below always lead to `inconclusive`, the others if it is bad enough.

| code | what is wrong | what to do |
|---|---|---|"""


def errors() -> list[type[CountenanceError]]:
    """Return every error class that the package defines, by code."""
    for module in pkgutil.walk_packages(countenance.__path__, "countenance."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return sorted(_below(CountenanceError), key=lambda kind: kind.code)


def _below(kind: type[CountenanceError]) -> Iterator[type[CountenanceError]]:
    if kind.__module__.startswith("countenance."):
        yield kind
    for child in kind.__subclasses__():
        yield from _below(child)


def row(kind: type[CountenanceError]) -> str:
    """Return an error's line of the table."""
    # Imported here: the modules above have to be loaded by walking, in whatever order they come.
    from countenance.api import STATUS_BY_CODE, STATUS_BY_FAMILY  # noqa: PLC0415

    status = STATUS_BY_CODE.get(kind.code, STATUS_BY_FAMILY[kind.family])
    meaning = (inspect.getdoc(kind) or "").split("\n\n", maxsplit=1)[0].replace("\n", " ").replace("``", "`")
    cells = (f"`{kind.code}`", str(status), str(EXIT_STATUS[kind.family]), meaning, kind.default_remedy)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def document() -> str:
    """Return the page."""
    found = errors()
    parts = [HEAD]
    for family, words in FAMILIES.items():
        parts.append(f"\n## {family.value.capitalize()}\n\n{words}\n")
        parts.append("| code | HTTP | exit | what happened | what to do |\n|---|---|---|---|---|")
        parts += [row(kind) for kind in found if kind.family is family]
    return "\n".join([*parts, OUTCOMES, *reasons()]) + "\n"


def reasons() -> list[str]:
    """Return a line for each code that a decision may give about a photograph."""
    from countenance.vision import NoFaceFound, SeveralFaces  # noqa: PLC0415
    from countenance.vision.quality import every_reason  # noqa: PLC0415

    chosen = [
        (kind.code, (inspect.getdoc(kind) or "").replace("\n", " "), kind.default_remedy)
        for kind in (NoFaceFound, SeveralFaces)
    ]
    judged = [(reason.code, reason.words, reason.advice) for reason in every_reason()]
    return [f"| `{code}` | {words} | {advice} |" for code, words, advice in chosen + judged]


def main() -> int:
    """Write the page, or compare it."""
    fresh = document()
    if "--check" in sys.argv[1:]:
        current = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
        return 0 if current == fresh else 1
    DOCUMENT.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
