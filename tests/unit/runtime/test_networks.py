"""Loading what was chosen: the operator's own embedders, mirrored vectors, one detector for each role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from countenance.kernel import sha256_hex
from countenance.runtime import ModelNotForThis, Settings, choose_networks, load_settings
from countenance.runtime.networks import Networks, load_analyser, load_document_analyser, load_embedder
from countenance.vision.embedding import EmbedderSpecInvalid
from countenance.vision.registry import Job, ModelFormat, ModelStore, OperatorModel, shipped_manifest
from countenance.vision.runtimes import OnnxRuntime

THREE_LINES = """
[my-arcface-512]
input = { side = 112, colour = "RGB", mean = 0.0, scale = 255.0 }
licence_acknowledged = "MIT"
"""


def told(folder: Path, **changes: Any) -> Settings:
    return load_settings(overrides={"models_folder": folder, **changes})


def own(folder: Path, *, job: Job = Job.EMBED, content: bytes = b"not a network") -> ModelStore:
    """A models folder to which the operator added a network."""
    given = folder / "given.onnx"
    given.write_bytes(content)
    models = ModelStore(folder=folder / "models")
    models.add(
        OperatorModel(
            model_id="my-arcface-512",
            job=job,
            format=ModelFormat.ONNX,
            address=given.as_uri(),
            sha256=sha256_hex(content),
            licence="MIT",
            acknowledged=True,
        )
    )
    return models


def test_the_operators_embedder_can_be_chosen(tmp_path: Path) -> None:
    models = own(tmp_path)
    chosen = choose_networks(told(models.folder, embedder="my-arcface-512"), models.manifest)
    assert chosen.embedder == chosen.template_model == "my-arcface-512"


def test_the_operators_embedder_without_its_three_lines_is_refused(tmp_path: Path) -> None:
    models = own(tmp_path)
    chosen = choose_networks(told(models.folder, embedder="my-arcface-512"), models.manifest)
    with pytest.raises(EmbedderSpecInvalid):
        load_embedder(chosen, models, threads=1)


def test_the_operators_detector_has_no_code_here(tmp_path: Path) -> None:
    models = own(tmp_path, job=Job.DETECT)
    with pytest.raises(ModelNotForThis):
        choose_networks(told(models.folder, detector="my-arcface-512"), models.manifest)


@pytest.mark.models
def test_the_operators_embedder_is_loaded_with_its_three_lines(tmp_path: Path) -> None:
    models = own(tmp_path, content=ModelStore().read("fr-feature-512"))
    (models.folder / "embedders.toml").write_text(THREE_LINES, encoding="utf-8")
    chosen = choose_networks(told(models.folder, embedder="my-arcface-512"), models.manifest)
    loaded = load_embedder(chosen, models, threads=1)
    assert (loaded.model_id, loaded.dimension) == ("my-arcface-512", 512)


@pytest.mark.models
def test_mirrored_vectors_of_a_face_and_of_its_mirror_image_are_one() -> None:
    models = ModelStore()
    chosen = choose_networks(load_settings(overrides={"mirrored_averaging": True}), models.manifest)
    loaded = load_embedder(chosen, models, threads=1)
    assert loaded.model_id == chosen.template_model == "mobilefacenet-192+int8+mirrored"
    crop = np.random.default_rng(5).integers(0, 255, (1, 112, 112, 3), dtype=np.uint8)
    mirror = np.ascontiguousarray(crop[:, :, ::-1])
    np.testing.assert_allclose(loaded.embed(crop), loaded.embed(mirror), atol=1e-5)


@pytest.mark.models
@pytest.mark.parametrize("eight_bit", [True, False])
def test_what_is_loaded_bears_the_name_of_its_templates(*, eight_bit: bool) -> None:
    models = ModelStore()
    chosen = choose_networks(load_settings(overrides={"eight_bit_weights": eight_bit}), models.manifest)
    assert load_embedder(chosen, models, threads=1).model_id == chosen.template_model


@pytest.mark.models
def test_a_document_and_a_live_photograph_are_looked_at_by_different_detectors() -> None:
    models = ModelStore()
    chosen = choose_networks(load_settings(), models.manifest)
    assert load_analyser(chosen, models, threads=1).model_ids == (
        "blazeface-short-range",
        "face-landmark-468",
    )
    assert load_document_analyser(chosen, models, threads=1).model_ids == (
        "ultraface-rfb-320",
        "face-landmark-468",
    )


@pytest.mark.parametrize(
    ("embedder", "runtime", "mirrored", "template_model"),
    [
        ("fr-feature-512", "onnxruntime", False, "fr-feature-512"),
        ("fr-feature-512", "openvino", False, "fr-feature-512"),
        ("fr-feature-512", "openvino-bf16", False, "fr-feature-512+bf16"),
        ("dlib-resnet-128", "openvino-bf16", True, "dlib-resnet-128+bf16+mirrored"),
        ("mobilefacenet-192", "openvino-bf16", False, "mobilefacenet-192"),
    ],
)
def test_bfloat16_shows_in_the_model_of_the_templates(
    embedder: str, runtime: str, template_model: str, *, mirrored: bool
) -> None:
    networks = Networks(
        detector="blazeface-short-range",
        mesh="face-landmark-468",
        embedder=embedder,
        mirrored=mirrored,
        onnx_runtime=OnnxRuntime(runtime),
    )
    assert networks.template_model == template_model


def test_what_is_chosen_says_with_which_weights() -> None:
    manifest = shipped_manifest()
    networks = choose_networks(load_settings(), manifest)
    assert dict(networks.weights) == {name: manifest.entry(name).sha256 for name in networks.ids}
    assert len(networks.weights) == 4
