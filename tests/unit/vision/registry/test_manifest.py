from __future__ import annotations

import re

import pytest

from countenance.kernel import sha256_hex
from countenance.vision.registry import (
    Job,
    ManifestInvalid,
    ModelFormat,
    ModelManifest,
    ModelUnknown,
    PackageSource,
    Registry,
    parse_manifest,
    shipped_manifest,
)
from countenance.vision.registry.manifest import parse_operator_entries
from synthetic_packages import entry, operator_source, source, wheel

PACKAGE = f"""
[packages.demo]
registry = "pypi"
name = "demo"
version = "1.0"
kind = "wheel"
archive_sha256 = "{"0" * 64}"
archive_bytes = 10
"""
MODEL = f"""
[[models]]
model_id = "demo-net"
title = "A net"
job = "embed"
format = "onnx"
package = "demo"
member = "demo/net.onnx"
sha256 = "{"1" * 64}"
bytes = 5
inputs = "none"
outputs = "none"
provenance = "A test."
unknown = ["Everything."]
licence = {{ spdx = "CC0-1.0", found = "A test." }}
card = {{ intended_use = "Tests.", limits = ["None."] }}
"""


def test_a_small_manifest_is_read() -> None:
    manifest = parse_manifest(PACKAGE + MODEL)
    read = manifest.entry("demo-net")
    assert isinstance(read.source, PackageSource)
    assert read.source.registry is Registry.PYPI
    assert read.job is Job.EMBED
    assert manifest.defaults == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("[[[", "TOML", id="no-toml"),
        pytest.param(PACKAGE + MODEL + "[extra]\n", "extra", id="further-table"),
        pytest.param(MODEL, "demo", id="package-not-declared"),
        pytest.param(PACKAGE + MODEL + MODEL, "demo-net", id="one-id-twice"),
        pytest.param(PACKAGE + MODEL.replace("bytes = 5", "bytes = 0"), "bytes", id="empty-file"),
        pytest.param(PACKAGE + MODEL.replace("1" * 64, "1" * 60), "sha256", id="short-hash"),
        pytest.param(PACKAGE.replace('"pypi"', '"elsewhere"') + MODEL, "registry", id="other-registry"),
        pytest.param(PACKAGE.replace("archive_bytes = 10", "") + MODEL, "archive_bytes", id="no-size"),
        pytest.param(PACKAGE + "models = 3\n", "models", id="models-in-package"),
        pytest.param("models = 3\n", "models", id="models-no-list"),
        pytest.param("models = [3]\n", "models", id="models-of-numbers"),
        pytest.param(PACKAGE + MODEL.replace("demo/net.onnx", "../net.onnx"), "member", id="climbing-member"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused_and_says_where(text: str, named: str) -> None:
    with pytest.raises(ManifestInvalid) as refused:
        parse_manifest(text)
    assert named in refused.value.message


def test_an_id_that_nobody_has_is_refused_with_those_that_there_are() -> None:
    manifest = ModelManifest((entry(source=source(wheel())),))
    with pytest.raises(ModelUnknown, match="demo-net"):
        manifest.entry("other")


def test_an_operators_entry_never_replaces_a_shipped_one() -> None:
    manifest = ModelManifest((entry(source=source(wheel())),))
    with pytest.raises(ManifestInvalid, match="demo-net"):
        manifest.with_entries((entry(source=operator_source(), default=False),))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            MODEL.replace('package = "demo"\n', "") + PACKAGE.replace("packages.demo", "models.source"),
            id="package",
        ),
        pytest.param(
            MODEL.replace('package = "demo"\n', "default = true\n")
            + '[models.source]\naddress = "file:///x"\nadded_on = 2026-01-02\n',
            id="default",
        ),
        pytest.param(
            MODEL.replace('package = "demo"\n', "")
            + '[models.source]\naddress = "http://example.test/x"\nadded_on = 2026-01-02\n',
            id="plain-http",
        ),
        pytest.param(MODEL, id="no-source"),
    ],
)
def test_an_operators_entry_has_an_address_and_is_no_default(text: str) -> None:
    with pytest.raises(ManifestInvalid):
        parse_operator_entries(text)


def test_an_operators_entry_is_read() -> None:
    text = MODEL.replace('package = "demo"\n', "")
    text += '[models.source]\naddress = "https://example.test/x.onnx"\nadded_on = 2026-01-02\n'
    (read,) = parse_operator_entries(text)
    assert read.operator_supplied


class TestShipped:
    def test_the_check_in_needs_detectors_for_face_and_document_a_mesh_and_an_embedder(self) -> None:
        manifest = shipped_manifest()
        jobs = [manifest.entry(model_id).job for model_id in manifest.defaults]
        assert sorted(jobs) == [Job.DETECT, Job.DETECT, Job.EMBED, Job.LIVENESS, Job.MESH]
        assert manifest.defaults[0] == "blazeface-short-range"
        assert set(manifest.defaults) == {
            "blazeface-short-range",
            "ultraface-rfb-320",
            "face-landmark-468",
            "mobilefacenet-192",
            "fr-liveness",
        }

    @pytest.mark.parametrize("model_id", shipped_manifest().ids)
    def test_an_entry_is_pinned_licensed_and_honest(self, model_id: str) -> None:
        shipped = shipped_manifest().entry(model_id)
        assert isinstance(shipped.source, PackageSource)
        assert shipped.bytes < shipped.source.archive_bytes
        assert shipped.licence.spdx in {"Apache-2.0", "CC0-1.0", "MIT"}
        assert any("training data unknown" in line.lower() for line in shipped.unknown)
        assert shipped.card.limits
        assert all(fact.conditions for fact in shipped.card.measured)
        ending = {ModelFormat.TFLITE: ".tflite", ModelFormat.ONNX: ".onnx", ModelFormat.DLIB: ".dat"}
        assert shipped.member.endswith(ending[shipped.format])

    @pytest.mark.parametrize(
        "word", ["non-commercial", "AGPL", "buffalo", "antelope", "68_face_landmarks", "mrz"]
    )
    def test_nothing_is_offered_that_may_not_be_used(self, word: str) -> None:
        offered = " ".join(
            f"{shipped.member} {shipped.licence.spdx} {shipped.licence.found}"
            for shipped in shipped_manifest().entries
        )
        assert word.lower() not in offered.lower()

    def test_no_content_is_offered_twice(self) -> None:
        hashes = [shipped.sha256 for shipped in shipped_manifest().entries]
        assert len(set(hashes)) == len(hashes)
        assert sha256_hex(b"") not in hashes

    def test_no_address_stands_in_the_manifest(self) -> None:
        for shipped in shipped_manifest().entries:
            assert not re.search(r"\w+://|www\.", repr(shipped))
