"""The wiring of enrolment: the desk that makes references, and what may be asked about those that are kept.

Rules kept here:

* From which score two references are looked at as one person's is taken from the error table of the networks
  in use: samples of one person reach its mildest measured level, people who are close its strictest.
* Whoever lists references or takes one away acts in a role.
* Nothing that leaves this module holds a template, the gallery or a store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from countenance.authority import (
    Act,
    Author,
    AuthorityDesk,
    RoleTable,
    installed_rules,
    shipped_roles,
)
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.decisions import ErrorTable
from countenance.enrolment import (
    BulkEnrolment,
    BulkReport,
    ConsentImport,
    ConsentLine,
    DuplicateRule,
    Enrolled,
    EnrolmentDesk,
    EnrolmentDoor,
    EnrolmentOrder,
    PersonToEnrol,
    Tally,
    import_consents,
)
from countenance.gallery import scan_state
from countenance.kernel import Clock, DeviceId, PlaceId, PurposeId, SubjectId, SystemClock
from countenance.runtime.error_tables import error_table_in_use
from countenance.runtime.galleries import OpenGallery, open_gallery
from countenance.runtime.networks import choose_networks, load_analyser, load_embedder
from countenance.runtime.observing import observers_here
from countenance.runtime.opening import authority_over, begin_work, open_store
from countenance.runtime.selfcheck import examine_settings, require_ready
from countenance.runtime.settings import Settings
from countenance.store import ReferenceRecord, Store
from countenance.vision import ExtractionDoor, FaceAnalyser, QualityGate
from countenance.vision.embedding import Embedder
from countenance.vision.registry import ModelStore

__all__ = [
    "DEFAULT_ERROR_TARGET",
    "EnrolmentRoom",
    "PurposeGallery",
    "duplicate_rule",
    "enrolment_room",
    "open_enrolment",
]

DEFAULT_ERROR_TARGET: Final = 1e-4
"""The false match rate that enrolment states where the settings name none."""


@dataclass(frozen=True, slots=True)
class PurposeGallery:
    """How many references a purpose has.

    Attributes:
        purpose: for what.
        title: the purpose in a few words.
        model_id: the network whose templates are counted.
        references: how many, whether they take part now or not.
        key_version: the newest version of the purpose's key; 0 before anybody was enrolled.
    """

    purpose: PurposeId
    title: str
    model_id: str
    references: int
    key_version: int


def duplicate_rule(table: ErrorTable) -> DuplicateRule:
    """Return from which score two references are one person's, by the measured levels of a table."""
    mildest, strictest = table.levels[0], table.levels[-1]
    return DuplicateRule(same=mildest.threshold, close=strictest.threshold, fmr=strictest.fmr_interval.high)


class EnrolmentRoom:
    """Enrols people, lists references and takes them away. Holds memory: close it.

    Args:
        desk: enrols one person under a permit.
        gallery: where the references are; never handed out.
        store: likewise.
        authority: files consents, lists purposes.
        roles: who may do what.
        settings: say the error target and the largest picture.
    """

    __slots__ = ("_authority", "_desk", "_gallery", "_roles", "_settings", "_store")

    def __init__(
        self,
        *,
        desk: EnrolmentDesk,
        gallery: OpenGallery,
        store: Store,
        authority: AuthorityDesk,
        roles: RoleTable,
        settings: Settings,
    ) -> None:
        self._desk = desk
        self._gallery = gallery
        self._store = store
        self._authority = authority
        self._roles = roles
        self._settings = settings

    @property
    def error_target(self) -> float:
        """The false match rate that every enrolment states."""
        return self._settings.error_target or DEFAULT_ERROR_TARGET

    @property
    def scan(self) -> str:
        """What searches galleries here, in words."""
        return scan_state().kernel

    def enrol(self, order: EnrolmentOrder) -> Enrolled:
        """Enrol one person; see :meth:`~countenance.enrolment.EnrolmentDesk.enrol`."""
        return self._desk.enrol(order)

    def looked(self, author: Author) -> str:
        """Return who has looked at somebody who is close, as an order states it.

        Raises:
            RoleMayNot: if the role doesn't review.
        """
        self._roles.require(author.role, Act.REVIEW_RESULT)
        return str(author)

    def enrol_many(
        self,
        people: Iterable[PersonToEnrol],
        *,
        read: Callable[[Path], bytes],
        purpose: PurposeId,
        place: PlaceId,
        device: DeviceId,
        most_samples: int,
        looked_at_by: Author | None = None,
        moved: Callable[[Tally], None] = lambda _: None,
    ) -> BulkReport:
        """Enrol everybody who isn't enrolled yet, one after the other.

        Args:
            people: whom.
            read: gives the bytes of a picture's file.
            purpose: for what.
            place: where.
            device: with what.
            most_samples: how many pictures of one person are used.
            looked_at_by: who has looked at those of them who are close to somebody.
            moved: called after each of them.

        Raises:
            RoleMayNot: if who has looked isn't of a role that reviews.
            CountenanceError: what stops everybody; whoever was enrolled before stays so.
        """
        bulk = BulkEnrolment(
            desk=self._desk,
            read=read,
            purpose=purpose,
            place=place,
            device=device,
            error_target=self.error_target,
            most_samples=most_samples,
            looked_at_by=None if looked_at_by is None else self.looked(looked_at_by),
        )
        return bulk.run(people, moved=moved)

    def import_consents(
        self,
        lines: Iterable[ConsentLine],
        *,
        place: PlaceId,
        purpose: PurposeId,
        author: Author,
        valid_for: timedelta,
        moved: Callable[[int], None] = lambda _: None,
    ) -> ConsentImport:
        """File the consents of many people, taken down elsewhere.

        Raises:
            RoleMayNot: if the role doesn't attend.
            EvidenceNotAccepted: if a line's language isn't one.
        """
        self._roles.require(author.role, Act.CARRY_OUT_SCENE)
        return import_consents(
            self._authority,
            lines,
            place=place,
            purpose=purpose,
            stated_by=str(author),
            valid_for=valid_for,
            moved=moved,
        )

    def references(self, subject: SubjectId, *, author: Author) -> tuple[ReferenceRecord, ...]:
        """Return a person's references, the oldest first, without what is in them.

        Raises:
            RoleMayNot: if the role may not read what is on file.
        """
        self._roles.require(author.role, Act.READ_RECORDS)
        return self._store.references.of(subject)

    def remove(self, subject: SubjectId, purpose: PurposeId, *, author: Author) -> int:
        """Take a person's references for a purpose away; return how many there were.

        The consent and what was decided stay; ``erase`` takes all of it.

        Raises:
            RoleMayNot: if the role may not erase.
        """
        self._roles.require(author.role, Act.ERASE_SUBJECT)
        with self._store.together():
            gone = self._gallery.erase_subject(subject, purpose)
            if gone:
                self._store.log.append(
                    "enrolment",
                    {"outcome": "removed", "references": gone, "by": str(author)},
                    subject=subject,
                    purpose=purpose,
                )
        if gone:
            self._store.erasures.compact()
        return gone

    def galleries(self) -> tuple[PurposeGallery, ...]:
        """Return the purposes that have references of the network in use, by id."""
        found = []
        for purpose, known in sorted(self._authority.registrar.purposes().items()):
            count = self._gallery.count(purpose)
            if count:
                version = max((key.version for key in self._store.purpose_keys.all(purpose)), default=0)
                found.append(PurposeGallery(purpose, known.title, self._gallery.model_id, count, version))
        return tuple(found)

    def close(self) -> None:
        """Clear the memory in which references were searched."""
        self._gallery.close()


