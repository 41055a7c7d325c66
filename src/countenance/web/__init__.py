"""The clerk's page, in English and Chinese.

Rules of this package:

* Pages are made on the server and work without JavaScript, but for the one that opens the camera. There is
  no inline script, style or handler, and nothing from another host, so that the strictest content policy
  holds.
* What the viewer may not see isn't in the page. A result is answered once and kept nowhere.
* Nothing that a guest has to say is ticked beforehand.
* Every form post must come from this site's own pages (``Sec-Fetch-Site``, else ``Origin``).
* Sentences are message keys in gettext catalogues; every key stands in every language.
"""

from countenance.web.app import BUSY, PAGE_PATHS, build_web
from countenance.web.liveness import LIVENESS, LIVENESS_FRAMES

__all__ = ["BUSY", "LIVENESS", "LIVENESS_FRAMES", "PAGE_PATHS", "build_web"]
