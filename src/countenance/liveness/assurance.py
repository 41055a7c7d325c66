"""What was found, how sure that is, and what it doesn't withstand.

Rules of this module:

* A level is reached when everything that it asks for was confirmed, and never because a score was high.
* Every level names what gets past it. All of them are self-declared; a laboratory's report is the only way
  to the last.
* Where nothing is proven the result is ``inconclusive`` with advice, never ``bona fide``.

Words are those of ISO/IEC 30107-1 (bona fide presentation, attack, species).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

__all__ = ["Advice", "Assurance", "Cue", "Finding", "Outcome", "Species", "assurance_of"]


class Outcome(StrEnum):
    """What a presentation was found to be."""

    BONA_FIDE = "bona fide"
    ATTACK_SUSPECTED = "attack suspected"
    INCONCLUSIVE = "inconclusive"


class Species(StrEnum):
    """Kinds of attack that a cue can suspect. None of them is ever proven."""

    PRINT = "print"
    """A face on paper or on a still screen, flat or bent."""

    REPLAY = "replay"
    """A recording, shown or fed in, that doesn't follow what was asked."""

    ALTERED_STREAM = "altered stream"
    """Frames repeated, reordered, left out, sped up or joined."""

    SWITCHED_FACE = "switched face"
    """Another face than at the start."""


class Advice(StrEnum):
    """What the person can do so that the next attempt goes better. Each is a sentence."""

    KEEP_STILL_AT_START = "Look straight into the camera for the first second."
    TURN_THE_OTHER_WAY = "Turn to the side that the arrow shows; left is your own left."
    REACH_THE_MARK = "Turn or move until the mark is reached, and stay there until told to come back."
    FOLLOW_THE_TIMING = "Wait for each prompt, then follow it at once."
    ONLY_WHAT_IS_ASKED = "Do only what is asked for, one thing at a time."
    STEADY_CAMERA = (
        "The camera or the connection left frames out. Put the device down and close other programs."
    )
    ONE_FACE = "Only one person should be in front of the camera."
    STAY_IN_VIEW = "Keep the whole face in view, and avoid sudden jumps."
    MORE_LIGHT = "More even light would help."
    ROOM_AROUND = "Move a little away from the camera, so that there is room around the face."


class Cue(StrEnum):
    """What can be confirmed about a presentation, each measured alone."""

    CHALLENGE = "challenge"
    CONTINUITY = "continuity"
    RELIEF = "relief"
    PASSIVE = "passive"
    FRESHNESS = "freshness"
    REGISTERED_DEVICE = "registered-device"
    LABORATORY = "laboratory"


class Assurance(IntEnum):
    """Levels by what was confirmed; a higher one includes the lower ones. Self-declared up to ``FRESH``."""

    NONE = 0
    PASSIVE = 1
    ACTIVE = 2
    FRESH = 3
    TESTED = 4

    @property
    def asks_for(self) -> frozenset[Cue]:
        """What has to be confirmed for this level, the lower ones included."""
        return _ASKS[self]

    @property
    def does_not_withstand(self) -> tuple[str, ...]:
        """What gets past this level, in words."""
        return _NOT_WITHSTOOD[self]

    @property
    def good_for(self) -> str:
        """What this level may be used for, in words."""
        return _GOOD_FOR[self]


_PASSIVE = frozenset({Cue.PASSIVE})
_ACTIVE = _PASSIVE | {Cue.CHALLENGE, Cue.CONTINUITY, Cue.RELIEF}
_FRESH = _ACTIVE | {Cue.FRESHNESS, Cue.REGISTERED_DEVICE}
_ASKS = {
    Assurance.NONE: frozenset[Cue](),
    Assurance.PASSIVE: _PASSIVE,
    Assurance.ACTIVE: _ACTIVE,
    Assurance.FRESH: _FRESH,
    Assurance.TESTED: _FRESH | {Cue.LABORATORY},
}

_MASKS = "a mask, a wax head or a sculpted head"
_PUPPET = "a picture of the person that is steered live (puppet, face swap)"
_RECORDING = "a recording that happens to match what was asked"
_INJECTION = "a stream fed in behind the camera"
_COERCION = "a person who is forced to take part"
_SCREENS = "a screen or print unlike those that the network was trained on"
_NOT_WITHSTOOD = {
    Assurance.NONE: ("a photograph", _RECORDING, _PUPPET, _MASKS, _INJECTION, _COERCION),
    Assurance.PASSIVE: (_SCREENS, "a recording", _PUPPET, _MASKS, _INJECTION, _COERCION),
    Assurance.ACTIVE: (_RECORDING, _PUPPET, _MASKS, _INJECTION, _COERCION),
    Assurance.FRESH: (_PUPPET, _MASKS, "a registered device in the attacker's hands", _COERCION),
    Assurance.TESTED: ("every species that the laboratory's report doesn't name", _COERCION),
}
_GOOD_FOR = {
    Assurance.NONE: "a desk where somebody watches the person",
    Assurance.PASSIVE: "low risk, watched over or revocable",
    Assurance.ACTIVE: "unattended verification of low value",
    Assurance.FRESH: "unattended access; with a second factor for anything of value",
    Assurance.TESTED: "what the laboratory's report says",
}


def assurance_of(confirmed: frozenset[Cue]) -> Assurance:
    """Return the highest level of which everything was confirmed; ``NONE`` if that is nothing.

    A challenge alone, however well followed, reaches ``NONE``: a recording can follow it as well.
    """
    return max(level for level in Assurance if level.asks_for <= confirmed)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a presentation was found to be.

    Attributes:
        outcome: bona fide, attack suspected or inconclusive.
        species: the kinds of attack suspected; empty unless an attack is.
        advice: what to do better; empty unless inconclusive.
        confirmed: the cues that were confirmed; none unless bona fide.

    Raises:
        ValueError: if the parts contradict one another.
    """

    outcome: Outcome
    species: tuple[Species, ...] = ()
    advice: tuple[Advice, ...] = ()
    confirmed: frozenset[Cue] = frozenset()

    def __post_init__(self) -> None:
        expected = (
            self.outcome is Outcome.ATTACK_SUSPECTED,
            self.outcome is Outcome.INCONCLUSIVE,
            self.outcome is Outcome.BONA_FIDE,
        )
        if (bool(self.species), bool(self.advice), bool(self.confirmed)) != expected:
            msg = "a suspected attack names its species, an inconclusive one advice, a bona fide one its cues"
            raise ValueError(msg)

    @property
    def assurance(self) -> Assurance:
        """The level that was reached."""
        return assurance_of(self.confirmed)
