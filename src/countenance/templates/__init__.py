"""The protected template, and the door at which two of them are compared.

Rules of this package:

* A template belongs to one purpose and one request. Templates of two purposes, two requests or two
  models are never compared (:class:`TemplatesNotComparable`).
* Two templates are compared at :class:`ComparisonDoor` alone, and it asks for a permit first.
* A comparison score is not a result: it leaves the desk inside a sealed record only. Neither a
  template nor a score shows its content in ``repr``.
* Whoever makes a template wipes it.

Nothing is kept in this version: a template lives for one request and is wiped at its end. The
versioned codec, the keyed rotation per purpose and the sealing of stored templates come with the
issue that stores the first one.

Words are those of ISO/IEC 2382-37: template, probe, reference, comparison score.
"""

from countenance.templates.comparison import ComparisonDoor, TemplatesNotComparable
from countenance.templates.template import ComparisonScore, Template

__all__ = ["ComparisonDoor", "ComparisonScore", "Template", "TemplatesNotComparable"]
