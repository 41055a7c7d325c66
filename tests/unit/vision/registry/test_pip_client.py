"""The real pip: against a folder of synthetic packages without a network, and once against the registry."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from contract.package_client import PackageClientContract
from countenance.vision.registry import (
    ArchiveHashWrong,
    ArchiveKind,
    ModelManifest,
    ModelStore,
    PackageClient,
    PackageClientMissing,
    PackageNotBrought,
    PackageSource,
    PipClient,
    shipped_samples,
)
from countenance.vision.registry.client import unwatched
from synthetic_packages import ScriptedClient, entry, files_below, sha256, source, tarball, wheel

WHEEL = wheel()
MARKER = "package-code-ran"


def hostile_sdist(marker: Path, *, pyproject: bool = False) -> bytes:
    """A source distribution whose every piece of code leaves a marker, if anybody runs it."""
    code = f"open({str(marker)!r}, 'w').close()\n".encode()
    root = "demo_weights-1.0"
    members = {
        f"{root}/setup.py": code
        + b"from setuptools import setup\nsetup(name='demo_weights', version='1.0')\n",
        f"{root}/PKG-INFO": b"Metadata-Version: 1.0\nName: demo_weights\nVersion: 1.0\n",
        f"{root}/net.onnx": b"weights",
    }
    if pyproject:
        members[f"{root}/evil_backend.py"] = code
        members[f"{root}/pyproject.toml"] = (
            b"[build-system]\nrequires = []\nbuild-backend = 'evil_backend'\nbackend-path = ['.']\n"
        )
    return tarball(members)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole of this pip's world."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    return folder


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "private"
    folder.mkdir()
    return folder


class TestWheelFromAFolder(PackageClientContract):
    @pytest.fixture
    def client(self, index: Path) -> PackageClient:
        (index / "demo_weights-1.0-py3-none-any.whl").write_bytes(WHEEL)
        return PipClient()

    @pytest.fixture
    def source(self) -> PackageSource:
        return source(WHEEL)


class TestSourceDistributionFromAFolder(PackageClientContract):
    @pytest.fixture
    def client(self, index: Path) -> PackageClient:
        (index / "demo_weights-1.0.tar.gz").write_bytes(
            tarball({"demo_weights-1.0/setup.py": b"raise SystemExit"})
        )
        (index / "demo_weights-1.0-py3-none-any.whl").write_bytes(WHEEL)
        return PipClient()

    @pytest.fixture
    def source(self) -> PackageSource:
        archive = tarball({"demo_weights-1.0/setup.py": b"raise SystemExit"})
        return source(archive, kind=ArchiveKind.SDIST, name="demo_weights")


@pytest.mark.models
@pytest.mark.slow
class TestSourceDistributionFromTheRegistry(PackageClientContract):
    @pytest.fixture
    def client(self) -> PackageClient:
        return PipClient()

    @pytest.fixture
    def source(self) -> PackageSource:
        return shipped_samples().package


def test_no_code_of_a_source_distribution_runs(index: Path, into: Path, tmp_path: Path) -> None:
    marker = tmp_path / MARKER
    archive = hostile_sdist(marker)
    (index / "demo_weights-1.0.tar.gz").write_bytes(archive)
    wanted = source(archive, kind=ArchiveKind.SDIST, name="demo_weights")
    path = PipClient().bring(wanted, into=into, watch=unwatched)
    assert sha256(path.read_bytes()) == wanted.archive_sha256
    assert not marker.exists()


def test_the_marker_would_show(tmp_path: Path) -> None:
    """The test above can fail: the package's code does leave its marker when somebody runs it."""
    marker = tmp_path / MARKER
    with tarfile.open(fileobj=io.BytesIO(hostile_sdist(marker))) as archive:
        setup = archive.extractfile("demo_weights-1.0/setup.py")
        assert setup is not None
        subprocess.run([sys.executable, "-c", setup.read().decode()], check=False, capture_output=True)
    assert marker.exists()


