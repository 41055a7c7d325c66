from __future__ import annotations

import pytest

from countenance.vision import ModelUnusable
from countenance.vision.registry import shipped_manifest
from countenance.vision.runtimes import LiteRtSession, ModelFormat, OnnxSession, load_session
from weights import model_bytes


@pytest.mark.models
@pytest.mark.parametrize("model_id", shipped_manifest().ids)
def test_every_model_of_the_manifest_loads_with_the_runtime_of_its_format(model_id: str) -> None:
    kind = shipped_manifest().entry(model_id).format
    session = load_session(model_bytes(model_id), kind=kind, threads=2)
    assert isinstance(session, LiteRtSession if kind is ModelFormat.TFLITE else OnnxSession)
    assert session.threads == 2


@pytest.mark.parametrize("kind", list(ModelFormat))
def test_bytes_of_no_network_are_unusable_in_every_format(kind: ModelFormat) -> None:
    with pytest.raises(ModelUnusable) as caught:
        load_session(b"nothing", kind=kind)
    assert "models pull" in caught.value.remedy
