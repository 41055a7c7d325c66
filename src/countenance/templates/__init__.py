"""The protected template, and the door at which two of them are compared.

Rules of this package:

* A template belongs to one purpose and one request. Templates of two purposes, two requests or two
  models are never compared (:class:`TemplatesNotComparable`).
* Two templates are compared at :class:`ComparisonDoor` alone, and it asks for a permit first.
* A comparison score is not a result: it leaves the desk inside a sealed record only. Neither a
  template nor a score shows its content in ``repr``.
* Whoever makes a template wipes it.
* What is kept of a person is a reference's template, turned by the keyed rotation of its purpose and
  written by the versioned codec, or by that of a pass which the person carries; sealing the bytes is the
  store's.

Words are those of ISO/IEC 2382-37: template, probe, reference, comparison score.
"""

from countenance.templates.codec import (
    ReferenceTemplate,
    TemplateUnreadable,
    decode_template,
    encode_template,
)
from countenance.templates.comparison import ComparisonDoor, TemplatesNotComparable
from countenance.templates.holder_pass import (
    SERIAL_BYTES,
    TEXT_PREFIX,
    HolderPass,
    PassContent,
    PassHeader,
    PassUnreadable,
    fingerprint_of,
)
from countenance.templates.rotation import ROTATION_SECRET_BYTES, KeyedRotation, Transfer
from countenance.templates.template import ComparisonScore, Template

__all__ = [
    "ROTATION_SECRET_BYTES",
    "SERIAL_BYTES",
    "TEXT_PREFIX",
    "ComparisonDoor",
    "ComparisonScore",
    "HolderPass",
    "KeyedRotation",
    "PassContent",
    "PassHeader",
    "PassUnreadable",
    "ReferenceTemplate",
    "Template",
    "TemplateUnreadable",
    "TemplatesNotComparable",
    "Transfer",
    "decode_template",
    "encode_template",
    "fingerprint_of",
]
