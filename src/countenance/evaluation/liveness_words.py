"""What a simulated liveness evaluation shows, as figures, sentences and a strip of frames.

Rules kept here:

* Every sentence that has a rate says that it is simulated, of how many, and how high it may be.
* The strip shows a public-domain sample portrait, never one of the data set.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image

from countenance.evaluation.charts import Chart, frames_chart
from countenance.evaluation.following import Moved, Told
from countenance.evaluation.liveness_attempts import InstrumentRates
from countenance.evaluation.presentations import Instrument, perform
from countenance.liveness import Prompt, guess_probability
from countenance.vision.rendering import RenderedHead, Stance

__all__ = ["frames_strip", "liveness_figures", "liveness_sentences"]

_PERCENT: Final = 100
_NOT_IN: Final = (
    "Active evidence alone was asked: the challenge, one take, relief of the nose, frames that came twice, "
    "one face. No passive network was, so no level was reached."
)
_SIMULATED: Final = (
    "Simulated: portraits on their own face mesh before a made-up camera. It says nothing about real people, "
    "prints, screens, masks or cameras, and isn't a test after ISO/IEC 30107-3."
)
_FRAME: Final = (320, 240)
_TURNED: Final = 28.0


def liveness_figures(rates: Sequence[InstrumentRates]) -> dict[str, object]:
    """Return figures by name; the headline is the worst attack that is meant to be withstood."""
    attacks = [r for r in rates if r.instrument.withstood]
    persons = [r for r in rates if r.instrument is Instrument.BONA_FIDE]
    figures: dict[str, object] = {}
    if attacks:
        worst = max(attacks, key=lambda r: (r.error, r.upper))
        figures["apcer_worst_percent"] = round(_PERCENT * worst.error, 2)
        figures["apcer_worst_upper_percent"] = round(_PERCENT * worst.upper, 2)
        figures["apcer_worst_of"] = worst.instrument.value
    for own in persons:
        figures["bpcer_percent"] = round(_PERCENT * own.error, 2)
        figures["bpcer_upper_percent"] = round(_PERCENT * own.upper, 2)
        figures["bona_fide_attempts"] = own.attempts
        figures["bpnrr_percent"] = round(_PERCENT * own.unanswered / own.attempts, 2)
    for one in rates:
        if one.instrument.is_attack:
            name = one.instrument.value.replace(" ", "_").replace("-", "_").lower()
            figures[f"apcer_{name}_percent"] = round(_PERCENT * one.error, 2)
            figures[f"apnrr_{name}_percent"] = round(_PERCENT * one.unanswered / one.attempts, 2)
    figures["guess_probability"] = float(guess_probability())
    return figures


def liveness_sentences(rates: Sequence[InstrumentRates]) -> tuple[str, ...]:
    """Return what the figures can show, in sentences."""
    said = [_SIMULATED, _NOT_IN]
    for one in rates:
        name = "APCER" if one.instrument.is_attack else "BPCER"
        wrong = one.accepted if one.instrument.is_attack else one.attempts - one.accepted
        known = "" if one.instrument.withstood or not one.instrument.is_attack else " Not withstood."
        said.append(
            f"{one.instrument.value}: simulated {name} {wrong} of {one.attempts} "
            f"({_PERCENT * one.error:.1f} %), at most {_PERCENT * one.upper:.1f} % at 95 %.{known}"
        )
    return tuple(said)


def frames_strip(head: RenderedHead) -> Chart:
    """Draw one frame of every instrument, straight and turned.

    Args:
        head: of a public-domain sample portrait; behind the cut-out print as well.

    Raises:
        ChartsNotInstalled: if the charts' library isn't installed.
    """
    columns = []
    for place, instrument in enumerate(Instrument):
        frames = []
        for yaw in (0.0, _TURNED):
            still = (Moved(0.0, Stance(yaw=yaw)),)
            shown = perform(instrument, head, seed=place + 3, recording=still)
            shown.follower, shown.recording = None, still
            with Image.open(io.BytesIO(shown.frame(0.0, _STRAIGHT))) as opened:
                frames.append(np.asarray(opened.convert("RGB").resize(_FRAME)))
        columns.append(np.concatenate(frames))
    rows = [np.concatenate(columns[start : start + 4], axis=1) for start in (0, 4)]
    names = ", ".join(one.value for one in Instrument)
    words = f"One sample portrait, straight and turned, in rows of four: {names}. Rendered."
    return frames_chart(words, np.concatenate(rows))


_STRAIGHT: Final = Told(Prompt(number=0, task=None, coming_back=False))
