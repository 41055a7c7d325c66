from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from countenance.kernel import OperatorError
from countenance.liveness import SUBJECT, SUBJECT_WITH_PASSIVE, Limit
from countenance.liveness.evidence import PassiveVerdict
from countenance.runtime import Settings
from countenance.runtime.errors import ModelNotForThis
from countenance.runtime.liveness import attempts_of
from countenance.runtime.passive_networks import load_passive, passive_verdicts
from countenance.vision.passive import MINIFASNET_V1SE, MINIFASNET_V2
from countenance.vision.registry import (
    Job,
    ModelFormat,
    ModelManifest,
    ModelStore,
    OperatorModel,
    shipped_manifest,
)
from countenance.vision.registry.operator_models import operator_entry, write_operator_entries


def told(*passive: str) -> Settings:
    return Settings(passive_networks=passive)


def with_own(folder: Path, sha256: str, *, job: Job = Job.LIVENESS) -> ModelManifest:
    """The manifest of a models folder to which the operator added a network of that hash."""
    entry = operator_entry(
        OperatorModel(
            model_id="ours",
            job=job,
            format=ModelFormat.ONNX,
            address="file:///srv/ours.onnx",
            sha256=sha256,
            licence="Apache-2.0",
            acknowledged=True,
        ),
        size=1000,
        today=date(2026, 11, 24),
    )
    folder.mkdir(exist_ok=True)
    write_operator_entries(folder, (entry,))
    return ModelStore(folder=folder).manifest


def test_the_packaged_network_is_asked_and_may_only_deny() -> None:
    (verdict,) = passive_verdicts(Settings(), shipped_manifest())
    assert (verdict.model_id, verdict.may_confirm) == ("fr-liveness", False)


def test_the_operators_network_is_known_by_its_hash(tmp_path: Path) -> None:
    v2 = passive_verdicts(told("fr-liveness", "ours"), with_own(tmp_path, MINIFASNET_V2.sha256))
    assert [(one.model_id, one.may_confirm) for one in v2] == [("fr-liveness", False), ("ours", True)]
    (other,) = passive_verdicts(told("ours"), with_own(tmp_path, MINIFASNET_V1SE.sha256))
    assert not other.may_confirm


def test_a_file_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelNotForThis, match="ours"):
        passive_verdicts(told("ours"), with_own(tmp_path, "0" * 64))
    with pytest.raises(ModelNotForThis, match="ours"):
        passive_verdicts(told("ours"), with_own(tmp_path, MINIFASNET_V2.sha256, job=Job.EMBED))


@pytest.mark.parametrize("name", ["face-landmark-468", "no-such-network"])
def test_a_network_for_something_else_is_refused(name: str) -> None:
    with pytest.raises(OperatorError):
        passive_verdicts(told(name), shipped_manifest())


def test_none_may_be_asked() -> None:
    assert passive_verdicts(told(), shipped_manifest()) == ()
    assert load_passive(told(), ModelStore()) == ()


def test_named_twice_it_is_asked_once() -> None:
    assert len(passive_verdicts(told("fr-liveness", "fr-liveness"), shipped_manifest())) == 1


def test_weights_that_arent_here_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="fr-liveness"):
        load_passive(told("fr-liveness"), ModelStore(folder=tmp_path))


@pytest.mark.models
def test_the_packaged_network_is_loaded() -> None:
    (network,) = load_passive(Settings(), ModelStore())
    assert network.model_id == "fr-liveness"


@pytest.mark.parametrize(
    ("may_confirm", "limit"),
    [
        pytest.param((), SUBJECT, id="no network"),
        pytest.param((False, False), SUBJECT, id="networks that only deny"),
        pytest.param((False, True), SUBJECT_WITH_PASSIVE, id="one that may confirm"),
    ],
)
def test_people_may_try_more_often_where_a_network_that_may_confirm_looks_along(
    may_confirm: tuple[bool, ...], limit: Limit
) -> None:
    verdicts = [PassiveVerdict(f"network-{i}", may_confirm=one) for i, one in enumerate(may_confirm)]
    assert attempts_of(verdicts) == limit
