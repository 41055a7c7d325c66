"""Figures for whoever watches the installation, in the form that Prometheus reads.

Rules kept here:

* A label is one of few words that are known beforehand: an operation, a jurisdiction, a code, a door, a path
  of ours, a model. No person, pseudonym, score, file, place, device, purpose or address is one, and no value
  that a caller chose.
* Figures count and measure; of a single request they say nothing, nor when something was counted first.
* What the store knows is read when somebody asks. The rest is counted since this process began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

import countenance
from countenance.authority import FILING_FROM
from countenance.authority.records import KEY_FORMS
from countenance.cases import Swept, open_requests
from countenance.kernel import Clock, CountenanceError, Passage, PlaceId, ProcessingRequest
from countenance.policy import Vocabulary
from countenance.store import Store

__all__ = ["METRICS_TYPE", "Metrics"]

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of the text that Prometheus reads."""

_OTHER: Final = "other"
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; a verification takes from a tenth of a second to some, the rest some milliseconds."""
_ASSESSMENTS: Final = tuple(sorted(key for key, it in KEY_FORMS.items() if it.form.form == "assessment"))

disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """Counts and measures one installation. Safe to use from several threads; never raises while counting.

    Implements :class:`countenance.authority.ActCounter`.

    Args:
        store: what is read when somebody asks; never handed out.
        vocabulary: the operations that may be labels.
        clock: says what time it is.
        models: the ids of the networks in use.
        rule_set: the SHA-256 of the rules in use.
    """

    def __init__(
        self, *, store: Store, vocabulary: Vocabulary, clock: Clock, models: Iterable[str], rule_set: str
    ) -> None:
        self._store = store
        self._operations = frozenset(vocabulary.operations)
        self._jurisdictions: dict[PlaceId, str] = {}
        registry = self._registry = CollectorRegistry()
        self._issued = Counter(
            "countenance_permits_issued", "Permits issued.", ("operation", "jurisdiction"), registry=registry
        )
        self._refused = Counter(
            "countenance_permits_refused",
            "Requests for a permit that were refused, by the error's code.",
            ("operation", "jurisdiction", "code"),
            registry=registry,
        )
        self._passages = Counter(
            "countenance_door_passages", "Passages through a door.", ("door",), registry=registry
        )
        self._shut = Counter(
            "countenance_door_refusals",
            "Doors that stayed shut, by the error's code.",
            ("door", "code"),
            registry=registry,
        )
        self._requests = Histogram(
            "countenance_request_seconds",
            "Seconds from a request to its answer.",
            ("method", "path", "status"),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._queue = Gauge(
            "countenance_verifications_inside",
            "Verifications at work or waiting for their turn.",
            registry=registry,
        )
        self._sweeps = Counter(
            "countenance_sweeps",
            "Sweeps, by how they ended: swept, or a code.",
            ("outcome",),
            registry=registry,
        )
        self._swept = Counter("countenance_swept", "What sweeps let go of.", ("what",), registry=registry)
        self._certificates = Counter(
            "countenance_deletion_certificates",
            "Deletion certificates; unfinished ones say that bytes were left.",
            ("finished",),
            registry=registry,
        )
        running = {"version": countenance.__version__, "rule_set": rule_set}
        registry.register(_Known(store=store, clock=clock, models=tuple(models), running=running))

    def permitted(self, request: ProcessingRequest) -> None:
        """A permit was issued: counted once for each of its operations."""
        for operation in request.operations:
            self._issued.labels(self._operation(operation), self._jurisdiction(request.place)).inc()

    def refused(self, request: ProcessingRequest, code: str) -> None:
        """No permit was issued."""
        for operation in request.operations:
            self._refused.labels(self._operation(operation), self._jurisdiction(request.place), code).inc()

    def passed(self, passage: Passage) -> None:
        """A door was passed."""
        self._passages.labels(passage.door.value).inc()

    def turned_away(self, passage: Passage, code: str) -> None:
        """A door stayed shut."""
        self._shut.labels(passage.door.value, code).inc()

    def answered(self, *, method: str, path: str, status: int, seconds: float) -> None:
        """A request was answered.

        Args:
            method: an HTTP method that is known, or ``other``.
            path: a path of ours as the access log knows it, or ``other``.
            status: the answer's status.
            seconds: how long it took.
        """
        self._requests.labels(method, path, str(status)).observe(seconds)

    def watch_queue(self, inside: Callable[[], int]) -> None:
        """Ask this how many verifications are at work or waiting, whenever somebody asks."""
        self._queue.set_function(inside)

    def swept(self, swept: Swept) -> None:
        """A sweep ended."""
        self._sweeps.labels("swept").inc()
        for what in ("records", "decisions", "people", "references"):
            self._swept.labels(what).inc(getattr(swept, what))

    def sweep_failed(self, code: str) -> None:
        """A sweep didn't run."""
        self._sweeps.labels(code).inc()

    def certified(self, *, finished: bool) -> None:
        """A deletion certificate was made."""
        self._certificates.labels("yes" if finished else "no").inc()

    def text(self) -> bytes:
        """Return all figures in the text form 0.0.4 of Prometheus, UTF-8.

        Raises:
            OperatorError: if the store can't be read.
        """
        return generate_latest(self._registry)

    def _operation(self, operation: str) -> str:
        return operation if operation in self._operations else _OTHER

    def _jurisdiction(self, place: PlaceId) -> str:
        """Return the jurisdictions of a registered place, such as ``CN`` or ``EU+EU/DE``."""
        known = self._jurisdictions.get(place)
        if known is None:
            try:
                known = "+".join(self._store.places.get(place).jurisdictions)
            except CountenanceError:
                return _OTHER
            self._jurisdictions[place] = known
        return known


