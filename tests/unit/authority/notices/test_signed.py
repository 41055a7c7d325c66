"""A signed document says what was signed, or is refused with the member named."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.authority.notices import NOTICE_KIND, PROOF, DocumentAltered, check_notice
from countenance.authority.notices.signed import check_document, sign_document
from countenance.store import PublicVerifier
from drafted_notices import OTHER_SIGNER, SIGNER, signed

KIND = "countenance-specimen+jws"
CONTENT: dict[str, Any] = {"a": 1, "b": {"c": [True, None, "words"], "d": 0.5}, "e": "ü"}
PUBLIC = PublicVerifier(SIGNER.public_jwk())


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from paths_of(inner, (*path, name))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from paths_of(inner, (*path, index))
    else:
        yield path


def put(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    altered = copy.deepcopy(document)
    inner = altered
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return altered


NOTICE = dict(signed().document)
LEAVES = [path for path in paths_of(NOTICE) if path[0] != PROOF]
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=20), st.lists(st.integers(), max_size=2)
)


def test_a_document_is_read_as_it_was_signed_with_the_public_key_alone() -> None:
    document = sign_document(SIGNER, CONTENT, kind=KIND)
    assert document[PROOF]["type"] == KIND  # type: ignore[index,call-overload]
    assert check_document(PUBLIC, document, kind=KIND) == CONTENT


@given(path=st.sampled_from(LEAVES), value=VALUES)
def test_any_member_that_is_changed_is_named(path: tuple[str | int, ...], value: Any) -> None:
    before: Any = NOTICE
    for step in path:
        before = before[step]
    altered = put(NOTICE, path, value)
    if value == before and type(value) is type(before):
        assert check_notice(PUBLIC, altered).version_id == signed().version_id
        return
    with pytest.raises(DocumentAltered) as refused:
        check_notice(PUBLIC, altered)
    assert f"`{'/'.join(map(str, path))}" in refused.value.message
    assert not isinstance(value, str) or len(value) < 3 or value not in refused.value.message


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: "/".join(map(str, path)))
def test_any_member_that_is_left_out_is_named(path: tuple[str | int, ...]) -> None:
    altered = copy.deepcopy(NOTICE)
    inner: Any = altered
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    with pytest.raises(DocumentAltered, match=str(path[0]).replace("@", "@")):
        check_notice(PUBLIC, altered)


@given(name=st.text(min_size=1, max_size=12).filter(lambda name: name not in NOTICE))
def test_a_member_that_is_added_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(DocumentAltered, match=r"\(one that was added\)"):
        check_notice(PUBLIC, {**NOTICE, name: "x"})


@given(data=st.data())
def test_a_signature_that_is_changed_is_refused(data: st.DataObject) -> None:
    token = str(NOTICE[PROOF]["jws"])
    index = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_."))
    if letter == token[index]:
        return
    altered = put(NOTICE, (PROOF, "jws"), token[:index] + letter + token[index + 1 :])
    with pytest.raises(DocumentAltered, match="proof/jws"):
        check_notice(PUBLIC, altered)


@pytest.mark.parametrize(
    ("proof", "named"),
    [
        (None, "`proof`"),
        ("text", "`proof`"),
        ({}, "`proof`"),
        ({"type": NOTICE_KIND}, "`proof`"),
        ({"type": NOTICE_KIND, "jws": 7}, "`proof`"),
        ({"type": NOTICE_KIND, "jws": "a.b.c", "more": 1}, "`proof`"),
        ({"type": "countenance-sign+jws", "jws": "a.b.c"}, "`proof/type`"),
        ({"type": NOTICE_KIND, "jws": "a.b.c"}, "`proof/jws`"),
        ({"type": NOTICE_KIND, "jws": "a" * 400_001}, "`proof/jws`"),
    ],
)
def test_a_proof_of_another_form_is_refused(proof: object, named: str) -> None:
    with pytest.raises(DocumentAltered) as refused:
        check_notice(PUBLIC, {**NOTICE, PROOF: proof})
    assert named in refused.value.message


def test_another_key_and_another_kind_are_refused() -> None:
    document = sign_document(SIGNER, CONTENT, kind=KIND)
    with pytest.raises(DocumentAltered, match="proof/jws"):
        check_document(OTHER_SIGNER, document, kind=KIND)
    with pytest.raises(DocumentAltered, match="proof/type"):
        check_document(SIGNER, document, kind="countenance-other+jws")
    # The type in the readable part says one thing, the signed header another.
    relabelled = put(document, (PROOF, "type"), "countenance-other+jws")
    with pytest.raises(DocumentAltered, match="proof/jws"):
        check_document(SIGNER, relabelled, kind="countenance-other+jws")


@pytest.mark.parametrize("value", [True, 1.0, "1"])
def test_a_number_of_another_type_is_another_value(value: object) -> None:
    document = sign_document(SIGNER, CONTENT, kind=KIND)
    with pytest.raises(DocumentAltered, match="`a`"):
        check_document(SIGNER, {**document, "a": value}, kind=KIND)


def test_what_is_signed_has_no_signature_yet() -> None:
    with pytest.raises(ValueError, match="no signature"):
        sign_document(SIGNER, {PROOF: "x"}, kind=KIND)
