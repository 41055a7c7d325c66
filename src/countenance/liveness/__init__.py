"""Presentation attack detection: a challenge protocol run by the server over vision's cues.

Rules of this package:

* A result is ``bona fide``, ``attack suspected`` or ``inconclusive``, and names what the reached level
  does not withstand (words of ISO/IEC 30107-1).
* A cue that denies is a veto; cues are never averaged into one number.
* What a guess is worth is counted, not estimated, and said for every number of attempts.
* Nothing here keeps a pixel or opens a file; clocks are passed in.

No decision uses it yet: the check-in is attended by a clerk, and every decision says that liveness wasn't
measured (:data:`countenance.decisions.Assurance`).
"""

from countenance.liveness.actions import Action, Chance, Task, Tasks, guess_probability, passes_within
from countenance.liveness.allowance import (
    DEVICE,
    SUBJECT,
    SUBJECT_WITH_PASSIVE,
    Limit,
    Standing,
    Tally,
    standing,
)
from countenance.liveness.assurance import Advice, Assurance, Cue, Finding, Outcome, Species, assurance_of
from countenance.liveness.attempts import AttemptLimits
from countenance.liveness.challenge import Binding, Challenge, Prompt, Step, open_challenge
from countenance.liveness.continuity import Breach, Continuity
from countenance.liveness.errors import (
    AttemptsUsedUp,
    ChallengeNotForThis,
    ChallengeOver,
    ChallengeSpent,
    SessionsFull,
)
from countenance.liveness.judging import Tolerance, judge
from countenance.liveness.measuring import Measurement, Track
from countenance.liveness.sessions import ChallengeSessions

__all__ = [
    "DEVICE",
    "SUBJECT",
    "SUBJECT_WITH_PASSIVE",
    "Action",
    "Advice",
    "Assurance",
    "AttemptLimits",
    "AttemptsUsedUp",
    "Binding",
    "Breach",
    "Challenge",
    "ChallengeNotForThis",
    "ChallengeOver",
    "ChallengeSessions",
    "ChallengeSpent",
    "Chance",
    "Continuity",
    "Cue",
    "Finding",
    "Limit",
    "Measurement",
    "Outcome",
    "Prompt",
    "SessionsFull",
    "Species",
    "Standing",
    "Step",
    "Tally",
    "Task",
    "Tasks",
    "Tolerance",
    "Track",
    "assurance_of",
    "guess_probability",
    "judge",
    "open_challenge",
    "passes_within",
    "standing",
]
