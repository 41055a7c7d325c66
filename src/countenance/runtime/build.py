"""Builds an installation from its settings. The only place where its objects are put together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from countenance.authority import (
    FILING_FROM,
    AuthorityDesk,
    installed_rules,
    shipped_roles,
)
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.cases import open_requests
from countenance.decisions import VerificationDesk
from countenance.kernel import Clock, CountenanceError, SystemClock
from countenance.runtime.adverse_uses import examine_adverse_uses
from countenance.runtime.cases import incident_desk
from countenance.runtime.consents import ConsentDesk
from countenance.runtime.duties import DutyDesk
from countenance.runtime.enrolment import enrolment_room
from countenance.runtime.error_tables import error_table_in_use
from countenance.runtime.galleries import open_gallery
from countenance.runtime.liveness import liveness_gate, liveness_room
from countenance.runtime.metrics import Metrics
from countenance.runtime.networks import (
    choose_networks,
    load_analyser,
    load_document_analyser,
    load_embedder,
)
from countenance.runtime.notices import NoticeDesk, error_rates
from countenance.runtime.observing import observers_here
from countenance.runtime.opening import authority_over, begin_work, open_store
from countenance.runtime.pacing import comparison_limits
from countenance.runtime.people import people_desk
from countenance.runtime.reading_networks import (
    READING_NETWORKS,
    load_document_reader,
    reading_networks_here,
)
from countenance.runtime.records import RecordsDesk
from countenance.runtime.selfcheck import (
    HealthFinding,
    examine_settings,
    require_ready,
)
from countenance.runtime.services import ApiKeyDesk, Directory, ReceiptDesk, Services
from countenance.runtime.settings import Settings
from countenance.runtime.setup_opening import setup_desk
from countenance.scenes import AttendedVerification, shipped_profiles
from countenance.scenes.document_reading import AttendedDocument
from countenance.store import Store, create_root_key, key_provider
from countenance.templates import ComparisonDoor
from countenance.vision import ExtractionDoor, FaceAnalyser, QualityGate
from countenance.vision.documents import DocumentReader
from countenance.vision.embedding import Embedder
from countenance.vision.registry import ModelStore

if TYPE_CHECKING:
    from countenance.runtime.identification import IdentificationRoom
    from countenance.runtime.passes import PassOffice

__all__ = ["Installation", "assemble", "build", "create_installation"]

_HEALTH_STANDS = timedelta(seconds=30)
"""How long the findings of a look at the records stand: whoever asks every second gets the same answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Installation:
    """What was built; for the wiring alone, since it holds the desk that permits.

    Attributes:
        services: what the floors above get.
        authority: the desk at which evidence is filed.
    """

    services: Services
    authority: AuthorityDesk


