"""The routes, over a real store with real keys and rules; the scene alone is scripted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from asgi_client import AsgiClient, endless
from countenance.api import API_PATHS
from countenance.api.documentation import VERDICT_EXAMPLES, VERIFICATION_EXAMPLES
from countenance.api.schemas import ProblemDocument, VerdictAnswer, VerificationAnswer, VerificationFields
from countenance.decisions import Outcome
from countenance.kernel import OperatorError
from countenance.runtime import HealthFinding
from countenance.scenes import AgeBand, AttendedOrder, AttendedResult
from countenance.server import build_app
from desk_installation import CAMERA, DESK, Installation, open_installation

DOCS = Path(__file__).resolve().parents[3] / "docs"
FIELDS = {"place": DESK, "device": CAMERA, "consents": "yes", "age_band": "adult", "language": "en"}
FILES = {"document": ("passport of somebody.png", b"document"), "live": ("b.png", b"live")}
ASKING = [
    ("POST", "/v1/verifications"),
    ("POST", "/v1/verdicts"),
    ("GET", "/v1/places"),
    ("GET", "/v1/devices"),
    ("GET", "/v1/keys"),
    ("POST", "/v1/receipts/check"),
]
VERDICT = {"operation": "verify", "place": "private_space", "jurisdictions": ["CN"]}


def problem(response: Any, status: int, code: str) -> ProblemDocument:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = ProblemDocument.model_validate(response.json())
    assert (document.status, document.code) == (status, code)
    return document


def test_a_verification_is_answered_with_the_decision(client: AsgiClient, installation: Installation) -> None:
    response = client.post("/v1/verifications", data=FIELDS, files=FILES)
    assert response.status_code == 200, response.text
    answer = VerificationAnswer.model_validate(response.json())
    assert answer.outcome == "match"
    assert answer.verdict.allowed
    assert [report.role for report in answer.inputs] == ["document", "live"]
    assert answer.log.tree_size >= 1
    assert installation.services.receipts.check(answer.receipt)
    [order] = installation.scene.orders
    assert (order.document, order.live) == (b"document", b"live")
    assert (order.guest.consents, order.guest.age_band, order.guest.language) == (True, AgeBand.ADULT, "en")


def test_who_wrote_the_statement_down_is_the_key_and_not_the_caller_s_word(
    client: AsgiClient, installation: Installation
) -> None:
    client.post("/v1/verifications", data=FIELDS, files=FILES)
    stated_by = installation.scene.orders[0].guest.stated_by
    assert installation.key.split("_")[1] in stated_by
    assert installation.key.split("_")[2] not in stated_by
    problem(
        client.post("/v1/verifications", data={**FIELDS, "stated_by": "me"}, files=FILES),
        422,
        "request-malformed",
    )


def test_the_answer_holds_no_score_and_no_pixels(client: AsgiClient, installation: Installation) -> None:
    text = client.post("/v1/verifications", data=FIELDS, files=FILES).text
    assert "score" not in text
    assert "threshold" not in text
    assert "aligned" not in text
    assert "somebody" not in text
    assert all(not preview.aligned.any() for preview in installation.scene.previews)


def test_a_no_isn_t_an_error(client: AsgiClient, installation: Installation) -> None:
    installation.scene.script = lambda order: installation.scene.decide(order, Outcome.NO_MATCH)
    response = client.post("/v1/verifications", data=FIELDS, files=FILES)
    assert (response.status_code, response.json()["outcome"]) == (200, "no match")


def test_a_refusal_is_403_with_the_verdict(client: AsgiClient, installation: Installation) -> None:
    installation.scene.script = installation.scene.refuse
    document = problem(client.post("/v1/verifications", data=FIELDS, files=FILES), 403, "refused-by-rule")
    assert document.verdict is not None
    assert not document.verdict.allowed
    assert any(rule.status == "banned" and rule.citation for rule in document.verdict.rules)


def test_consent_isn_t_assumed(client: AsgiClient, installation: Installation) -> None:
    without = {name: value for name, value in FIELDS.items() if name != "consents"}
    problem(client.post("/v1/verifications", data=without, files=FILES), 400, "field-missing")
    assert installation.scene.orders == []
    client.post("/v1/verifications", data={**FIELDS, "consents": "no"}, files=FILES)
    assert installation.scene.orders[0].guest.consents is False


@pytest.mark.parametrize("missing", ["place", "device", "consents", "age_band"])
def test_a_missing_field_is_named(client: AsgiClient, missing: str) -> None:
    fields = {name: value for name, value in FIELDS.items() if name != missing}
    document = problem(client.post("/v1/verifications", data=fields, files=FILES), 400, "field-missing")
    assert missing in document.detail


@pytest.mark.parametrize("missing", ["document", "live"])
def test_a_missing_photograph_is_named(client: AsgiClient, missing: str) -> None:
    files = {name: value for name, value in FILES.items() if name != missing}
    document = problem(client.post("/v1/verifications", data=FIELDS, files=files), 400, "field-missing")
    assert missing in document.detail


@pytest.mark.parametrize(
    ("name", "value"),
    [("consents", "true"), ("consents", ""), ("age_band", "old"), ("language", "<script>"), ("extra", "x")],
)
def test_an_odd_field_is_refused_without_being_repeated(client: AsgiClient, name: str, value: str) -> None:
    response = client.post("/v1/verifications", data={**FIELDS, name: value}, files=FILES)
    document = problem(response, 422, "request-malformed")
    assert "script" not in document.detail


def test_a_third_file_is_refused(client: AsgiClient) -> None:
    response = client.post(
        "/v1/verifications", data=FIELDS, files={"document": FILES["document"], "face": FILES["live"]}
    )
    problem(response, 422, "request-malformed")


def test_an_unknown_scene_is_404(client: AsgiClient) -> None:
    problem(
        client.post("/v1/verifications", data={**FIELDS, "scene": "metro"}, files=FILES), 404, "unknown-scene"
    )


def test_json_in_place_of_a_form_is_415(client: AsgiClient) -> None:
    problem(client.post("/v1/verifications", json=FIELDS), 415, "not-a-form")


def test_a_photograph_above_the_limit_is_413(client: AsgiClient, installation: Installation) -> None:
    files = {**FILES, "live": ("b.png", bytes(300_001))}
    problem(client.post("/v1/verifications", data=FIELDS, files=files), 413, "upload-too-large")
    assert installation.scene.orders == []


def test_an_endless_body_is_cut_off(client: AsgiClient) -> None:
    response = client.post(
        "/v1/verifications",
        content=endless(bytes(65536), most=1000),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert response.status_code in {400, 413}


def test_a_stated_length_above_the_limit_is_refused_unread(client: AsgiClient) -> None:
    response = client.post(
        "/v1/verdicts", content=bytes(70_000), headers={"Content-Type": "application/json"}
    )
    problem(response, 413, "upload-too-large")


@pytest.mark.usefixtures("no_disk")
def test_no_upload_makes_a_temporary_file(tmp_path: Path) -> None:
    with open_installation(tmp_path) as large:
        client = AsgiClient(build_app(large.services), headers={"X-Api-Key": large.key})
        files = {"document": ("a.png", bytes(3_000_000)), "live": ("b.png", bytes(3_000_000))}
        assert client.post("/v1/verifications", data=FIELDS, files=files).status_code == 200
        assert len(large.scene.orders[0].live) == 3_000_000


def test_what_nobody_foresaw_is_500_without_a_word_about_it(
    client: AsgiClient, installation: Installation
) -> None:
    def fail(_: AttendedOrder) -> AttendedResult:
        raise RuntimeError("the clerk's secret")

    installation.scene.script = fail
    response = client.post("/v1/verifications", data=FIELDS, files=FILES)
    problem(response, 500, "unexpected-failure")
    assert "secret" not in response.text


def test_an_operator_s_fault_is_503(client: AsgiClient, installation: Installation) -> None:
    def fail(_: AttendedOrder) -> AttendedResult:
        raise OperatorError("The disk is full.")

    installation.scene.script = fail
    problem(client.post("/v1/verifications", data=FIELDS, files=FILES), 503, "operator")


@pytest.mark.parametrize(("method", "path"), ASKING)
def test_without_a_good_key_nothing_is_said(stranger: AsgiClient, method: str, path: str) -> None:
    bodies = []
    for headers in (
        {},
        {"X-Api-Key": "cnt_aaaaaaaa_" + "b" * 52},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic eDp5"},
    ):
        response = stranger.request(method, path, headers=headers)
        if response.status_code == 422:
            pytest.fail("the body was looked at before the key")
        problem(response, 401, "api-key-refused")
        bodies.append(response.json())
    assert all(body == bodies[0] for body in bodies)


def test_both_headers_carry_a_key(stranger: AsgiClient, installation: Installation) -> None:
    for headers in ({"X-Api-Key": installation.key}, {"Authorization": f"Bearer {installation.key}"}):
        assert stranger.get("/v1/places", headers=headers).status_code == 200


def test_a_key_without_the_role_may_ask_but_not_verify(
    installation: Installation, stranger: AsgiClient
) -> None:
    key = installation.services.api_keys.issue(name="Reports", roles=("auditor",))
    headers = {"X-Api-Key": key}
    assert stranger.post("/v1/verdicts", json=VERDICT, headers=headers).status_code == 200
    problem(
        stranger.post("/v1/verifications", data=FIELDS, files=FILES, headers=headers), 403, "role-missing"
    )


def test_wrong_keys_are_not_tried_for_ever(installation: Installation) -> None:
    client = AsgiClient(build_app(installation.services), address="10.0.0.9")
    seen = {client.get("/v1/places", headers={"X-Api-Key": f"wrong{n}"}).status_code for n in range(60)}
    assert seen == {401}
    problem(client.get("/v1/places", headers={"X-Api-Key": installation.key}), 429, "too-many-attempts")


def test_a_revoked_key_is_refused(installation: Installation, stranger: AsgiClient) -> None:
    key = installation.services.api_keys.issue(name="Old desk", roles=("clerk",))
    assert stranger.get("/v1/places", headers={"X-Api-Key": key}).status_code == 200
    installation.store.api_keys.revoke(key.split("_")[1], at=installation.clock.now())
    problem(stranger.get("/v1/places", headers={"X-Api-Key": key}), 401, "api-key-refused")


def test_with_auth_off_no_key_is_asked_for(tmp_path: Path) -> None:
    with open_installation(tmp_path, auth=False) as open_desk:
        client = AsgiClient(build_app(open_desk.services))
        assert client.get("/v1/places").status_code == 200
        assert client.post("/v1/verifications", data=FIELDS, files=FILES).status_code == 200


def test_a_verdict_is_hypothetical_and_explains(client: AsgiClient) -> None:
    response = client.post("/v1/verdicts", json=VERDICT)
    answer = VerdictAnswer.model_validate(response.json())
    assert answer.hypothetical is True
    assert not answer.verdict.allowed
    assert {"CN"} == set(answer.verdict.jurisdictions)
    assert any(rule.status == "banned" for rule in answer.verdict.rules)
    assert "permit" not in response.json()


def test_a_verdict_for_another_day(client: AsgiClient) -> None:
    response = client.post("/v1/verdicts", json={**VERDICT, "at": "2020-01-01"})
    assert response.json()["verdict"]["at"] == "2020-01-01"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"operation": "teleport"}, "unknown-operation"),
        ({"place": "moon"}, "unknown-place-kind"),
        ({"facts": {"nobody.knows.this": True}}, "unknown-fact-name"),
        ({"jurisdictions": []}, "request-malformed"),
        ({"facts": {"x": "yes"}}, "request-malformed"),
        ({"permit": True}, "request-malformed"),
    ],
    ids=str,
)
def test_a_question_that_can_t_be_asked(client: AsgiClient, change: dict[str, Any], code: str) -> None:
    problem(client.post("/v1/verdicts", json={**VERDICT, **change}), 422, code)


def test_places_and_devices_are_listed(client: AsgiClient) -> None:
    [place] = client.get("/v1/places").json()["places"]
    [device] = client.get("/v1/devices").json()["devices"]
    assert (place["place_id"], place["kind"], place["jurisdictions"]) == (DESK, "hotel_lobby", ["CN"])
    assert (device["device_id"], device["place"]) == (CAMERA, DESK)


def test_a_receipt_is_checked_and_its_key_is_published(
    client: AsgiClient, installation: Installation
) -> None:
    receipt = client.post("/v1/verifications", data=FIELDS, files=FILES).json()["receipt"]
    claims = installation.services.receipts.check(receipt)
    answer = client.post("/v1/receipts/check", json={"receipt": receipt}).json()
    assert answer["valid"] is True
    assert answer["claims"].keys() == dict(claims).keys()
    [key] = client.get("/v1/keys").json()["keys"]
    assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
    assert "d" not in key


@pytest.mark.parametrize(
    "spoil", [lambda r: r[:-4] + "AAAA", str.upper, lambda r: r[:0]], ids=["signature", "case", "empty"]
)
def test_an_altered_receipt_is_422(client: AsgiClient, spoil: Any) -> None:
    receipt = client.post("/v1/verifications", data=FIELDS, files=FILES).json()["receipt"]
    problem(client.post("/v1/receipts/check", json={"receipt": spoil(receipt)}), 422, "receipt-refused")


def test_health_says_no_more_than_it_must(
    client: AsgiClient, stranger: AsgiClient, installation: Installation
) -> None:
    assert (stranger.get("/healthz").status_code, stranger.get("/healthz").json()) == (200, {"ok": True})
    assert client.get("/healthz").json()["findings"][0]["name"] == "log"
    installation.findings.append(HealthFinding("key", ok=False, words="It can be read.", remedy="chmod 0600"))
    try:
        response = stranger.get("/healthz")
        assert (response.status_code, response.json()) == (503, {"ok": False})
        assert client.get("/healthz").json()["findings"][1]["remedy"] == "chmod 0600"
        problem(stranger.get("/healthz", headers={"X-Api-Key": "wrong"}), 401, "api-key-refused")
    finally:
        installation.findings.pop()


def test_what_somebody_has_to_see_to_stops_nothing(
    client: AsgiClient, stranger: AsgiClient, installation: Installation
) -> None:
    installation.findings.append(
        HealthFinding("requests", ok=False, words="2 overdue.", remedy="Answer them.", stops=False)
    )
    try:
        assert (stranger.get("/healthz").status_code, stranger.get("/healthz").json()) == (200, {"ok": True})
        assert client.get("/healthz").json()["findings"][1]["ok"] is False
    finally:
        installation.findings.pop()


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/", "/v1/docs", "/v1/places/"])
def test_an_unknown_path_is_a_problem(client: AsgiClient, path: str) -> None:
    problem(client.get(path), 404, "unknown-route")


def test_an_unknown_method_is_a_problem(client: AsgiClient) -> None:
    problem(client.get("/v1/verifications"), 404, "unknown-route")


WITHOUT_A_KEY = {"/v1/notices/{notice}", "/v1/receipts/open", "/v1/receipts/withdrawals"}
"""A notice is for everybody; a receipt and a token are their bearer's authority."""


