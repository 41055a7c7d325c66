from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from contract.embedder import EmbedderContract
from countenance.kernel import sha256_hex
from countenance.vision import ModelUnusable
from countenance.vision.embedding import (
    Embedder,
    EmbedderSpec,
    EmbedderSpecInvalid,
    OperatorEmbedder,
    load_operator_embedder,
    parse_specs,
)
from countenance.vision.embedding.operator import SPECS_FILE, ColourOrder, InputSpec
from countenance.vision.registry import Job, ModelEntry, ModelFormat, ModelStore, OperatorModel
from weights import fr_feature, model_bytes, sample_crops

THREE_LINES = """
[my-arcface-512]
input = { side = 112, colour = "RGB", mean = 127.0, scale = 128.0 }
licence_acknowledged = "MIT"
"""


def network(*, side: int | str = 112, outputs: int = 1, flat: bool = True, batch: int | str = 1) -> bytes:
    """The mean of each channel, and the first pixel's red: tells colour order, size and scale apart."""
    target = np.array([1 if batch == 1 else 0, -1], np.int64)
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[2, 3], keepdims=1),
        helper.make_node("Reshape", ["mean", "rows"], ["y"]),
    ]
    names = ["y", "mean"][:outputs] if flat else ["mean"]
    shapes = {"y": [batch, 3], "mean": [batch, 3, 1, 1]}
    graph = helper.make_graph(
        nodes,
        "means",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, side, side])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in names],
        [numpy_helper.from_array(target, "rows")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


def added(
    folder: Path, content: bytes, *, spec: str | None = THREE_LINES, licence: str = "MIT"
) -> ModelStore:
    """A models folder to which an operator added a network, as `countenance models add` does."""
    given = folder / "given.onnx"
    given.write_bytes(content)
    models = ModelStore(folder=folder / "models")
    models.add(
        OperatorModel(
            model_id="my-arcface-512",
            job=Job.EMBED,
            format=ModelFormat.ONNX,
            address=given.as_uri(),
            sha256=sha256_hex(content),
            licence=licence,
            acknowledged=True,
        )
    )
    if spec is not None:
        (models.folder / SPECS_FILE).write_text(spec, encoding="utf-8")
    return models


def spec_of(**changes: object) -> EmbedderSpec:
    given = InputSpec(side=112, colour=ColourOrder.RGB, mean=0.0, scale=255.0)
    return EmbedderSpec(dataclasses.replace(given, **changes), licence_acknowledged="MIT")  # type: ignore[arg-type]


def entry_of(folder: Path, content: bytes, **changes: object) -> ModelEntry:
    return dataclasses.replace(added(folder, content).manifest.entry("my-arcface-512"), **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    models = added(tmp_path_factory.mktemp("operator"), model_bytes("fr-feature-512"))
    return load_operator_embedder(models, "my-arcface-512")


@pytest.mark.models
class TestFrFeatureAsTheOperatorsOwn(EmbedderContract):
    # Source: as in test_fr_feature.py; the file is the same.
    COSINES = {  # noqa: RUF012
        ("obama", "obama2"): 0.673,
        ("obama", "obama3"): 0.732,
        ("obama2", "obama3"): 0.666,
        ("obama", "biden"): -0.086,
        ("obama2", "biden"): 0.055,
        ("obama3", "biden"): 0.120,
    }

    @pytest.fixture
    def embedder(self, registered: Embedder) -> Embedder:
        return registered

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, request: pytest.FixtureRequest) -> None:
        request.cls.folder = tmp_path

    def build(self, content: bytes) -> Embedder:  # type: ignore[override]
        models = added(self.folder, content)  # type: ignore[attr-defined]
        return load_operator_embedder(models, "my-arcface-512")

    def test_it_gives_the_vectors_of_our_own_class(self, embedder: Embedder) -> None:
        assert np.array_equal(embedder.embed(sample_crops()), fr_feature().embed(sample_crops()))

    def test_it_keeps_the_operators_name_so_templates_never_compare(self, embedder: Embedder) -> None:
        assert embedder.model_id == "my-arcface-512"
        assert embedder.model_id != fr_feature().model_id

    def test_the_wrong_colour_order_gives_other_vectors(self, tmp_path: Path) -> None:
        models = added(tmp_path, model_bytes("fr-feature-512"), spec=THREE_LINES.replace("RGB", "BGR"))
        turned = load_operator_embedder(models, "my-arcface-512").embed(sample_crops())
        assert (turned * fr_feature().embed(sample_crops())).sum(axis=1).max() < 0.99


class TestFeeding:
    """A face whose channels are 51, 102 and 204 all over; the made-up network gives its means back."""

    CROP = np.full((1, 112, 112, 3), (51, 102, 204), np.uint8)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({}, [0.2, 0.4, 0.8], id="rgb"),
            pytest.param({"colour": ColourOrder.BGR}, [0.8, 0.4, 0.2], id="bgr"),
            pytest.param({"mean": 51.0}, [0.0, 0.2, 0.6], id="mean"),
            pytest.param({"mean": 127.5, "scale": 127.5}, [-0.6, -0.2, 0.6], id="mean-and-scale"),
        ],
    )
    def test_a_face_is_fed_as_the_operator_says(
        self, tmp_path: Path, changes: dict[str, object], expected: list[float]
    ) -> None:
        content = network()
        embedder = OperatorEmbedder(
            entry=entry_of(tmp_path, content), spec=spec_of(**changes), content=content
        )
        direction = np.array(expected) / np.linalg.norm(expected)
        np.testing.assert_allclose(embedder.embed(self.CROP)[0], direction, atol=1e-5)
        assert embedder.dimension == 3

    @pytest.mark.parametrize("side", [96, 160])
    def test_another_size_is_resized_to(self, tmp_path: Path, side: int) -> None:
        content = network(side=side)
        embedder = OperatorEmbedder(
            entry=entry_of(tmp_path, content), spec=spec_of(side=side), content=content
        )
        np.testing.assert_allclose(embedder.embed(self.CROP)[0], np.array([1, 2, 4]) / np.sqrt(21), atol=1e-5)

    def test_a_network_with_free_sizes_takes_the_stated_one(self, tmp_path: Path) -> None:
        content = network(side="side", batch="batch")
        embedder = OperatorEmbedder(entry=entry_of(tmp_path, content), spec=spec_of(), content=content)
        assert embedder.embed(np.repeat(self.CROP, 9, axis=0)).shape == (9, 3)

    def test_what_was_done_to_its_graph_is_said(self, tmp_path: Path) -> None:
        content = network()
        embedder = OperatorEmbedder(entry=entry_of(tmp_path, content), spec=spec_of(), content=content)
        assert embedder.rewriting.applied


