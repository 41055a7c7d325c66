"""Enrolled templates: add, compare 1:1, search 1:N, erase.

Rules of this package:

* A template enters only sealed, under one purpose, with a permit for ``enrol`` and ``store``.
* A search answers exactly: the candidates that it returns are those that a full float32 search
  returns. Approximate indexes miss enrolled people and are not used.
* Nothing imports this package but ``enrolment``, ``decisions``, ``evaluation`` and ``runtime``; an import
  contract keeps that true.

Nothing is enrolled by what this version ships (the check-in keeps no template), so the package is
empty. The sealed gallery and its search come with their own issue.
"""

__all__: list[str] = []
