"""Presentation attack detection: a challenge protocol run by the server over vision's cues.

Rules of this package:

* A result is ``bona fide``, ``attack suspected`` or ``inconclusive``, and names what the reached level
  does not withstand (words of ISO/IEC 30107-1).
* A cue that denies is a veto; cues are never averaged into one number.
* What a guess is worth is counted, not estimated, and said for every number of attempts.
* Nothing here keeps a pixel or opens a file; clocks are passed in.
* A result is signed, counts once, for the person, purpose and device of its session, and names the frames of
  which a decision takes one.

No decision demands it yet: the check-in is attended by a clerk, and every decision says that liveness wasn't
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
from countenance.liveness.blinks import Blink, blinks_in
from countenance.liveness.challenge import (
    BASELINE_SECONDS,
    LONGEST_SECONDS,
    Binding,
    Challenge,
    Prompt,
    Step,
    challenge_steps,
    open_challenge,
)
from countenance.liveness.clip import (
    CLIP_EVERY,
    MOST_CLIP_FRAMES,
    ClipFinding,
    ClipWatcher,
    Timeline,
    judge_clip,
)
from countenance.liveness.continuity import Breach, Continuity
from countenance.liveness.depiction import (
    PLACES_WITH_PASSERS_BY,
    DepictionCue,
    FaceTrack,
    Judgement,
    PersonShown,
    SceneCue,
    Shown,
    judge_image,
    judge_track,
    person_shown,
    require_person,
)
from countenance.liveness.door import LIVENESS_OPERATION, LivenessDoor
from countenance.liveness.drowsiness import NOT_VALIDATED, DriverMeasure, DriverWarning, DriverWatch
from countenance.liveness.errors import (
    AttemptsUsedUp,
    ChallengeNotForThis,
    ChallengeOver,
    ChallengeSpent,
    LivenessNotShown,
    NotShownToBeAPerson,
    SessionsFull,
)
from countenance.liveness.judging import Tolerance, judge
from countenance.liveness.looking import FaceWatcher, Sighting, measured, take_of
from countenance.liveness.measuring import MOST_MEASUREMENTS, Measurement, Track
from countenance.liveness.scene_faces import SceneFace, SceneFaces
from countenance.liveness.scene_judge import JudgedFace, SceneJudge
from countenance.liveness.sessions import ChallengeSessions
from countenance.liveness.statement import (
    GOOD_FOR_SECONDS,
    LIVENESS_KIND,
    LivenessStatement,
    LivenessStatementRefused,
    check_statement,
    sign_statement,
)

__all__ = [
    "BASELINE_SECONDS",
    "CLIP_EVERY",
    "DEVICE",
    "GOOD_FOR_SECONDS",
    "LIVENESS_KIND",
    "LIVENESS_OPERATION",
    "LONGEST_SECONDS",
    "MOST_CLIP_FRAMES",
    "MOST_MEASUREMENTS",
    "NOT_VALIDATED",
    "PLACES_WITH_PASSERS_BY",
    "SUBJECT",
    "SUBJECT_WITH_PASSIVE",
    "Action",
    "Advice",
    "Assurance",
    "AttemptLimits",
    "AttemptsUsedUp",
    "Binding",
    "Blink",
    "Breach",
    "Challenge",
    "ChallengeNotForThis",
    "ChallengeOver",
    "ChallengeSessions",
    "ChallengeSpent",
    "Chance",
    "ClipFinding",
    "ClipWatcher",
    "Continuity",
    "Cue",
    "DepictionCue",
    "DriverMeasure",
    "DriverWarning",
    "DriverWatch",
    "FaceTrack",
    "FaceWatcher",
    "Finding",
    "JudgedFace",
    "Judgement",
    "Limit",
    "LivenessDoor",
    "LivenessNotShown",
    "LivenessStatement",
    "LivenessStatementRefused",
    "Measurement",
    "NotShownToBeAPerson",
    "Outcome",
    "PersonShown",
    "Prompt",
    "SceneCue",
    "SceneFace",
    "SceneFaces",
    "SceneJudge",
    "SessionsFull",
    "Shown",
    "Sighting",
    "Species",
    "Standing",
    "Step",
    "Tally",
    "Task",
    "Tasks",
    "Timeline",
    "Tolerance",
    "Track",
    "assurance_of",
    "blinks_in",
    "challenge_steps",
    "check_statement",
    "guess_probability",
    "judge",
    "judge_clip",
    "judge_image",
    "judge_track",
    "measured",
    "open_challenge",
    "passes_within",
    "person_shown",
    "require_person",
    "sign_statement",
    "standing",
    "take_of",
]
