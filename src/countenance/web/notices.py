"""The pages for everybody: a notice, and the page on which a person takes a consent back.

Rules kept here:

* Nobody signs in. What stands in the address is what the sign or the receipt carries.
* Opening a page changes nothing; a consent is taken back by pressing the button.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from starlette.responses import HTMLResponse, Response

from countenance.authority.notices import notice_page, page_style, withdrawal_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from countenance.runtime import Services

__all__ = ["NOTICE", "NOTICE_STYLE", "WITHDRAW", "PublicPages"]

NOTICE: Final = "/notice/"
NOTICE_STYLE: Final = "/notice.css"
WITHDRAW: Final = "/withdraw/"


class PublicPages:
    """Answers with the pages for everybody.

    Args:
        services: what it may use.
    """

    __slots__ = ("_services",)

    def __init__(self, *, services: Services) -> None:
        self._services = services

    async def notice(self, request: Request) -> Response:
        """Answer with a notice, in all its languages."""
        found = await to_thread.run_sync(self._services.notices.find, request.path_params["notice"])
        page = notice_page(found.notice, stylesheet=NOTICE_STYLE, in_force=found.in_force)
        return HTMLResponse(page)

    async def style(self, request: Request) -> Response:  # noqa: ARG002 - Starlette hands it in
        """Answer with the style sheet of these pages."""
        return Response(page_style(), media_type="text/css")

    async def withdrawal(self, request: Request) -> Response:
        """Answer with how a consent stands; after a post, with that it was taken back."""
        token = request.path_params["token"]
        unfinished = False
        certificates: tuple[Mapping[str, Any], ...] = ()
        if request.method == "POST":
            done = await to_thread.run_sync(self._services.consents.take_back, token)
            unfinished, certificates = bool(done.unfinished), done.certificates
        state = await to_thread.run_sync(self._services.consents.state, token)
        page = withdrawal_page(
            purpose=state.purpose,
            state=state.state,
            unfinished=unfinished,
            certificates=certificates,
            demo=self._services.demo,
            stylesheet=NOTICE_STYLE,
        )
        return HTMLResponse(page)
