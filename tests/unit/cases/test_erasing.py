"""Erasing on request, the certificate that comes with it, and the holds that refuse it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases_rights import Rights, rights_of
from countenance.authority import Author, RefusedByRule, Role, RoleMayNot
from countenance.cases import (
    CertificateRefused,
    HeldFromErasure,
    HoldNotPossible,
    certificate_page,
    check_certificate,
)
from countenance.kernel import PurposeId, SubjectId
from countenance.store import BackupRecord, Ed25519Signer, RecordUnknown, SubjectNotOnFile
from front_desk import GUEST, NOON, front_desk
from held_people import keep

OFFICER = Author(Role.OFFICER)
MAY_ERASE = {Role.OFFICER, Role.SUBJECT}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """One certificate for all that only look at it."""
    root = tmp_path_factory.mktemp("certificate")
    with front_desk(root) as hotel:
        rights = rights_of(hotel, root / "journal")
        hotel.welcome()
        keep(hotel.store, GUEST, rights.purpose)
        hotel.store.backups.add(BackupRecord("bak_before", NOON, NOON.date() + timedelta(days=9)))
        hotel.store.backups.add(BackupRecord("bak_gone", NOON, NOON.date() - timedelta(days=1)))
        rights.holds.place(GUEST, ground="court order 7", until=NOON + timedelta(days=1), author=OFFICER)
        rights.holds.lift(GUEST, author=OFFICER)
        yield dict(rights.erasures.erase(GUEST, None, author=OFFICER).document)


def test_a_certificate_says_what_and_why(certificate: dict[str, Any]) -> None:
    said = check_certificate(certificate).claims
    assert (said["subject"], said["purpose"], said["by"], said["because"]) == (
        GUEST,
        None,
        "officer",
        "asked",
    )
    assert said["erased"]["records"] > 3
    assert said["erased"]["decisions"] == 1
    assert said["erased"]["holds"] == 1
    assert len(said["erased"]["keys"]) == 2
    assert said["erased"]["statements"]
    assert any("PIPL" in rule["citation"] for rule in said["rules"])
    assert said["demo"] is True


def test_a_certificate_says_what_is_not_covered(certificate: dict[str, Any]) -> None:
    said = check_certificate(certificate).claims
    assert [one["backup"] for one in said["backups"]] == ["bak_before"]
    assert said["backups"][0]["last_day"] == "2026-12-01"
    assert [one["ground"] for one in said["holds"]] == ["court order 7"]
    assert len(said["not_covered"]) == 3
    assert said["files"]["found"] == 0
    assert said["files"]["scanned_bytes"] > 0
    assert said["files"]["log_emptied"] is True


def test_a_certificate_is_checked_with_a_key_that_the_reader_brought(certificate: dict[str, Any]) -> None:
    assert check_certificate(certificate).key_compared is False
    checked = check_certificate(certificate, jwk=certificate["key"])
    assert checked.key_compared is True
    other = Ed25519Signer(private_key=b"\x07" * 32).public_jwk()
    with pytest.raises(CertificateRefused):
        check_certificate(certificate, jwk=other)


def test_a_certificate_signed_anew_with_another_key_has_no_log_proof(certificate: dict[str, Any]) -> None:
    """Whoever signs an altered certificate with a key of his own can't sign the log's checkpoint with it."""
    forger = Ed25519Signer(private_key=b"\x07" * 32)
    claims = certificate["certificate"] | {"subject": "sub_other"}
    forged = {
        "certificate": claims,
        "key": dict(forger.public_jwk()),
        "signature": forger.sign(claims, kind="countenance-deletion+jws"),
    }
    with pytest.raises(CertificateRefused):
        check_certificate(forged)


def paths(value: object, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    children: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    if not children:
        yield here
    for name, child in children:
        yield from paths(child, (*here, name))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_certificate_altered_anywhere_is_refused(certificate: dict[str, Any], data: st.DataObject) -> None:
    altered = copy.deepcopy(certificate)
    *way, last = data.draw(st.sampled_from(sorted(paths(altered), key=str)))
    inside: Any = altered
    for step in way:
        inside = inside[step]
    old = inside[last]
    if isinstance(old, str) and old and data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(old) - 1))
        inside[last] = old[:at] + ("A" if old[at] != "A" else "B") + old[at + 1 :]
    else:
        inside[last] = {"other": 1}
    with pytest.raises(CertificateRefused):
        check_certificate(altered)


@pytest.mark.parametrize("found", [{}, {"certificate": 1}, {"certificate": {}, "signature": "x", "key": {}}])
def test_something_else_is_no_certificate(found: dict[str, Any]) -> None:
    with pytest.raises(CertificateRefused):
        check_certificate(found)


def test_the_page_says_it_in_words_and_runs_nothing(certificate: dict[str, Any]) -> None:
    claims = json.loads(json.dumps(certificate["certificate"]))
    claims["holds"][0]["ground"] = "<script>alert(1)</script>"
    page = certificate_page(claims)
    assert "<script" not in page
    assert "http" not in page
    for words in (GUEST, "bak_before", "2026-12-01", "solid-state", "data key", "officer"):
        assert words in page


def test_after_an_erasure_nothing_is_permitted_and_nothing_is_there(rights: Rights) -> None:
    rights.hotel.welcome()
    request = rights.hotel.request()
    rights.hotel.grant(request)
    done = rights.erasures.erase(GUEST, None, author=OFFICER)
    assert done.finished
    with pytest.raises(RefusedByRule):
        rights.hotel.grant()
    # Asking again about a person is itself a statement about the person; erase that as well.
    again = rights.erasures.erase(GUEST, None, author=OFFICER)
    assert again.erased.records == 0
    files = b"".join(path.read_bytes() for path in rights.hotel.folder.iterdir())
    assert GUEST.encode() not in files
    assert rights.hotel.store.log.verify().ok


def test_one_purpose_is_erased_alone(rights: Rights) -> None:
    other = PurposeId("pur_other")
    keep(rights.hotel.store, GUEST, rights.purpose)
    keep(rights.hotel.store, GUEST, other)
    done = rights.erasures.erase(GUEST, other, author=OFFICER)
    assert check_certificate(done.document).claims["purpose"] == other
    assert [file.purpose for file in rights.hotel.store.retention.file_of(GUEST)] == [rights.purpose]


@pytest.mark.parametrize("role", Role)
def test_who_may_erase_and_hold(rights: Rights, role: Role) -> None:
    keep(rights.hotel.store, GUEST, rights.purpose)
    end = NOON + timedelta(days=1)
    if role is Role.OFFICER:
        rights.holds.place(GUEST, ground="a ground", until=end, author=Author(role))
        rights.holds.lift(GUEST, author=Author(role))
    else:
        with pytest.raises(RoleMayNot):
            rights.holds.place(GUEST, ground="a ground", until=end, author=Author(role))
        with pytest.raises(RoleMayNot):
            rights.holds.lift(GUEST, author=Author(role))
        with pytest.raises(RoleMayNot):
            rights.holds.all(author=Author(role))
    if role in MAY_ERASE:
        assert rights.erasures.erase(GUEST, None, author=Author(role)).finished
    else:
        with pytest.raises(RoleMayNot):
            rights.erasures.erase(GUEST, None, author=Author(role))


def test_a_hold_refuses_until_it_ends_or_is_lifted(rights: Rights) -> None:
    keep(rights.hotel.store, GUEST, rights.purpose)
    rights.holds.place(GUEST, ground="court order 7", until=NOON + timedelta(days=2), author=OFFICER)
    with pytest.raises(HeldFromErasure, match="2026-11-24 12:00") as refused:
        rights.erasures.erase(GUEST, rights.purpose, author=OFFICER)
    assert "court" not in refused.value.message
    assert [hold.subject for hold in rights.holds.all(author=OFFICER)] == [GUEST]
    rights.hotel.wait(timedelta(days=2))
    assert rights.holds.all(author=OFFICER) == ()
    with pytest.raises(RecordUnknown):
        rights.holds.lift(GUEST, author=OFFICER)
    assert rights.erasures.erase(GUEST, None, author=OFFICER).erased.holds == 1


def test_holds_are_logged_under_the_persons_key(rights: Rights) -> None:
    keep(rights.hotel.store, GUEST, rights.purpose)
    rights.holds.place(GUEST, ground="court order 7", until=NOON + timedelta(days=2), author=OFFICER)
    rights.holds.lift(GUEST, author=OFFICER)
    said = [entry for kind, entry in rights.hotel.log_entries() if kind.startswith("hold-")]
    assert len(said) == 2
    assert "court" not in str(said)
    rights.erasures.erase(GUEST, None, author=OFFICER)
    assert not [kind for kind, _ in rights.hotel.log_entries() if kind.startswith("hold-")]


@pytest.mark.parametrize(
    ("ground", "days"), [("", 1), ("  ", 1), ("a ground", 0), ("a ground", -1), ("g", 4000)]
)
def test_a_hold_has_a_ground_and_an_end(rights: Rights, ground: str, days: int) -> None:
    keep(rights.hotel.store, GUEST, rights.purpose)
    with pytest.raises(HoldNotPossible):
        rights.holds.place(GUEST, ground=ground, until=NOON + timedelta(days=days), author=OFFICER)


def test_nobody_is_held_or_erased_who_is_not_on_file(rights: Rights) -> None:
    nobody = SubjectId("sub_nobody")
    with pytest.raises(SubjectNotOnFile):
        rights.holds.place(nobody, ground="a ground", until=NOON + timedelta(days=1), author=OFFICER)
    with pytest.raises(SubjectNotOnFile):
        rights.erasures.erase(nobody, None, author=OFFICER)
    assert rights.hotel.store.retention.file_of(nobody) == ()


def test_the_log_does_not_name_who_was_erased(rights: Rights, tmp_path: Path) -> None:
    keep(rights.hotel.store, GUEST, rights.purpose)
    done = rights.erasures.erase(GUEST, None, author=OFFICER)
    assert done.erased.receipt is not None
    said = rights.hotel.logged(done.erased.receipt)
    assert said["by"] == "officer"
    assert said["certificate"] == done.document["certificate"]["id"]
    assert GUEST not in str(rights.hotel.log_entries())
    assert GUEST not in (tmp_path / "journal").read_text()
