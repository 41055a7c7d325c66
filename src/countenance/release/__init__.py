"""Exports of data sets and analyses: provenance and consent for each image, two people to release.

Rules of this package:

* Nothing leaves without provenance and consent for every image in it, and a second person's release.
* Sale isn't an option that can be configured.

This version exports nothing, so the package is empty.
"""

__all__: list[str] = []
