"""Presentation attack detection: a challenge protocol run by the server over vision's cues.

Rules of this package:

* A result is ``bona fide``, ``attack suspected`` or ``inconclusive``, and names what the reached level
  does not withstand (words of ISO/IEC 30107-1).
* A cue that denies is a veto; cues are never averaged into one number.

This version measures no liveness. The check-in is attended by a clerk, and every decision says so
(:data:`countenance.decisions.Assurance`). The protocol comes with its own issue.
"""

__all__: list[str] = []
