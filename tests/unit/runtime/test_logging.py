from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import numpy as np
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from countenance.runtime import configure_logging, load_settings
from countenance.runtime.logging import STRUCK_OUT, strike_out

SECRET = "QUILLFEATHER"
JWS = "eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiSldUIn0.eyJpZCI6ImRlY19hYWFhYWFhYWFhIn0.hwAtfaofogZT_csXHePg5kqVnXR8"
API_KEY = "cnt_" + "a" * 8 + "_" + "b" * 52


@pytest.fixture
def logs() -> Iterator[None]:
    """Put back what the test changed for the whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging(load_settings(overrides={"log_level": "info"}))
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(captured: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in captured.splitlines()]


@pytest.mark.parametrize(
    "member",
    [
        "name",
        "guest",
        "guest_name",
        "holder",
        "filename",
        "file",
        "folder",
        "image",
        "picture_bytes",
        "face",
        "aligned_crop",
        "embedding",
        "vector",
        "template",
        "score",
        "best_score",
        "threshold",
        "similarity",
        "token",
        "permit_token",
        "receipt",
        "password",
        "secret",
        "root_key",
        "api_key",
        "authorization",
        "cookie",
        "address",
    ],
)
def test_a_member_of_that_name_is_struck_out(member: str) -> None:
    assert strike_out(None, "", {"event": "e", member: SECRET}) == {"event": "e", member: STRUCK_OUT}
    assert SECRET not in str(strike_out(None, "", {"outer": {member: SECRET}}))
    assert SECRET not in str(strike_out(None, "", {"outer": [{member: SECRET}]}))


@pytest.mark.parametrize("text", [JWS, API_KEY, "A" * 400])
def test_a_text_of_that_form_is_struck_out_wherever_it_stands(text: str) -> None:
    struck = strike_out(None, "", {"event": f"before {text} after", "detail": [text]})
    assert text not in str(struck)
    assert str(struck["event"]).startswith("before ")


@pytest.mark.parametrize(
    "value", [b"\x89PNG", bytearray(8), np.zeros((2, 2, 3), np.uint8), np.float32(0.7), object(), {1, 2}]
)
def test_a_value_of_that_type_is_struck_out(value: object) -> None:
    assert strike_out(None, "", {"event": "e", "detail": value})["detail"] == STRUCK_OUT


def test_events_ids_and_figures_pass() -> None:
    event = {
        "event": "request",
        "method": "POST",
        "path": "/v1/verifications",
        "status": 200,
        "ms": 12.5,
        "permit": "prm_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "demo": True,
        "nothing": None,
    }
    assert strike_out(None, "", dict(event)) == event


@given(st.binary(min_size=1, max_size=64), st.text(min_size=1, max_size=12))
def test_bytes_never_pass(content: bytes, member: str) -> None:
    assert strike_out(None, "", {member: content})[member] == STRUCK_OUT


@pytest.mark.usefixtures("logs")
def test_a_line_is_json_with_time_and_level(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logging(load_settings())
    structlog.get_logger("countenance.access").info("request", status=200, guest=SECRET)
    (line,) = lines(capfd.readouterr().err)
    assert line["event"] == "request"
    assert line["level"] == "info"
    assert line["status"] == 200
    assert str(line["timestamp"]).endswith("Z")
    assert line["guest"] == STRUCK_OUT


@pytest.mark.usefixtures("logs")
def test_libraries_pass_through_the_same_gate(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logging(load_settings())
    logging.getLogger("uvicorn.error").info("key %s", API_KEY)
    (line,) = lines(capfd.readouterr().err)
    assert API_KEY not in json.dumps(line)
    assert line["logger"] == "uvicorn.error"


@pytest.mark.usefixtures("logs")
def test_an_exception_is_told_without_its_message(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logging(load_settings())
    try:
        int(SECRET)  # the library's message quotes what it was given
    except ValueError:
        structlog.get_logger("countenance").exception("failed")
        logging.getLogger("uvicorn.error").exception("failed too")
    told = capfd.readouterr().err
    assert SECRET not in told
    first, second = lines(told)
    assert first["raised"] == second["raised"] == "ValueError"
    assert first["where"]


@pytest.mark.usefixtures("logs")
def test_the_level_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logging(load_settings(overrides={"log_level": "error"}))
    structlog.get_logger("countenance").warning("small")
    logging.getLogger("uvicorn").warning("small")
    structlog.get_logger("countenance").error("large")
    assert [line["event"] for line in lines(capfd.readouterr().err)] == ["large"]


@pytest.mark.usefixtures("logs")
def test_talkative_libraries_are_asked_to_be_brief(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logging(load_settings(overrides={"log_level": "debug"}))
    logging.getLogger("PIL.PngImagePlugin").debug("STREAM %s", SECRET)
    logging.getLogger("alembic.runtime.migration").info("Context impl")
    assert capfd.readouterr().err == ""
