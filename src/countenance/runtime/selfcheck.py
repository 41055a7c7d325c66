"""Is this installation safe to start? Each finding says what is wrong and how to change it."""

from __future__ import annotations

from dataclasses import dataclass

from countenance.runtime.errors import InstallationUnsafe
from countenance.runtime.settings import Settings

__all__ = ["HealthFinding", "examine_settings", "require_safe"]


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """One thing that was looked at.

    Attributes:
        name: a stable name, such as ``bind``.
        ok: whether it is as it should be.
        words: what was found, in one sentence; no secret and no path.
        remedy: what to do; empty where it is ok.
    """

    name: str
    ok: bool
    words: str
    remedy: str = ""


def examine_settings(settings: Settings) -> tuple[HealthFinding, ...]:
    """Look at the settings and the files that they name."""
    raise NotImplementedError


def require_safe(findings: tuple[HealthFinding, ...]) -> None:
    """Refuse to start if a finding isn't ok.

    Raises:
        InstallationUnsafe: naming every such finding and its remedy.
    """
    wrong = [finding for finding in findings if not finding.ok]
    if wrong:
        raise InstallationUnsafe(
            " ".join(finding.words for finding in wrong),
            remedy=" ".join(finding.remedy for finding in wrong),
        )
