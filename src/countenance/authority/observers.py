"""What the system can see about itself. Each observer looks, and says only what it saw.

An observer that doesn't see its fact returns nothing. It is never told what to find.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from countenance.kernel import Clock, CountenanceError
from countenance.kernel.canonical import JsonValue
from countenance.store import (
    SELF_CHECK_PURPOSE,
    SELF_CHECK_SUBJECT,
    Device,
    DeviceEnrolment,
    DeviceStatus,
    EvidenceScope,
    Store,
)

__all__ = [
    "FILING_FROM",
    "AccessControlObserver",
    "DeviceObserver",
    "LogObserver",
    "Observed",
    "Observer",
    "PopulationObserver",
    "QualityGateObserver",
    "SealObserver",
    "Transport",
]

FILING_FROM: Final = 100_000
"""People stored from which a filing is due: CAC/MPS Order 19 Art 15."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Observed:
    """One fact that the system saw.

    Attributes:
        key: the evidence key that it satisfies.
        content: what was seen, as JSON values. It stays the same while the fact does: no counters, no
            times, or every look would write a new record.
        scope: what it is about; the whole deployment if left out.
        valid_for: how long the look is good for.
    """

    key: str
    content: Mapping[str, JsonValue]
    scope: EvidenceScope = field(default_factory=EvidenceScope)
    valid_for: timedelta = _HOUR


class Observer(Protocol):
    """Looks at one part of the system. Implementations run ``tests/contract/observer.py``."""

    @property
    def keys(self) -> frozenset[str]:
        """The evidence keys that it may report; what it stops reporting is withdrawn."""
        ...

    def observe(self) -> tuple[Observed, ...]:
        """Look now. Empty if the facts aren't so; never raises because they aren't."""
        ...


class Transport(StrEnum):
    """How pictures reach this process."""

    IN_PROCESS = "in process"
    """A command of this machine reads them from its own disk; nothing is sent."""
    LOOPBACK = "loopback"
    """The server listens on this machine's own interface alone."""
    TLS = "tls"
    """The server is reached over TLS."""
    OPEN = "open"
    """None of these."""


class SealObserver:
    """Seals a probe and opens it again: ``encryption`` and ``template_protected``.

    ``encryption`` is reported only if the way to this process is closed too. ``template_protected``
    says what this version does: no template is stored at all, and what is stored is sealed.

    Args:
        store: whose vault is tried.
        transport: how pictures reach this process.
    """

    __slots__ = ("_store", "_transport")

    def __init__(self, *, store: Store, transport: Transport) -> None:
        self._store = store
        self._transport = transport

    @property
    def keys(self) -> frozenset[str]:
        """``encryption`` and ``template_protected``."""
        return frozenset({"encryption", "template_protected"})

    def observe(self) -> tuple[Observed, ...]:
        """Seal 32 random bytes, look whether they can be seen in the result, open it, compare."""
        if not self._seals():
            return ()
        protected = Observed(
            "template_protected",
            {"stored": "no template is written; it lives in memory for one comparison", "vault": "seals"},
        )
        if self._transport is Transport.OPEN:
            return (protected,)
        encrypted = Observed("encryption", {"at_rest": "vault seals", "on_the_way": self._transport.value})
        return (encrypted, protected)

    def _seals(self) -> bool:
        subject, purpose = SELF_CHECK_SUBJECT, SELF_CHECK_PURPOSE
        context = {"what": "self-check"}
        probe = secrets.token_bytes(32)
        try:
            sealed = self._store.vault.seal(subject, purpose, probe, context=context)
            opened = self._store.vault.open(subject, purpose, sealed, context=context)
        except CountenanceError:
            return False
        return opened == probe and probe not in sealed


class LogObserver:
    """Keeps verifying the transparency log: ``audit_log``.

    The first look takes the whole log, each later one what is new and some of what is old
    (:class:`countenance.store.LogFollower`): a check-in pays no more for a long log than for a short one.

    Args:
        store: whose log is verified.
        clock: says what time it is.
        again: how many earlier entries are looked at once more, each time.
        retry: how long a log that doesn't hold isn't looked at; it would cost the whole of it.
    """

    __slots__ = ("_again", "_clock", "_failed_at", "_follower", "_lock", "_retry", "_store")

    def __init__(
        self, *, store: Store, clock: Clock, again: int = 32, retry: timedelta = timedelta(minutes=1)
    ) -> None:
        self._store = store
        self._clock = clock
        self._again = again
        self._retry = retry
        self._follower = store.log.follower()
        self._failed_at: datetime | None = None
        self._lock = threading.Lock()

    @property
    def keys(self) -> frozenset[str]:
        """``audit_log``."""
        return frozenset({"audit_log"})

    def observe(self) -> tuple[Observed, ...]:
        """Verify what is new against the signed head, and a stretch of what is old."""
        with self._lock:
            now = self._clock.now()
            if self._failed_at is not None and timedelta(0) <= now - self._failed_at < self._retry:
                return ()
            self._failed_at = None if self._holds() else now
            if self._failed_at is not None:
                return ()
        return (Observed("audit_log", {"log": "verifies", "key_id": self._store.signer.key_id}),)

    def _holds(self) -> bool:
        try:
            return self._follower.look(again=self._again)
        except CountenanceError:
            return False


