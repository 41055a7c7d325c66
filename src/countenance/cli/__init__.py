"""The command line: `countenance`.

Rules of this package:

* Exit status 0 yes, 1 no (no match, inconclusive), 2 bad usage, input or installation, 3 refused by a rule.
* With ``--json`` a command prints one object and nothing else on standard output.
* A :class:`~countenance.kernel.CountenanceError` is told in words with its remedy, never as a traceback.
* No consent has a default: what a guest said is stated on the command line, or nothing is recorded.
* Nothing is reported to anybody. ONNX Runtime's official builds send usage events to their maker and leave
  an identifier in the temporary folder unless they are told not to before they are loaded; they are told.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from countenance.cli.startup import without_collecting

with without_collecting():
    from countenance.cli.app import app, main

__all__ = ["app", "main"]
