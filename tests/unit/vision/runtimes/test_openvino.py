"""OpenVINO runs what onnxruntime runs, and never computes in another precision without saying so."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import numpy as np
import pytest

from contract.session import SessionContract
from countenance.vision import ModelUnusable
from countenance.vision.embedding import FrFeature512
from countenance.vision.runtimes import (
    BF16_SUFFIX,
    InferenceSession,
    OnnxRuntime,
    OnnxSession,
    OpenVinoNotInstalled,
    OpenVinoSession,
    Precision,
    faster_session,
)
from countenance.vision.runtimes.openvino import run_elsewhere
from weights import model_bytes

HERE = importlib.util.find_spec("openvino") is not None
needs_it = pytest.mark.skipif(
    not HERE, reason="the extra openvino isn't installed (60 MB); run it where it is"
)
FR = "fr-feature-512"


def build(content: bytes, threads: int = 1) -> InferenceSession:
    return OpenVinoSession(content=content, threads=threads)


@needs_it
@pytest.mark.models
class TestOpenVinoWithFrFeature(SessionContract):
    build = staticmethod(build)

    @pytest.fixture
    def content(self) -> bytes:
        return model_bytes(FR)


@needs_it
@pytest.mark.models
class TestPrecision:
    def test_float32_is_what_is_computed_in_unless_asked_otherwise(self) -> None:
        session = OpenVinoSession(content=model_bytes(FR))
        assert session.precision is Precision.F32
        assert session._compiled.get_property("INFERENCE_PRECISION_HINT").to_string() in {"f32", "float32"}

    def test_another_precision_than_was_asked_for_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        library: Any = importlib.import_module("openvino")
        compiled = library.Core.compile_model

        def silently(core: Any, model: Any, device: str, told: dict[str, Any]) -> Any:
            return compiled(core, model, device, told | {"INFERENCE_PRECISION_HINT": "bf16"})

        monkeypatch.setattr(library.Core, "compile_model", silently)
        try:
            with pytest.raises(ModelUnusable, match="computes in"):
                OpenVinoSession(content=model_bytes(FR))
        except pytest.fail.Exception:
            if "BF16" in library.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
                raise
            pytest.skip("this processor has no bfloat16, so OpenVINO can't compute in it")

    def test_in_float32_the_scores_are_onnxruntime_s(self) -> None:
        crops = np.random.default_rng(1).integers(0, 256, (3, 112, 112, 3), dtype=np.uint8)
        here = FrFeature512(content=model_bytes(FR))
        there = FrFeature512(content=model_bytes(FR), runtime=OnnxRuntime.OPENVINO)
        assert there.model_id == here.model_id
        assert np.abs(here.embed(crops) - there.embed(crops)).max() < 1e-5

    def test_bfloat16_is_another_model(self) -> None:
        try:
            there = FrFeature512(content=model_bytes(FR), runtime=OnnxRuntime.OPENVINO_BF16)
        except ModelUnusable:
            pytest.skip("this processor has no bfloat16")
        assert there.model_id == FR + BF16_SUFFIX

    def test_a_network_that_computes_something_else_is_refused(self) -> None:
        other = model_bytes("ultraface-rfb-320")
        with pytest.raises((ModelUnusable, KeyError, ValueError)):
            run_elsewhere(
                OnnxSession(content=model_bytes(FR)), other, runtime=OnnxRuntime.OPENVINO, threads=1
            )

    def test_bytes_that_are_no_network_are_unusable(self) -> None:
        with pytest.raises(ModelUnusable, match="can't load"):
            OpenVinoSession(content=b"not a network")

    def test_there_is_at_least_one_thread(self) -> None:
        with pytest.raises(ValueError, match="one thread"):
            OpenVinoSession(content=b"", threads=0)


@pytest.mark.models
def test_without_it_the_way_to_get_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(OpenVinoNotInstalled, match="isn't installed"):
        faster_session(model_bytes(FR), runtime=OnnxRuntime.OPENVINO)


@pytest.mark.models
def test_onnxruntime_needs_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    session, _ = faster_session(model_bytes(FR))
    assert isinstance(session, OnnxSession)


@pytest.mark.parametrize(
    ("runtime", "precision"),
    [
        (OnnxRuntime.ONNXRUNTIME, Precision.F32),
        (OnnxRuntime.OPENVINO, Precision.F32),
        (OnnxRuntime.OPENVINO_BF16, Precision.BF16),
    ],
)
def test_each_choice_says_what_it_computes_in(runtime: OnnxRuntime, precision: Precision) -> None:
    assert runtime.precision is precision
