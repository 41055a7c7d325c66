from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from contract.passive_network import PassiveNetworkContract, spacious
from countenance.vision import ModelUnusable
from countenance.vision.passive import (
    FR_LIVENESS,
    KNOWN_PASSIVE,
    MINIFASNET_V1SE,
    MINIFASNET_V2,
    ContextNetwork,
    ContextSpec,
    PassiveNetwork,
)
from countenance.vision.registry import shipped_manifest
from weights import frame_of, model_bytes

OPERATORS = Path(os.environ.get("PASSIVE_NETWORKS_FOLDER", "passive networks"))
"""Where copies of the operator's own networks lie, if anywhere."""


def built(content: bytes, spec: ContextSpec) -> ContextNetwork:
    return ContextNetwork(model_id=spec.title.lower().replace(" ", "-"), spec=spec, content=content)


@pytest.mark.models
class TestFrLiveness(PassiveNetworkContract):
    @pytest.fixture
    def network(self) -> PassiveNetwork:
        return built(model_bytes("fr-liveness"), FR_LIVENESS)

    @staticmethod
    def build(content: bytes) -> PassiveNetwork:
        return built(content, FR_LIVENESS)

    def test_it_is_the_registrys(self) -> None:
        entry = shipped_manifest().entry("fr-liveness")
        assert KNOWN_PASSIVE[entry.sha256] is FR_LIVENESS

    def test_another_network_is_refused(self) -> None:
        with pytest.raises(ModelUnusable, match="isn't fr_liveness"):
            built(model_bytes("fr-feature-512"), FR_LIVENESS)
        with pytest.raises(ModelUnusable, match="isn't MiniFASNet V2"):
            built(model_bytes("fr-liveness"), MINIFASNET_V2)

    def test_a_photograph_that_is_fed_in_looks_live_to_it(self, network: PassiveNetwork) -> None:
        # Expected: it looks for paper and screens, and a file has neither. No network of this kind sees a
        # stream that is fed in behind the camera.
        pixels, box = spacious()
        live = network.live(frame_of(pixels), box)
        assert live is not None
        assert live > 0.5


class _Operators(PassiveNetworkContract):
    FILE: str
    SPEC: ContextSpec

    @pytest.fixture
    def network(self) -> PassiveNetwork:
        path = OPERATORS / self.FILE
        if not path.is_file():
            pytest.skip("the operator's network isn't here; it is never in the repository")
        content = path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == self.SPEC.sha256
        return built(content, self.SPEC)

    @staticmethod
    def build(content: bytes) -> PassiveNetwork:
        return built(content, MINIFASNET_V2)


class TestMiniFasNetV2(_Operators):
    FILE, SPEC = "MiniFASNetV2.onnx", MINIFASNET_V2


class TestMiniFasNetV1Se(_Operators):
    FILE, SPEC = "MiniFASNetV1SE.onnx", MINIFASNET_V1SE


del _Operators


def test_each_is_known_by_its_own_hash() -> None:
    assert len(KNOWN_PASSIVE) == 3
    assert all(spec.sha256 == known for known, spec in KNOWN_PASSIVE.items())
    assert all(1.0 <= spec.least_scale <= spec.scale for spec in KNOWN_PASSIVE.values())
