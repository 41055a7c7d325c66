"""Figures count what happened, and no label is about anybody."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contract.act_counter import ActCounterContract, a_request
from countenance.authority import Author, Role, shipped_rules
from countenance.cases import Right, Swept
from countenance.cases.errors import ClockJumped
from countenance.kernel import (
    CountenanceError,
    Door,
    Passage,
    PermitSpent,
    PlaceId,
    PurposeId,
    SubjectId,
)
from countenance.runtime import METRICS_TYPE, Metrics
from countenance.runtime.people import SweepTimer, people_desk
from countenance.runtime.settings import Settings
from countenance.store import EvidenceScope
from front_desk import DOCUMENT, LIFETIME, NOON, FrontDesk, front_desk, new_desk, system_observers
from record_examples import content_for

RULES, WORDS = shipped_rules()
DOCS = Path(__file__).parents[3] / "docs"
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def metrics_of(hotel: FrontDesk) -> Metrics:
    return Metrics(
        store=hotel.store,
        vocabulary=WORDS,
        clock=hotel.clock,
        models=("one-model", "another-model"),
        rule_set=RULES.sha256,
    )


def figures(metrics: Metrics) -> Figures:
    """Read the text as Prometheus does."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def figure(metrics: Metrics, name: str, **labels: str) -> float | None:
    return figures(metrics).get((name, frozenset(labels.items())))


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
def metrics(hotel: FrontDesk) -> Metrics:
    return metrics_of(hotel)


@pytest.fixture
def counted(hotel: FrontDesk, metrics: Metrics) -> FrontDesk:
    """The hotel with a desk that is watched."""
    desk = type(hotel.desk)(
        store=hotel.store,
        rules=RULES,
        vocabulary=WORDS,
        clock=hotel.clock,
        observers=system_observers(hotel.store, hotel.clock),
        permit_lifetime=LIFETIME,
        counter=metrics,
    )
    return FrontDesk(hotel.store, desk, hotel.clock, hotel.site, hotel.folder)


class TestMetrics(ActCounterContract):
    @pytest.fixture
    def counter(self, metrics: Metrics) -> Metrics:
        return metrics


class TestPermits:
    def test_a_permit_counts_once_for_each_operation(self, counted: FrontDesk, metrics: Metrics) -> None:
        counted.welcome()
        for _ in range(2):
            counted.grant()
        for operation in ("capture", "verify"):
            labels = {"operation": operation, "jurisdiction": "CN"}
            assert figure(metrics, "countenance_permits_issued_total", **labels) == 2
        assert not [name for name, _ in figures(metrics) if name == "countenance_permits_refused_total"]

    def test_a_refusal_counts_by_its_code(self, counted: FrontDesk, metrics: Metrics) -> None:
        with pytest.raises(CountenanceError):
            counted.grant()
        with pytest.raises(CountenanceError):
            counted.grant(counted.request(purpose=PurposeId("pur_unheardof")))
        for code in ("refused-by-rule", "unknown-purpose"):
            labels = {"operation": "verify", "jurisdiction": "CN", "code": code}
            assert figure(metrics, "countenance_permits_refused_total", **labels) == 1

    def test_an_overdue_duty_is_a_refusal(self, counted: FrontDesk, metrics: Metrics) -> None:
        counted.welcome()
        request = counted.request()
        granted = counted.grant(request)
        counted.desk.verifier.admit(granted.token, Passage(Door.CAPTURE, "capture", request, DOCUMENT))
        counted.wait(timedelta(days=3))
        assert figure(metrics, "countenance_duties_open", overdue="yes")
        counted.welcome()
        with pytest.raises(CountenanceError):
            counted.grant()
        labels = {"operation": "verify", "jurisdiction": "CN", "code": "duty-overdue"}
        assert figure(metrics, "countenance_permits_refused_total", **labels) == 1

    def test_a_caller_s_words_are_no_label(self, metrics: Metrics) -> None:
        metrics.refused(a_request(operations=("Zhang San",), place=PlaceId("plc_zhangsan")), "unknown-place")
        assert b"hang" not in metrics.text()
        labels = {"operation": "other", "jurisdiction": "other", "code": "unknown-place"}
        assert figure(metrics, "countenance_permits_refused_total", **labels) == 1

    def test_a_fault_is_no_answer(self, counted: FrontDesk, metrics: Metrics) -> None:
        with pytest.raises(ValueError, match="budget"):
            counted.grant(budget={})
        assert not [name for name, _ in figures(metrics) if name.startswith("countenance_permits")]