@pytest.mark.parametrize("pyproject", [False, True])
def test_another_source_distribution_is_refused_before_it_is_opened(
    index: Path, into: Path, tmp_path: Path, pyproject: bool
) -> None:
    marker = tmp_path / MARKER
    evil = hostile_sdist(marker, pyproject=pyproject)
    (index / "demo_weights-1.0.tar.gz").write_bytes(evil)
    wanted = source(tarball(), kind=ArchiveKind.SDIST, name="demo_weights")
    with pytest.raises(ArchiveHashWrong) as refused:
        PipClient().bring(wanted, into=into, watch=unwatched)
    assert wanted.archive_sha256 in refused.value.message
    assert sha256(evil) in refused.value.message
    assert not marker.exists()


def test_a_mirror_that_hands_out_another_wheel_is_refused_by_name(index: Path, tmp_path: Path) -> None:
    evil = wheel({"demo_weights/net.onnx": b"evil"})
    (index / "demo_weights-1.0-py3-none-any.whl").write_bytes(evil)
    store = ModelStore(
        folder=tmp_path / "models", manifest=ModelManifest((entry(source=source(WHEEL)),)), client=PipClient()
    )
    with pytest.raises(ArchiveHashWrong) as refused:
        store.pull()
    for part in ("demo-net", "demo-weights 1.0", sha256(WHEEL), sha256(evil)):
        assert part in refused.value.message
    assert files_below(tmp_path / "models") == set()


def test_a_wheel_never_stands_in_for_the_source_distribution(index: Path, into: Path) -> None:
    (index / "demo_weights-1.0-py3-none-any.whl").write_bytes(WHEEL)
    wanted = source(tarball(), kind=ArchiveKind.SDIST, name="demo_weights")
    with pytest.raises(PackageNotBrought):
        PipClient().bring(wanted, into=into, watch=unwatched)


def test_a_wheel_for_another_python_and_platform_is_brought(index: Path, into: Path) -> None:
    (index / "demo_weights-1.0-cp39-cp39-manylinux_2_28_aarch64.whl").write_bytes(WHEEL)
    wanted = source(WHEEL)
    with pytest.raises(PackageNotBrought):
        PipClient().bring(wanted, into=into, watch=unwatched)
    stated = PackageSource(
        registry=wanted.registry,
        name=wanted.name,
        version=wanted.version,
        kind=wanted.kind,
        archive_sha256=wanted.archive_sha256,
        archive_bytes=wanted.archive_bytes,
        python="3.9",
        implementation="cp",
        platform="manylinux_2_28_aarch64",
    )
    again = into / "again"
    again.mkdir()
    assert PipClient().bring(stated, into=again, watch=unwatched).read_bytes() == WHEEL


def test_nothing_is_installed(index: Path, into: Path) -> None:
    (index / "demo_weights-1.0-py3-none-any.whl").write_bytes(WHEEL)
    before = {path.name for folder in sys.path if folder for path in Path(folder).glob("demo_weights*")}
    PipClient().bring(source(WHEEL), into=into, watch=unwatched)
    after = {path.name for folder in sys.path if folder for path in Path(folder).glob("demo_weights*")}
    assert before == after == set()


def test_the_next_python_with_pip_is_taken(index: Path, into: Path, tmp_path: Path) -> None:
    (index / "demo_weights-1.0-py3-none-any.whl").write_bytes(WHEEL)
    without_pip = tmp_path / "python-without-pip"
    without_pip.write_text("#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n")
    without_pip.chmod(0o755)
    client = PipClient(pythons=["/no/such/python", str(without_pip), sys.executable])
    assert client.bring(source(WHEEL), into=into, watch=unwatched).read_bytes() == WHEEL


@pytest.mark.parametrize("pythons", [[], ["/no/such/python"]])
def test_a_machine_without_pip_is_told_so(into: Path, pythons: list[str]) -> None:
    with pytest.raises(PackageClientMissing) as refused:
        PipClient(pythons=pythons).bring(source(WHEEL), into=into, watch=unwatched)
    assert "--from" in refused.value.remedy


def test_the_scripted_client_stands_for_this_one_in_other_tests(index: Path, into: Path) -> None:
    (index / "demo_weights-1.0-py3-none-any.whl").write_bytes(WHEEL)
    scripted, real = into / "scripted", into / "real"
    scripted.mkdir()
    real.mkdir()
    one = ScriptedClient({"demo-weights": WHEEL}).bring(source(WHEEL), into=scripted, watch=unwatched)
    other = PipClient().bring(source(WHEEL), into=real, watch=unwatched)
    assert one.read_bytes() == other.read_bytes()
