"""One table from errors to HTTP."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator

import pytest

import countenance
from countenance.api import STATUS_BY_CODE, STATUS_BY_FAMILY, problem_document, problem_response, status_of
from countenance.authority import RefusedByRule
from countenance.kernel import (
    CallerError,
    CountenanceError,
    EvidenceError,
    Family,
    OperatorError,
    SubjectError,
)
from countenance.server.admission import ServerBusy
from countenance.store import ApiKeyRefused
from desk_installation import verdict


def every_error(kind: type[CountenanceError] = CountenanceError) -> Iterator[type[CountenanceError]]:
    if kind is CountenanceError:
        for module in pkgutil.walk_packages(countenance.__path__, "countenance."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    for child in kind.__subclasses__():
        if child.__module__.startswith("countenance."):
            yield child
            yield from every_error(child)


def test_every_family_has_a_status() -> None:
    assert set(STATUS_BY_FAMILY) == set(Family)


def test_every_code_in_the_table_is_an_error_s() -> None:
    assert set(STATUS_BY_CODE) - {kind.code for kind in every_error()} == set()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CallerError("x"), 422),
        (SubjectError("x"), 422),
        (EvidenceError("x"), 403),
        (OperatorError("x"), 503),
        (ApiKeyRefused("x"), 401),
        (RefusedByRule(verdict()), 403),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_the_status_of(error: CountenanceError, status: int) -> None:
    assert status_of(error) == status


def test_a_problem_says_what_happened_and_what_to_do() -> None:
    document = problem_document(CallerError("The picture is upside down.", remedy="Turn it."))
    assert document == {
        "type": "urn:countenance:error:caller",
        "title": "The request can't be used",
        "status": 422,
        "detail": "The picture is upside down.",
        "code": "caller",
        "family": "caller",
        "remedy": "Turn it.",
    }


def test_a_refusal_carries_the_whole_verdict() -> None:
    refusal = RefusedByRule(verdict(place_kind="private_space", allowed=False))
    document = json.loads(bytes(problem_response(refusal).body))
    assert document["verdict"] == json.loads(json.dumps(refusal.verdict.to_json()))
    assert document["verdict"]["allowed"] is False
    assert all(rule["citation"] and rule["text"] for rule in document["verdict"]["rules"])


def test_who_isn_t_known_is_asked_for_a_key() -> None:
    response = problem_response(ApiKeyRefused("x"))
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.media_type == "application/problem+json"
    assert "www-authenticate" not in problem_response(CallerError("x")).headers


def test_waiting_is_stated_where_it_helps_and_nowhere_else() -> None:
    assert problem_response(ServerBusy("Full.", retry_after=7)).headers["retry-after"] == "7"
    assert "retry-after" not in problem_response(ServerBusy("Full.")).headers
