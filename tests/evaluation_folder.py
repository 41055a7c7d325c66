"""A small data set of pairs made of the sample portraits, and the measuring commands."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from PIL import Image
from typer.testing import CliRunner

from countenance.cli import app
from weights import sample_bytes

SIDE = 480
ROWS = (
    "1,Ann,1,Ann,2,1\n1,Ann,1,Bob,1,0\n1,Ann,3,Bob,1,0\n2,Ann,2,Ann,3,1\n2,Ann,2,Bob,1,0\n2,Nil,1,Ann,1,0\n"
)
PICTURES = {("Ann", 1): "obama", ("Ann", 2): "obama2", ("Ann", 3): "obama3", ("Bob", 1): "biden"}


def ask(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    """Run a command with ``--json``; return its status and its one object."""
    answer = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    return answer.exit_code, json.loads(answer.stdout)


def small(name: str) -> bytes:
    """Return a sample portrait, scaled down."""
    image = Image.open(io.BytesIO(sample_bytes(name)))
    image.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def make_dataset(folder: Path) -> Path:
    """Return a folder with six pairs of two people and of a picture that shows nobody."""
    for (person, number), sample in PICTURES.items():
        (folder / person).mkdir(parents=True, exist_ok=True)
        (folder / person / f"{person}_{number:04d}.jpg").write_bytes(small(sample))
    (folder / "Nil").mkdir()
    Image.new("RGB", (SIDE, SIDE), "grey").save(folder / "Nil" / "Nil_0001.png")
    (folder / "pairs.csv").write_text("set,name_a,n_a,name_b,n_b,same\n" + ROWS, encoding="utf-8")
    return folder