class TestDoors:
    def test_passages_and_refusals_count_by_door(self, counted: FrontDesk, metrics: Metrics) -> None:
        counted.welcome()
        request = counted.request()
        granted = counted.grant(request, budget={Door.CAPTURE: 1})
        passage = Passage(Door.CAPTURE, "capture", request, DOCUMENT)
        counted.desk.verifier.admit(granted.token, passage)
        with pytest.raises(PermitSpent):
            counted.desk.verifier.admit(granted.token, passage)
        assert figure(metrics, "countenance_door_passages_total", door="capture") == 1
        assert figure(metrics, "countenance_door_refusals_total", door="capture", code="permit-spent") == 1


class TestTheRest:
    def test_answers_are_measured(self, metrics: Metrics) -> None:
        metrics.answered(method="POST", path="/v1/verifications", status=503, seconds=0.2)
        labels = {"method": "POST", "path": "/v1/verifications", "status": "503"}
        assert figure(metrics, "countenance_request_seconds_count", **labels) == 1
        assert figure(metrics, "countenance_request_seconds_bucket", **labels, le="0.1") == 0
        assert figure(metrics, "countenance_request_seconds_bucket", **labels, le="0.25") == 1

    def test_the_queue_is_asked_when_somebody_asks(self, metrics: Metrics) -> None:
        inside = 3
        metrics.watch_queue(lambda: inside)
        assert figure(metrics, "countenance_verifications_inside") == 3
        inside = 0
        assert figure(metrics, "countenance_verifications_inside") == 0

    def test_sweeps(self, metrics: Metrics) -> None:
        metrics.swept(Swept(NOON, records=4, decisions=2, people=1, held=0, tampered=0, by_rule={}))
        metrics.sweep_failed("clock-jumped")
        assert figure(metrics, "countenance_sweeps_total", outcome="swept") == 1
        assert figure(metrics, "countenance_sweeps_total", outcome="clock-jumped") == 1
        counted = [figure(metrics, "countenance_swept_total", what=what) for what in ("records", "decisions")]
        assert counted == [4, 2]

    def test_sweeps_in_the_background_are_counted(self, metrics: Metrics) -> None:
        class Sweeps:
            """Doesn't run the first time."""

            def __init__(self) -> None:
                self.asked = 0
                self.done = threading.Event()

            def sweep(self) -> Swept:
                self.asked += 1
                if self.asked == 1:
                    raise ClockJumped("m")
                if self.asked == 3:
                    self.done.set()
                return Swept(NOON, records=2, decisions=0, people=0, held=0, tampered=0, by_rule={})

        sweeps = Sweeps()
        with SweepTimer(sweeper=sweeps, seconds=0.01, metrics=metrics):  # type: ignore[arg-type]
            assert sweeps.done.wait(10)
        assert figure(metrics, "countenance_sweeps_total", outcome="clock-jumped") == 1
        assert figure(metrics, "countenance_sweeps_total", outcome="swept") == sweeps.asked - 1
        assert figure(metrics, "countenance_swept_total", what="records") == 2 * (sweeps.asked - 1)

    def test_a_deletion_certificate_is_counted(
        self, hotel: FrontDesk, metrics: Metrics, tmp_path: Path
    ) -> None:
        hotel.welcome()
        desk = people_desk(
            Settings(data_folder=hotel.folder, root_key="env:ROOT", models_folder=tmp_path),
            store=hotel.store,
            rules=RULES,
            vocabulary=WORDS,
            clock=hotel.clock,
            certified=lambda finished: metrics.certified(finished=finished),
        )
        desk.erasures.erase(SubjectId("sub_guest"), None, author=Author(Role.OFFICER))
        assert figure(metrics, "countenance_deletion_certificates_total", finished="yes") == 1

    def test_requests_of_people_are_numbers_alone(
        self, hotel: FrontDesk, metrics: Metrics, tmp_path: Path
    ) -> None:
        def waiting(overdue: str) -> float | None:
            return figure(metrics, "countenance_requests_open", overdue=overdue)

        assert (waiting("no"), waiting("yes")) == (0, 0)
        hotel.welcome()
        desk = people_desk(
            Settings(data_folder=hotel.folder, root_key="env:ROOT", models_folder=tmp_path),
            store=hotel.store,
            rules=RULES,
            vocabulary=WORDS,
            clock=hotel.clock,
        ).requests
        officer, guest = Author(Role.OFFICER), SubjectId("sub_guest")
        asked = [desk.open(Right.ACCESS, guest, words="all of it", author=officer) for _ in range(3)]
        assert (waiting("no"), waiting("yes")) == (3, 0)
        hotel.wait(timedelta(days=100))
        assert (waiting("no"), waiting("yes")) == (0, 3)
        desk.answer(asked[0].request_id, author=officer)
        assert (waiting("no"), waiting("yes")) == (0, 2)
        assert b"sub_guest" not in metrics.text()
        assert b"access" not in metrics.text()

    def test_what_the_store_knows(self, hotel: FrontDesk, metrics: Metrics) -> None:
        assert figure(metrics, "countenance_log_entries") == hotel.store.log.size()
        assert figure(metrics, "countenance_people_at_most") == 0
        hotel.welcome()
        assert figure(metrics, "countenance_log_entries") == hotel.store.log.size()
        assert figure(metrics, "countenance_people_at_most") == 1
        assert figure(metrics, "countenance_people_filing_from") == 100_000
        assert figure(metrics, "countenance_model_info", model="one-model") == 1
        (info,) = [dict(labels) for name, labels in figures(metrics) if name == "countenance_info"]
        assert info["rule_set"] == RULES.sha256

    def test_the_assessment_that_runs_out_first(self, hotel: FrontDesk, metrics: Metrics) -> None:
        hotel.withdraw("pia")
        for days in (30, 10, 20):
            hotel.desk.record_evidence(
                key="pia",
                content=content_for("pia"),
                author="officer",
                scope=EvidenceScope(place=hotel.site.place, purpose=hotel.site.purpose),
                valid_until=NOON + timedelta(days=days),
            )
        ends = figure(metrics, "countenance_assessment_ends_seconds", key="pia")
        assert ends == (NOON + timedelta(days=10)).timestamp()

    def test_nothing_says_when_something_was_first_counted(self, metrics: Metrics) -> None:
        metrics.permitted(a_request())
        assert b"_created" not in metrics.text()

    def test_threads_count_into_one_figure(self, metrics: Metrics) -> None:
        def permit_200() -> None:
            for _ in range(200):
                metrics.permitted(a_request())

        threads = [threading.Thread(target=permit_200) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        labels = {"operation": "verify", "jurisdiction": "other"}
        assert figure(metrics, "countenance_permits_issued_total", **labels) == 800

    def test_the_media_type_is_that_of_the_text(self, metrics: Metrics) -> None:
        assert METRICS_TYPE == "text/plain; version=0.0.4; charset=utf-8"
        assert metrics.text().endswith(b"\n")


def test_two_different_guests_leave_the_same_labels(tmp_path: Path) -> None:
    """And nothing that is theirs stands anywhere in the text."""
    texts, labels = [], []
    for number, (subject, language) in enumerate([("sub_annmarker", "en"), ("sub_benmarker", "zh")]):
        with front_desk(tmp_path / str(number)) as hotel:
            metrics = metrics_of(hotel)
            desk = new_desk(hotel.store, hotel.clock)
            watched = type(desk)(
                store=hotel.store,
                rules=RULES,
                vocabulary=WORDS,
                clock=hotel.clock,
                observers=system_observers(hotel.store, hotel.clock),
                permit_lifetime=LIFETIME,
                counter=metrics,
            )
            guest = FrontDesk(hotel.store, watched, hotel.clock, hotel.site, hotel.folder)
            guest.welcome(subject=SubjectId(subject), age_band="adult")
            request = guest.request(subject=SubjectId(subject))
            granted = guest.grant(request)
            passage = Passage(Door.CAPTURE, "capture", request, DOCUMENT)
            watched.verifier.admit(granted.token, passage)
            texts.append(metrics.text())
            labels.append(set(figures(metrics)))
            assert language.encode() not in subject.encode()
    assert labels[0] == labels[1]
    for text in texts:
        assert not re.search(rb"marker|sub_|prm_|req_|dec_|plc_|dev_|pur_|evd_", text)


def test_the_page_on_metrics_names_each_of_them(metrics: Metrics) -> None:
    page = (DOCS / "how-to" / "watch-with-metrics.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(countenance_\w+)` \|", page, re.MULTILINE))
    there = {
        (family.name + "_total" if family.type == "counter" else family.name)
        for family in text_string_to_metric_families(metrics.text().decode())
    }
    assert told == there
