"""Made-up people for drills: vectors that stand for embeddings, and a gallery of its own to put them in.

Rules kept here:

* Nobody real takes part, and no installation's store is touched: a drill makes its own in a temporary folder.
* The vectors are drawn, not looked up: axis ``i`` has a spread of ``i`` to the power of -0.2, two pictures of
  one person agree to about 0.6. Real embeddings are measured by ``countenance evaluate verification``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.gallery import NewReference, SealedGallery
from countenance.kernel import PurposeId, SubjectId, SystemClock
from countenance.store import Store, create_root_key, key_provider
from countenance.templates import ReferenceTemplate

__all__ = ["DIMENSIONS", "MODEL", "SINCE", "VECTORS", "enrol", "new_store", "pictures_of"]

DIMENSIONS: Final = 192
MODEL: Final = "made-up-192"
SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
VECTORS: Final = (
    f"made up: {DIMENSIONS} dimensions, spread of axis i as i^-0.2, two pictures of one person 0.6"
)
_FALLING: Final = -0.2
_OWN: Final = 0.8


def pictures_of(people: int, *, pictures: int, seed: int) -> NDArray[np.float32]:
    """Return made-up embeddings, float32, shape (pictures, people, d), of length 1."""
    source = np.random.default_rng(seed)
    spread = np.arange(1, DIMENSIONS + 1) ** _FALLING
    # sqrt(0.6) of a picture is the person's; the rest is the picture's own.
    base = source.standard_normal((1, people, DIMENSIONS)) * spread
    other = source.standard_normal((pictures, people, DIMENSIONS)) * spread
    drawn = base + _OWN * other
    rows: NDArray[np.float32] = (drawn / np.linalg.norm(drawn, axis=2, keepdims=True)).astype(np.float32)
    return rows


def new_store(root: Path, name: str) -> Store:
    """Make a store below a folder: ``NAME.key`` and ``NAME``."""
    uri = f"file:{root / f'{name}.key'}"
    create_root_key(uri)
    return Store.create(root / name, key_provider=key_provider(uri), clock=SystemClock())


def enrol(
    store: Store, purpose: PurposeId, people: Sequence[SubjectId], vectors: NDArray[np.float32]
) -> None:
    """Enrol people for a purpose, each with one vector, shape (n, d)."""
    gallery = SealedGallery(store=store, model_id=MODEL, dimensions=DIMENSIONS, clock=SystemClock())
    try:
        gallery.enrol(
            [
                NewReference(
                    subject=subject,
                    purpose=purpose,
                    template=ReferenceTemplate(vector.copy(), MODEL, 1, 80),
                    valid_from=SINCE,
                )
                for subject, vector in zip(people, vectors, strict=True)
            ]
        )
    finally:
        gallery.close()
