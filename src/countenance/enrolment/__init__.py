"""Enrolment: consent, quality gate and duplicate check, then a sealed template for the gallery.

Rules of this package:

* No template is made for keeping without a recorded consent or a statutory basis, and a permit.
* A photograph below the quality gate is refused with what to change, never stored "for now".

Nothing is enrolled by what this version ships, so the package is empty.
"""

__all__: list[str] = []
