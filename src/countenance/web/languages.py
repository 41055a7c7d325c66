"""The languages of the pages: gettext catalogues by message key, and the choice between them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog
    from starlette.requests import Request

__all__ = ["LANGUAGE_COOKIE", "Language", "choose_language", "load_languages", "read_catalogue"]

LANGUAGE_COOKIE: Final = "countenance_language"
_TAGS: Final[Mapping[str, str]] = {"en": "en", "zh": "zh-Hans"}
_DEFAULT: Final = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages.

    Attributes:
        code: the short name used in the switch and the cookie (``en``).
        tag: what the page states in ``lang`` (BCP 47).
        name: the language's own name.
        translations: its catalogue.
    """

    code: str
    tag: str
    name: str
    translations: Translations

    def text(self, key: str, **values: object) -> str:
        """Return the sentence of a key, with its ``%(name)s`` places filled in.

        Raises:
            KeyError: if the catalogue has no such key; a page never shows a bare key.
        """
        sentence = self.translations.gettext(key)
        if sentence == key:
            raise KeyError(key)
        return sentence % values if values else sentence

    def optional(self, key: str) -> str | None:
        """Return the sentence of a key, or ``None`` if the catalogue has none."""
        sentence = self.translations.gettext(key)
        return None if sentence == key else sentence


def read_catalogue(code: str) -> Catalog:
    """Return the catalogue of a language as it stands in its ``.po`` file."""
    path = files("countenance.web") / "locale" / code / "LC_MESSAGES" / "countenance.po"
    with path.open("rb") as stream:
        return read_po(stream, locale=code)


def load_languages() -> Mapping[str, Language]:
    """Return every language by its code. Catalogues are compiled here, so none can be out of date."""
    languages = {}
    for code, tag in _TAGS.items():
        compiled = io.BytesIO()
        write_mo(compiled, read_catalogue(code))
        compiled.seek(0)
        name = Locale.parse(code).get_display_name(code) or code
        languages[code] = Language(code, tag, name.capitalize(), Translations(compiled))
    return languages


def choose_language(request: Request, languages: Mapping[str, Language]) -> Language:
    """Return the language that a visitor chose, else the one that the browser prefers, else English."""
    chosen = languages.get(request.cookies.get(LANGUAGE_COOKIE, ""))
    if chosen is not None:
        return chosen
    preferred = _preferences(request.headers.get("accept-language", ""))
    code = negotiate_locale(preferred, list(languages), sep="-")
    # The negotiation answers in the letters of the header: "ZH" is as good as "zh".
    return languages[code.lower() if code is not None else _DEFAULT]


def _preferences(header: str) -> list[str]:
    """Return the language tags of an ``Accept-Language`` header, the preferred first."""
    weighted: list[tuple[float, str]] = []
    for entry in header.split(",")[:20]:
        tag, _, weight = entry.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if tag and quality > 0:
            weighted.append((quality, tag))
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]