def build(settings: Settings, *, clock: Clock | None = None, serving: bool = False) -> Services:
    """Look at the installation, open its data folder, load the networks and put the desks together.

    Args:
        settings: what the installation was told.
        clock: its time; the machine's own if left out.
        serving: whether callers come over the network, by the server, rather than from this machine's
            command line.

    Raises:
        InstallationNotReady: if something is unsafe or missing; the message names all of it.
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    require_ready(examine_settings(settings))
    clock = clock or SystemClock()
    store = open_store(settings, clock=clock)
    try:
        return assemble(settings, store=store, clock=clock, serving=serving).services
    except BaseException:
        store.close()
        raise


def create_installation(settings: Settings, *, clock: Clock | None = None) -> None:
    """Make the root key, where it is a file that isn't there, and an empty data folder.

    Raises:
        OperatorError: if there is an installation already, or the key or the folder can't be made.
    """
    scheme, _, _ = settings.root_key.partition(":")
    try:
        provider = key_provider(settings.root_key)
    except CountenanceError as error:
        if scheme != "file" or error.code != "root-key-missing":
            raise
        create_root_key(settings.root_key)
        provider = key_provider(settings.root_key)
    Store.create(
        settings.data_folder,
        key_provider=provider,
        clock=clock or SystemClock(),
        database_url=settings.database,
    ).close()


def assemble(settings: Settings, *, store: Store, clock: Clock, serving: bool) -> Installation:
    """Put the desks together over an open store."""
    rules, vocabulary = installed_rules(settings.rules_folder)
    store.log.keep_checkpoints(
        every_entries=settings.checkpoint_entries, every=timedelta(minutes=settings.checkpoint_minutes)
    )
    metrics = Metrics(
        store=store,
        vocabulary=vocabulary,
        clock=clock,
        models=_networks_in_use(settings),
        rule_set=rules.sha256,
    )
    authority = authority_over(
        settings,
        store=store,
        rules=rules,
        vocabulary=vocabulary,
        clock=clock,
        observers=observers_here(settings, store=store, clock=clock, serving=serving),
        look_every=timedelta(seconds=min(settings.observation_seconds, settings.permit_lifetime_seconds)),
        counter=metrics,
        certified=lambda finished: metrics.certified(finished=finished),
    )
    begin_work(store, authority)
    with ThreadPoolExecutor(max_workers=1) as beside:
        # The two that take longest to load, and to be held against their files, at the same time.
        loading = beside.submit(_embedder, settings)
        reader = _document_reader(settings)
        embedder = loading.result()
    analyser = _analyser(settings)
    desk = _verification_desk(
        settings,
        store=store,
        clock=clock,
        authority=authority,
        reader=reader,
        analyser=analyser,
        embedder=embedder,
    )
    gallery = open_gallery(
        settings, store=store, model_id=embedder.model_id, dimensions=embedder.dimension, clock=clock
    )
    enrolment = enrolment_room(
        settings,
        store=store,
        authority=authority,
        clock=clock,
        analyser=analyser,
        embedder=embedder,
        gallery=gallery,
    )

    liveness = liveness_room(settings, store=store, authority=authority, clock=clock, embedder=embedder)

    @cache
    def passes() -> PassOffice:
        from countenance.runtime.passes import pass_office  # noqa: PLC0415 - a start doesn't wait for it

        return pass_office(
            settings, store=store, authority=authority, clock=clock, analyser=analyser, embedder=embedder
        )

    @cache
    def identification() -> IdentificationRoom:
        from countenance.runtime.identification import identification_room  # noqa: PLC0415 - likewise

        return identification_room(
            settings,
            store=store,
            authority=authority,
            clock=clock,
            analyser=analyser,
            embedder=embedder,
            gallery=gallery,
        )

    def close() -> None:
        liveness.close()
        enrolment.close()
        store.close()

    profiles = shipped_profiles()
    attended = {
        scene_id: AttendedVerification(
            profile=profile,
            desk=desk,
            authority=authority,
            error_target=settings.error_target,
            gate=liveness_gate(store=store, clock=clock),
        )
        for scene_id, profile in profiles.items()
    }
    documents = None
    if reader is not None:
        documents = AttendedDocument(
            authority=authority,
            capture_door=_capture_door(settings, authority),
            reader=reader,
            purpose=profiles["hotel-checkin"].purpose,
            store=store,
        )
    health = _Health(settings=settings, store=store, clock=clock)
    people = people_desk(
        settings,
        store=store,
        rules=rules,
        vocabulary=vocabulary,
        clock=clock,
        certified=lambda finished: metrics.certified(finished=finished),
    )
    services = Services(
        settings=settings,
        clock=clock,
        demo=store.deployment.demo,
        attended=MappingProxyType(attended),
        rules=rules,
        vocabulary=vocabulary,
        directory=Directory(store=store),
        api_keys=ApiKeyDesk(store=store, clock=clock),
        receipts=ReceiptDesk(signer=store.signer),
        records=RecordsDesk(
            store=store, authority=authority, vocabulary=vocabulary, clock=clock, roles=shipped_roles()
        ),
        notices=NoticeDesk(
            store=store,
            authority=authority,
            clock=clock,
            roles=shipped_roles(),
            errors=error_rates(settings, store),
            public_url=settings.public_url,
        ),
        consents=ConsentDesk(
            store=store,
            authority=authority,
            clock=clock,
            roles=shipped_roles(),
            public_url=settings.public_url,
        ),
        incidents=incident_desk(store=store, authority=authority, rules=rules, clock=clock),
        duties=DutyDesk(store=store, authority=authority, vocabulary=vocabulary, clock=clock),
        setup=setup_desk(
            settings, store=store, authority=authority, rules=rules, vocabulary=vocabulary, clock=clock
        ),
        requests=people.requests,
        metrics=metrics,
        health=health,
        close=close,
        documents=documents,
        people=people,
        enrolment=enrolment,
        identification=identification,
        passes=passes,
        liveness=liveness,
    )
    return Installation(services, authority)


def _networks_in_use(settings: Settings) -> tuple[str, ...]:
    """Return the networks of faces, and those that read documents where they are here, each once."""
    models = ModelStore(folder=settings.models_folder)
    reading = READING_NETWORKS if reading_networks_here(models) else ()
    return tuple(dict.fromkeys((*choose_networks(settings, models.manifest).ids, *reading)))


def _document_reader(settings: Settings) -> DocumentReader | None:
    """Load the networks that read documents, where they are here."""
    models = ModelStore(folder=settings.models_folder)
    if not reading_networks_here(models):
        return None
    return load_document_reader(models, threads=settings.threads)


def _capture_door(settings: Settings, authority: AuthorityDesk) -> CaptureDoor:
    return CaptureDoor(
        verifier=authority.verifier,
        limits=CaptureLimits(
            largest_bytes=settings.capture_largest_bytes,
            largest_pixels=settings.capture_largest_pixels,
            smallest_side=settings.capture_smallest_side,
        ),
    )


def _embedder(settings: Settings) -> Embedder:
    models = ModelStore(folder=settings.models_folder)
    return load_embedder(choose_networks(settings, models.manifest), models, threads=settings.threads)


def _analyser(settings: Settings) -> FaceAnalyser:
    models = ModelStore(folder=settings.models_folder)
    return load_analyser(choose_networks(settings, models.manifest), models, threads=settings.threads)


def _verification_desk(
    settings: Settings,
    *,
    store: Store,
    clock: Clock,
    authority: AuthorityDesk,
    reader: DocumentReader | None,
    analyser: FaceAnalyser,
    embedder: Embedder,
) -> VerificationDesk:
    """Load the network that finds portraits, and put all behind their doors."""
    models = ModelStore(folder=settings.models_folder)
    networks = choose_networks(settings, models.manifest)
    verifier = authority.verifier
    return VerificationDesk(
        authority=authority,
        capture_door=_capture_door(settings, authority),
        analyser=analyser,
        extraction_door=ExtractionDoor(embedder=embedder, verifier=verifier),
        comparison_door=ComparisonDoor(verifier=verifier),
        error_table=error_table_in_use(networks, store, documents=True).table,
        store=store,
        clock=clock,
        quality_gate=QualityGate(
            least_unified=settings.quality_gate, least_component=settings.quality_gate_component
        ),
        limits=comparison_limits(settings, store=store, clock=clock),
        document_reader=reader,
        document_analyser=load_document_analyser(networks, models, threads=settings.threads),
    )


class _Health:
    """Looks at settings, records and log; a look stands for half a minute."""

    __slots__ = ("_clock", "_found", "_looked_at", "_settings", "_store")

    def __init__(self, *, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._looked_at: datetime | None = None
        self._found: tuple[HealthFinding, ...] = ()

    def __call__(self) -> tuple[HealthFinding, ...]:
        now = self._clock.now()
        if self._looked_at is None or not timedelta(0) <= now - self._looked_at < _HEALTH_STANDS:
            self._found = (
                *examine_settings(self._settings),
                self._records(),
                self._log(),
                self._people(),
                self._requests(now),
                examine_adverse_uses(self._settings, store=self._store, clock=self._clock),
            )
            self._looked_at = now
        return self._found

    def _records(self) -> HealthFinding:
        tampered = self._store.check_records()
        if not tampered:
            return HealthFinding("records", ok=True, words="Every record is as this installation wrote it.")
        tables = ", ".join(sorted({row.table for row in tampered}))
        return HealthFinding(
            "records",
            ok=False,
            words=f"{len(tampered)} records aren't as this installation wrote them (tables: {tables}).",
            remedy="Somebody changed the database. Keep a copy for the inquiry and restore a backup.",
        )

    def _log(self) -> HealthFinding:
        check = self._store.log.verify()
        if check.ok:
            return HealthFinding("log", ok=True, words=f"The log's {check.tree_size} entries verify.")
        first = check.findings[0].words
        return HealthFinding(
            "log",
            ok=False,
            words=f"The transparency log doesn't verify: {first}",
            remedy="Somebody changed the database. Keep a copy for the inquiry and restore a backup.",
        )

    def _people(self) -> HealthFinding:
        if not self._store.population.fits():
            return HealthFinding(
                "people",
                ok=False,
                words="The number of people on file isn't that of their data keys.",
                remedy="Somebody changed the database. Keep a copy for the inquiry and restore a backup.",
            )
        people = self._store.population.people()
        words = f"Something is held about {people} people at most, each for as long as its rule says."
        if people >= FILING_FROM:
            words += f" From {FILING_FROM} on, CN-FRT-15 asks for a filing."
        return HealthFinding("people", ok=True, words=words)

    def _requests(self, now: datetime) -> HealthFinding:
        try:
            waiting = open_requests(self._store)
        except CountenanceError:
            # A row that was changed by hand; the look at the records says so.
            return HealthFinding("requests", ok=True, words="People's requests can't be counted.")
        if not waiting:
            return HealthFinding("requests", ok=True, words="No request of a person waits for its answer.")
        late = sum(request.overdue_at(now) for request in waiting)
        first = f"the first is due {waiting[0].due:%Y-%m-%d}"
        words = f"{len(waiting)} requests of people wait for their answer; {first}."
        if not late:
            return HealthFinding("requests", ok=True, words=words)
        return HealthFinding(
            "requests",
            ok=False,
            words=f"{words} {late} overdue.",
            remedy="`countenance request list --by officer` says which; answer them.",
            stops=False,
        )
