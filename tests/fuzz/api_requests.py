"""Random requests to the whole ASGI application with hypothesis; run by ``scripts/fuzz.sh``.

    python tests/fuzz/api_requests.py SECONDS

A finding is a status of 500 or above, or an answer with a trace back.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from asgi_client import AsgiClient
from countenance.api import API_PATHS
from countenance.server import build_app
from desk_installation import open_installation
from pictures import encode

PATHS = st.sampled_from([*API_PATHS, "/", "/sign-in", "/static/desk.js"]) | st.text(
    st.characters(codec="utf-8"), max_size=30
).map(lambda text: "/" + quote(text, safe=""))
METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)
QUESTION = st.fixed_dictionaries(
    {
        "operation": st.sampled_from(["verify", "identify", "emotion"]) | JSON,
        "place": st.sampled_from(["hotel_lobby", "private_space"]) | JSON,
        "jurisdictions": st.lists(st.sampled_from(["CN", "EU", "US/IL", "XX"]), max_size=3) | JSON,
    },
    optional={
        "facts": st.dictionaries(st.text(max_size=20), st.booleans(), max_size=3) | JSON,
        "at": JSON | st.dates().map(str),
    },
)
PICTURE = encode(Image.new("RGB", (80, 80), (90, 80, 70)), "PNG")
FIELDS = {
    "place": st.sampled_from(["plc_frontdesk"]) | st.text(max_size=40),
    "device": st.sampled_from(["dev_deskcamera"]) | st.text(max_size=40),
    "consents": st.sampled_from(["yes", "no"]) | st.text(max_size=10),
    "age_band": st.sampled_from(["adult", "14-17", "under14"]) | st.text(max_size=10),
    "language": st.sampled_from(["en", "zh"]) | st.text(max_size=40),
}
FILE = st.sampled_from([PICTURE, PICTURE[:40], b""]) | st.binary(max_size=300)
BODY: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.builds(lambda value: {"json": value}, QUESTION | JSON),
    st.builds(lambda value: {"json": {"receipt": value}}, st.text(max_size=300) | JSON),
    st.builds(
        lambda data, files: {
            "data": data,
            "files": {name: ("a", io.BytesIO(f)) for name, f in files.items()},
        },
        st.fixed_dictionaries({}, optional=FIELDS),
        st.dictionaries(st.sampled_from(["document", "live", "other"]), FILE, min_size=1, max_size=3),
    ),
    st.builds(
        lambda content, kind: {"content": content, "headers": {"Content-Type": kind}},
        st.binary(max_size=400),
        st.sampled_from(["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "a"]),
    ),
)


def fuzz(seconds: float) -> int:
    """Send requests until the time is over; return how many. Raises at the first finding."""
    sent, deadline = 0, time.monotonic() + seconds
    with (
        tempfile.TemporaryDirectory() as folder,
        open_installation(Path(folder) / "installation") as installation,
    ):
        app = build_app(installation.services)
        client = AsgiClient(app, headers={"X-Api-Key": installation.key})

        @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(method=METHODS, path=PATHS, body=BODY)
        def send(method: str, path: str, body: dict[str, Any]) -> None:
            nonlocal sent
            if time.monotonic() > deadline:
                return
            response = client.request(method, path, **body)
            sent += 1
            if response.status_code >= 500 or "Traceback" in response.text:
                raise AssertionError((response.status_code, method, path))

        while time.monotonic() < deadline:
            send()
    return sent


if __name__ == "__main__":
    print(f"{fuzz(float(sys.argv[1]))} requests, no finding")  # noqa: T201
