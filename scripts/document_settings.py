"""Write docs/reference/settings.md from the settings of the package.

Usage::

    python scripts/document_settings.py            write
    python scripts/document_settings.py --check    exit 1 if the page is out of date
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from countenance.runtime import Settings

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "reference" / "settings.md"
HEAD = """# Settings

Written by `scripts/document_settings.py` from the code; don't edit it by hand.

Defaults, then one TOML file (`--settings FILE` or `COUNTENANCE_SETTINGS_FILE`), then environment variables
(`COUNTENANCE_` and the name in capitals), then the command line (`--set NAME=VALUE`): the later stands over
the earlier. A setting that nobody knows is an error, in each of them. Settings are read once, at start.

```toml
# settings.toml
port = 8420
largest_upload_bytes = 10485760
```
"""
# These depend on the home folder of whoever asks, so the page says what they are made of.
WORDED_DEFAULTS = {
    "data_folder": "`$XDG_DATA_HOME/countenance`, or `~/.local/share/countenance`",
    "root_key": "`file:$XDG_CONFIG_HOME/countenance/root.key`, or below `~/.config`",
    "models_folder": "`$XDG_CACHE_HOME/countenance/models`, or below `~/.cache`",
}


def default_of(name: str, field: FieldInfo) -> str:
    """Return a setting's default in words."""
    if name in WORDED_DEFAULTS:
        return WORDED_DEFAULTS[name]
    value: Any = field.default
    if value is None or value is PydanticUndefined:
        return "unset"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "none" if value == () else f"`{value}`"


def page() -> str:
    """Return the whole page."""
    rows = [
        f"| `{name}` | {field.title} | {default_of(name, field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join((HEAD, "| name | | default | meaning, unit, limits |", "|---|---|---|---|", *rows, ""))


def main() -> int:
    """Write the page, or compare it."""
    written = page()
    if "--check" in sys.argv[1:]:
        if not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != written:
            print(f"{DOCUMENT.name} is out of date", file=sys.stderr)
            return 1
        return 0
    DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
