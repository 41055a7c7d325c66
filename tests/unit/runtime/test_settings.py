from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from countenance.runtime import Settings, SettingsInvalid, load_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without settings of its own."""
    for name in [name for name in os.environ if name.startswith(("COUNTENANCE_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def file_of(folder: Path, **settings: object) -> Path:
    path = folder / "settings.toml"
    path.write_text(tomli_w.dumps(settings), encoding="utf-8")
    return path


class TestPrecedence:
    """Defaults < file < environment < command line."""

    def test_defaults(self) -> None:
        assert load_settings().port == 8420

    def test_the_file_stands_over_defaults(self, home: Path) -> None:
        assert load_settings(file=file_of(home, port=1111)).port == 1111

    def test_the_environment_stands_over_the_file(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COUNTENANCE_PORT", "2222")
        assert load_settings(file=file_of(home, port=1111)).port == 2222

    def test_the_command_line_stands_over_all(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COUNTENANCE_PORT", "2222")
        assert load_settings(file=file_of(home, port=1111), overrides={"port": "3333"}).port == 3333

    def test_each_setting_by_itself(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COUNTENANCE_THREADS", "2")
        settings = load_settings(file=file_of(home, port=1111, threads=8), overrides={"session_minutes": 5})
        assert (settings.port, settings.threads, settings.session_minutes) == (1111, 2, 5)

    def test_an_override_of_none_overrides_nothing(self, home: Path) -> None:
        assert load_settings(file=file_of(home, port=1111), overrides={"port": None}).port == 1111

    def test_the_environment_can_name_the_file(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COUNTENANCE_SETTINGS_FILE", str(file_of(home, port=1111)))
        settings = load_settings()
        assert settings.port == 1111
        assert settings.settings_file == home / "settings.toml"

    def test_a_named_file_stands_over_the_environments(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COUNTENANCE_SETTINGS_FILE", str(home / "not-there.toml"))
        assert load_settings(file=file_of(home, port=1111)).port == 1111

    def test_no_hidden_file_is_read(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(home)
        (home / ".env").write_text("COUNTENANCE_PORT=1\n", encoding="utf-8")
        assert load_settings().port == 8420

    @given(
        layers=st.lists(
            st.dictionaries(
                st.sampled_from(["port", "threads", "session_minutes", "quality_gate"]),
                st.integers(1, 60),
            ),
            min_size=3,
            max_size=3,
        )
    )
    def test_the_last_layer_that_speaks_decides(
        self, layers: list[dict[str, int]], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        in_file, in_environment, on_line = layers
        file = file_of(tmp_path_factory.mktemp("settings"), **in_file)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in in_environment.items():
                patch.setenv(f"COUNTENANCE_{name.upper()}", str(value))
            settings = load_settings(file=file, overrides=on_line)
        for name, value in {**in_file, **in_environment, **on_line}.items():
            assert getattr(settings, name) == value


class TestUnknown:
    """A setting that nobody knows is an error, wherever it stands."""

    def test_in_the_file(self, home: Path) -> None:
        with pytest.raises(SettingsInvalid, match="largest_uplaod"):
            load_settings(file=file_of(home, largest_uplaod=1))

    def test_in_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COUNTENANCE_LARGEST_UPLAOD", "1")
        with pytest.raises(SettingsInvalid, match="COUNTENANCE_LARGEST_UPLAOD"):
            load_settings()

    def test_on_the_command_line(self) -> None:
        with pytest.raises(SettingsInvalid, match="largest_uplaod"):
            load_settings(overrides={"largest_uplaod": 1})

    def test_a_file_names_no_other_file(self, home: Path) -> None:
        with pytest.raises(SettingsInvalid, match="another settings file"):
            load_settings(file=file_of(home, settings_file="/etc/other.toml"))

    def test_the_variable_that_holds_the_root_key_is_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COUNTENANCE_MY_KEY", "AAAA")
        with pytest.raises(SettingsInvalid):
            load_settings()
        assert load_settings(overrides={"root_key": "env:COUNTENANCE_MY_KEY"}).root_key.startswith("env:")

    def test_other_programs_variables_are_theirs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COUNTENANCES_PORT", "1")
        monkeypatch.setenv("PORT", "1")
        assert load_settings().port == 8420


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", -1),
        ("port", 65536),
        ("threads", 0),
        ("threads", 65),
        ("session_minutes", 0),
        ("session_minutes", 721),
        ("largest_upload_bytes", 1023),
        ("largest_upload_bytes", 100 * 1024 * 1024 + 1),
        ("capture_largest_bytes", 0),
        ("capture_largest_pixels", 200_000_001),
        ("capture_smallest_side", 31),
        ("quality_gate", 101),
        ("quality_gate_component", -1),
        ("error_target", 0),
        ("error_target", 1),
        ("permit_lifetime_seconds", 0),
        ("permit_lifetime_seconds", 3601),
        ("log_level", "chatty"),
        ("auth", "perhaps"),
        ("host", ""),
        ("root_key", "/etc/root.key"),
        ("root_key", "vault:secret"),
        ("root_key", "env:not a name"),
    ],
)
def test_a_value_outside_its_limits_is_named_and_not_repeated(name: str, value: object) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(overrides={name: value})
    assert name in caught.value.message
    if isinstance(value, str) and len(value) > 6:
        assert value not in caught.value.message


@pytest.mark.parametrize("content", ["port = ", "\xff\xfe", "[port"])
def test_a_file_that_is_not_toml_is_refused(home: Path, content: str) -> None:
    (home / "bad.toml").write_bytes(content.encode("latin-1"))
    with pytest.raises(SettingsInvalid):
        load_settings(file=home / "bad.toml")


def test_a_file_that_is_not_there_is_refused(home: Path) -> None:
    with pytest.raises(SettingsInvalid, match="can't be read"):
        load_settings(file=home / "gone.toml")


def test_settings_are_frozen() -> None:
    with pytest.raises(Exception, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


def test_the_defaults_are_safe(home: Path) -> None:
    settings = load_settings()
    assert settings.host == "127.0.0.1"
    assert settings.auth is True
    assert settings.behind_tls_proxy is False
    assert settings.error_target is None
    key = Path(settings.root_key.removeprefix("file:"))
    assert key.is_relative_to(home)
    assert not key.is_relative_to(settings.data_folder)


def test_the_folders_follow_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    settings = load_settings()
    assert settings.data_folder == tmp_path / "data" / "countenance"
    assert settings.root_key == f"file:{tmp_path / 'config' / 'countenance' / 'root.key'}"


def test_a_relative_xdg_folder_is_ignored_as_the_specification_says(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert load_settings().data_folder == home / ".local" / "share" / "countenance"


def test_paths_become_absolute(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.chdir(home)
    assert load_settings(overrides={"data_folder": "here"}).data_folder == home / "here"
    assert load_settings(overrides={"data_folder": "~/there"}).data_folder == home / "there"


def test_a_list_in_the_environment_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTENANCE_ALLOWED_HOSTS", json.dumps(["desk.example"]))
    assert load_settings().allowed_hosts == ("desk.example",)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_has_title_and_description(name: str) -> None:
    field = Settings.model_fields[name]
    assert field.title
    assert field.description
    assert field.description.endswith(".")


@pytest.mark.parametrize(
    "name",
    [
        n
        for n, f in Settings.model_fields.items()
        if any(hasattr(m, "le") or hasattr(m, "lt") for m in f.metadata)
    ],
)
def test_a_limited_setting_says_its_limits(name: str) -> None:
    """Whoever reads the description knows the largest value."""
    field = Settings.model_fields[name]
    limits = [getattr(m, "le", getattr(m, "lt", None)) for m in field.metadata]
    largest = next(limit for limit in limits if limit is not None)
    assert str(largest) in (field.description or "")