class _Known(Collector):
    """Reads what the store knows, at the moment of asking."""

    def __init__(
        self, *, store: Store, clock: Clock, models: tuple[str, ...], running: Mapping[str, str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._models = models
        self._running = running

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Return nothing: what isn't described isn't read before somebody asks."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each figure.

        Raises:
            OperatorError: if the store can't be read.
        """
        now = self._clock.now()
        yield GaugeMetricFamily(
            "countenance_log_entries", "Entries of the transparency log.", value=self._store.log.size()
        )
        yield GaugeMetricFamily(
            "countenance_people_at_most",
            "Pseudonyms about whom something is held; never fewer than people.",
            value=self._store.population.people(),
        )
        yield GaugeMetricFamily(
            "countenance_people_filing_from",
            "People from which on a filing is due (CN-FRT-15).",
            value=FILING_FROM,
        )
        duties = GaugeMetricFamily(
            "countenance_duties_open", "Duties that nobody has discharged.", labels=("overdue",)
        )
        owed = [duty.due < now for duty in self._store.duties.open()]
        duties.add_metric(("yes",), sum(owed))
        duties.add_metric(("no",), len(owed) - sum(owed))
        yield duties
        requests = GaugeMetricFamily(
            "countenance_requests_open", "People's requests that nobody has answered.", labels=("overdue",)
        )
        late = [request.due < now for request in open_requests(self._store)]
        requests.add_metric(("yes",), sum(late))
        requests.add_metric(("no",), len(late) - sum(late))
        yield requests
        yield self._assessments()
        models = GaugeMetricFamily("countenance_model_info", "Networks in use.", labels=("model",))
        for model in self._models:
            models.add_metric((model,), 1)
        yield models
        info = GaugeMetricFamily("countenance_info", "What is running.", labels=tuple(self._running))
        info.add_metric(tuple(self._running.values()), 1)
        yield info

    def _assessments(self) -> GaugeMetricFamily:
        """Until when the assessments on file hold, the one that runs out first, by key."""
        family = GaugeMetricFamily(
            "countenance_assessment_ends_seconds",
            "When the first of the assessments on file runs out, in seconds since 1970.",
            labels=("key",),
        )
        at = self._store.evidence.at(self._clock.now(), keys=_ASSESSMENTS, about_nobody=True)
        ends: dict[str, float] = {}
        for record in at:
            if record.valid_until is not None:
                until = record.valid_until.timestamp()
                ends[record.key] = min(until, ends.get(record.key, until))
        for key, until in sorted(ends.items()):
            family.add_metric((key,), until)
        return family
