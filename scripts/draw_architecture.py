"""Draw the packages and their imports, as they are in the code, into ARCHITECTURE.md.

The floors come from the layers contract in ``.importlinter``; the arrows from the imports that the
code really makes. Between the two markers stands a Mermaid drawing, which a reader sees as a picture.

Usage::

    python scripts/draw_architecture.py            write
    python scripts/draw_architecture.py --check    exit 1 if the drawing is out of date
"""

from __future__ import annotations

import configparser
import sys
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "ARCHITECTURE.md"
BEGIN, END = "<!-- drawn from the code: begin -->", "<!-- drawn from the code: end -->"


def floors() -> list[list[str]]:
    """Return the packages floor by floor, top floor first, as the contract states them."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    lines = contracts["importlinter:contract:floors"]["layers"].strip().splitlines()
    return [[name.strip() for name in line.split("|")] for line in lines]


def imports() -> list[tuple[str, str]]:
    """Return the pairs (importer, imported) of packages, sorted, as the code has them."""
    graph = grimp.build_graph(
        "countenance", include_external_packages=False, exclude_type_checking_imports=True
    )
    pairs = set()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            if importer.count(".") and imported.count("."):
                pair = importer.split(".")[1], imported.split(".")[1]
                if pair[0] != pair[1]:
                    pairs.add(pair)
    return sorted(pairs)


def drawing() -> str:
    """Return the Mermaid text. The kernel's arrows are left out: everything may use it."""
    lines = ["```mermaid", "flowchart TB"]
    for number, floor in enumerate(floors()):
        lines.append(f'  subgraph floor{number}[" "]')
        lines.append("    direction LR")
        lines += [f"    {name}" for name in floor]
        lines.append("  end")
    lines += [f"  {a} --> {b}" for a, b in imports() if b != "kernel"]
    return "\n".join([*lines, "```"])


def main() -> int:
    """Write the drawing, or compare it."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    fresh = f"{head}{BEGIN}\n{drawing()}\n{END}{tail}"
    if "--check" in sys.argv[1:]:
        return 0 if fresh == text else 1
    DOCUMENT.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
