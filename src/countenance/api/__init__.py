"""REST under ``/v1``: what a program at the desk can ask for.

Rules of this package:

* Every route but ``/healthz`` and the OpenAPI document asks for an API key; a wrong key and no key
  get the same answer.
* A comparison score is never sent out: an exact score is a hill to climb.
* What a rule refused is answered with 403 and the whole verdict; every other error with one status of
  one table (:func:`status_of`). All of them are problem documents (RFC 9457).
* Uploads are read into memory with limits that bite while reading; they never touch the disk.
* No page is served that loads anything from elsewhere; the OpenAPI document is JSON alone.
"""

from countenance.api.app import API_PATHS, build_api
from countenance.api.attempts import AttemptBook
from countenance.api.liveness_sessions import FRAME_PATH
from countenance.api.problems import (
    STATUS_BY_CODE,
    STATUS_BY_FAMILY,
    problem_document,
    problem_response,
    status_of,
)
from countenance.api.uploads import FormReader, UploadedForm, UploadTooLarge

__all__ = [
    "API_PATHS",
    "FRAME_PATH",
    "STATUS_BY_CODE",
    "STATUS_BY_FAMILY",
    "AttemptBook",
    "FormReader",
    "UploadTooLarge",
    "UploadedForm",
    "build_api",
    "problem_document",
    "problem_response",
    "status_of",
]
