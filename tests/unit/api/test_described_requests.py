"""The requests that the fuzzing of the API sends: drawn from the document, about what exists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgi_client import AsgiClient
from countenance.api import API_PATHS
from countenance.server import build_app
from desk_installation import open_installation
from strategies.openapi import Known, operations, requests


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    with open_installation(tmp_path_factory.mktemp("described")) as installation:
        yield AsgiClient(build_app(installation.services)).get("/v1/openapi.json").json()


def test_every_path_but_the_document_itself_is_an_operation(document: Mapping[str, Any]) -> None:
    assert {operation.path for operation in operations(document)} == set(API_PATHS) - {"/v1/openapi.json"}


def test_what_takes_much_has_an_example(document: Mapping[str, Any]) -> None:
    """Else hardly any of its bodies would be taken, and nothing would come to exist."""
    exemplary = {operation.path for operation in operations(document) if operation.examples}
    assert exemplary >= {"/v1/verifications", "/v1/places", "/v1/records", "/v1/consents", "/v1/issuers",
                         "/v1/incidents", "/v1/requests"}  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_paths_are_filled_in_with_what_is_known(document: Mapping[str, Any], data: st.DataObject) -> None:
    known = Known({"record": ["rec_known"], "incident": ["inc_known"]})
    method, path, arguments = data.draw(requests(document, known, files=st.just(b"file")))
    assert "{" not in path
    assert method in {"GET", "POST"}
    assert set(arguments) <= {"params", "json", "data", "files"}
    if found := re.match(r"/v1/(records|incidents)/([a-z]+_known)", path):
        assert found[2] == {"records": "rec_known", "incidents": "inc_known"}[found[1]]


def test_what_answers_bring_back_is_learnt_by_name() -> None:
    known = Known({"record": [], "key_id": [], "key": ["consent"]})
    known.learn({"records": [{"record_id": "rec_a", "key_id": "k1"}, {"record": "rec_b"}], "words": "no"})
    known.learn({"record": "rec_a", "key": "", "other": {"record": 7}})
    assert known.values == {"record": ["rec_a", "rec_b"], "key_id": ["k1"], "key": ["consent"]}
    assert known.of("record_id") is not None
    assert known.of("nothing") is None


def test_of_many_the_latest_are_kept() -> None:
    known = Known({"record": []})
    for number in range(200):
        known.learn({"record": f"rec_{number}"})
    assert len(known.values["record"]) == 40
    assert "rec_199" in known.values["record"]
    assert "rec_0" not in known.values["record"]
