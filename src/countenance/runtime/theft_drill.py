"""A theft, tried out: what each thief learns with which key.

Rules kept here:

* Every haul is a copy of files, and every attempt goes through what a thief has: the copied files, the stolen
  keys, and this very software. Nothing is deduced; what is told was read, opened or computed.
* What a thief learns without any key is told first, also where it isn't flattering.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.unlinkability import linked_by_alignment
from countenance.kernel import PurposeId, SubjectId, SystemClock, new_id
from countenance.runtime.drill_people import DIMENSIONS, MODEL, enrol, new_store, pictures_of
from countenance.store import LegalHold, RootKeyError, Store, create_root_key, key_provider
from countenance.templates import KeyedRotation, decode_template

__all__ = ["Haul", "TheftDrill", "drill_theft"]

_GYM: Final = PurposeId("pur_drillgym")
_BANK: Final = PurposeId("pur_drillbank")
_RECOVERED: Final = 0.999
_KNOWN: Final = (0, 16, 64, 128)
_SEED: Final = 20261123

_Opened = tuple[tuple[SubjectId, ...], NDArray[np.float32], NDArray[np.float32]]
"""Whose, the templates as they were kept, and turned back."""


@dataclass(frozen=True, slots=True)
class Haul:
    """What one thief learnt. Shares are in [0, 1].

    Attributes:
        thief: what he took.
        pseudonyms: of the people, how many pseudonyms he read.
        names: of the people, how many names.
        gym: of the first purpose's embeddings, how many he has as the network made them.
        bank: of the second purpose's, which has another custodian.
        linked_by_pseudonym: of the people, how many he knows to be one person in both purposes by rows alone.
        linked_by_template: how many by comparing faces.
    """

    thief: str
    pseudonyms: float
    names: float
    gym: float
    bank: float
    linked_by_pseudonym: float
    linked_by_template: float


@dataclass(frozen=True, slots=True)
class TheftDrill:
    """What a theft gave.

    Attributes:
        people: how many there were.
        hauls: each thief's.
        elsewhere_opened: of a second deployment's embeddings, the share opened with the first one's keys.
        elsewhere_linked: share of the others linked to turned templates from a second deployment's memory,
            by how many people are known in both.
    """

    people: int
    hauls: tuple[Haul, ...]
    elsewhere_opened: float
    elsewhere_linked: dict[int, float]


def drill_theft(*, people: int = 300, seed: int = _SEED) -> TheftDrill:
    """Make two deployments of made-up people, steal them, and say what each thief learns.

    Args:
        people: how many, at least 20.
        seed: of their vectors, and of whom a thief knows.
    """
    root = Path(tempfile.mkdtemp(prefix="countenance-drill-"))
    try:
        scene = _Scene(root, people=people, seed=seed)
        keys = {"none": (), "gym": ("here",), "bank": ("bank",), "all": ("here", "bank")}
        words = {
            "none": "the data folder, no key",
            "gym": "the data folder and the root key",
            "bank": "the data folder and the second custodian's key",
            "all": "the whole machine: data folder and both keys",
        }
        hauls = tuple(scene.steal(words[name], taken) for name, taken in keys.items())
        return TheftDrill(
            people=people,
            hauls=hauls,
            elsewhere_opened=scene.opened_elsewhere(),
            elsewhere_linked=scene.linked_elsewhere(seed),
        )
    finally:
        shutil.rmtree(root, ignore_errors=True)


class _Scene:
    """Two deployments of the same people: one with two purposes, and one elsewhere."""

    def __init__(self, root: Path, *, people: int, seed: int) -> None:
        self._root = root
        self._people = [SubjectId(new_id("sub")) for _ in range(people)]
        self._names = {subject: f"Planted Name {number:06}" for number, subject in enumerate(self._people)}
        self._gym, self._bank, self._elsewhere = pictures_of(people, pictures=3, seed=seed)
        custodian = f"file:{root / 'bank.key'}"
        create_root_key(custodian)
        with new_store(root, "here") as store:
            store.purpose_keys.make(_GYM)
            store.purpose_keys.make(_BANK, custodian=custodian)
            enrol(store, _GYM, self._people, self._gym)
            enrol(store, _BANK, self._people, self._bank)
            self._keep_names(store)
        with new_store(root, "there") as store:
            enrol(store, _GYM, self._people, self._elsewhere)

    def steal(self, thief: str, taken: tuple[str, ...]) -> Haul:
        """Copy the data folder and some keys, and try everything."""
        place = self._copied("here", taken)
        written = b"".join(path.read_bytes() for path in sorted((place / "here").iterdir()))
        rows = {purpose: _pseudonyms_beside(purpose, written) for purpose in (_GYM, _BANK)}
        in_clear = sum(subject.encode() in written for subject in self._people)
        names = {subject for subject, name in self._names.items() if name.encode() in written}
        opened: dict[PurposeId, _Opened | None] = {_GYM: None, _BANK: None}
        store = self._open(place, "here", taken)
        if store is not None:
            with store:
                names |= {one for one in self._people if self._says_name(store, one)}
                opened = {purpose: _all_of(store, purpose) for purpose in opened}
        shutil.rmtree(place)
        return Haul(
            thief=thief,
            pseudonyms=in_clear / len(self._people),
            names=len(names) / len(self._people),
            gym=self._recovered(opened[_GYM], self._gym),
            bank=self._recovered(opened[_BANK], self._bank),
            linked_by_pseudonym=len(rows[_GYM] & rows[_BANK]) / len(self._people),
            linked_by_template=_linked(opened[_GYM], opened[_BANK]),
        )

    def opened_elsewhere(self) -> float:
        """Try the first deployment's keys on the second one's data folder."""
        place = self._copied("there", ("here", "bank"))
        store = self._open(place, "there", ("here", "bank"))
        if store is None:
            return 0.0
        with store:
            return self._recovered(_all_of(store, _GYM), self._elsewhere)

    def linked_elsewhere(self, seed: int) -> dict[int, float]:
        """Link plain vectors of here with turned ones out of the other deployment's memory.

        What lies in that memory is read with that deployment's own key, as a core dump would give it; its
        rotation isn't used.
        """
        uri = f"file:{self._root / 'there.key'}"
        with Store.open(self._root / "there", key_provider=key_provider(uri), clock=SystemClock()) as store:
            found = _all_of(store, _GYM)
        if found is None:
            msg = "a deployment opens with its own key"
            raise RuntimeError(msg)
        where = {subject: row for row, subject in enumerate(found[0])}
        turned = found[1][[where[one] for one in self._people]]
        linked = {}
        for known in (number for number in _KNOWN if number < len(self._people)):
            if known == 0:
                nearest = np.argmax(self._gym @ turned.T, axis=1)
                linked[0] = float((nearest == np.arange(len(turned))).mean())
                continue
            chosen = np.random.default_rng([seed, known]).choice(len(turned), known, replace=False)
            linked[known] = linked_by_alignment(self._gym, turned, known=chosen.astype(np.int64))
        return linked

    def _keep_names(self, store: Store) -> None:
        now = SystemClock().now()
        with store.together():
            for subject, name in self._names.items():
                hold = LegalHold(new_id("hold"), subject, name, now + timedelta(days=1), "officer", now)
                store.holds.place(hold)

    def _copied(self, name: str, taken: tuple[str, ...]) -> Path:
        place = Path(tempfile.mkdtemp(prefix="thief-", dir=self._root))
        shutil.copytree(self._root / name, place / name)
        for key in taken:
            shutil.copy2(self._root / f"{key}.key", place)
        create_root_key(f"file:{place / 'made-by-thief.key'}")
        return place

    def _open(self, place: Path, name: str, taken: tuple[str, ...]) -> Store | None:
        """Open a copy with any of the stolen keys as its root key; ``None`` if none fits."""
        for key in (*taken, "made-by-thief"):
            try:
                return Store.open(
                    place / name,
                    key_provider=key_provider(f"file:{place / f'{key}.key'}"),
                    # A custodian's key is looked for among what was stolen.
                    provider_of=lambda uri: key_provider(f"file:{place / Path(uri).name}"),
                    clock=SystemClock(),
                )
            except RootKeyError:
                continue
        return None

    def _says_name(self, store: Store, subject: SubjectId) -> bool:
        return any(hold.ground == self._names[subject] for hold in store.holds.of(subject))

    def _recovered(self, opened: _Opened | None, true: NDArray[np.float32]) -> float:
        if opened is None:
            return 0.0
        subjects, _, plain = opened
        where = {subject: row for row, subject in enumerate(self._people)}
        meant = true[[where[one] for one in subjects]]
        return float((np.einsum("ij,ij->i", plain, meant) > _RECOVERED).sum() / len(true))


def _all_of(store: Store, purpose: PurposeId) -> _Opened | None:
    """Return everybody's template; ``None`` if the purpose's key can't be had."""
    try:
        references = list(store.references.changed_since(purpose, 0))
        secret = store.purpose_keys.rotation_secret(purpose, 1, model_id=MODEL)
    except RootKeyError:
        return None
    turned = np.stack([decode_template(one.content).vector for one in references])
    matrix = KeyedRotation(secret, dimensions=DIMENSIONS).protect(np.eye(DIMENSIONS, dtype=np.float32))
    return tuple(one.record.subject for one in references), turned, turned @ matrix.T


def _linked(one: _Opened | None, other: _Opened | None) -> float:
    """Return the share of people whose nearest face in the other purpose is their own."""
    if one is None or other is None:
        return 0.0
    nearest = np.argmax(one[2] @ other[2].T, axis=1)
    own = [subject == other[0][row] for subject, row in zip(one[0], nearest.tolist(), strict=True)]
    return float(np.mean(own))


def _pseudonyms_beside(purpose: PurposeId, written: bytes) -> set[bytes]:
    """Return the pseudonyms right before a purpose in a file, as the rows of references have them."""
    found: list[bytes] = re.findall(rb"(sub_[0-9a-z]+?)" + re.escape(purpose.encode()), written)
    return set(found)
