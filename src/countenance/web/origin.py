"""Tells a post from this site's own pages from one that another site made the browser send.

A browser states in ``Sec-Fetch-Site`` how the page that caused a request relates to this server, and
scripts can't set that header. ``same-origin`` is this site; ``none`` is the person herself (a reload).
A browser without it still sends ``Origin`` with a post. A request with neither isn't from a form of
ours. With ``SameSite=Strict`` cookies this makes tokens in forms unnecessary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from countenance.kernel import CallerError

if TYPE_CHECKING:
    from starlette.datastructures import Headers

__all__ = ["PostFromElsewhere", "require_own_origin"]


class PostFromElsewhere(CallerError):
    """A form was posted from another site's page, or from no page."""

    code = "post-from-elsewhere"
    default_remedy = "Open this installation's own page and send the form from there."


def require_own_origin(headers: Headers) -> None:
    """Return if the headers of a post say that it comes from this site.

    Raises:
        PostFromElsewhere: if they say otherwise, or nothing.
    """
    relation = headers.get("sec-fetch-site")
    if relation is not None:
        if relation in {"same-origin", "none"}:
            return
        raise PostFromElsewhere("The form was sent from another site.")
    origin = headers.get("origin")
    if origin is not None and origin != "null" and urlsplit(origin).netloc == headers.get("host"):
        return
    raise PostFromElsewhere("The form doesn't say that it was sent from this site.")
