"""`countenance serve`, whose first liveness challenge is known to the test that starts it.

The server is the product's own, with its clock, networks, permits, store and pages. Challenges alone are
drawn from a seed, by the argument that the product's own bench uses: no setting reaches it.

    python walked_server.py SEED serve --demo …
"""

from __future__ import annotations

import functools
import importlib
import random
import sys

from countenance.cli import main

if __name__ == "__main__":
    chance = random.Random(int(sys.argv.pop(1)))  # noqa: S311 - known to the test on purpose
    # The package has a function of the module's name, so that it is asked for by its whole name.
    wiring = importlib.import_module("countenance.runtime.build")
    wiring.liveness_room = functools.partial(wiring.liveness_room, chance=chance)  # type: ignore[attr-defined]
    main()
