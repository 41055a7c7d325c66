"""The permit of operation ``evaluate``: for a named data set, aggregates out, no live gallery.

Rules kept here:

* A data set is a purpose of its own, named after the SHA-256 of its list: provenance filed for one list
  says nothing about another, and withdrawing it stops every permit for that data set.
* A permit is for one batch of pictures or of pairs, named by their hashes, and counted: an evaluation asks
  again for each batch, so nothing that was withdrawn goes on being used.
* The doors of an evaluation serve ``evaluate`` alone. Its permits open no desk's door.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from countenance.authority import AuthorityDesk, Granted, Observed
from countenance.evaluation.datasets import DatasetProvenance
from countenance.kernel import (
    DeviceId,
    Door,
    Material,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
    canonical_sha256,
    new_id,
)
from countenance.store import Device, EvidenceScope, Place, Purpose

__all__ = ["EVALUATE", "AggregateObserver", "EvaluationAuthority", "EvaluationSite", "register_evaluation"]

EVALUATE: Final = "evaluate"
_PROVENANCE: Final = "dataset_provenance"
_ERROR_TARGET: Final = 0.5
"""A permit names an error target; an evaluation keeps none, it measures."""


@dataclass(frozen=True, slots=True)
class EvaluationSite:
    """Where, with what and for what an evaluation is carried out.

    Attributes:
        place: in the jurisdictions whose rules hold.
        device: this machine's disk, declared for ``evaluate`` alone.
        purpose: the data set's own.
    """

    place: PlaceId
    device: DeviceId
    purpose: PurposeId


class AggregateObserver:
    """Says what an evaluation puts out: ``aggregate_only``.

    Args:
        writes: what the report of this process is made of, in words; empty if it could say more than that.
    """

    __slots__ = ("_writes",)

    def __init__(self, *, writes: tuple[str, ...]) -> None:
        self._writes = writes

    @property
    def keys(self) -> frozenset[str]:
        """``aggregate_only``."""
        return frozenset({"aggregate_only"})

    def observe(self) -> tuple[Observed, ...]:
        """Report what this process is built to put out."""
        if not self._writes:
            return ()
        return (Observed("aggregate_only", {"puts_out": list(self._writes), "gallery": "none"}),)


def register_evaluation(
    desk: AuthorityDesk,
    *,
    list_sha256: str,
    provenance: DatasetProvenance | None,
    jurisdictions: Iterable[str],
) -> EvaluationSite:
    """Register a data set as a purpose and file its provenance; again changes nothing.

    Args:
        desk: of the evaluation's own data folder.
        list_sha256: of the list of pairs.
        provenance: what the operator states; ``None`` files nothing, so that the rules refuse.
        jurisdictions: whose rules hold where it is carried out, such as ``EU``; with none, they refuse.

    Returns:
        Where, with what and for what it is carried out.
    """
    codes = tuple(sorted(set(jurisdictions)))
    suffix = canonical_sha256(list(codes))[:8]
    site = EvaluationSite(
        place=PlaceId(f"plc_evaluation{suffix}"),
        device=DeviceId(f"dev_evaluation{suffix}"),
        purpose=PurposeId(f"pur_dataset{list_sha256[:16]}"),
    )
    register = desk.registrar
    if site.place not in register.places():
        register.add_place(Place(site.place, "Where accuracy is measured", "workplace", codes, "UTC"))
    if site.device not in register.devices():
        register.add_device(
            Device(site.device, "Pictures on this machine's disk", site.place, (EVALUATE,), desk.now)
        )
    if site.purpose not in register.purposes():
        register.add_purpose(
            Purpose(
                site.purpose,
                "Measuring accuracy",
                f"How often comparison is wrong on the data set whose list is {list_sha256}.",
                "dpv:ResearchAndDevelopment",
            )
        )
    if provenance is not None:
        _file(desk, site, {**provenance.model_dump(), "list_sha256": list_sha256})
    return site


def _file(desk: AuthorityDesk, site: EvaluationSite, content: Mapping[str, str]) -> None:
    scope = EvidenceScope(purpose=site.purpose)
    about = desk.on_file(scope=EvidenceScope(site.place, site.purpose, site.device))
    for record_id in about.evidence.get(_PROVENANCE, ()):
        if content.items() <= about.records[record_id].content.items():
            return
        # Stated anew, and otherwise: the earlier word no longer holds.
        desk.withdraw_evidence(record_id, by="operator", reason="stated anew")
    desk.record_evidence(key=_PROVENANCE, content=content, author="operator", scope=scope)


class EvaluationAuthority:
    """Asks for the permits of one data set.

    Args:
        desk: signs them.
        site: where, with what and for what.
    """

    __slots__ = ("_desk", "_site")

    def __init__(self, *, desk: AuthorityDesk, site: EvaluationSite) -> None:
        self._desk = desk
        self._site = site

    def for_pictures(
        self, materials: Iterable[Material], *, pictures: int
    ) -> tuple[ProcessingRequest, Granted]:
        """Return a request and a permit to open so many pictures and extract from each once.

        Raises:
            RefusedByRule: if the rules say no, such as for want of provenance.
        """
        return self._ask(materials, {Door.CAPTURE: pictures, Door.EXTRACT: pictures})

    def for_pairs(self, materials: Iterable[Material], *, pairs: int) -> tuple[ProcessingRequest, Granted]:
        """Return a request and a permit for so many comparisons.

        Raises:
            RefusedByRule: if the rules say no.
        """
        return self._ask(materials, {Door.COMPARE: pairs})

    def for_searches(
        self, materials: Iterable[Material], *, references: Material, searches: int
    ) -> tuple[ProcessingRequest, Granted]:
        """Return a request and a permit for so many searches of one set of references.

        Args:
            materials: the pictures that are searched for.
            references: names the set: a SHA-256 over the pictures that its references are made of.
            searches: how many.

        Raises:
            RefusedByRule: if the rules say no.
        """
        return self._ask((*materials, references), {Door.COMPARE: searches})

    def _ask(
        self, materials: Iterable[Material], budget: Mapping[Door, int]
    ) -> tuple[ProcessingRequest, Granted]:
        request = ProcessingRequest(
            request_id=RequestId(new_id("req")),
            operations=(EVALUATE,),
            purpose=self._site.purpose,
            place=self._site.place,
            device=self._site.device,
            materials=tuple(sorted(set(materials))),
            error_target=_ERROR_TARGET,
        )
        return request, self._desk.permit(request, budget=budget)
