"""How often the machine is wrong, measured: metrics that need no particular data set.

Rules of this package:

* Words and definitions are those of ISO/IEC 19795-1: an impostor comparison is between two people, a
  genuine one between two pictures of one; a score that reaches the threshold is a match.
* A rate is never stated without its interval. Comparisons of one person depend on one another, so
  intervals come from resampling people, not comparisons.
* What is too rare for the data isn't stated (rule of 30); nothing seen isn't nothing there (rule of 3).
* Figures come out as aggregates; no score of a named pair leaves this package.

This version measures the table that maps a threshold to a false match rate. Protocols, permits of
operation ``evaluate`` and reports come with their own issue.
"""

__all__: list[str] = []
