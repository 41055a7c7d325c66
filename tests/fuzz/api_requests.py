"""Random requests to the whole ASGI application with hypothesis; run by ``scripts/fuzz.sh``.

    python tests/fuzz/api_requests.py SECONDS

Seven in eight are requests that the OpenAPI document describes, with the ids of what exists and a key of
every role; one in eight is anything at all. A finding is a status of 500 or above, or an answer with a trace
back. That documents can't be read without their networks (503) is none.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from asgi_client import AsgiClient
from countenance.api import API_PATHS
from countenance.authority import Role
from countenance.server import build_app
from desk_installation import Installation, open_installation
from pictures import encode
from strategies.openapi import JSON, Known, requests

PATHS = st.sampled_from([*API_PATHS, "/", "/sign-in", "/static/desk.js"]) | st.text(
    st.characters(codec="utf-8"), max_size=30
).map(lambda text: "/" + quote(text, safe=""))
METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
PICTURE = encode(Image.new("RGB", (80, 80), (90, 80, 70)), "PNG")
FILE = st.sampled_from([PICTURE, PICTURE[:40], b""]) | st.binary(max_size=300)
ANY_BODY: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.builds(lambda value: {"json": value}, JSON),
    st.builds(
        lambda data, files: {
            "data": data,
            "files": {name: ("a", io.BytesIO(f)) for name, f in files.items()},
        },
        st.dictionaries(st.sampled_from(["place", "device", "consents"]), st.text(max_size=40), max_size=3),
        st.dictionaries(st.sampled_from(["document", "live", "other"]), FILE, min_size=1, max_size=3),
    ),
    st.builds(
        lambda content, kind: {"content": content, "headers": {"Content-Type": kind}},
        st.binary(max_size=400),
        st.sampled_from(["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "a"]),
    ),
)
ANYTHING = st.tuples(METHODS, PATHS, ANY_BODY)
NOT_BROUGHT = "document-reading-unavailable"
TURNED_AWAY = frozenset(
    {"unknown-route", "not-a-form", "form-malformed", "field-missing", "field-twice", "request-malformed"}
)
"""Codes of requests whose form is refused before a desk is asked."""


@dataclass
class Tally:
    """What came back."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    reached: int = 0

    def note(self, response: httpx.Response) -> None:
        self.sent += 1
        self.statuses[response.status_code] += 1
        if code_of(response) not in TURNED_AWAY and response.status_code not in (401, 405):
            self.reached += 1

    def words(self) -> str:
        share = 100 / max(self.sent, 1)
        counted = ", ".join(
            f"{status}: {count * share:.1f} %" for status, count in self.statuses.most_common()
        )
        return (
            f"{self.sent} requests, no finding; {self.reached * share:.1f} % reached a desk; "
            f"by status {counted}"
        )


def code_of(response: httpx.Response) -> str:
    """Return the code of a problem; empty if it is none."""
    if "json" not in response.headers.get("content-type", ""):
        return ""
    answer = response.json() if response.content else {}
    return str(answer.get("code", "")) if isinstance(answer, dict) else ""


def known_at(installation: Installation) -> Known:
    """Return what exists from the start, and under which names more may come."""
    names = ("record", "incident", "request", "hold", "sign", "notice", "key_id", "draft", "receipt", "token")
    more = ("certificate", "statement", "withdrawal_token", "version", "duty", "payload", "decision")
    return Known(
        {
            **{name: [] for name in (*names, *more)},
            "place": ["plc_frontdesk"],
            "device": ["dev_deskcamera"],
            "purpose": ["pur_checkin"],
            "subject": ["sub_aaaaaaaaaaaaaaaaaaaaaaaaaa"],
            "scene": ["hotel-checkin"],
            "key": sorted(installation.services.vocabulary.evidence),
            "jurisdiction": ["CN", "EU", "US/IL", "XX"],
            "language": ["en", "zh"],
        }
    )


def fuzz(seconds: float) -> Tally:
    """Send requests until the time is over. Raises at the first finding."""
    tally, deadline = Tally(), time.monotonic() + seconds
    with (
        tempfile.TemporaryDirectory() as folder,
        open_installation(Path(folder) / "installation") as installation,
    ):
        everything = tuple(role.value for role in Role if role is not Role.SUBJECT)
        key = installation.services.api_keys.issue(name="All roles", roles=everything)
        client = AsgiClient(build_app(installation.services), headers={"X-Api-Key": key})
        known = known_at(installation)
        described = requests(client.get("/v1/openapi.json").json(), known, files=FILE)

        @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(told=st.integers(0, 7).flatmap(lambda chance: described if chance else ANYTHING))
        def send(told: tuple[str, str, dict[str, Any]]) -> None:
            if time.monotonic() > deadline:
                return
            method, path, arguments = told
            response = client.request(method, path, **arguments)
            if "Traceback" in response.text:
                raise AssertionError((response.status_code, method, path))
            if response.status_code >= 500 and code_of(response) != NOT_BROUGHT:
                raise AssertionError((response.status_code, method, path))
            tally.note(response)
            if response.status_code < 300 and "json" in response.headers.get("content-type", ""):
                known.learn(response.json())

        while time.monotonic() < deadline:
            send()
    return tally


if __name__ == "__main__":
    print(fuzz(float(sys.argv[1])).words())  # noqa: T201
