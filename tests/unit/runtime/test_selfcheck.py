from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from countenance.gallery import ScanState
from countenance.runtime import (
    HealthFinding,
    InstallationNotReady,
    Settings,
    create_installation,
    examine_models,
    examine_settings,
    load_settings,
    require_ready,
)
from countenance.runtime.selfcheck import is_loopback


@pytest.fixture
def told(tmp_path: Path) -> Settings:
    """The settings of an installation that is there, without networks."""
    settings = load_settings(
        overrides={
            "data_folder": tmp_path / "data",
            "root_key": f"file:{tmp_path / 'key' / 'root.key'}",
            "models_folder": tmp_path / "models",
        }
    )
    create_installation(settings)
    return settings


def finding(settings: Settings, name: str) -> HealthFinding:
    return next(found for found in examine_settings(settings) if found.name == name)


def changed(settings: Settings, **changes: Any) -> Settings:
    return settings.model_copy(update=changes)


def test_a_new_installation_lacks_its_networks_alone(told: Settings) -> None:
    wrong = [found for found in examine_settings(told) if not found.ok]
    assert [found.name for found in wrong] == ["models"]
    assert "countenance models pull" in wrong[0].remedy
    assert "mobilefacenet-192" in wrong[0].words


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104
        ("::", False),
        ("192.168.1.4", False),
        ("desk.example", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_which_addresses_are_this_machines_own(host: str, own: bool) -> None:
    assert is_loopback(host) is own


@pytest.mark.parametrize(
    ("changes", "ok"),
    [
        ({"host": "127.0.0.1"}, True),
        ({"host": "0.0.0.0"}, False),  # noqa: S104
        ({"host": "desk.example"}, False),
        ({"host": "0.0.0.0", "behind_tls_proxy": True}, True),  # noqa: S104
        ({"host": "0.0.0.0", "tls_certificate": Path("/c"), "tls_private_key": Path("/k")}, True),  # noqa: S104
    ],
)
def test_a_bind_beyond_loopback_needs_tls(told: Settings, changes: dict[str, Any], ok: bool) -> None:
    found = finding(changed(told, **changes), "bind")
    assert found.ok is ok
    assert bool(found.remedy) is not ok


@pytest.mark.parametrize(
    ("changes", "ok"),
    [
        ({"auth": True, "host": "0.0.0.0"}, True),  # noqa: S104
        ({"auth": False}, True),
        ({"auth": False, "host": "0.0.0.0", "behind_tls_proxy": True}, False),  # noqa: S104
        ({"auth": False, "behind_tls_proxy": True}, False),
    ],
)
def test_keys_may_be_off_on_loopback_alone(told: Settings, changes: dict[str, Any], ok: bool) -> None:
    assert finding(changed(told, **changes), "auth").ok is ok


def test_tls_wants_both_files_and_a_private_key(told: Settings, tmp_path: Path) -> None:
    certificate, private_key = tmp_path / "c.pem", tmp_path / "k.pem"
    certificate.write_text("certificate")
    private_key.write_text("key")
    private_key.chmod(0o600)
    both = {"tls_certificate": certificate, "tls_private_key": private_key}
    assert finding(told, "tls").ok
    assert finding(changed(told, **both), "tls").ok
    assert not finding(changed(told, tls_certificate=certificate), "tls").ok
    assert not finding(changed(told, **{**both, "tls_certificate": tmp_path / "gone"}), "tls").ok
    private_key.chmod(0o644)
    assert "Others can read" in finding(changed(told, **both), "tls").words


class TestRootKey:
    """Present, private, elsewhere."""

    def test_it_is_well(self, told: Settings) -> None:
        assert finding(told, "root-key").ok
        assert finding(told, "root-key-place").ok

    def test_missing(self, told: Settings) -> None:
        Path(told.root_key.removeprefix("file:")).unlink()
        assert not finding(told, "root-key").ok

    @pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
    def test_world_or_group_readable(self, told: Settings, mode: int) -> None:
        Path(told.root_key.removeprefix("file:")).chmod(mode)
        found = finding(told, "root-key")
        assert not found.ok
        assert found.remedy

    def test_malformed(self, told: Settings) -> None:
        Path(told.root_key.removeprefix("file:")).write_text("default")
        assert not finding(told, "root-key").ok

    def test_inside_the_data_folder(self, told: Settings) -> None:
        inside = changed(told, root_key=f"file:{told.data_folder / 'deep' / 'root.key'}")
        assert not finding(inside, "root-key-place").ok

    def test_inside_through_a_link(self, told: Settings, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(told.data_folder)
        assert not finding(
            changed(told, root_key=f"file:{tmp_path / 'link' / 'root.key'}"), "root-key-place"
        ).ok

    def test_in_the_environment(self, told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        elsewhere = changed(told, root_key="env:THE_KEY")
        assert not finding(elsewhere, "root-key").ok
        monkeypatch.setenv("THE_KEY", "A" * 43 + "=")
        assert finding(elsewhere, "root-key").ok
        assert finding(elsewhere, "root-key-place").ok


def test_the_data_folder_is_there_and_private(told: Settings, tmp_path: Path) -> None:
    assert finding(told, "data-folder").ok
    told.data_folder.chmod(0o755)
    assert not finding(told, "data-folder").ok
    assert "init" in finding(changed(told, data_folder=tmp_path / "gone"), "data-folder").remedy


@pytest.mark.parametrize(
    "changes",
    [
        {"detector": "mobilefacenet-192"},
        {"embedder": "blazeface-short-range"},
        {"detector": "no-such-network"},
        {"detector": "iris-landmark"},
    ],
)
def test_a_network_of_another_job_is_a_finding(told: Settings, changes: dict[str, str]) -> None:
    found = examine_models(changed(told, **changes))
    assert [one.name for one in found if not one.ok] == ["models"]


def test_a_network_without_an_error_table_is_a_finding(told: Settings) -> None:
    found = examine_models(changed(told, embedder="fr-feature-512", mirrored_averaging=True))
    assert "error-table" in [one.name for one in found if not one.ok]


def test_no_finding_tells_a_path(told: Settings, tmp_path: Path) -> None:
    spoilt = changed(told, host="0.0.0.0", tls_certificate=tmp_path / "c")  # noqa: S104
    told.data_folder.chmod(0o755)
    text = " ".join(found.words + found.remedy for found in examine_settings(spoilt))
    assert str(tmp_path) not in text


def test_what_is_not_ready_does_not_start() -> None:
    well = HealthFinding("bind", ok=True, words="Well.")
    wrong = HealthFinding("auth", ok=False, words="Off.", remedy="Switch it on.")
    require_ready((well, well))
    with pytest.raises(InstallationNotReady) as caught:
        require_ready((well, wrong, HealthFinding("tls", ok=False, words="Half.", remedy="Set both.")))
    assert caught.value.message == "Off. Half."
    assert caught.value.remedy == "Switch it on. Set both."


def test_an_installation_is_made_once(told: Settings) -> None:
    from countenance.store import StoreExists  # noqa: PLC0415

    with pytest.raises(StoreExists):
        create_installation(told)


def test_a_root_key_that_is_there_is_kept(tmp_path: Path) -> None:
    from countenance.store import create_root_key  # noqa: PLC0415

    uri = f"file:{tmp_path / 'key' / 'root.key'}"
    create_root_key(uri)
    before = (tmp_path / "key" / "root.key").read_bytes()
    create_installation(load_settings(overrides={"data_folder": tmp_path / "data", "root_key": uri}))
    assert (tmp_path / "key" / "root.key").read_bytes() == before


def test_an_exposed_root_key_is_not_used(tmp_path: Path) -> None:
    from countenance.store import RootKeyExposed, create_root_key  # noqa: PLC0415

    uri = f"file:{tmp_path / 'key' / 'root.key'}"
    create_root_key(uri)
    (tmp_path / "key" / "root.key").chmod(0o644)
    with pytest.raises(RootKeyExposed):
        create_installation(load_settings(overrides={"data_folder": tmp_path / "data", "root_key": uri}))
    assert not (tmp_path / "data").exists()


# The operator's own rules.

OWN = """\
schema = 1
code = "EU"
title = "Ours"
version = 2026-11-01

[[rule]]
id = "OWN-1"
citation = "House order 1"
force = "house"
effect = "ban"
text = "No search"
operations = ["identify"]
places = ["any"]
evidence = []
trust = "house"
"""


def test_the_shipped_rules_are_named_by_their_hash(told: Settings) -> None:
    found = finding(told, "rules")
    assert found.ok
    assert found.words.startswith("162 shipped rules are in use; rule set ")


def test_own_packs_are_named(told: Settings, tmp_path: Path) -> None:
    tmp_path.joinpath("rules").mkdir()
    tmp_path.joinpath("rules", "ours.toml").write_text(OWN)
    found = finding(changed(told, rules_folder=tmp_path / "rules"), "rules")
    assert found.ok
    assert "162 shipped rules are in use, and 1 of the operator's own: ours" in found.words
    assert found.words != finding(told, "rules").words


def test_a_broken_pack_refuses_the_start_by_name(told: Settings, tmp_path: Path) -> None:
    tmp_path.joinpath("rules").mkdir()
    tmp_path.joinpath("rules", "ours.toml").write_text(OWN.replace("OWN-1", "EU-GDPR-9"))
    broken = changed(told, rules_folder=tmp_path / "rules")
    found = finding(broken, "rules")
    assert not found.ok
    assert "ours" in found.words
    assert "countenance rules check" in found.remedy
    with pytest.raises(InstallationNotReady, match="The pack ours"):
        require_ready(examine_settings(broken))


def test_a_slow_scan_is_said_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = ScanState(kernel="numpy", compiled=False, others=(), remedy="Build the compiled scan.")
    monkeypatch.setattr("countenance.runtime.selfcheck.scan_state", lambda: slow)
    (found,) = [one for one in examine_settings(load_settings()) if one.name == "scan"]
    assert (found.ok, found.lets_serve, found.remedy) == (False, True, "Build the compiled scan.")
    assert "numpy" in found.words
    require_ready((found,))
