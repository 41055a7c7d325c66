"""What the demonstration draws: both faces and the decision, the receipt as a QR code, the refusal as a page.

Rules kept here:

* Pictures are drawn because somebody asked to look at them, in the demonstration, of published portraits. A
  real check-in draws none.
* A page says nothing that the verdict doesn't say, and loads nothing.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import segno
from PIL import Image, ImageDraw, ImageFont

from countenance.decisions import Outcome
from countenance.policy import Verdict
from countenance.scenes import AttendedResult, SceneProfile

__all__ = ["comparison_picture", "receipt_codes", "refusal_page", "write_pictures"]

_WIDTH: Final = 1000
_FACE: Final = 280
_PAPER: Final = (250, 250, 248)
_INK: Final = (32, 36, 42)
_FAINT: Final = (110, 116, 124)
_COLOUR: Final[Mapping[Outcome, tuple[int, int, int]]] = {
    Outcome.MATCH: (22, 120, 70),
    Outcome.NO_MATCH: (178, 34, 52),
    Outcome.INCONCLUSIVE: (168, 112, 0),
    Outcome.UNKNOWN: (96, 84, 84),
    Outcome.LEAD: (168, 92, 0),
}

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def comparison_picture(result: AttendedResult, *, profile: SceneProfile) -> bytes:
    """Return a PNG, 1000 pixels wide: both aligned faces, the outcome, and the decision in words.

    Args:
        result: with its previews not yet wiped.
        profile: the scene, for the titles of the photographs.
    """
    decision = result.decision
    body = ImageFont.load_default(20)
    lines = [line for sentence in decision.words for line in _wrapped(sentence, body, _WIDTH - 80)]
    height = 150 + _FACE + 70 + 28 * len(lines) + 60
    picture = Image.new("RGB", (_WIDTH, height), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, _WIDTH, 96), fill=_COLOUR[decision.outcome])
    draw.text(
        (40, 48), decision.outcome.value.upper(), font=ImageFont.load_default(48), fill="white", anchor="lm"
    )
    if decision.demo:
        draw.text((_WIDTH - 40, 48), "DEMO", font=ImageFont.load_default(36), fill="white", anchor="rm")
    titles = {photo.role: photo.title for photo in (profile.reference, profile.probe)}
    for column, preview in enumerate(result.previews):
        left = 180 + column * (_FACE + 80)
        face = Image.fromarray(preview.aligned).resize((_FACE, _FACE), Image.Resampling.LANCZOS)
        picture.paste(face, (left, 126))
        quality = next((r.quality for r in decision.inputs if r.role is preview.role), None)
        title = titles[preview.role] + ("" if quality is None else f", quality {quality} of 100")
        draw.text((left + _FACE // 2, 126 + _FACE + 22), title, font=body, fill=_FAINT, anchor="mm")
    for row, line in enumerate(lines):
        draw.text((40, 150 + _FACE + 36 + row * 28), line, font=body, fill=_INK)
    draw.text(
        (40, height - 40), f"Decision {decision.decision_id}", font=ImageFont.load_default(16), fill=_FAINT
    )
    encoded = BytesIO()
    picture.save(encoded, format="PNG")
    return encoded.getvalue()


def receipt_codes(receipt: str) -> tuple[bytes, bytes]:
    """Return a receipt as a QR code (ISO/IEC 18004), as PNG and as SVG bytes."""
    code = segno.make_qr(receipt, error="L", boost_error=False)
    png, svg = BytesIO(), BytesIO()
    code.save(png, kind="png", scale=6, border=4)
    code.save(svg, kind="svg", scale=4, border=4)
    return png.getvalue(), svg.getvalue()


def refusal_page(verdict: Verdict, *, asked: str) -> str:
    """Return a refusal as a self-contained HTML page.

    Args:
        verdict: what the rules said.
        asked: what was asked for, in words.
    """
    rows = "".join(
        f"<tr><td>{_escaped(finding.status.value)}</td><td><b>{_escaped(finding.rule.citation)}</b><br>"
        f"{_escaped(finding.rule.text)}.<br><small>"
        f"{_escaped(finding.rule_id)}; {_escaped(finding.rule.force.words)}; "
        f"{_escaped(finding.rule.trust.words)}"
        "</small></td></tr>"
        for finding in verdict.refusing
    )
    sections = "".join(
        f"<h2>{title}</h2><ul>{''.join(f'<li>{_escaped(text)}</li>' for text in texts)}</ul>"
        for title, texts in (
            ("State first", [f"{u.question} ({u.trigger})" for u in verdict.unknown]),
            ("File first", [f"{' or '.join(m.alternatives)}: {m.words}" for m in verdict.missing]),
            ("Notes", verdict.notes),
        )
        if texts
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        "<title>Refused by rule</title><style>"
        "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}"
        "h1{color:#b22234}td{vertical-align:top;padding:.4rem .8rem .4rem 0}small{color:#6e747c}</style>"
        f"<h1>Refused by rule</h1><p>{_escaped(asked)}</p><p><b>{_escaped(verdict.words()[0])}</b></p>"
        f"<h2>Rules that refuse</h2><table>{rows}</table>{sections}"
        f"<p><small>Rules as of {verdict.at}, rule set {verdict.rule_set}. DEMO.</small></p></html>\n"
    )


def write_pictures(folder: Path, pictures: Mapping[str, bytes]) -> Sequence[Path]:
    """Write pictures into a folder (0700), replacing those of an earlier run, and return where they lie."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = []
    for name, content in pictures.items():
        path = folder / name
        path.write_bytes(content)
        written.append(path)
    return written


def _wrapped(sentence: str, font: _Font, width: int) -> list[str]:
    """Break a sentence into lines of at most a width in pixels."""
    lines, line = [], ""
    for word in sentence.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)
