from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.vision.registry import AddressFetcher, FetchFailed, FetchRefused
from countenance.vision.registry.client import unwatched
from countenance.vision.registry.fetch import checked_address, recorded_address
from loopback_server import Answer, Tls, self_signed, serving

BODY = bytes(range(256)) * 4000
HANG = threading.Event()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def host(tls: Tls) -> Iterator[str]:
    with serving({"/plain": Answer(BODY)}) as plain:
        answers = {
            "/net.onnx": Answer(BODY),
            "/moved": Answer(status=302, headers={"Location": "/net.onnx"}),
            "/to-plain": Answer(status=302, headers={"Location": f"http://{plain}/plain"}),
            "/to-file": Answer(status=302, headers={"Location": "file:///etc/hostname"}),
            "/to-ftp": Answer(status=302, headers={"Location": "ftp://example.test/x"}),
            "/loop": Answer(status=302, headers={"Location": "/loop"}),
            "/error": Answer(status=503),
            "/short": Answer(BODY[:1000], length=5000),
            "/hang": Answer(BODY[:1000], length=5000, pause=HANG),
        }
        with serving(answers, context=tls.server) as address:
            yield address
    HANG.set()


@pytest.fixture
def fetcher(tls: Tls) -> AddressFetcher:
    return AddressFetcher(context=tls.client, answer_seconds=1.0)


@pytest.mark.parametrize("path", ["/net.onnx", "/moved", "/net.onnx?token=1#part"])
def test_an_https_address_gives_its_bytes(
    fetcher: AddressFetcher, host: str, tmp_path: Path, path: str
) -> None:
    seen: list[int] = []
    fetched = fetcher.fetch(f"https://{host}{path}", into=tmp_path, watch=seen.append)
    assert fetched.read_bytes() == BODY
    assert seen == sorted(seen)
    assert seen[-1] == len(BODY)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        pytest.param("/to-plain", FetchRefused, id="plain-http"),
        pytest.param("/to-ftp", FetchRefused, id="ftp"),
        pytest.param("/to-file", FetchFailed, id="file-which-the-standard-library-refuses-first"),
    ],
)
def test_a_redirect_leads_to_https_alone(
    fetcher: AddressFetcher, host: str, tmp_path: Path, path: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        fetcher.fetch(f"https://{host}{path}", into=tmp_path, watch=unwatched)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        pytest.param("/error", "503", id="server-error"),
        pytest.param("/none", "404", id="not-found"),
        pytest.param("/loop", "302", id="endless-redirect"),
        pytest.param("/hang", "Timeout", id="silence"),
    ],
)
def test_what_does_not_give_the_file_fails_and_says_how(
    fetcher: AddressFetcher, host: str, tmp_path: Path, path: str, words: str
) -> None:
    with pytest.raises(FetchFailed, match=words):
        fetcher.fetch(f"https://{host}{path}", into=tmp_path, watch=unwatched)


def test_a_cut_answer_never_passes_for_the_whole(fetcher: AddressFetcher, host: str, tmp_path: Path) -> None:
    try:
        fetched = fetcher.fetch(f"https://{host}/short", into=tmp_path, watch=unwatched)
    except FetchFailed:
        return
    assert fetched.stat().st_size == 1000  # the hash, compared by whoever asked, refuses it


def test_a_certificate_that_nobody_trusts_is_refused(host: str, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="SSLCertVerificationError"):
        AddressFetcher().fetch(f"https://{host}/net.onnx", into=tmp_path, watch=unwatched)


def test_a_certificate_for_another_host_is_refused(host: str, tls: Tls, tmp_path: Path) -> None:
    port = urlsplit(f"https://{host}").port
    with pytest.raises(FetchFailed, match="SSLCertVerificationError"):
        AddressFetcher(context=tls.client).fetch(
            f"https://localhost:{port}/net.onnx", into=tmp_path, watch=unwatched
        )


def test_more_than_the_limit_is_refused(tls: Tls, host: str, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="more than 1000 bytes"):
        AddressFetcher(context=tls.client, largest_bytes=1000).fetch(
            f"https://{host}/net.onnx", into=tmp_path, watch=unwatched
        )


def test_the_whole_has_a_time_limit(tls: Tls, host: str, tmp_path: Path) -> None:
    slow = AddressFetcher(context=tls.client, limit_seconds=0.05)
    with pytest.raises(FetchFailed, match="within"):
        slow.fetch(f"https://{host}/net.onnx", into=tmp_path, watch=lambda done: time.sleep(0.1 * bool(done)))


def test_nobody_at_the_address_fails(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed):
        AddressFetcher(answer_seconds=1.0).fetch("https://127.0.0.1:1/x", into=tmp_path, watch=unwatched)


def test_a_file_address_gives_the_file(tmp_path: Path) -> None:
    given_file = tmp_path / "with space.onnx"
    given_file.write_bytes(BODY)
    into = tmp_path / "into"
    into.mkdir()
    assert AddressFetcher().fetch(given_file.as_uri(), into=into, watch=unwatched).read_bytes() == BODY
    assert given_file.read_bytes() == BODY


@pytest.mark.parametrize("path", ["/no/such/file", "/"])
def test_a_file_that_cannot_be_read_fails(tmp_path: Path, path: str) -> None:
    with pytest.raises(FetchFailed):
        AddressFetcher().fetch(f"file://{path}", into=tmp_path, watch=unwatched)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("http://example.test/x", id="plain-http"),
        pytest.param("HTTP://example.test/x", id="plain-http-capitals"),
        pytest.param("ftp://example.test/x", id="ftp"),
        pytest.param("data:,x", id="data"),
        pytest.param("file://server/share/x", id="file-on-another-machine"),
        pytest.param("file:x", id="relative-file"),
        pytest.param("https:///x", id="no-host"),
        pytest.param("https://user:secret@example.test/x", id="password"),
        pytest.param("https://user@example.test/x", id="user"),
        pytest.param("https://example.test/a b", id="space"),
        pytest.param("https://example.test/a\r\nX: y", id="line-break"),
        pytest.param("https://[::1/x", id="broken-host"),
        pytest.param("https://example.test:99999/x", id="broken-port"),
        pytest.param("/plain/path", id="a-path"),
        pytest.param("", id="nothing"),
    ],
)
def test_other_addresses_are_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(FetchRefused) as refused:
        AddressFetcher().fetch(address, into=tmp_path, watch=unwatched)
    assert "secret" not in refused.value.diagnostics()


@given(st.text(max_size=60))
def test_what_is_accepted_is_https_or_a_local_file(text: str) -> None:
    try:
        checked_address(text)
    except FetchRefused:
        return
    assert text.lower().startswith(("https://", "file:"))


@pytest.mark.parametrize(
    ("address", "recorded"),
    [
        ("https://example.test/n.onnx?token=s3cret#x", "https://example.test/n.onnx"),
        ("https://example.test:8443/n.onnx", "https://example.test:8443/n.onnx"),
        ("https://example.test", "https://example.test/"),
        ("file:///srv/n.onnx", "file:///srv/n.onnx"),
        ("file://localhost/srv/n.onnx", "file:///srv/n.onnx"),
    ],
)
def test_a_token_is_never_written_down(address: str, recorded: str) -> None:
    assert recorded_address(address) == recorded
