"""The comparison door: what it compares, what it refuses, when it asks."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from countenance.kernel import (
    DeploymentId,
    DeviceId,
    Door,
    Material,
    Passage,
    PermitClaims,
    PermitExpired,
    PermitId,
    PermitRefused,
    PermitToken,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
)
from countenance.templates import ComparisonDoor, Template, TemplatesNotComparable

PERMIT = PermitToken("permit")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
REQUEST = ProcessingRequest(
    request_id=RequestId("req_1"),
    operations=("capture", "verify"),
    purpose=PurposeId("pur_1"),
    place=PlaceId("plc_1"),
    device=DeviceId("dev_1"),
    materials=(Material("a" * 64), Material("b" * 64)),
    error_target=1e-4,
)


class CountingVerifier:
    """Admits and remembers, or refuses with the given error."""

    def __init__(self, refusal: PermitRefused | None = None) -> None:
        self.passages: list[tuple[PermitToken, Passage]] = []
        self._refusal = refusal

    def admit(self, token: PermitToken, passage: Passage) -> PermitClaims:
        if self._refusal is not None:
            raise self._refusal
        self.passages.append((token, passage))
        return PermitClaims(
            permit_id=PermitId("prm_1"),
            deployment=DeploymentId("dep_1"),
            operations=passage.request.operations,
            purpose=passage.request.purpose,
            place=passage.request.place,
            device=passage.request.device,
            request_digest=passage.request.digest(),
            budget={Door.COMPARE: 1},
            largest_gallery=0,
            error_target=passage.request.error_target,
            rule_set="r" * 64,
            epoch=0,
            evidence=(),
            duties=(),
            issued_at=NOON,
            not_after=NOON,
            house_rules_only=False,
            demo=True,
        )


def unit(values: np.ndarray) -> np.ndarray:
    vector: np.ndarray = (values / np.linalg.norm(values.astype(np.float64))).astype(np.float32)
    return vector


def a_template(vector: np.ndarray | None = None, /, **changes: object) -> Template:
    template = Template(
        vector=unit(np.array([1.0, 2.0, 3.0])) if vector is None else vector,
        model_id="model-a",
        purpose=REQUEST.purpose,
        request_digest=REQUEST.digest(),
        material=REQUEST.materials[0],
    )
    return dataclasses.replace(template, **changes)  # type: ignore[arg-type]


def test_mirrored_and_plain_templates_of_one_network_never_compare() -> None:
    verifier = CountingVerifier()
    with pytest.raises(TemplatesNotComparable, match="two models"):
        ComparisonDoor(verifier=verifier).compare(
            a_template(model_id="mobilefacenet-192+mirrored"),
            a_template(model_id="mobilefacenet-192"),
            permit=PERMIT,
            request=REQUEST,
        )


VECTORS = arrays(np.float64, 8, elements=st.floats(-10, 10)).filter(lambda v: np.linalg.norm(v) > 0.1)


@given(VECTORS, VECTORS)
def test_the_score_is_the_cosine_and_symmetric(left: np.ndarray, right: np.ndarray) -> None:
    door = ComparisonDoor(verifier=CountingVerifier())
    probe, reference = a_template(unit(left)), a_template(unit(right))
    score = door.compare(probe, reference, permit=PERMIT, request=REQUEST).value
    expected = float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))
    assert score == pytest.approx(expected, abs=1e-6)
    assert -1.0 <= score <= 1.0
    assert score == door.compare(reference, probe, permit=PERMIT, request=REQUEST).value


@given(VECTORS)
def test_a_template_with_itself_scores_one_and_never_more(values: np.ndarray) -> None:
    template = a_template(unit(values))
    score = ComparisonDoor(verifier=CountingVerifier()).compare(
        template, template, permit=PERMIT, request=REQUEST
    )
    assert score.value == pytest.approx(1.0, abs=1e-12)
    assert score.value <= 1.0


def test_the_door_states_its_passage_and_asks_once() -> None:
    verifier = CountingVerifier()
    ComparisonDoor(verifier=verifier).compare(a_template(), a_template(), permit=PERMIT, request=REQUEST)
    assert verifier.passages == [(PERMIT, Passage(Door.COMPARE, "verify", REQUEST))]


def test_a_refused_permit_yields_no_score() -> None:
    door = ComparisonDoor(verifier=CountingVerifier(PermitExpired("The permit is expired.")))
    with pytest.raises(PermitExpired):
        door.compare(a_template(), a_template(), permit=PERMIT, request=REQUEST)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"purpose": PurposeId("pur_2")}, "another purpose", id="purpose"),
        pytest.param({"request_digest": "0" * 64}, "another request", id="request"),
        pytest.param({"material": Material("c" * 64)}, "isn't part of the request", id="picture"),
        pytest.param({"model_id": "model-b"}, "two models", id="model"),
        pytest.param({"vector": unit(np.array([1.0, 2.0]))}, "different lengths", id="dimension"),
    ],
)
@pytest.mark.parametrize("which", ["probe", "reference"])
def test_what_does_not_belong_together_is_refused_and_costs_nothing(
    changes: dict[str, object], says: str, which: str
) -> None:
    verifier = CountingVerifier()
    good, other = a_template(), dataclasses.replace(a_template(), **changes)  # type: ignore[arg-type]
    probe, reference = (other, good) if which == "probe" else (good, other)
    with pytest.raises(TemplatesNotComparable, match=says):
        ComparisonDoor(verifier=verifier).compare(probe, reference, permit=PERMIT, request=REQUEST)
    assert verifier.passages == []


@pytest.mark.parametrize("which", ["probe", "reference"])
def test_a_wiped_template_is_refused(which: str) -> None:
    verifier = CountingVerifier()
    good, gone = a_template(), a_template()
    gone.wipe()
    probe, reference = (gone, good) if which == "probe" else (good, gone)
    with pytest.raises(TemplatesNotComparable, match="wiped"):
        ComparisonDoor(verifier=verifier).compare(probe, reference, permit=PERMIT, request=REQUEST)
    assert verifier.passages == []


def test_comparing_leaves_the_templates_as_they_were() -> None:
    probe, reference = a_template(), a_template(unit(np.array([3.0, 2.0, 1.0])))
    before = probe.vector.copy(), reference.vector.copy()
    ComparisonDoor(verifier=CountingVerifier()).compare(probe, reference, permit=PERMIT, request=REQUEST)
    assert np.array_equal(probe.vector, before[0])
    assert np.array_equal(reference.vector, before[1])
