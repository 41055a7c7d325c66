"""The wiring of holder passes: issued, checked and taken back over an open store.

Rules kept here:

* What a pass is issued with and what it is checked with is one network, with its own error table.
* Whoever takes a pass back acts in a role, and the log says so, without the serial. It needs no network.
* A consent that is stated with an issue is filed as the word of the role that wrote it down.
* Nothing that leaves this module holds a template, a key or a store.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from countenance.authority import Act, Author, AuthorityDesk, RoleTable, installed_rules, shipped_roles
from countenance.capture import CaptureDoor, CaptureLimits, read_code
from countenance.decisions import (
    CheckedPass,
    PassChecking,
    PassCheckOrder,
    RenewedPass,
)
from countenance.enrolment import (
    HOLDER_PASS,
    ConsentLine,
    EnrolmentOrder,
    IssuedPass,
    PassCard,
    PassForm,
    PassIssuing,
    TemplateTaking,
    draw_pass,
    import_consents,
    pass_card_pdf,
    pass_in_pdf,
)
from countenance.gallery import HolderPasses
from countenance.kernel import Clock, PlaceId, PurposeId, SystemClock
from countenance.runtime.enrolment import DEFAULT_ERROR_TARGET, duplicate_rule
from countenance.runtime.error_tables import error_table_in_use
from countenance.runtime.networks import choose_networks, load_analyser, load_embedder
from countenance.runtime.observing import observers_here
from countenance.runtime.opening import authority_over, begin_work, open_records, open_store
from countenance.runtime.pacing import comparison_limits
from countenance.runtime.selfcheck import examine_settings, require_ready
from countenance.runtime.settings import Settings
from countenance.store import Store
from countenance.templates import SERIAL_BYTES, TEXT_PREFIX, ComparisonDoor
from countenance.vision import ExtractionDoor, FaceAnalyser, QualityGate
from countenance.vision.embedding import Embedder
from countenance.vision.registry import ModelStore

__all__ = ["PassOffice", "PassRecall", "open_pass_office", "open_pass_recall", "pass_office"]

_PREFIX: Final = TEXT_PREFIX.encode("ascii")
_PDF: Final = b"%PDF-"


class PassRecall:
    """Takes passes back.

    Args:
        store: keeps what was taken back, and the log.
        roles: who may.
        clock: says what time it is.
    """

    __slots__ = ("_clock", "_roles", "_store")

    def __init__(self, *, store: Store, roles: RoleTable, clock: Clock) -> None:
        self._store = store
        self._roles = roles
        self._clock = clock

    def revoke(self, serial: bytes, *, purpose: PurposeId, author: Author) -> None:
        """Take a pass back by its serial, for good; a second time changes nothing.

        Raises:
            RoleMayNot: if the role may not erase.
            ValueError: if it isn't a serial.
            RecordUnknown: if it was taken back for another purpose.
        """
        self._roles.require(author.role, Act.ERASE_SUBJECT)
        if len(serial) != SERIAL_BYTES:
            msg = f"a serial is {SERIAL_BYTES} bytes"
            raise ValueError(msg)
        with self._store.together():
            self._store.pass_revocations.revoke(serial, purpose, at=self._clock.now())
            self._store.log.append(
                "enrolment", {"outcome": "pass taken back", "by": str(author)}, purpose=purpose
            )


class PassOffice:
    """Issues, checks and takes back holder passes.

    Args:
        issuing: makes them under a permit.
        checking: compares them under a permit.
        recall: takes them back.
        authority: files consents.
        roles: who may do what.
        limits: how large a picture of a pass may be.
        error_target: the false match rate that both state.
    """

    __slots__ = ("_authority", "_checking", "_issuing", "_limits", "_recall", "_roles", "error_target")

    def __init__(
        self,
        *,
        issuing: PassIssuing,
        checking: PassChecking,
        recall: PassRecall,
        authority: AuthorityDesk,
        roles: RoleTable,
        limits: CaptureLimits,
        error_target: float,
    ) -> None:
        self._issuing = issuing
        self._checking = checking
        self._recall = recall
        self._authority = authority
        self._roles = roles
        self._limits = limits
        self.error_target = error_target

    def issue(self, order: EnrolmentOrder, *, valid_for: timedelta) -> IssuedPass:
        """Issue one pass; see :meth:`~countenance.enrolment.PassIssuing.issue`."""
        return self._issuing.issue(order, valid_for=valid_for)

    def agree(
        self, line: ConsentLine, *, place: PlaceId, purpose: PurposeId, author: Author, valid_for: timedelta
    ) -> None:
        """File that a person agreed to a pass, asked for it alone; nothing if a consent is on file.

        Raises:
            RoleMayNot: if the role doesn't attend.
            EvidenceNotAccepted: if the language isn't one.
        """
        self._roles.require(author.role, Act.CARRY_OUT_SCENE)
        import_consents(
            self._authority,
            (line,),
            place=place,
            purpose=purpose,
            stated_by=str(author),
            valid_for=valid_for,
            agreed_to=HOLDER_PASS,
        )

    def draw(self, done: IssuedPass | RenewedPass, form: PassForm) -> bytes:
        """Return a pass as it goes to the person.

        Raises:
            PrintingNotInstalled: if it is to be a card and ReportLab isn't here.
        """
        if form is not PassForm.PDF:
            return draw_pass(done.text, form)
        card = PassCard(
            text=done.text,
            serial=done.serial,
            title=self._authority.registrar.purposes()[done.purpose].title,
            valid_until=done.valid_until,
            demo=self._authority.demo,
        )
        return pass_card_pdf(card)

    def read(self, shown: bytes) -> str:
        """Return the text of a pass: of its file or card, or of the code in a picture; empty if none is read.

        Raises:
            PictureRefused: if it isn't a picture within the limits.
        """
        if shown.lstrip().startswith(_PREFIX):
            return shown.decode("ascii", "replace").strip()
        if shown.startswith(_PDF):
            return pass_in_pdf(shown)
        return read_code(shown, limits=self._limits)

    def check(self, order: PassCheckOrder) -> CheckedPass:
        """Check one pass; see :meth:`~countenance.decisions.PassChecking.check`."""
        return self._checking.check(order)

    def revoke(self, serial: bytes, *, purpose: PurposeId, author: Author) -> None:
        """Take a pass back by its serial; see :meth:`PassRecall.revoke`."""
        self._recall.revoke(serial, purpose=purpose, author=author)


def pass_office(
    settings: Settings,
    *,
    store: Store,
    authority: AuthorityDesk,
    clock: Clock,
    analyser: FaceAnalyser,
    embedder: Embedder,
) -> PassOffice:
    """Put a pass office together over an open store and loaded networks.

    Raises:
        ErrorTableInvalid: if there is no table for these networks.
    """
    networks = choose_networks(settings, ModelStore(folder=settings.models_folder).manifest)
    table = error_table_in_use(networks, store).table
    verifier = authority.verifier
    limits = CaptureLimits(
        largest_bytes=settings.capture_largest_bytes,
        largest_pixels=settings.capture_largest_pixels,
        smallest_side=settings.capture_smallest_side,
    )
    gate = QualityGate(least_unified=settings.quality_gate, least_component=settings.quality_gate_component)
    capture = CaptureDoor(verifier=verifier, limits=limits)
    passes = HolderPasses(
        deployment=store.deployment.deployment_id,
        model_id=embedder.model_id,
        keys=store.purpose_keys,
        revocations=store.pass_revocations,
        clock=clock,
    )
    taking = TemplateTaking(
        capture_door=capture,
        analyser=analyser,
        extraction_door=ExtractionDoor(embedder=embedder, verifier=verifier, operation="enrol"),
        least_alike=duplicate_rule(table).same,
        quality_gate=gate,
    )
    checking = PassChecking(
        authority=authority,
        capture_door=capture,
        analyser=analyser,
        extraction_door=ExtractionDoor(embedder=embedder, verifier=verifier),
        comparison_door=ComparisonDoor(verifier=verifier),
        passes=passes,
        error_table=table,
        store=store,
        clock=clock,
        quality_gate=gate,
        limits=comparison_limits(settings, store=store, clock=clock),
    )
    return PassOffice(
        issuing=PassIssuing(
            authority=authority, capture_door=capture, taking=taking, passes=passes, store=store, clock=clock
        ),
        checking=checking,
        recall=PassRecall(store=store, roles=shipped_roles(), clock=clock),
        authority=authority,
        roles=shipped_roles(),
        limits=limits,
        error_target=settings.error_target or DEFAULT_ERROR_TARGET,
    )


@contextmanager
def open_pass_office(settings: Settings, *, clock: Clock | None = None) -> Iterator[PassOffice]:
    """Open the records of an installation and put a pass office together.

    Raises:
        InstallationNotReady: if something is unsafe or missing.
        OperatorError: if the store can't be opened or a network isn't here.
    """
    require_ready(examine_settings(settings))
    clock = clock or SystemClock()
    models = ModelStore(folder=settings.models_folder)
    networks = choose_networks(settings, models.manifest)
    rules, vocabulary = installed_rules(settings.rules_folder)
    with open_store(settings, clock=clock) as store:
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
        yield pass_office(
            settings,
            store=store,
            authority=authority,
            clock=clock,
            analyser=load_analyser(networks, models, threads=settings.threads),
            embedder=load_embedder(networks, models, threads=settings.threads),
        )


@contextmanager
def open_pass_recall(settings: Settings, *, clock: Clock | None = None) -> Iterator[PassRecall]:
    """Open the records of an installation, without networks, to take passes back.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    with open_records(settings, clock=clock) as records:
        yield PassRecall(store=records.store, roles=shipped_roles(), clock=records.clock)