class TestOpenApi:
    @pytest.fixture
    def document(self, client: AsgiClient) -> dict[str, Any]:
        response = client.get("/v1/openapi.json")
        assert response.status_code == 200
        return dict(response.json())

    def test_every_path_is_described(self, document: dict[str, Any]) -> None:
        assert {*document["paths"], "/v1/openapi.json"} == set(API_PATHS)
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                assert operation["summary"], (path, method)
                assert operation["tags"], (path, method)
                assert {"200", "201"} & set(operation["responses"])
                if path not in WITHOUT_A_KEY:
                    assert operation["responses"]["401"]["content"].keys() == {"application/problem+json"}

    def test_every_path_says_how_to_sign_in(self, document: dict[str, Any]) -> None:
        for path, methods in document["paths"].items():
            for operation in methods.values():
                if path in WITHOUT_A_KEY:
                    assert "security" not in operation
                    continue
                assert {"bearer": []} in operation["security"]
                assert {"api-key": []} in operation["security"]

    def test_every_member_of_a_verification_is_described(self, document: dict[str, Any]) -> None:
        operation = document["paths"]["/v1/verifications"]["post"]
        schema = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert set(schema["required"]) == {"document", "live", "place", "device", "consents", "age_band"}
        assert all(member["description"] for member in schema["properties"].values())
        assert {"403", "413", "415", "422"} <= operation["responses"].keys()

    def test_references_lead_somewhere(self, document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]

        def walk(node: Any) -> None:
            if isinstance(node, dict):
                if "$ref" in node:
                    assert node["$ref"].rsplit("/", 1)[1] in schemas
                for child in node.values():
                    walk(child)
            elif isinstance(node, list):
                for child in node:
                    walk(child)

        walk(document)

    def test_no_page_is_served_that_loads_from_elsewhere(self, client: AsgiClient) -> None:
        for path in ("/docs", "/redoc", "/v1/docs", "/v1/redoc"):
            assert client.get(path).status_code == 404

    @pytest.mark.parametrize("name", sorted(VERDICT_EXAMPLES))
    def test_a_verdict_s_example_runs(self, client: AsgiClient, document: dict[str, Any], name: str) -> None:
        body = document["paths"]["/v1/verdicts"]["post"]["requestBody"]["content"]["application/json"]
        assert body["schema"]["$ref"]
        response = client.post("/v1/verdicts", json=body["examples"][name]["value"])
        assert response.status_code == 200, response.text
        assert response.json()["verdict"]["rules"]

    @pytest.mark.parametrize("name", sorted(VERIFICATION_EXAMPLES))
    def test_a_verification_s_example_is_a_form_that_is_taken(self, client: AsgiClient, name: str) -> None:
        fields = VERIFICATION_EXAMPLES[name]["value"]
        assert client.post("/v1/verifications", data=fields, files=FILES).status_code == 200


