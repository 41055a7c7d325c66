"""The wiring of evaluations of people: many against many, in a data folder of their own.

Rules kept here:

* As in ``countenance.runtime.evaluation``: no installation's data folder is opened, the doors serve
  ``evaluate`` alone, and nothing is measured on a set whose provenance nobody states.
* The error table is the one that a desk with these networks would use, or there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from countenance import __version__
from countenance.decisions import ErrorTable, shipped_error_table
from countenance.evaluation.datasets import DatasetProvenance
from countenance.evaluation.permission import EVALUATE, EvaluationAuthority, register_evaluation
from countenance.evaluation.reading import DoorFaceReader, PictureReader
from countenance.evaluation.resumption import Resumption
from countenance.evaluation.searches import CrossComparison
from countenance.kernel import Clock, SystemClock
from countenance.runtime.evaluation import (
    evaluation_capture,
    evaluation_desk,
    open_evaluation_store,
    shipped_jurisdictions,
)
from countenance.runtime.networks import (
    Networks,
    choose_networks,
    load_analyser,
    load_document_analyser,
    load_embedder,
)
from countenance.runtime.settings import Settings
from countenance.store import Store
from countenance.vision import ExtractionDoor, FaceAnalyser
from countenance.vision.registry import ModelStore

__all__ = ["PeopleEvaluationRoom", "prepare_people_evaluation"]


@dataclass(frozen=True, slots=True, eq=False)
class PeopleEvaluationRoom:
    """An evaluation of people that is ready. A context manager; leaving it closes its store.

    Attributes:
        reader: reads the pictures.
        document_reader: reads them with what finds portraits in documents; ``None`` where that is the same.
        comparison: compares many with many.
        networks: what it looks with.
        model_id: the embedder, mirrored or not.
        store: its own records; held to be closed.
    """

    reader: PictureReader
    document_reader: PictureReader | None
    comparison: CrossComparison
    networks: Networks
    model_id: str
    store: Store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()

    def error_table(self) -> ErrorTable:
        """Return the table of these networks.

        Raises:
            ErrorTableInvalid: if there is none.
        """
        return shipped_error_table(self.model_id, {self.networks.detector})


def prepare_people_evaluation(
    settings: Settings,
    *,
    folder: Path,
    list_sha256: str,
    provenance: DatasetProvenance | None,
    jurisdictions: tuple[str, ...] = (),
    mirrored: bool = False,
    fresh: bool = False,
    clock: Clock | None = None,
) -> PeopleEvaluationRoom:
    """Open or make an evaluation's folder, file the provenance and put doors and networks together.

    Args:
        settings: name the networks, their folder and the limits on pictures.
        folder: where its records lie or will lie.
        list_sha256: names what is measured on: the list of a set, or of several together.
        provenance: what the operator states; ``None`` files nothing, so that the rules refuse.
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
    embedder = load_embedder(networks, models, threads=settings.threads)
    root = folder.expanduser().absolute()
    store = open_evaluation_store(root, clock)
    try:
        desk = evaluation_desk(settings, store, clock)
        site = register_evaluation(
            desk,
            list_sha256=list_sha256,
            provenance=provenance,
            jurisdictions=jurisdictions or shipped_jurisdictions(),
        )
        authority = EvaluationAuthority(desk=desk, site=site)

        def reading(analyser: FaceAnalyser, detector: str, kept: str) -> PictureReader:
            resumption = Resumption(
                folder=root / kept,
                vault=store.vault,
                purpose=site.purpose,
                run={
                    "list": list_sha256,
                    "networks": f"{detector}/{networks.mesh}/{embedder.model_id}",
                    "version": __version__,
                },
            )
            if fresh:
                resumption.forget()
            door = ExtractionDoor(embedder=embedder, verifier=desk.verifier, operation=EVALUATE)
            return PictureReader(
                authority=authority,
                capture_door=evaluation_capture(settings, desk),
                faces=DoorFaceReader(analyser=analyser, extraction_door=door),
                resumption=resumption,
            )

        live = load_analyser(networks, models, threads=settings.threads)
        reader = reading(live, networks.detector, "resume")
        document_reader = None
        if networks.document_detector != networks.detector:
            other = load_document_analyser(networks, models, threads=settings.threads)
            document_reader = reading(other, networks.document_detector, "resume-documents")
        comparison = CrossComparison(authority=authority, verifier=desk.verifier)
    except BaseException:
        store.close()
        raise
    return PeopleEvaluationRoom(reader, document_reader, comparison, networks, embedder.model_id, store)
