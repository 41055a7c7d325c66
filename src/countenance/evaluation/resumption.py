"""What an interrupted evaluation goes on from: embeddings of the pictures that were read, sealed.

Rules kept here:

* An embedding identifies a person, so none lies on disk in the clear: each batch is sealed under a data key
  of the run, for the data set's purpose (AES-256-GCM).
* When the run is over its key is destroyed and the files removed; what a disk still holds opens with nothing.
* A batch that can't be opened, or whose pictures have changed, is read anew, never trusted.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Material, PurposeId, SubjectId, canonical_sha256
from countenance.store import SealBroken, SealKeyDestroyed, Vault

__all__ = ["EmbeddedBatch", "Resumption"]

_FORM = "2"
"""Of what is kept: 2 has the quality of each picture."""


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedBatch:
    """The embeddings of one batch of pictures.

    Attributes:
        materials: SHA-256 of each picture's bytes.
        vectors: float32, shape (pictures, d); zeros where no face was found. Left out of ``repr``.
        found: bool, shape (pictures,): whether there is a vector.
        quality: float32, shape (pictures,): unified quality, 0 to 100; NaN where there is none.
    """

    materials: tuple[Material, ...]
    vectors: NDArray[np.float32] = field(repr=False)
    found: NDArray[np.bool_]
    quality: NDArray[np.float32]


class Resumption:
    """The sealed batches of one run.

    Args:
        folder: where they lie; made when there is one to keep.
        vault: seals and opens them.
        purpose: the data set's purpose.
        run: what decides whether two runs are the same: list, networks, sizes of batches.
    """

    __slots__ = ("_folder", "_purpose", "_subject", "_vault")

    def __init__(self, *, folder: Path, vault: Vault, purpose: PurposeId, run: dict[str, str]) -> None:
        digest = canonical_sha256({**run, "form": _FORM})
        self._folder = folder / digest[:32]
        self._vault = vault
        self._purpose = purpose
        self._subject = SubjectId(f"sub_run{digest[:32]}")

    def load(self, number: int, materials: tuple[Material, ...]) -> EmbeddedBatch | None:
        """Return a batch that was kept, or ``None`` if there is none for exactly these pictures.

        Args:
            number: which batch, from 0.
            materials: SHA-256 of each picture, as it lies on disk now.
        """
        file = self._file(number)
        if not file.is_file():
            return None
        try:
            plain = self._vault.open(
                self._subject, self._purpose, file.read_bytes(), context=self._context(number)
            )
        except (SealBroken, SealKeyDestroyed):
            return None
        with np.load(io.BytesIO(plain), allow_pickle=False) as parts:
            kept = tuple(Material(str(material)) for material in parts["materials"])
            batch = EmbeddedBatch(materials, parts["vectors"], parts["found"], parts["quality"])
        return batch if kept == materials else None

    def keep(self, number: int, batch: EmbeddedBatch) -> None:
        """Seal a batch and write it; whole or not at all."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            materials=np.array(batch.materials),
            vectors=batch.vectors,
            found=batch.found,
            quality=batch.quality,
        )
        sealed = self._vault.seal(
            self._subject, self._purpose, buffer.getvalue(), context=self._context(number)
        )
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._file(number).with_suffix(".unfinished")
        unfinished.write_bytes(sealed)
        unfinished.chmod(0o600)
        unfinished.replace(self._file(number))

    def forget(self) -> None:
        """Destroy the run's key and remove its files."""
        self._vault.destroy(self._subject, self._purpose)
        if self._folder.is_dir():
            for file in self._folder.iterdir():
                file.unlink()
            self._folder.rmdir()

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:06d}.sealed"

    def _context(self, number: int) -> dict[str, str]:
        return {"record": "evaluation batch", "run": self._subject, "number": str(number)}