class TestDocuments:
    """The pages about REST name what there is, and what they show runs."""

    def test_every_path_is_named(self) -> None:
        text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
        assert [path for path in API_PATHS if f" {path}`" not in text] == []
        assert set(re.findall(r"`(?:GET|POST) (\S+)`", text)) <= set(API_PATHS)

    def test_every_field_of_a_verification_is_named(self) -> None:
        text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
        fields = {"document", "live", *VerificationFields.model_fields}
        assert [field for field in fields if f"`{field}`" not in text] == []

    def test_the_how_to_s_question_is_answered(self, client: AsgiClient) -> None:
        text = (DOCS / "how-to" / "integrate-rest.md").read_text(encoding="utf-8")
        [question] = re.findall(r"-d '(\{.*?\})'", text)
        assert client.post("/v1/verdicts", json=json.loads(question)).status_code == 200

    def test_the_how_to_s_form_is_taken(self, client: AsgiClient) -> None:
        text = (DOCS / "how-to" / "integrate-rest.md").read_text(encoding="utf-8")
        fields = dict(re.findall(r"-F (\w+)=([^@\s]\S*)", text))
        assert client.post("/v1/verifications", data=fields, files=FILES).status_code == 200

    def test_the_how_to_s_program_is_python(self) -> None:
        text = (DOCS / "how-to" / "integrate-rest.md").read_text(encoding="utf-8")
        [program] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        compile(program, "integrate-rest.md", "exec")
