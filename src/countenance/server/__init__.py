"""One ASGI application of REST and pages, and the process that serves it.

Rules of this package:

* It binds to loopback unless the settings name TLS files or say that a TLS proxy stands in front.
* Every answer carries the security headers; nothing but the static files may be cached.
* A request for another host name, or larger than its path allows, is refused before anybody reads it.
* The access log holds method, known path, status and duration: no query, no address, no name.
"""

from countenance.server.app import build_app
from countenance.server.serving import serve

__all__ = ["build_app", "serve"]
