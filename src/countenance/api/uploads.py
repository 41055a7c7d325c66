"""Reads a multipart form into memory, with limits that bite while reading.

Starlette's own reader writes an upload above one megabyte to a temporary file. A photograph of a face
must not touch the disk, so this reader keeps every part in memory and counts while it reads. Callers'
file names are thrown away unread.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from countenance.kernel import CallerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

__all__ = [
    "FieldMissing",
    "FieldTwice",
    "FormMalformed",
    "FormReader",
    "NotAForm",
    "UploadTooLarge",
    "UploadedForm",
]

_MULTIPART = b"multipart/form-data"


class NotAForm(CallerError):
    """The body isn't ``multipart/form-data``."""

    code = "not-a-form"
    default_remedy = "Send the request as multipart/form-data."


class FormMalformed(CallerError):
    """The multipart body can't be read, or has more parts than the request has fields."""

    code = "form-malformed"
    default_remedy = "Send each field once, in a well-formed multipart/form-data body."


class UploadTooLarge(CallerError):
    """A part of the form is larger than this installation takes."""

    code = "upload-too-large"
    default_remedy = "Send a smaller picture: fewer pixels, or JPEG instead of PNG."


class FieldMissing(CallerError):
    """The form lacks a field that it needs."""

    code = "field-missing"
    default_remedy = "Add the field; the OpenAPI document lists them."


class FieldTwice(CallerError):
    """The form states a field twice, so that it isn't clear which one is meant."""

    code = "field-twice"
    default_remedy = "Send each field once."


@dataclass(frozen=True, slots=True)
class UploadedForm:
    """A form in memory.

    Attributes:
        fields: text fields by name.
        files: uploaded bytes by field name; left out of ``repr``.
    """

    fields: Mapping[str, str]
    files: Mapping[str, bytes] = field(repr=False)

    def file(self, name: str) -> bytes:
        """Return the bytes of one upload.

        Raises:
            FieldMissing: if there is none or it is empty.
        """
        content = self.files.get(name, b"")
        if not content:
            msg = f"The form has no file in its field {name}."
            raise FieldMissing(msg)
        return content


class _MemoryParser(MultiPartParser):
    """Starlette's parser, except that parts stay in memory and files have a limit too."""

    spool_max_size = 0  # SpooledTemporaryFile: zero never rolls over to the disk
    largest_file: int
    _part_size = 0

    def on_part_begin(self) -> None:
        self._part_size = 0
        super().on_part_begin()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._part_size += end - start
        if self._part_size > self.largest_file:
            msg = f"A part of the form is larger than {self.largest_file} bytes."
            raise UploadTooLarge(msg)
        super().on_part_data(data, start, end)


class FormReader:
    """Reads forms of at most a few files and fields.

    Args:
        largest_file: bytes that one upload may have.
        largest_field: bytes that one text field may have.
        most_files: uploads in one form.
        most_fields: text fields in one form.
    """

    def __init__(
        self, *, largest_file: int, largest_field: int = 4096, most_files: int = 2, most_fields: int = 16
    ) -> None:
        self._largest_file = largest_file
        self._largest_field = largest_field
        self._most_files = most_files
        self._most_fields = most_fields

    @property
    def largest_form(self) -> int:
        """Bytes that a whole form may have: what all its parts may have, and room for their headers."""
        parts = self._most_files * self._largest_file + self._most_fields * self._largest_field
        return parts + 1024 * (self._most_files + self._most_fields)

    async def read(self, request: Request, *, most_files: int | None = None) -> UploadedForm:
        """Read the request's body as a form.

        Args:
            request: what came.
            most_files: how many uploads it may have, where that isn't as many as in every other form.

        Raises:
            NotAForm: if the content type is another one.
            UploadTooLarge: as soon as one part has more bytes than it may.
            FormMalformed: if the body isn't well-formed or has too many parts.
            FieldTwice: if a name stands twice.
        """
        content_type, _ = parse_options_header(request.headers.get("content-type"))
        if content_type != _MULTIPART:
            raise NotAForm("The request isn't a multipart form.")
        try:
            async with aclosing(request.stream()) as stream:
                parser = _MemoryParser(
                    request.headers,
                    stream,
                    max_files=self._most_files if most_files is None else most_files,
                    max_fields=self._most_fields,
                    max_part_size=self._largest_field,
                )
                parser.largest_file = self._largest_file
                form = await parser.parse()
        except MultiPartException as error:
            # The library's own sentence may quote what was sent, so it isn't passed on.
            raise FormMalformed("The form can't be read.") from error
        try:
            return await _in_memory(form)
        finally:
            await form.close()


async def _in_memory(form: FormData) -> UploadedForm:
    """Return the parts of a parsed form by name."""
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for name, value in form.multi_items():
        if name in fields or name in files:
            raise FieldTwice("The form states one of its fields twice.")
        if isinstance(value, UploadFile):
            files[name] = await value.read()
        else:
            fields[name] = value
    return UploadedForm(fields=fields, files=files)
