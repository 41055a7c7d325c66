"""Write docs/reference/scene-matrix.md from the shipped rules and scenes, or check it.

The same as ``countenance rules matrix --write docs/reference/scene-matrix.md`` without packs of one's own.

Usage::

    python scripts/document_matrix.py            write
    python scripts/document_matrix.py --check    exit 1 if the document is out of date
"""

from __future__ import annotations

import sys
from pathlib import Path

from countenance.authority import shipped_rules, shipped_scene_forms
from countenance.cli.matrix import matrix_page, scene_matrix

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "reference" / "scene-matrix.md"


def page() -> str:
    """Return the page for the day of the packs."""
    rules, vocabulary = shipped_rules()
    forms = shipped_scene_forms()
    at = max(pack.version for pack in rules.packs)
    cells = scene_matrix(rules, forms, vocabulary=vocabulary, at=at)
    return matrix_page(forms, cells, rules=rules, at=at)


def main() -> int:
    """Write the page, or compare it."""
    fresh = page()
    if "--check" in sys.argv[1:]:
        return 0 if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == fresh else 1
    DOCUMENT.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
