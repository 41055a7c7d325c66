"""Coverage-guided fuzzing of the decoders' front with atheris; run by ``scripts/fuzz.sh``.

    python tests/fuzz/decode_pictures.py -max_total_time=600 CORPUS_FOLDER

A finding is anything but pixels or a ``PictureRefused``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

with atheris.instrument_imports(include=["PIL", "countenance"]):
    from PIL import Image

    from countenance.capture import CaptureLimits, PictureRefused, decode
from pictures import encode, png, png_with_header, quadrants

LIMITS = CaptureLimits(largest_pixels=1_000_000, smallest_side=8)


def try_one(data: bytes) -> None:
    """Decode bytes that may be anything."""
    try:
        pixels = decode(data, limits=LIMITS)
    except PictureRefused:
        return
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise AssertionError(pixels.shape)


def write_seeds(folder: Path) -> None:
    """Put one small picture of each kind into the corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(quadrants())
    seeds = {
        "jpeg": encode(image, "JPEG"),
        "cmyk": encode(image.convert("CMYK"), "JPEG"),
        "png": png(quadrants()),
        "palette": encode(image.quantize(16), "PNG"),
        "moving": encode(image, "PNG", save_all=True, append_images=[image]),
        "large": png_with_header(40_000, 40_000),
        "webp": encode(image, "WEBP"),
        "bmp": encode(image, "BMP"),
        "mpo": encode(image, "MPO", save_all=True, append_images=[image]),
    }
    for name, content in seeds.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    write_seeds(Path(sys.argv[-1]))
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()