class TestRefusals:
    def test_a_network_that_nothing_describes(self, tmp_path: Path) -> None:
        models = added(tmp_path, network(), spec=None)
        with pytest.raises(EmbedderSpecInvalid, match="Nothing says how") as caught:
            load_operator_embedder(models, "my-arcface-512")
        assert "embedders.toml" in caught.value.remedy

    def test_lines_for_another_network(self, tmp_path: Path) -> None:
        models = added(tmp_path, network(), spec=THREE_LINES.replace("my-arcface", "your-arcface"))
        with pytest.raises(EmbedderSpecInvalid, match="Nothing says how"):
            load_operator_embedder(models, "my-arcface-512")

    def test_a_licence_that_is_not_the_one_it_was_added_under(self, tmp_path: Path) -> None:
        models = added(tmp_path, network(), licence="LicenseRef-research-only")
        with pytest.raises(EmbedderSpecInvalid, match="research-only"):
            load_operator_embedder(models, "my-arcface-512")

    @pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["no-text", "a-folder"])
    def test_a_file_that_can_not_be_read(self, tmp_path: Path, content: bytes | None) -> None:
        models = added(tmp_path, network(), spec=None)
        place = models.folder / SPECS_FILE
        if content is None:
            place.mkdir()
        else:
            place.write_bytes(content)
        with pytest.raises(EmbedderSpecInvalid, match="can't be read"):
            load_operator_embedder(models, "my-arcface-512")

    @pytest.mark.parametrize(
        ("content", "error", "words"),
        [
            pytest.param(network(side=96), EmbedderSpecInvalid, "pictures of the shape", id="another-size"),
            pytest.param(network(outputs=2), ModelUnusable, "one vector", id="two-outputs"),
            pytest.param(network(flat=False), ModelUnusable, "one vector", id="a-map-not-a-vector"),
            pytest.param(b"no network", ModelUnusable, "onnxruntime", id="no-network"),
        ],
    )
    def test_a_network_that_is_no_embedder(
        self, tmp_path: Path, content: bytes, error: type[Exception], words: str
    ) -> None:
        with pytest.raises(error, match=words):
            OperatorEmbedder(entry=entry_of(tmp_path, content), spec=spec_of(), content=content)

    @pytest.mark.parametrize("changes", [{"job": Job.LIVENESS}, {"format": ModelFormat.TFLITE}])
    def test_an_entry_for_something_else(self, tmp_path: Path, changes: dict[str, object]) -> None:
        content = network()
        with pytest.raises(ModelUnusable, match="isn't an embedding network"):
            OperatorEmbedder(entry=entry_of(tmp_path, content, **changes), spec=spec_of(), content=content)

    def test_a_shipped_entry(self) -> None:
        entry = ModelStore().manifest.entry("fr-feature-512")
        with pytest.raises(ModelUnusable, match="operator's"):
            OperatorEmbedder(entry=entry, spec=spec_of(), content=b"")


class TestSpecs:
    def test_three_lines_are_enough(self) -> None:
        assert parse_specs(THREE_LINES) == {
            "my-arcface-512": EmbedderSpec(
                input=InputSpec(side=112, colour=ColourOrder.RGB, mean=127.0, scale=128.0),
                licence_acknowledged="MIT",
            )
        }

    def test_no_text_describes_nothing(self) -> None:
        assert parse_specs("") == {}

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            pytest.param('colour = "RGB", ', "", "input.colour", id="no-colour"),
            pytest.param('"RGB"', '"rgb"', "input.colour", id="unknown-colour"),
            pytest.param("side = 112", "side = 5", "input.side", id="too-small"),
            pytest.param("scale = 128.0", "scale = 0.0", "input.scale", id="scale-of-nothing"),
            pytest.param("mean = 127.0", "mean = 300.0", "input.mean", id="mean-beyond-white"),
            pytest.param('licence_acknowledged = "MIT"', "", "licence_acknowledged", id="no-licence"),
            pytest.param('"MIT"', '""', "licence_acknowledged", id="empty-licence"),
            pytest.param('"MIT"', '"MIT"\nmore = 1', "more", id="a-key-that-nothing-reads"),
            pytest.param("[my", "[[my", "TOML", id="no-toml"),
        ],
    )
    def test_what_is_missing_or_wrong_is_named(self, old: str, new: str, words: str) -> None:
        with pytest.raises(EmbedderSpecInvalid, match=words.replace(".", r"\.")):
            parse_specs(THREE_LINES.replace(old, new))