class AccessControlObserver:
    """Says whether callers are known before they are served: ``access_control``.

    Args:
        enforced: whether every way into this process asks who is there.
        how: the way, in words, such as ``API keys, hashed`` or ``this machine's own accounts``.
    """

    __slots__ = ("_enforced", "_how")

    def __init__(self, *, enforced: bool, how: str) -> None:
        self._enforced = enforced
        self._how = how

    @property
    def keys(self) -> frozenset[str]:
        """``access_control``."""
        return frozenset({"access_control"})

    def observe(self) -> tuple[Observed, ...]:
        """Report the setting that this process runs under."""
        return (Observed("access_control", {"how": self._how}),) if self._enforced else ()


class DeviceObserver:
    """Reads the register of devices: ``device_registered`` for each device in use, and ``suspend_control``.

    A suspended or retired device isn't reported. ``suspend_control`` is reported while there is a device that
    could be suspended; every door asks for its status.

    Args:
        store: whose register is read.
    """

    __slots__ = ("_store",)

    def __init__(self, *, store: Store) -> None:
        self._store = store

    @property
    def keys(self) -> frozenset[str]:
        """``device_registered`` and ``suspend_control``."""
        return frozenset({"device_registered", "suspend_control"})

    def observe(self) -> tuple[Observed, ...]:
        """Report every device in use that was declared for something."""
        enrolments = self._store.enrolments.all()
        in_use = tuple(
            self._observed(device, enrolments.get(device.device_id))
            for device in self._store.devices.all()
            if device.functions and _is_in_use(enrolments.get(device.device_id))
        )
        if not in_use:
            return ()
        how = "a device is suspended in the register; then its permits open no door"
        return (*in_use, Observed("suspend_control", {"how": how}, valid_for=_DAY))

    def _observed(self, device: Device, enrolment: DeviceEnrolment | None) -> Observed:
        return Observed(
            "device_registered",
            {
                "place": device.place,
                "functions": list(device.functions),
                "registered_at": device.registered_at.isoformat(),
                "key_id": None if enrolment is None else enrolment.key_id,
            },
            EvidenceScope(device=device.device_id),
            _DAY,
        )


def _is_in_use(enrolment: DeviceEnrolment | None) -> bool:
    return enrolment is None or enrolment.status is DeviceStatus.ACTIVE


class QualityGateObserver:
    """Says which limits a photograph has to keep before it is compared: ``quality_gate``.

    Args:
        limits: the gate's limits by name; empty means that no gate is set.
    """

    __slots__ = ("_limits",)

    def __init__(self, *, limits: Mapping[str, JsonValue]) -> None:
        self._limits = dict(limits)

    @property
    def keys(self) -> frozenset[str]:
        """``quality_gate``."""
        return frozenset({"quality_gate"})

    def observe(self) -> tuple[Observed, ...]:
        """Report the gate that this process runs with."""
        return (Observed("quality_gate", {"limits": self._limits}),) if self._limits else ()


class PopulationObserver:
    """Counts the people about whom something is held: ``population_counter``.

    What is reported says whether a filing is due and not the number, so that it stays the same from one
    guest to the next. The number is read each time, which takes the same time however large it is; it is
    compared with what it counts at the first look and then every hour, and not reported while they differ.

    Args:
        store: whose people are counted.
        clock: says what time it is.
        filing_from: people from which a filing is due.
    """

    __slots__ = ("_clock", "_compared_at", "_filing_from", "_lock", "_store")

    def __init__(self, *, store: Store, clock: Clock, filing_from: int = FILING_FROM) -> None:
        self._store = store
        self._clock = clock
        self._filing_from = filing_from
        self._compared_at: datetime | None = None
        self._lock = threading.Lock()

    @property
    def keys(self) -> frozenset[str]:
        """``population_counter``."""
        return frozenset({"population_counter"})

    def observe(self) -> tuple[Observed, ...]:
        """Read the number; compare it with what it counts if that is an hour ago."""
        try:
            people = self._store.population.people()
            if not self._compared():
                return ()
        except CountenanceError:
            return ()
        content: dict[str, JsonValue] = {
            "counted": "pseudonyms with a data key, each once; never fewer than people",
            "filing_from": self._filing_from,
            "reached": people >= self._filing_from,
        }
        return (Observed("population_counter", content),)

    def _compared(self) -> bool:
        with self._lock:
            now = self._clock.now()
            if self._compared_at is None or not timedelta(0) <= now - self._compared_at < _HOUR:
                self._compared_at = now if self._store.population.fits() else None
            return self._compared_at is not None
