"""What everybody may reach over REST: notices, and what the bearer of a receipt may do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asgi_client import AsgiClient
from countenance.authority.notices import check_consent_receipt, check_notice
from countenance.kernel import SubjectId
from countenance.server import build_app
from countenance.store import PublicVerifier
from public_notices import PublicSite, public_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PublicSite]:
    with public_site(tmp_path) as opened:
        yield opened


@pytest.fixture
def anybody(site: PublicSite) -> AsgiClient:
    """Sends no key."""
    return AsgiClient(build_app(site.installation.services))


@pytest.fixture
def clerk(site: PublicSite) -> AsgiClient:
    app = build_app(site.installation.services)
    return AsgiClient(app, headers={"Authorization": f"Bearer {site.installation.key}"})


def issued(clerk: AsgiClient, record: str) -> dict[str, Any]:
    response = clerk.post(f"/v1/consents/{record}/receipt")
    assert response.status_code == 201, response.text
    return dict(response.json())


def test_a_notice_is_read_without_a_key_and_checked_with_the_public_one(
    site: PublicSite, anybody: AsgiClient
) -> None:
    verifier = PublicVerifier(site.installation.services.receipts.public_jwk())
    for name in (site.notice.notice.notice_id, site.notice.notice.version_id):
        response = anybody.get(f"/v1/notices/{name}")
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("application/ld+json")
        assert response.headers["countenance-in-force"] == "yes"
        assert check_notice(verifier, response.json()).version_id == site.notice.notice.version_id


def test_an_earlier_version_stays_readable_and_says_so(site: PublicSite, anybody: AsgiClient) -> None:
    later = site.publish()
    old = anybody.get(f"/v1/notices/{site.notice.notice.version_id}")
    assert (old.status_code, old.headers["countenance-in-force"]) == (200, "no")
    new = anybody.get(f"/v1/notices/{site.notice.notice.notice_id}")
    assert new.json()["version"] == later.notice.version == 2


@pytest.mark.parametrize("name", ["nothing", "a" * 64, "%2e%2e", "evd_aaaa"])
def test_what_isnt_a_notice_isnt_found(anybody: AsgiClient, name: str) -> None:
    response = anybody.get(f"/v1/notices/{name}")
    assert (response.status_code, response.json()["code"]) == (404, "notice-not-published")
    assert name not in response.text


def test_a_receipt_is_issued_with_a_key_alone(
    site: PublicSite, clerk: AsgiClient, anybody: AsgiClient
) -> None:
    assert anybody.post(f"/v1/consents/{site.consent}/receipt").status_code == 401
    answer = issued(clerk, site.consent)
    verifier = PublicVerifier(site.installation.services.receipts.public_jwk())
    assert check_consent_receipt(verifier, answer["receipt"])["record_id"] == "cns-1"
    link = f"https://hotel.example/withdraw/{answer['withdrawal_token']}"
    assert answer["withdrawal_link"] == link


@pytest.mark.parametrize("record", ["evd_nothing", "x"])
def test_there_is_no_receipt_of_what_isnt_there(clerk: AsgiClient, record: str) -> None:
    response = clerk.post(f"/v1/consents/{record}/receipt")
    assert (response.status_code, response.json()["code"]) == (404, "record-unknown")


def test_a_bearer_opens_his_receipt_and_takes_the_consent_back(
    site: PublicSite, clerk: AsgiClient, anybody: AsgiClient
) -> None:
    answer = issued(clerk, site.consent)
    presented = {"receipt": json.dumps(answer["receipt"])}
    opened = anybody.post("/v1/receipts/open", json=presented)
    assert (opened.status_code, opened.json()["state"]) == (200, "dpv:ConsentGiven")
    taken = anybody.post("/v1/receipts/withdrawals", json={"token": answer["withdrawal_token"]})
    assert taken.status_code == 200
    assert taken.json()["records"] >= 3
    assert taken.json()["log_index"] == site.installation.store.log.size() - 1
    assert anybody.post("/v1/receipts/open", json=presented).json()["state"] == "dpv:ConsentWithdrawn"
    again = anybody.post("/v1/receipts/withdrawals", json={"token": answer["withdrawal_token"]})
    assert (again.status_code, again.json()["records"]) == (200, 0)


def test_a_receipt_opens_its_own_consent_and_no_other(
    site: PublicSite, clerk: AsgiClient, anybody: AsgiClient
) -> None:
    other = site.consented(SubjectId("sub_other"), consent_id="cns-2")
    mine, theirs = issued(clerk, site.consent), issued(clerk, other)
    anybody.post("/v1/receipts/withdrawals", json={"token": mine["withdrawal_token"]})
    opened = anybody.post("/v1/receipts/open", json={"receipt": json.dumps(theirs["receipt"])})
    assert opened.json()["state"] == "dpv:ConsentGiven"
    assert "sub_guest" not in opened.text
    # Another person's name on one's own receipt is named as what was altered.
    forged = {**mine["receipt"], "pii_principal_id": "sub_other"}
    refused = anybody.post("/v1/receipts/open", json={"receipt": json.dumps(forged)})
    assert (refused.status_code, refused.json()["code"]) == (422, "document-altered")
    assert "`pii_principal_id`" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("open", {"receipt": "nothing"}, 422, "receipt-refused"),
        ("open", {"receipt": "{}"}, 422, "document-altered"),
        ("open", {"receipt": "x" * 70_000}, 413, "upload-too-large"),
        ("open", {}, 422, "request-malformed"),
        ("withdrawals", {"token": "nothing"}, 422, "document-altered"),
        ("withdrawals", {"token": "x" * 5_000}, 422, "request-malformed"),
        ("withdrawals", {"token": "x", "subject": "sub_guest"}, 422, "request-malformed"),
    ],
)
def test_anything_else_opens_nothing(  # noqa: PLR0917 - a table
    site: PublicSite, anybody: AsgiClient, path: str, body: dict[str, str], status: int, code: str
) -> None:
    size = site.installation.store.log.size()
    response = anybody.post(f"/v1/receipts/{path}", json=body)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert site.installation.store.log.size() == size
