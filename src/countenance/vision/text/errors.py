"""What reading text refuses."""

from __future__ import annotations

from countenance.kernel import CallerError

__all__ = ["TooMuchText"]


class TooMuchText(CallerError):
    """The picture holds more pieces of text than a document does."""

    code = "too-much-text"
    default_remedy = "Photograph one document, and nothing else with writing on it."
