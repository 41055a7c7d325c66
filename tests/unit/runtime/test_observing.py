"""What looks at an installation sees how callers reach it, and claims nothing that isn't switched on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from countenance.authority import Transport
from countenance.runtime import Settings, load_settings
from countenance.runtime.observing import _access_control, _transport


def told(folder: Path, **changes: Any) -> Settings:
    return load_settings(
        overrides={
            "data_folder": folder / "data",
            "root_key": f"file:{folder / 'key' / 'root.key'}",
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("changes", "serving", "expected"),
    [
        ({}, False, Transport.IN_PROCESS),
        ({"host": "0.0.0.0"}, False, Transport.IN_PROCESS),  # noqa: S104
        ({}, True, Transport.LOOPBACK),
        ({"host": "0.0.0.0"}, True, Transport.OPEN),  # noqa: S104
        ({"host": "0.0.0.0", "behind_tls_proxy": True}, True, Transport.TLS),  # noqa: S104
        ({"tls_certificate": "/c", "tls_private_key": "/k"}, True, Transport.TLS),
    ],
)
def test_how_pictures_reach_the_process_is_seen(
    tmp_path: Path, changes: dict[str, Any], serving: bool, expected: Transport
) -> None:
    assert _transport(told(tmp_path, **changes), serving=serving) is expected


def test_access_control_is_not_claimed_where_keys_are_off(tmp_path: Path) -> None:
    assert _access_control(told(tmp_path, auth=False), serving=True).observe() == ()
    assert _access_control(told(tmp_path), serving=True).observe()
    assert _access_control(told(tmp_path, auth=False), serving=False).observe()
