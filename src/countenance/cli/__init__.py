"""The command line: `countenance`.

Rules of this package:

* Exit status 0 yes, 1 no (no match, inconclusive), 2 bad usage, input or installation, 3 refused by a rule.
* With ``--json`` a command prints one object and nothing else on standard output.
* A :class:`~countenance.kernel.CountenanceError` is told in words with its remedy, never as a traceback.
* No consent has a default: what a guest said is stated on the command line, or nothing is recorded.
"""

from countenance.cli.app import app, main

__all__ = ["app", "main"]
