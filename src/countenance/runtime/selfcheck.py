"""Is this installation safe, and complete, before it starts? Each finding says how to put it right.

Rules kept here:

* Looking changes nothing and never raises for what is found.
* A finding names a setting, never its value: no path, no secret.
"""

from __future__ import annotations

import ipaddress
import stat
from dataclasses import dataclass
from pathlib import Path

from countenance.authority import installed_rules
from countenance.decisions import ErrorTableInvalid, shipped_error_table
from countenance.gallery import scan_state
from countenance.kernel import CountenanceError
from countenance.runtime.errors import InstallationNotReady, ModelNotForThis
from countenance.runtime.networks import Networks, choose_networks
from countenance.runtime.passive_networks import passive_verdicts
from countenance.runtime.settings import Settings
from countenance.store import key_provider
from countenance.vision.registry import ModelState, ModelStore

__all__ = [
    "HealthFinding",
    "examine_models",
    "examine_settings",
    "is_encrypted",
    "is_loopback",
    "require_ready",
]

_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """One thing that was looked at.

    Attributes:
        name: a stable name, such as ``bind``.
        ok: whether it is as it should be.
        words: what was found, in one sentence; no secret and no path.
        remedy: what to do; empty where it is ok.
        stops: whether the installation isn't ready while this isn't ok; else somebody has to see to it.
    """

    name: str
    ok: bool
    words: str
    remedy: str = ""
    stops: bool = True

    @property
    def lets_serve(self) -> bool:
        """Whether the installation can be ready with this."""
        return self.ok or not self.stops


def examine_settings(settings: Settings) -> tuple[HealthFinding, ...]:
    """Look at the settings and at the files that they name, the database left aside."""
    return (
        _bind(settings),
        _auth(settings),
        _tls(settings),
        _root_key(settings),
        _root_key_place(settings),
        _data_folder(settings),
        _rules(settings),
        *examine_models(settings),
        _scan(),
    )


def require_ready(findings: tuple[HealthFinding, ...]) -> None:
    """Refuse to start if a finding that stops the installation isn't ok.

    Raises:
        InstallationNotReady: naming every such finding and its remedy.
    """
    wrong = [finding for finding in findings if not finding.lets_serve]
    if wrong:
        raise InstallationNotReady(
            " ".join(finding.words for finding in wrong),
            remedy=" ".join(dict.fromkeys(finding.remedy for finding in wrong)),
        )


