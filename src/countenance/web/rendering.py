"""Makes pages: Jinja with escaping always on, and every undefined name an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from countenance.kernel import CountenanceError
from countenance.web.languages import Language, choose_language, load_languages

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request

    from countenance.web.sessions import Session

__all__ = ["PAGES", "Renderer"]

PAGES: Final = (
    "sign_in.html",
    "desk.html",
    "decision.html",
    "liveness.html",
    "refusal.html",
    "problem.html",
)
"""Every page that is answered with; the rest of the folder are parts of them."""


class Renderer:
    """Renders a page in the visitor's language.

    Args:
        demo: whether the installation is a demonstration; every page says so.
    """

    def __init__(self, *, demo: bool) -> None:
        self._demo = demo
        self.languages: Mapping[str, Language] = load_languages()
        self._environment = Environment(
            loader=PackageLoader("countenance.web", "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def language(self, request: Request) -> Language:
        """Return the language in which a request is answered."""
        return choose_language(request, self.languages)

    def page(
        self,
        request: Request,
        name: str,
        *,
        status: int = 200,
        session: Session | None = None,
        **values: object,
    ) -> HTMLResponse:
        """Return a page as an answer.

        Args:
            request: what is answered; says in which language.
            name: one of :data:`PAGES`.
            status: the HTTP status.
            session: who is signed in.
            values: what the page shows.
        """
        language = self.language(request)
        text = self._environment.get_template(name).render(
            t=language.text,
            optional=language.optional,
            moment=lambda when: _moment(when, language),
            period=lambda time: format_timedelta(time, locale=language.code),
            number=lambda value: format_decimal(value, locale=language.code),
            percent=lambda rate: format_percent(rate, "#,##0.####%", locale=language.code),
            language=language,
            languages=tuple(self.languages.values()),
            demo=self._demo,
            session=session,
            **values,
        )
        answer = HTMLResponse(text, status)
        error = values.get("error")
        if isinstance(error, CountenanceError) and error.retry_after is not None:
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer


def _moment(when: datetime, language: Language) -> str:
    """Return a time in UTC as people of a language write it."""
    return f"{format_datetime(when, 'medium', locale=language.code)} UTC"
