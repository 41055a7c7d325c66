"""The wiring of an evaluation: a data folder of its own, doors that serve ``evaluate`` alone.

Rules kept here:

* An evaluation never opens the data folder of an installation: no decision, key or gallery is within reach.
* Nothing in it is marked as a demonstration; its provenance is what the operator states.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from countenance import __version__
from countenance.authority import AuthorityDesk, LogObserver, installed_rules, shipped_rules
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.evaluation.datasets import DatasetProvenance, PairDataset
from countenance.evaluation.permission import (
    EVALUATE,
    AggregateObserver,
    EvaluationAuthority,
    EvaluationSite,
    register_evaluation,
)
from countenance.evaluation.protocol import VerificationEvaluation
from countenance.evaluation.resumption import Resumption
from countenance.kernel import Clock, OperatorError, SystemClock
from countenance.policy import EVERYWHERE
from countenance.runtime.networks import Networks, choose_networks, load_analyser, load_embedder
from countenance.runtime.settings import Settings
from countenance.store import Store, StoreMissing, create_root_key, key_provider
from countenance.templates import ComparisonDoor
from countenance.vision import ExtractionDoor
from countenance.vision.embedding import Embedder
from countenance.vision.registry import ModelStore

__all__ = [
    "EvaluationFolderForeign",
    "EvaluationInstallation",
    "evaluation_capture",
    "evaluation_desk",
    "open_evaluation_store",
    "prepare_evaluation",
    "shipped_jurisdictions",
]

_PUTS_OUT: Final = ("error rates with intervals", "counts", "histograms of scores")


class EvaluationFolderForeign(OperatorError):
    """The folder holds an installation that isn't an evaluation's."""

    code = "evaluation-folder-foreign"
    default_remedy = "Name another folder: an evaluation has a data folder of its own."


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationInstallation:
    """An evaluation that is ready. A context manager; leaving it closes its store.

    Attributes:
        evaluation: carries out the protocol.
        networks: what it looks with.
        model_id: the embedder, mirrored or not.
        store: its own records; held to be closed.
    """

    evaluation: VerificationEvaluation
    networks: Networks
    model_id: str
    store: Store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()


def prepare_evaluation(
    settings: Settings,
    *,
    folder: Path,
    dataset: PairDataset,
    provenance: DatasetProvenance | None,
    jurisdictions: tuple[str, ...] = (),
    mirrored: bool = False,
    fresh: bool = False,
    clock: Clock | None = None,
) -> EvaluationInstallation:
    """Open or make an evaluation's folder, file the provenance and put doors and networks together.

    Args:
        settings: name the networks, their folder and the limits on pictures.
        folder: where its records lie or will lie; ``data``, ``key`` and ``resume`` in it.
        dataset: what is measured on.
        provenance: what the operator states; ``None`` files nothing.
        jurisdictions: whose rules hold where it is carried out; all that have rules here if left out.
        mirrored: whether the vector of the mirrored face is added, also where the settings don't say so.
        fresh: forget what an interrupted run has kept.
        clock: its time; the machine's own if left out.

    Raises:
        EvaluationFolderForeign: if the folder holds something else.
        OperatorError: if networks are missing, or the store can't be opened.
    """
    clock = clock or SystemClock()
    models = ModelStore(folder=settings.models_folder)
    networks = choose_networks(settings, models.manifest)
    networks = replace(networks, mirrored=mirrored or networks.mirrored)
    embedder: Embedder = load_embedder(networks, models, threads=settings.threads)
    root = folder.expanduser().absolute()
    store = open_evaluation_store(root, clock)
    try:
        desk = evaluation_desk(settings, store, clock)
        codes = jurisdictions or shipped_jurisdictions()
        site = register_evaluation(
            desk, list_sha256=dataset.sha256, provenance=provenance, jurisdictions=codes
        )
        resumption = Resumption(
            folder=root / "resume",
            vault=store.vault,
            purpose=site.purpose,
            run={
                "list": dataset.sha256,
                "networks": f"{networks.detector}/{networks.mesh}/{embedder.model_id}",
                "version": __version__,
            },
        )
        if fresh:
            resumption.forget()
        evaluation = _evaluation(
            settings,
            desk=desk,
            models=models,
            networks=networks,
            embedder=embedder,
            resumption=resumption,
            site=site,
        )
    except BaseException:
        store.close()
        raise
    return EvaluationInstallation(evaluation, networks, embedder.model_id, store)


def shipped_jurisdictions() -> tuple[str, ...]:
    """Return every jurisdiction that has rules here, sorted; the strictest of them wins."""
    return tuple(sorted(shipped_rules()[0].codes - {EVERYWHERE}))


def evaluation_desk(settings: Settings, store: Store, clock: Clock) -> AuthorityDesk:
    """Return the desk that permits an evaluation."""
    rules, vocabulary = installed_rules(settings.rules_folder)
    return AuthorityDesk(
        store=store,
        rules=rules,
        vocabulary=vocabulary,
        clock=clock,
        observers=(LogObserver(store=store, clock=clock), AggregateObserver(writes=_PUTS_OUT)),
        permit_lifetime=timedelta(seconds=settings.permit_lifetime_seconds),
    )


def _evaluation(
    settings: Settings,
    *,
    desk: AuthorityDesk,
    models: ModelStore,
    networks: Networks,
    embedder: Embedder,
    resumption: Resumption,
    site: EvaluationSite,
) -> VerificationEvaluation:
    verifier = desk.verifier
    return VerificationEvaluation(
        authority=EvaluationAuthority(desk=desk, site=site),
        capture_door=evaluation_capture(settings, desk),
        analyser=load_analyser(networks, models, threads=settings.threads),
        extraction_door=ExtractionDoor(embedder=embedder, verifier=verifier, operation=EVALUATE),
        comparison_door=ComparisonDoor(verifier=verifier, operation=EVALUATE),
        resumption=resumption,
    )


def evaluation_capture(settings: Settings, desk: AuthorityDesk) -> CaptureDoor:
    """Return the door through which an evaluation's pictures come."""
    limits = CaptureLimits(
        largest_bytes=settings.capture_largest_bytes,
        largest_pixels=settings.capture_largest_pixels,
        smallest_side=settings.capture_smallest_side,
    )
    return CaptureDoor(verifier=desk.verifier, limits=limits, operation=EVALUATE)


def open_evaluation_store(root: Path, clock: Clock) -> Store:
    """Open or make the evaluation's own store.

    Args:
        root: its folder; ``data`` and ``key`` in it.
        clock: its time.

    Raises:
        EvaluationFolderForeign: if it is a demonstration's, or devices of a desk are registered in it.
    """
    key = root / "key" / "root.key"
    uri = f"file:{key}"
    if not key.exists():
        create_root_key(uri)
    provider = key_provider(uri)
    try:
        store = Store.open(root / "data", key_provider=provider, clock=clock)
    except StoreMissing:
        return Store.create(root / "data", key_provider=provider, clock=clock)
    foreign = {function for device in store.devices.all() for function in device.functions} - {EVALUATE}
    if store.deployment.demo or foreign:
        store.close()
        raise EvaluationFolderForeign("The folder holds an installation that isn't an evaluation's.")
    return store