def enrolment_room(
    settings: Settings,
    *,
    store: Store,
    authority: AuthorityDesk,
    clock: Clock,
    analyser: FaceAnalyser,
    embedder: Embedder,
    gallery: OpenGallery | None = None,
) -> EnrolmentRoom:
    """Put an enrolment together over an open store and loaded networks, with a gallery of its own if need be.

    Raises:
        ErrorTableInvalid: if there is no table for these networks.
    """
    networks = choose_networks(settings, ModelStore(folder=settings.models_folder).manifest)
    verifier, roles = authority.verifier, shipped_roles()
    gallery = gallery or open_gallery(
        settings, store=store, model_id=embedder.model_id, dimensions=embedder.dimension, clock=clock
    )
    desk = EnrolmentDesk(
        authority=authority,
        capture_door=CaptureDoor(
            verifier=verifier,
            limits=CaptureLimits(
                largest_bytes=settings.capture_largest_bytes,
                largest_pixels=settings.capture_largest_pixels,
                smallest_side=settings.capture_smallest_side,
            ),
        ),
        analyser=analyser,
        extraction_door=ExtractionDoor(embedder=embedder, verifier=verifier, operation="enrol"),
        enrolment_door=EnrolmentDoor(gallery=gallery, verifier=verifier),
        gallery=gallery,
        duplicates=duplicate_rule(error_table_in_use(networks, store).table),
        store=store,
        clock=clock,
        quality_gate=QualityGate(
            least_unified=settings.quality_gate, least_component=settings.quality_gate_component
        ),
    )
    return EnrolmentRoom(
        desk=desk, gallery=gallery, store=store, authority=authority, roles=roles, settings=settings
    )


@contextmanager
def open_enrolment(settings: Settings, *, clock: Clock | None = None) -> Iterator[EnrolmentRoom]:
    """Open the records of an installation and put an enrolment together.

    Raises:
        InstallationNotReady: if something is unsafe or missing.
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened or a network isn't here.
    """
    require_ready(examine_settings(settings))
    clock = clock or SystemClock()
    with open_store(settings, clock=clock) as store:
        room = _over(settings, store=store, clock=clock)
        try:
            yield room
        finally:
            room.close()


def _over(settings: Settings, *, store: Store, clock: Clock) -> EnrolmentRoom:
    models = ModelStore(folder=settings.models_folder)
    networks = choose_networks(settings, models.manifest)
    rules, vocabulary = installed_rules(settings.rules_folder)
    authority = authority_over(
        settings,
        store=store,
        rules=rules,
        vocabulary=vocabulary,
        clock=clock,
        observers=observers_here(settings, store=store, clock=clock, serving=False),
        look_every=timedelta(seconds=min(settings.observation_seconds, settings.permit_lifetime_seconds)),
    )
    begin_work(store, authority)
    return enrolment_room(
        settings,
        store=store,
        authority=authority,
        clock=clock,
        analyser=load_analyser(networks, models, threads=settings.threads),
        embedder=load_embedder(networks, models, threads=settings.threads),
    )
