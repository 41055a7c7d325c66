"""A post is taken from this site's own pages alone."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from countenance.web.origin import PostFromElsewhere, require_own_origin

HOST = {"host": "desk.example:8420"}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "https://desk.example:8420"},
        {"origin": "https://desk.example:8420"},
        {"origin": "http://desk.example:8420"},
    ],
    ids=str,
)
def test_taken(headers: dict[str, str]) -> None:
    require_own_origin(Headers(HOST | headers))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": "cross-site", "origin": "https://desk.example:8420"},
        {"origin": "null"},
        {"origin": "https://desk.example"},
        {"origin": "https://evil.example"},
        {"origin": "https://desk.example:8420.evil.example"},
        {"referer": "https://desk.example:8420/"},
    ],
    ids=str,
)
def test_refused(headers: dict[str, str]) -> None:
    with pytest.raises(PostFromElsewhere):
        require_own_origin(Headers(HOST | headers))
