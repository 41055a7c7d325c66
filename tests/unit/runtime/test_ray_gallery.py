"""Joining a Ray cluster: only with a token. What the parts do is tested with the gallery."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from countenance.kernel import DeploymentId
from countenance.runtime import load_settings
from countenance.runtime.errors import SettingsInvalid
from countenance.runtime.ray_gallery import ClusterWithoutToken, RayNotInstalled, ray_address, ray_shards

GIVEN = {"gallery": "ray:auto", "deployment": DeploymentId("dep_a"), "model_id": "m", "dimensions": 8}


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"RAY_AUTH_TOKEN": "x" * 32}, id="token-without-mode"),
        pytest.param({"RAY_AUTH_MODE": "token"}, id="mode-without-token"),
        pytest.param({"RAY_AUTH_MODE": "disabled", "RAY_AUTH_TOKEN": "x" * 32}, id="switched-off"),
    ],
)
def test_without_a_token_no_cluster_is_joined(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ClusterWithoutToken):
        ray_shards(load_settings(), **GIVEN)  # type: ignore[arg-type]


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "x" * 32)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RayNotInstalled):
        ray_shards(load_settings(), **GIVEN)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("gallery", "address"),
    [("ray:auto", "auto"), ("ray://10.0.0.1:6379", "10.0.0.1:6379"), ("ray://[::1]:6379", "[::1]:6379")],
)
def test_the_setting_names_the_head(gallery: str, address: str) -> None:
    assert ray_address(load_settings(overrides={"gallery": gallery}).gallery or "") == address


@pytest.mark.parametrize("gallery", ["ray", "ray://host", "redis://host:1", "ray://host:1/x", "ray:local"])
def test_another_address_is_no_setting(gallery: str) -> None:
    with pytest.raises(SettingsInvalid):
        load_settings(overrides={"gallery": gallery})
