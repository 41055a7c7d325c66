"""Forms in memory: limits that bite while reading, and nothing on the disk."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from countenance.api import FormReader, UploadedForm, UploadTooLarge
from countenance.api.uploads import FieldMissing, FieldTwice, FormMalformed, NotAForm
from event_loop import finish

BOUNDARY = "frontier"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    return f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


class Body:
    """A request's body in pieces; counts how many of them were asked for."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces
        self.asked = 0

    async def receive(self) -> dict[str, Any]:
        piece = self._pieces[self.asked] if self.asked < len(self._pieces) else b""
        self.asked += 1
        return {"type": "http.request", "body": piece, "more_body": self.asked < len(self._pieces)}


def read(reader: FormReader, body: Body | bytes, content_type: str = TYPE) -> UploadedForm:
    sent = body if isinstance(body, Body) else Body(body)
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", content_type.encode())]}
    return finish(reader.read(Request(scope, sent.receive)))


READER = FormReader(largest_file=1000, largest_field=100, most_files=2, most_fields=3)


@given(content=st.binary(min_size=1, max_size=1000), text=st.text(max_size=20))
def test_what_was_sent_is_what_is_read(content: bytes, text: str) -> None:
    body = part("document", content, "passport of somebody.png") + part("place", text.encode()) + END
    form = read(READER, body)
    assert form.files == {"document": content}
    assert form.fields == {"place": text}
    assert form.file("document") == content


def test_neither_bytes_nor_the_callers_file_name_stand_in_the_repr() -> None:
    form = read(READER, part("document", b"pixels", "passport of somebody.png") + END)
    assert "pixels" not in repr(form)
    assert "somebody" not in repr(form)


def test_five_megabytes_never_reach_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an upload reached the disk")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    content = bytes(5 * 1024 * 1024)
    form = read(FormReader(largest_file=len(content)), part("live", content, "a.png") + END)
    assert form.file("live") == content


@pytest.mark.parametrize(
    ("name", "body", "error"),
    [
        ("a file above the limit", part("live", bytes(1001), "a"), UploadTooLarge),
        ("a field above the limit", part("place", bytes(101)), FormMalformed),
        ("three files", b"".join(part(n, b"x", "a") for n in "abc"), FormMalformed),
        ("four fields", b"".join(part(n, b"x") for n in "abcd"), FormMalformed),
        ("a name twice", part("live", b"x", "a") + part("live", b"y", "b"), FieldTwice),
        ("a field named as a file", part("live", b"x", "a") + part("live", b"y"), FieldTwice),
        ("a part without a name", f"--{BOUNDARY}\r\nX: y\r\n\r\nz\r\n".encode(), FormMalformed),
        ("not multipart inside", b"nothing of the kind", FormMalformed),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_a_bad_form_is_refused(name: str, body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(READER, body + END)


@pytest.mark.parametrize(
    ("content_type", "error"),
    [
        ("application/json", NotAForm),
        ("application/x-www-form-urlencoded", NotAForm),
        ("", NotAForm),
        ("multipart/form-data", FormMalformed),
    ],
)
def test_another_content_type_is_refused(content_type: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(READER, END, content_type=content_type)


def test_reading_stops_at_the_limit() -> None:
    body = Body(part("live", b"", "a")[:-2], *[bytes(400)] * 1000)
    with pytest.raises(UploadTooLarge):
        read(READER, body)
    assert body.asked <= 5


def test_an_empty_upload_counts_as_missing() -> None:
    form = read(READER, part("live", b"", "") + END)
    for name in ("live", "document"):
        with pytest.raises(FieldMissing, match=name):
            form.file(name)


def test_a_library_s_sentence_is_not_passed_on() -> None:
    with pytest.raises(FormMalformed) as caught:
        read(READER, f"--{BOUNDARY}\r\nSecret-Name: somebody\r\n\r\nz\r\n".encode() + END)
    assert "somebody" not in caught.value.diagnostics()
    assert "disposition" not in caught.value.diagnostics().lower()


def test_the_largest_form_has_room_for_all_its_parts() -> None:
    assert READER.largest_form >= 2 * 1000 + 3 * 100
    body = part("document", bytes(1000), "a") + part("live", bytes(1000), "b") + part("x", bytes(100)) + END
    assert len(body) <= READER.largest_form
    assert read(READER, body).file("live") == bytes(1000)
