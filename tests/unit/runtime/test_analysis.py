from __future__ import annotations

from pathlib import Path

import pytest

import weights
from analysis_desk import DEPICTED, analysis_desk, portrait_video
from countenance.capture import PictureTooSmall
from countenance.kernel import DeviceId, OperatorError, PlaceId, SystemClock
from countenance.runtime import AnalysisInstallation, load_settings, prepare_analysis, prepare_demo_analysis
from countenance.runtime.errors import DemoFolderForeign, InstallationNotReady
from countenance.runtime.streams import source_at
from countenance.scenes import AnalysisOrder, StreamOrder
from countenance.store import Store, create_root_key, key_provider
from countenance.vision.attributes import Attribute

POSE = frozenset({Attribute.POSE})


def test_without_an_installation_nothing_is_prepared(tmp_path: Path) -> None:
    settings = load_settings(
        overrides={"data_folder": tmp_path / "none", "root_key": f"file:{tmp_path / 'key' / 'root.key'}"}
    )
    with pytest.raises(OperatorError):
        prepare_analysis(settings)
    assert not (tmp_path / "none").exists()


@pytest.mark.models
class TestPrepared:
    def test_the_demonstration_has_a_desk_of_its_own(self, tmp_path: Path) -> None:
        with analysis_desk(tmp_path / "demo") as desk:
            assert desk.where == (PlaceId("plc_picturedesk"), DeviceId("dev_pictureupload"))
            assert desk.ready.store.deployment.demo
            assert DEPICTED.consents

    def test_opening_it_again_files_nothing_more(self, tmp_path: Path) -> None:
        with analysis_desk(tmp_path / "demo") as desk:
            before = {record.evidence_id for record in desk.ready.store.evidence.at(desk.clock.now())}
        with analysis_desk(tmp_path / "demo") as desk:
            assert {r.evidence_id for r in desk.ready.store.evidence.at(desk.clock.now())} == before

    def test_both_share_the_limits_of_the_settings(self, tmp_path: Path) -> None:
        with analysis_desk(tmp_path / "demo", capture_smallest_side=2000) as desk:
            order = AnalysisOrder(weights.sample_bytes("obama"), *desk.where, DEPICTED, POSE)
            with pytest.raises(PictureTooSmall):
                desk.ready.analysis.run(order)
            (tmp_path / "pictures").mkdir()
            (tmp_path / "pictures" / "one.jpg").write_bytes(weights.sample_bytes("obama"))
            source = source_at(tmp_path / "pictures", settings=desk.ready.settings)
            assert source is not None
            result = desk.ready.streams.run(
                StreamOrder(source, *desk.where, DEPICTED, POSE, 10), tell=lambda _: pytest.fail("looked")
            )
            assert [each.code for each in result.unreadable] == ["picture-too-small"]

    @pytest.mark.parametrize("decoder", ["opencv", "pyav"])
    def test_the_settings_decoder_opens_videos(self, tmp_path: Path, decoder: str) -> None:
        clip = portrait_video(tmp_path / "clip.avi", ["obama", None, "obama"])
        with analysis_desk(tmp_path / "demo", video_decoder=decoder) as desk:
            source = source_at(clip, settings=desk.ready.settings)
            assert source is not None
            told: list[bool] = []
            desk.ready.streams.run(
                StreamOrder(source, *desk.where, DEPICTED, POSE, 10),
                tell=lambda outcome: told.append(outcome.analysis is not None),
            )
            assert told == [True, False, True]

    def test_a_real_installation_isnt_made_a_demonstration(self, tmp_path: Path) -> None:
        uri = f"file:{tmp_path / 'key' / 'root.key'}"
        create_root_key(uri)
        Store.create(tmp_path / "data", key_provider=key_provider(uri), clock=SystemClock()).close()
        with pytest.raises(DemoFolderForeign):
            prepare_demo_analysis(load_settings(), folder=tmp_path)

    def test_missing_weights_are_named(self, tmp_path: Path) -> None:
        settings = load_settings(overrides={"models_folder": tmp_path / "no models"})
        with pytest.raises(InstallationNotReady, match="blazeface"):
            prepare_demo_analysis(settings, folder=tmp_path / "demo")

    def test_leaving_it_closes_the_store(self, tmp_path: Path) -> None:
        with analysis_desk(tmp_path / "demo") as desk:
            installation: AnalysisInstallation = desk.ready
        with analysis_desk(tmp_path / "demo") as again:
            assert again.ready.store is not installation.store
