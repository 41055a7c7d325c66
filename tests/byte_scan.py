"""Looks in files for what must not be in them: bytes in the clear, or in a writing that is easy to undo."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["chunks", "files_below", "name_markers", "row_markers", "scan", "vector_markers"]

_START = 8


def scan(contents: Mapping[str, bytes], markers: Mapping[str, bytes]) -> list[str]:
    """Return ``label in where`` for each marker that stands in a content; names are sought in any case."""
    by_start: dict[int, list[str]] = {}
    one_by_one = []
    for label, marker in markers.items():
        if label.startswith("name ") or len(marker) < _START:
            one_by_one.append(label)
        else:
            by_start.setdefault(int.from_bytes(marker[:_START], "little"), []).append(label)
    starts = np.array(sorted(by_start), dtype=np.uint64)
    found = []
    for where, content in contents.items():
        likely = one_by_one + [label for start in _starts_in(content, starts) for label in by_start[start]]
        there = {label for label in likely if markers[label] in content}
        lowered = content.lower()
        there |= {
            label for label in one_by_one if label.startswith("name ") and markers[label].lower() in lowered
        }
        found += [f"{label} in {where}" for label in markers if label in there]
    return found


def _starts_in(content: bytes, starts: NDArray[np.uint64]) -> set[int]:
    """Return which of the sorted starts, eight bytes each, stand anywhere in a content: in one pass."""
    found: set[int] = set()
    for offset in range(min(_START, max(0, len(content) - _START + 1)) if len(starts) else 0):
        windows = np.frombuffer(content, "<u8", count=(len(content) - offset) // _START, offset=offset)
        places = np.minimum(np.searchsorted(starts, windows), len(starts) - 1)
        found.update(windows[starts[places] == windows].tolist())
    return found


def files_below(*folders: Path) -> dict[str, bytes]:
    """Return every file below the folders, links left aside, by its path."""
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def row_markers(label: str, pixels: NDArray[np.uint8]) -> dict[str, bytes]:
    """Return pieces of the rows of a picture, as bytes and as what networks take: float32.

    Args:
        label: what it is.
        pixels: uint8, shape (height, width, 3), RGB. BGR and each plane are sought too.
    """
    found: dict[str, bytes] = {}
    step = max(1, pixels.shape[0] // 56)
    middle = pixels.shape[1] // 2
    for number, row in list(enumerate(pixels))[step // 2 :: step]:
        piece = row[max(0, middle - 12) : middle + 12]
        if len(np.unique(piece)) < 12:
            continue  # a plain background says nothing and stands in many files
        for order, values in (("RGB", piece), ("BGR", piece[:, ::-1])):
            found[f"{label} row {number} {order}"] = np.ascontiguousarray(values).tobytes()
            for scale, normal in (("/255", values / 255.0), ("-127.5/128", (values - 127.5) / 128.0)):
                floats = np.ascontiguousarray(normal, dtype=np.float32).tobytes()
                found[f"{label} row {number} {order} float32 {scale}"] = floats[:64]
        for plane in range(3):
            whole = np.ascontiguousarray(row[max(0, middle - 24) : middle + 24, plane])
            if len(np.unique(whole)) >= 12:
                found[f"{label} row {number} plane {plane}"] = whole.tobytes()
    return found


def chunks(label: str, content: bytes, *, size: int = 48, step: int = 512) -> dict[str, bytes]:
    """Return pieces of an encoded file, in the clear and in base64; runs of few values are left out."""
    found = {}
    for start in range(0, len(content) - size, step):
        piece = content[start : start + size]
        if len(set(piece)) >= 16:
            found[f"{label} at {start}"] = piece
            for shift, text in _in_base64(piece):
                found[f"{label} at {start} base64+{shift}"] = text
    return found


def vector_markers(label: str, vector: NDArray[np.float32]) -> dict[str, bytes]:
    """Return pieces of a vector in the number formats that it may be stored in, plain, base64 and hex.

    Args:
        label: what it is.
        vector: float32, shape (d,).
    """
    wide = vector.astype(np.float64)
    formats = {
        "float32": vector.astype("<f4"),
        "float32 big-endian": vector.astype(">f4"),
        "float16": vector.astype("<f2"),
        "float64": wide.astype("<f8"),
        "int8 of the largest": np.round(wide / np.abs(wide).max() * 127).astype(np.int8),
        "int8 of 1": np.round(wide * 127).astype(np.int8),
        "negated float32": (-vector).astype("<f4"),
    }
    found: dict[str, bytes] = {}
    for name, values in formats.items():
        whole = values.tobytes()
        width = 16
        for start in range(0, len(whole) - width + 1, width):
            piece = whole[start : start + width]
            if len(set(piece)) >= 6:
                found[f"{label} {name} at {start}"] = piece
        for shift, text in _in_base64(whole):
            for start in range(0, len(text) - 24, 24):
                found[f"{label} {name} base64+{shift} at {start}"] = text[start : start + 24]
        text = whole.hex().encode()
        for start in range(0, len(text) - 32, 32):
            if len(set(text[start : start + 32])) >= 6:
                found[f"{label} {name} hex at {start}"] = text[start : start + 32]
    for start in range(0, len(vector) - 2, 3):
        written = ", ".join(repr(float(value)) for value in vector[start : start + 2])
        found[f"{label} as JSON at {start}"] = written.encode()
    return found


def name_markers(names: Iterable[str]) -> dict[str, bytes]:
    """Return names in UTF-8, UTF-16, base64 and hex."""
    found: dict[str, bytes] = {}
    for name in names:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            raw = name.encode(encoding)
            found[f"name {name} {encoding}"] = raw
            # Letters of base64 have a case, so these aren't sought in any case.
            found |= {f"{name} {encoding} base64+{shift}": text for shift, text in _in_base64(raw)}
            found[f"name {name} {encoding} hex"] = raw.hex().encode()
    return found


def _in_base64(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the letters that stand in base64 wherever the bytes begin; those at the edges depend on others."""
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw)
        first = (0, 2, 3)[shift]
        last = (len(raw) + shift) * 8 // 6
        inner = encoded[first:last]
        if len(inner) >= 6:
            yield shift, inner
        urlsafe = inner.replace(b"+", b"-").replace(b"/", b"_")
        if len(inner) >= 6 and urlsafe != inner:
            yield shift + 10, urlsafe