def is_loopback(host: str) -> bool:
    """Say whether an address is this machine's own. Another name may resolve to anything, so it isn't."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_encrypted(settings: Settings) -> bool:
    """Say whether the way from a browser to this server is encrypted, by TLS here or at a proxy."""
    return settings.behind_tls_proxy or settings.tls_certificate is not None


def _bind(settings: Settings) -> HealthFinding:
    if is_loopback(settings.host):
        return HealthFinding("bind", ok=True, words="The server binds to loopback.")
    if is_encrypted(settings):
        return HealthFinding("bind", ok=True, words="The server binds beyond loopback, with TLS.")
    return HealthFinding(
        "bind",
        ok=False,
        words="The setting host lets other machines in, and nothing encrypts what they send.",
        remedy="Set host to 127.0.0.1, or set tls_certificate and tls_private_key, or behind_tls_proxy if a "
        "proxy in front ends TLS.",
    )


def _auth(settings: Settings) -> HealthFinding:
    if settings.auth:
        return HealthFinding("auth", ok=True, words="API keys are asked for.")
    if is_loopback(settings.host) and not settings.behind_tls_proxy:
        return HealthFinding("auth", ok=True, words="API keys are off, on loopback: for development alone.")
    return HealthFinding(
        "auth",
        ok=False,
        words="The setting auth is off, and other machines can reach the server.",
        remedy="Set auth to true; it may be off on loopback alone.",
    )


def _tls(settings: Settings) -> HealthFinding:
    certificate, private_key = settings.tls_certificate, settings.tls_private_key
    if certificate is None and private_key is None:
        return HealthFinding("tls", ok=True, words="No TLS files are set.")
    if certificate is None or private_key is None:
        words = "Only one of tls_certificate and tls_private_key is set."
    elif not (certificate.is_file() and private_key.is_file()):
        words = "A file that tls_certificate or tls_private_key names isn't there."
    elif _others_can_use(private_key):
        words = "Others can read the file that tls_private_key names."
    else:
        return HealthFinding("tls", ok=True, words="The TLS files are there.")
    return HealthFinding(
        "tls", ok=False, words=words, remedy="Set both, to files that are there; give the key mode 0600."
    )


def _root_key(settings: Settings) -> HealthFinding:
    try:
        key_provider(settings.root_key)
    except CountenanceError as error:
        return HealthFinding("root-key", ok=False, words=error.message, remedy=error.remedy)
    return HealthFinding("root-key", ok=True, words="The root key is there and nobody else can read it.")


def _root_key_place(settings: Settings) -> HealthFinding:
    scheme, _, path = settings.root_key.partition(":")
    inside = scheme == "file" and Path(path).resolve().is_relative_to(settings.data_folder.resolve())
    if not inside:
        return HealthFinding("root-key-place", ok=True, words="The root key lies outside the data folder.")
    return HealthFinding(
        "root-key-place",
        ok=False,
        words="The root key lies in the data folder: who takes the one has the other.",
        remedy="Move the key's file elsewhere, out of the data folder's backups too, and set root_key to it.",
    )


def _data_folder(settings: Settings) -> HealthFinding:
    folder = settings.data_folder
    if not folder.is_dir():
        return HealthFinding(
            "data-folder",
            ok=False,
            words="The data folder isn't there.",
            remedy="Create the installation with `countenance init`, or look at the setting data_folder.",
        )
    if _others_can_use(folder):
        return HealthFinding(
            "data-folder",
            ok=False,
            words="Others can read the data folder.",
            remedy="Give it mode 0700: chmod 700, as its owner.",
        )
    return HealthFinding(
        "data-folder", ok=True, words="The data folder is there and nobody else can read it."
    )


def _rules(settings: Settings) -> HealthFinding:
    try:
        rules, _ = installed_rules(settings.rules_folder)
    except CountenanceError as error:
        return HealthFinding("rules", ok=False, words=error.message, remedy=error.remedy)
    own = [pack for pack in rules.packs if pack.own is not None]
    shipped = len(rules.rules) - sum(len(pack.rules) for pack in own)
    words = f"{shipped} shipped rules are in use"
    if own:
        words += (
            f", and {len(rules.rules) - shipped} of the operator's own: {', '.join(str(p.own) for p in own)}"
        )
    return HealthFinding("rules", ok=True, words=f"{words}; rule set {rules.sha256[:12]}.")


def examine_models(settings: Settings) -> tuple[HealthFinding, ...]:
    """Look whether every network that the settings name is here, unaltered, and has its error table."""
    models = ModelStore(folder=settings.models_folder)
    try:
        networks = choose_networks(settings, models.manifest)
        passive_verdicts(settings, models.manifest)
    except (ModelNotForThis, CountenanceError) as error:
        return (HealthFinding("models", ok=False, words=error.message, remedy=error.remedy),)
    ids = tuple(dict.fromkeys((*networks.ids, *settings.passive_networks)))
    return (_weights(models, ids), _error_table(networks))


def _scan() -> HealthFinding:
    state = scan_state()
    words = f"Galleries are searched by {state.kernel}."
    # Slower is no danger, so it stops nothing.
    return HealthFinding("scan", ok=not state.remedy, words=words, remedy=state.remedy, stops=False)


def _weights(models: ModelStore, ids: tuple[str, ...]) -> HealthFinding:
    states = {model_id: models.status(model_id).state for model_id in ids}
    wrong = [f"{name} ({state})" for name, state in states.items() if state is not ModelState.VERIFIED]
    if not wrong:
        return HealthFinding(
            "models", ok=True, words=f"{len(states)} networks are here, with the pinned hashes."
        )
    return HealthFinding(
        "models",
        ok=False,
        words=f"Networks aren't here as they should be: {', '.join(wrong)}.",
        remedy=f"Bring them with: countenance models pull {' '.join(ids)}",
    )


def _error_table(networks: Networks) -> HealthFinding:
    try:
        shipped_error_table(networks.template_model, networks.detectors)
    except ErrorTableInvalid as error:
        return HealthFinding("error-table", ok=False, words=error.message, remedy=error.remedy)
    return HealthFinding("error-table", ok=True, words="These networks have a measured error table.")


def _others_can_use(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & _OTHERS)
