from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from countenance.authority import DemoNotOffered
from countenance.kernel import FixedClock
from countenance.runtime import (
    DemoFolder,
    DemoFolderForeign,
    InstallationNotReady,
    ModelNotForThis,
    Settings,
    build,
    choose_networks,
    create_installation,
    demo_settings,
    load_settings,
    prepare_demo,
)
from countenance.runtime.build import _networks_in_use
from countenance.runtime.reading_networks import READING_NETWORKS
from countenance.runtime.selfcheck import examine_models
from countenance.vision.registry import Job, ModelEntry, ModelUnknown, shipped_manifest

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def told(folder: Path, **changes: Any) -> Settings:
    return load_settings(
        overrides={
            "data_folder": folder / "data",
            "root_key": f"file:{folder / 'key' / 'root.key'}",
            **changes,
        }
    )


class TestNetworks:
    """Which network does which job."""

    def test_the_defaults_of_the_manifest(self, tmp_path: Path) -> None:
        chosen = choose_networks(told(tmp_path), shipped_manifest())
        assert chosen.ids == (
            "blazeface-short-range",
            "ultraface-rfb-320",
            "face-landmark-468",
            "mobilefacenet-192",
        )
        assert chosen.template_model == "mobilefacenet-192+int8"
        assert set(chosen.ids) <= set(shipped_manifest().defaults)

    def test_what_the_settings_name(self, tmp_path: Path) -> None:
        chosen = choose_networks(
            told(tmp_path, detector="ultraface-rfb-320", embedder="fr-feature-512"), shipped_manifest()
        )
        assert (chosen.detector, chosen.embedder) == ("ultraface-rfb-320", "fr-feature-512")
        assert chosen.detectors == ("ultraface-rfb-320",)

    def test_documents_and_live_faces_have_detectors_of_their_own(self, tmp_path: Path) -> None:
        chosen = choose_networks(
            told(tmp_path, document_detector="blazeface-full-range-sparse"), shipped_manifest()
        )
        assert chosen.detectors == ("blazeface-full-range-sparse", "blazeface-short-range")

    def test_mirrored_templates_have_a_name_of_their_own(self, tmp_path: Path) -> None:
        chosen = choose_networks(told(tmp_path, mirrored_averaging=True), shipped_manifest())
        assert chosen.template_model == "mobilefacenet-192+int8+mirrored"
        assert chosen.embedder == "mobilefacenet-192"

    def test_the_weights_can_stay_as_they_are(self, tmp_path: Path) -> None:
        chosen = choose_networks(told(tmp_path, eight_bit_weights=False), shipped_manifest())
        assert chosen.template_model == "mobilefacenet-192"

    def test_a_network_without_eight_bits_runs_as_it_is(self, tmp_path: Path) -> None:
        chosen = choose_networks(told(tmp_path, embedder="fr-feature-512"), shipped_manifest())
        assert chosen.template_model == "fr-feature-512"

    @pytest.mark.parametrize("entry", shipped_manifest().entries, ids=lambda entry: entry.model_id)
    def test_every_shipped_detector_and_embedder_can_be_chosen(
        self, tmp_path: Path, entry: ModelEntry
    ) -> None:
        if entry.job is Job.DETECT:
            told_of = {"detector": entry.model_id, "document_detector": entry.model_id}
        elif entry.job is Job.EMBED:
            told_of = {"embedder": entry.model_id}
        else:
            return
        assert entry.model_id in choose_networks(told(tmp_path, **told_of), shipped_manifest()).ids

    @pytest.mark.parametrize(
        "changes",
        [
            {"detector": "blazeface-full-range-sparse"},
            {"embedder": "fr-feature-512", "mirrored_averaging": True},
        ],
    )
    def test_a_combination_that_nobody_measured_starts_nothing(
        self, tmp_path: Path, changes: dict[str, Any]
    ) -> None:
        findings = {f.name: f for f in examine_models(told(tmp_path, **changes))}
        assert not findings["error-table"].ok
        assert "Measured are: " in findings["error-table"].words
        assert "scripts/measure_error_table.py" in findings["error-table"].remedy

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"detector": "mobilefacenet-192"}, ModelNotForThis),
            ({"embedder": "ultraface-rfb-320"}, ModelNotForThis),
            ({"document_detector": "face-landmark-468"}, ModelNotForThis),
            ({"detector": "nothing"}, ModelUnknown),
        ],
    )
    def test_what_cannot_do_the_job(
        self, tmp_path: Path, changes: dict[str, str], error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            choose_networks(told(tmp_path, **changes), shipped_manifest())


def test_an_installation_without_networks_is_not_built(tmp_path: Path) -> None:
    settings = told(tmp_path, models_folder=tmp_path / "models")
    create_installation(settings)
    with pytest.raises(InstallationNotReady, match="mobilefacenet-192") as caught:
        build(settings)
    assert "countenance models pull" in caught.value.remedy


def test_nothing_is_made_by_building(tmp_path: Path) -> None:
    with pytest.raises(InstallationNotReady):
        build(told(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "unsafe",
    [{"host": "0.0.0.0"}, {"host": "192.0.2.7"}, {"auth": False, "behind_tls_proxy": True}],  # noqa: S104
)
def test_an_unsafe_installation_is_not_built(tmp_path: Path, unsafe: dict[str, Any]) -> None:
    settings = told(tmp_path, **unsafe)
    create_installation(settings)
    with pytest.raises(InstallationNotReady, match=r"host|auth"):
        build(settings, serving=True)


@pytest.mark.models
class TestBuilt:
    """With real networks."""

    def test_a_new_installation_permits_nothing(self, tmp_path: Path) -> None:
        settings = told(tmp_path)
        create_installation(settings)
        with build(settings) as services:
            assert services.demo is False
            assert set(services.attended) == {
                "bank-teller",
                "face-payment",
                "hotel-checkin",
                "portrait-verification",
            }
            assert services.directory.places() == ()
            assert all(finding.ok for finding in services.health())

    def test_scenes_cannot_be_added(self, tmp_path: Path) -> None:
        settings = told(tmp_path)
        create_installation(settings)
        with build(settings) as services, pytest.raises(TypeError):
            services.attended["x"] = services.attended["hotel-checkin"]  # type: ignore[index]

    def test_a_look_at_the_health_stands_for_half_a_minute(self, tmp_path: Path) -> None:
        settings = told(tmp_path)
        create_installation(settings)
        clock = FixedClock(NOON)
        with build(settings, clock=clock) as services:
            first = services.health()
            settings.data_folder.chmod(0o755)
            assert services.health() is first
            clock.move_to(NOON + timedelta(seconds=31))
            assert [finding.name for finding in services.health() if not finding.ok] == ["data-folder"]

    def test_the_demonstration_opens_again(self, tmp_path: Path) -> None:
        with prepare_demo(load_settings(), folder=tmp_path / "demo") as first:
            key = first.services.receipts.public_jwk()
            site = first.site
        with prepare_demo(load_settings(), folder=tmp_path / "demo") as second:
            assert second.services.receipts.public_jwk() == key
            assert second.site == site
            assert second.services.demo is True

    def test_a_real_installation_is_left_alone(self, tmp_path: Path) -> None:
        folder = DemoFolder(tmp_path)
        create_installation(demo_settings(load_settings(), folder))
        with pytest.raises(DemoFolderForeign):
            prepare_demo(load_settings(), folder=tmp_path)

    def test_there_is_no_hotel_on_the_moon(self, tmp_path: Path) -> None:
        with pytest.raises(DemoNotOffered):
            prepare_demo(load_settings(), folder=tmp_path / "demo", jurisdiction="MOON")
        with prepare_demo(load_settings(), folder=tmp_path / "demo", jurisdiction="EU") as ready:
            assert ready.site.jurisdiction == "EU"


def test_the_parts_of_a_demonstration_lie_apart(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path)
    assert not folder.key.is_relative_to(folder.data)
    assert not folder.pictures.is_relative_to(folder.data)
    settings = demo_settings(load_settings(), folder)
    assert settings.data_folder == folder.data
    assert settings.root_key == f"file:{folder.key}"


def test_figures_name_the_networks_that_read_where_they_are_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each once: a detector that both use is named once."""
    settings = told(tmp_path, models_folder=tmp_path / "models")
    of_faces = choose_networks(settings, shipped_manifest()).ids
    assert _networks_in_use(settings) == of_faces
    monkeypatch.setattr(sys.modules[_networks_in_use.__module__], "reading_networks_here", lambda _: True)
    found = _networks_in_use(settings)
    assert set(found) == {*of_faces, *READING_NETWORKS}
    assert len(found) == len(set(found))
