"""What looks at an installation: seals, log, callers, devices, people, quality gate, searches and network.

Rules kept here:

* The server and every command look with the same eyes; only how a caller comes in differs.
"""

from __future__ import annotations

from countenance.authority import (
    AccessControlObserver,
    DeviceObserver,
    LogObserver,
    Observer,
    PopulationObserver,
    QualityGateObserver,
    SealObserver,
    Transport,
)
from countenance.kernel import Clock
from countenance.runtime.network_evidence import network_observer
from countenance.runtime.search_evidence import search_observer
from countenance.runtime.selfcheck import is_encrypted, is_loopback
from countenance.runtime.settings import Settings
from countenance.store import Store

__all__ = ["observers_here"]


def observers_here(settings: Settings, *, store: Store, clock: Clock, serving: bool) -> tuple[Observer, ...]:
    """Return what looks at this installation, for whoever asks the rules about it."""
    return (
        SealObserver(store=store, transport=_transport(settings, serving=serving)),
        LogObserver(store=store, clock=clock),
        _access_control(settings, serving=serving),
        DeviceObserver(store=store),
        PopulationObserver(store=store, clock=clock),
        QualityGateObserver(
            limits={"unified": settings.quality_gate, "component": settings.quality_gate_component}
        ),
        search_observer(settings, store=store),
        network_observer(settings, store=store, clock=clock),
    )


def _transport(settings: Settings, *, serving: bool) -> Transport:
    if not serving:
        return Transport.IN_PROCESS
    if is_encrypted(settings):
        return Transport.TLS
    return Transport.LOOPBACK if is_loopback(settings.host) else Transport.OPEN


def _access_control(settings: Settings, *, serving: bool) -> AccessControlObserver:
    if serving:
        return AccessControlObserver(enforced=settings.auth, how="API keys, kept as argon2id hashes")
    return AccessControlObserver(
        enforced=True, how="the accounts of this machine; the data folder has mode 0700"
    )
