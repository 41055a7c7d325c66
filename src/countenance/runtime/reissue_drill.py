"""A leak, answered: templates are re-keyed without anybody coming again, and the leaked ones tried.

Rules kept here:

* The leak is taken before, whole; afterwards everything that a thief can try with it is tried.
* What re-keying can't undo is measured like the rest: who had the old key, or a copy of the folder with the
  root key, has the faces.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.unlinkability import Unlinkability, unlinkability
from countenance.gallery import SealedGallery
from countenance.gallery.rekeying import Rekeying
from countenance.kernel import PurposeId, SubjectId, SystemClock, new_id
from countenance.runtime.drill_people import DIMENSIONS, MODEL, enrol, new_store, pictures_of
from countenance.store import PurposeKeyGone, Store, key_provider
from countenance.templates import KeyedRotation, decode_template

__all__ = ["ReissueDrill", "drill_reissue"]

_GYM: Final = PurposeId("pur_drillgym")
_SEED: Final = 20261123


@dataclass(frozen=True, slots=True)
class ReissueDrill:
    """What re-keying did. Shares are in [0, 1].

    Attributes:
        people: how many there were.
        seconds: for the whole of it: key made, templates moved and sealed, old key deleted.
        found_before: share of people whom a second picture finds, first place.
        found_after: the same afterwards.
        largest_score_change: of anybody's score with the second picture.
        old_key_gone: whether the old key no longer opens anything in the store.
        leaked_found: share of people whose leaked template finds their new one.
        leaked: linkability of leaked and new templates.
        leaked_with_key_found: share that the thief finds who has the old key as well.
        old_copy_opened: share of references that open in a copy of the folder made before, with the root key.
    """

    people: int
    seconds: float
    found_before: float
    found_after: float
    largest_score_change: float
    old_key_gone: bool
    leaked_found: float
    leaked: Unlinkability
    leaked_with_key_found: float
    old_copy_opened: float


def drill_reissue(*, people: int = 300, seed: int = _SEED) -> ReissueDrill:
    """Enrol made-up people, leak their templates, re-key, and try the leaked ones.

    Args:
        people: how many, at least 20.
        seed: of their vectors.
    """
    root = Path(tempfile.mkdtemp(prefix="countenance-drill-"))
    try:
        with new_store(root, "here") as store:
            return _drill(store, root, people=people, seed=seed)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _drill(store: Store, root: Path, *, people: int, seed: int) -> ReissueDrill:
    subjects = [SubjectId(new_id("sub")) for _ in range(people)]
    enrolled, probes = pictures_of(people, pictures=2, seed=seed)
    enrol(store, _GYM, subjects, enrolled)
    before = _asked(store, subjects, probes)
    leak = _kept(store, subjects)
    old_key = _rotation(store, 1)
    shutil.copytree(root / "here", root / "copy")
    began = time.perf_counter()
    _rekey(store)
    seconds = time.perf_counter() - began
    after = _asked(store, subjects, probes)
    new = _kept(store, subjects)
    scores = leak.astype(np.float64) @ new.astype(np.float64).T
    plain = leak @ old_key.protect(np.eye(DIMENSIONS, dtype=np.float32)).T
    again = _asked(store, subjects, plain / np.linalg.norm(plain, axis=1, keepdims=True))
    return ReissueDrill(
        people=people,
        seconds=seconds,
        found_before=before[0],
        found_after=after[0],
        largest_score_change=float(np.abs(before[1] - after[1]).max()),
        old_key_gone=_gone(store),
        leaked_found=float((scores.argmax(axis=1) == np.arange(people)).mean()),
        leaked=unlinkability(np.diag(scores), np.diag(np.roll(scores, 1, axis=1)), seed=seed),
        leaked_with_key_found=again[0],
        old_copy_opened=_opened_copy(root) / people,
    )


def _rekey(store: Store) -> None:
    """Make the next key, move every template to it in steps, delete the old one: as the command does."""
    Rekeying(store=store).run(_GYM, at=SystemClock().now())


def _asked(
    store: Store, subjects: Sequence[SubjectId], probes: NDArray[np.float32]
) -> tuple[float, NDArray[np.float64]]:
    """Return the share of people found first by their probe, and everybody's own score."""
    gallery = SealedGallery(store=store, model_id=MODEL, dimensions=DIMENSIONS, clock=SystemClock())
    try:
        own = {subject: store.references.of(subject)[0].reference_id for subject in subjects}
        answers = gallery.search_many(_GYM, probes, at=SystemClock().now(), most=1)
        pairs = list(zip(subjects, answers, strict=True))
        hits = [answer.candidates[0].reference_id == own[subject] for subject, answer in pairs]
        scores = [
            gallery.verify(_GYM, own[subject], probe, at=SystemClock().now()).value
            for subject, probe in zip(subjects, probes, strict=True)
        ]
    finally:
        gallery.close()
    return float(np.mean(hits)), np.array(scores)


def _kept(store: Store, subjects: Sequence[SubjectId]) -> NDArray[np.float32]:
    """Return everybody's template as it is kept, turned; float32, shape (n, d)."""
    found = {
        one.record.subject: decode_template(one.content).vector
        for one in store.references.changed_since(_GYM, 0)
    }
    return np.stack([found[one] for one in subjects])


def _rotation(store: Store, version: int) -> KeyedRotation:
    secret = store.purpose_keys.rotation_secret(_GYM, version, model_id=MODEL)
    return KeyedRotation(secret, dimensions=DIMENSIONS)


def _gone(store: Store) -> bool:
    try:
        store.purpose_keys.rotation_secret(_GYM, 1, model_id=MODEL)
    except PurposeKeyGone:
        return True
    return False


def _opened_copy(root: Path) -> int:
    provider = key_provider(f"file:{root / 'here.key'}")
    with Store.open(root / "copy", key_provider=provider, clock=SystemClock()) as store:
        return sum(1 for _ in store.references.changed_since(_GYM, 0))
