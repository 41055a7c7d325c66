"""What vision refuses, and who has to act."""

from __future__ import annotations

from countenance.kernel import OperatorError, SubjectError

__all__ = ["ModelUnusable", "NoFaceFound", "SeveralFaces"]


class NoFaceFound(SubjectError):
    """There is no face in the picture that could be used."""

    code = "no-face-found"
    default_remedy = "Face the camera, closer and in even light, with nothing in front of the face."


class SeveralFaces(SubjectError):
    """Two or more faces of like size: it can't be said whose photograph this is."""

    code = "several-faces"
    default_remedy = "Let one person stand in front of the camera, or cut the picture to one face."


class ModelUnusable(OperatorError):
    """The bytes of a model can't be loaded, or it hasn't the inputs and outputs that are expected."""

    code = "model-unusable"
    default_remedy = "Bring the weights again: countenance models verify, then countenance models pull."
