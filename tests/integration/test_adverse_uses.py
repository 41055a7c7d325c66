"""A search for a missing person in recordings, through the real desk, with all else on file.

Whoever is found there didn't ask to be looked for. It is refused while the groups weren't measured on the
deployment's own people, may differ too much, or the purpose doesn't accept the network by name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from countenance.authority import Observed, RefusedByRule, shipped_rules, shipped_scene_forms
from countenance.decisions import DEMOGRAPHICS, MeasuredParity, shipped_error_table
from countenance.kernel import PermitRevoked, PurposeId, SubjectId
from countenance.runtime.error_tables import TableInUse
from countenance.runtime.network_evidence import NetworkObserver
from countenance.runtime.search_evidence import SearchObserver
from countenance.store import EvidenceRecord, EvidenceScope, OpenedReference, ReferenceRecord, Store
from countenance.vision.registry import shipped_manifest
from front_desk import NOON
from permitted_scene import PermittedScene, permitted_scene
from record_examples import PURPOSE

WORDS = shipped_rules()[1]
SCENE = next(scene for scene in shipped_scene_forms().scenes if scene.scene_id == "missing-person")
NETWORK = shipped_manifest().entry("mobilefacenet-192")
SHIPPED = TableInUse(shipped_error_table("mobilefacenet-192+int8"), own=False)
FPIR = 0.01
ALIKE = tuple(MeasuredParity(attribute, ("some", "others"), 1.4, 1.0, 2.99) for attribute in DEMOGRAPHICS)
STATEMENT = {"statement": "Find one missing person in the recordings of one station."}


@dataclass
class Search:
    """A search observer whose table a test puts in its place."""

    store: Store
    in_use: TableInUse

    @property
    def keys(self) -> frozenset[str]:
        return self._looking.keys

    @property
    def _looking(self) -> SearchObserver:
        return SearchObserver(store=self.store, in_use=self.in_use, fpir=FPIR)

    def observe(self) -> tuple[Observed, ...]:
        return self._looking.observe()


@dataclass(frozen=True)
class AdverseUse:
    """The scene, and what looks at its searches."""

    at: PermittedScene
    search: Search

    def accept(self, *networks: str) -> EvidenceRecord:
        return self.at.desk.record_evidence(
            key="purpose",
            content={**STATEMENT, "accepts_networks": list(networks)},
            author="officer",
            scope=EvidenceScope(purpose=PurposeId(PURPOSE)),
        )

    def missing(self) -> set[str]:
        """What the rules ask for, once all else is on file."""
        return {key for wanted in self.at.complete().missing for key in wanted.alternatives}


def own(*measured: MeasuredParity) -> TableInUse:
    """Return a table of the deployment's own, with this measured of groups at every level."""
    levels = tuple(replace(level, parity=measured) for level in SHIPPED.table.levels)
    return TableInUse(replace(SHIPPED.table, label="own", levels=levels), own=True)


@contextmanager
def opened(folder: Path, in_use: TableInUse) -> Iterator[AdverseUse]:
    searches: list[Search] = []

    def also(store: Store, clock: object) -> tuple[Search, NetworkObserver]:
        searches.append(Search(store, in_use))
        network = NetworkObserver(store=store, clock=clock, vocabulary=WORDS, network=NETWORK)  # type: ignore[arg-type]
        return searches[0], network

    with permitted_scene(folder, SCENE, "EU", also=also) as at:
        key = at.store.purpose_keys.make(PurposeId(PURPOSE))
        record = ReferenceRecord(
            reference_id="ref_missing", subject=SubjectId("sub_missing"), purpose=PurposeId(PURPOSE),
            model_id=SHIPPED.table.model_id, key_version=key.version,
            place=None, valid_from=NOON, valid_until=None, samples=1, added_at=NOON,
        )  # fmt: skip
        at.store.references.add([OpenedReference(record, b"a template")])
        yield AdverseUse(at, searches[0])


def test_the_tables_that_come_along_permit_no_adverse_use(tmp_path: Path) -> None:
    with opened(tmp_path, SHIPPED) as use:
        assert use.missing() == {"accuracy_report", "demographic_report", "network_provenance"}
        use.accept(NETWORK.model_id)
        assert use.missing() == {"accuracy_report", "demographic_report"}
        with pytest.raises(RefusedByRule) as refused:
            use.at.permit()
    assert {finding.rule.rule_id for finding in refused.value.verdict.refusing} >= {"HX-WATCH"}
    assert "Calibrate with labels of age, gender and origin" in " ".join(refused.value.verdict.words())


def test_groups_measured_on_ones_own_people_and_a_network_accepted_by_name_permit_it(tmp_path: Path) -> None:
    with opened(tmp_path, own(*ALIKE)) as use:
        assert use.missing() == {"network_provenance"}
        use.accept("dlib-resnet-128")
        assert use.missing() == {"network_provenance"}
        use.accept(NETWORK.model_id)
        assert use.missing() == set()
        request, granted = use.at.permit()
        use.at.passes(request, granted)
        named = {claim.key for claim in granted.claims.evidence}
        assert {"demographic_report", "network_provenance"} <= named


@pytest.mark.parametrize(
    "measured",
    [
        pytest.param((), id="no-groups"),
        *(
            pytest.param(tuple(one for one in ALIKE if one.attribute != lacking), id=f"no-{lacking}")
            for lacking in DEMOGRAPHICS
        ),
        pytest.param((*ALIKE[1:], replace(ALIKE[0], high=3.01)), id="above-the-limit"),
        pytest.param((*ALIKE[1:], replace(ALIKE[0], high=math.inf)), id="not-bounded"),
    ],
)
def test_what_was_not_shown_of_groups_refuses_and_closes_open_doors(
    tmp_path: Path, measured: tuple[MeasuredParity, ...]
) -> None:
    with opened(tmp_path, own(*ALIKE)) as use:
        use.accept(NETWORK.model_id)
        assert use.missing() == set()
        request, granted = use.at.permit()
        use.search.in_use = own(*measured)
        assert use.missing() == {"demographic_report"}
        with pytest.raises(PermitRevoked):
            use.at.passes(request, granted)
        with pytest.raises(RefusedByRule):
            use.at.permit()


def test_the_same_figures_of_other_people_are_no_evidence_here(tmp_path: Path) -> None:
    with opened(tmp_path, replace(own(*ALIKE), own=False)) as use:
        use.accept(NETWORK.model_id)
        assert use.missing() == {"accuracy_report", "demographic_report"}


def test_a_withdrawn_acceptance_closes_open_doors(tmp_path: Path) -> None:
    with opened(tmp_path, own(*ALIKE)) as use:
        record = use.accept(NETWORK.model_id)
        assert use.missing() == set()
        request, granted = use.at.permit()
        use.at.clock.move_to(NOON + timedelta(seconds=1))
        use.at.desk.withdraw_evidence(record.evidence_id, by="officer", reason="another network is sought")
        use.at.clock.move_to(NOON + timedelta(seconds=2))
        assert use.missing() == {"network_provenance"}
        with pytest.raises(PermitRevoked):
            use.at.passes(request, granted)
