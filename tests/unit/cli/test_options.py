from __future__ import annotations

import os
from pathlib import Path

import pytest
import typer

from countenance.cli import options
from countenance.cli.options import InputNotReadable, read_picture, settings_of
from countenance.runtime import SettingsInvalid


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Leave the test process's own logging alone; remember that it would have been set up."""
    levels: list[str] = []
    monkeypatch.setattr(options, "configure_logging", lambda settings: levels.append(settings.log_level))
    return levels


def test_set_stands_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("port = 1111\nthreads = 3\n", encoding="utf-8")
    settings = settings_of(file, ["port=2222"])
    assert (settings.port, settings.threads) == (2222, 3)


def test_an_option_of_its_own_stands_over_set() -> None:
    assert settings_of(None, ["port=2222"], {"port": 3333}).port == 3333
    assert settings_of(None, ["port=2222"], {"port": None}).port == 2222


def test_a_list_is_json() -> None:
    assert settings_of(None, ['allowed_hosts=["desk.example"]']).allowed_hosts == ("desk.example",)


def test_a_value_may_hold_an_equals_sign() -> None:
    assert settings_of(None, ["root_key=file:/a=b"]).root_key == "file:/a=b"


@pytest.mark.parametrize("stated", ["port", "=1", "the port=1", "allowed_hosts=[desk"])
def test_what_is_not_name_and_value_is_bad_usage(stated: str) -> None:
    with pytest.raises(typer.BadParameter):
        settings_of(None, [stated])


def test_an_unknown_name_is_an_invalid_setting() -> None:
    with pytest.raises(SettingsInvalid, match="prot"):
        settings_of(None, ["prot=1"])


def test_the_logs_are_set_up(quiet: list[str]) -> None:
    settings_of(None, ["log_level=error"])
    assert quiet == ["error"]


class TestPicture:
    """Reading a file that was named on the command line."""

    def test_its_bytes(self, tmp_path: Path) -> None:
        (tmp_path / "p.jpg").write_bytes(b"12345")
        assert read_picture(tmp_path / "p.jpg", role="document", largest_bytes=5) == b"12345"

    def test_a_device_is_not_read(self) -> None:
        """It never ends."""
        with pytest.raises(InputNotReadable, match="document isn't a plain file"):
            read_picture(Path("/dev/zero"), role="document", largest_bytes=1000)

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "p.jpg")
        with pytest.raises(InputNotReadable, match="isn't a plain file"):
            read_picture(tmp_path / "p.jpg", role="document", largest_bytes=1000)

    def test_neither_is_one_that_somebody_writes_to(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "p.jpg")
        held = os.open(tmp_path / "p.jpg", os.O_RDWR)  # so that writing doesn't wait either
        os.write(held, b"12345")
        with pytest.raises(InputNotReadable, match="isn't a plain file"):
            read_picture(tmp_path / "p.jpg", role="document", largest_bytes=1000)
        os.close(held)

    def test_a_link_to_a_plain_file_is_one(self, tmp_path: Path) -> None:
        (tmp_path / "p.jpg").write_bytes(b"12345")
        (tmp_path / "link").symlink_to("p.jpg")
        assert read_picture(tmp_path / "link", role="document", largest_bytes=5) == b"12345"

    def test_a_larger_one_is_not_read(self, tmp_path: Path) -> None:
        (tmp_path / "p.jpg").write_bytes(b"123456")
        with pytest.raises(InputNotReadable, match="larger than 5 bytes"):
            read_picture(tmp_path / "p.jpg", role="document", largest_bytes=5)

    @pytest.mark.parametrize("what", ["gone", "folder"])
    def test_the_message_names_the_role_and_no_file(self, tmp_path: Path, what: str) -> None:
        (tmp_path / "folder").mkdir()
        with pytest.raises(InputNotReadable) as caught:
            read_picture(tmp_path / what, role="guest", largest_bytes=10**9)
        assert "guest" in caught.value.message
        assert str(tmp_path) not in caught.value.diagnostics()
        assert what not in caught.value.message.replace("can't be read", "")
