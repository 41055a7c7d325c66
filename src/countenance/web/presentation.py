"""What the result pages show, taken from a decision or a verdict: values, no markup."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import segno
from PIL import Image

if TYPE_CHECKING:
    from countenance.decisions import FacePreview, InputReport
    from countenance.policy import Finding, Verdict
    from countenance.scenes import AttendedResult

__all__ = ["Photograph", "RuleCard", "one_in", "photographs", "receipt_code", "rule_cards"]

_QR_BYTES: Final = 2331
"""What the largest QR code holds at error correction M (ISO/IEC 18004, version 40, byte mode)."""

_MODULE: Final = 3
"""Pixels of the screen that one module is wide; whole ones, so that every module is as wide as the next."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """One of the two photographs, as the clerk sees it.

    Attributes:
        role: ``document`` or ``live``.
        face: the aligned face as a ``data:`` URI, or ``None`` if none was found.
        quality: unified quality, 0 to 100, or ``None``.
        grade: ``good``, ``fair`` or ``poor``; ``none`` without a quality.
        reasons: what to change about it.
    """

    role: str
    face: str | None
    quality: int | None
    grade: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleCard:
    """One rule that fired.

    Attributes:
        rule_id: its id.
        citation: where it is written.
        force: value of its force, for the sentence's key.
        trust: name of its trust mark, for the sentence's key.
        status: value of the finding's status.
        text: what it says.
        evidence: evidence keys that the verdict rests on for it, each with the ids of the records.
    """

    rule_id: str
    citation: str
    force: str
    trust: str
    status: str
    text: str
    evidence: tuple[tuple[str, tuple[str, ...]], ...]


def photographs(result: AttendedResult) -> tuple[Photograph, ...]:
    """Return what is shown of the two photographs, in the decision's order; wipes the previews."""
    faces = {preview.role: _data_uri(preview) for preview in result.previews}
    for preview in result.previews:
        preview.wipe()
    return tuple(
        Photograph(
            role=report.role.value,
            face=faces.get(report.role),
            quality=report.quality,
            grade=_grade(report),
            reasons=report.reasons,
        )
        for report in result.decision.inputs
    )


def _data_uri(preview: FacePreview) -> str:
    buffer = io.BytesIO()
    Image.fromarray(preview.aligned).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _grade(report: InputReport) -> str:
    if report.quality is None:
        return "none"
    if report.quality >= 60:  # noqa: PLR2004
        return "good"
    return "fair" if report.quality >= 35 else "poor"  # noqa: PLR2004


def receipt_code(receipt: str) -> str | None:
    """Return a receipt as the SVG of a QR code, or ``None`` if it is too long for one."""
    if len(receipt) > _QR_BYTES:
        return None
    code = segno.make_qr(receipt, error="m", boost_error=False)
    svg = code.svg_inline(omitsize=True, border=4, dark="#111", light="#fff", svgclass="qr", lineclass=None)
    side = code.symbol_size(scale=_MODULE, border=4)[0]
    return str(svg).replace("<svg ", f'<svg width="{side}" height="{side}" ', 1)


def one_in(rate: float) -> int:
    """Return a rate above 0 as "one in so many", rounded to two digits: 0.0001 is 10000."""
    return int(float(f"{1 / rate:.2g}"))


def rule_cards(verdict: Verdict, findings: Iterable[Finding]) -> tuple[RuleCard, ...]:
    """Return findings of a verdict with the evidence records that they rest on."""
    records = dict(verdict.satisfied_by)
    return tuple(
        RuleCard(
            rule_id=finding.rule.rule_id,
            citation=finding.rule.citation,
            force=finding.rule.force.value,
            trust=finding.rule.trust.name.lower(),
            status=finding.status.value,
            text=finding.rule.text,
            evidence=tuple((key, records[key]) for key in sorted(finding.rule.keys) if records.get(key)),
        )
        for finding in findings
    )
