"""The parts of a gallery as Ray actors: on several machines, started again where they died.

Rules kept here:

* Ray carries sealed bytes and names of places, and nothing else: each part opens the store itself, with the
  root key of its own machine, and reads its own references. Neither arguments, answers nor Ray's object store
  and spill folder hold a template.
* A cluster without a token isn't joined: whoever reaches Ray's ports without one can run any code.
* Ray's usage statistics are off, and its dashboard isn't started from here.
* Whoever asks waits for a part that died to read its references anew, for so long as the setting says, and
  then gets no answer rather than one that misses a part.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from countenance.gallery import GalleryShard, GalleryUnavailable, SealedGallery
from countenance.kernel import DeploymentId, OperatorError, SystemClock
from countenance.runtime.memory_guard import keep_memory_off_disks
from countenance.store import Store, key_provider

if TYPE_CHECKING:
    from countenance.runtime.settings import Settings

__all__ = [
    "ClusterNotJoined",
    "ClusterWithoutToken",
    "PartPlace",
    "RayNotInstalled",
    "RayShards",
    "ShardOpening",
    "ray_address",
    "ray_shards",
]

_MODE, _TOKEN, _TOKEN_PATH = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"
_AGAIN_AFTER: Final = 0.1


class RayNotInstalled(OperatorError):
    """A gallery on a cluster was asked for, and Ray isn't installed."""

    code = "ray-not-installed"
    default_remedy = "Install the extra: pip install countenance[cluster]."


class ClusterWithoutToken(OperatorError):
    """Ray would be joined without a token: whoever reaches its ports could run any code on every machine."""

    code = "cluster-without-token"
    default_remedy = (
        "Start every node and the server with RAY_AUTH_MODE=token and the same token "
        "(RAY_AUTH_TOKEN_PATH, mode 0600)."
    )


class ClusterNotJoined(OperatorError):
    """There is no Ray cluster at the address, or it doesn't take us."""

    code = "cluster-not-joined"
    default_remedy = "Look whether `ray status` answers on this machine, and at the setting gallery."


@dataclass(frozen=True, slots=True)
class ShardOpening:
    """What a part needs to open its references; says nothing secret.

    Attributes:
        data_folder: on the part's machine.
        root_key: URI of the root key, on that machine.
        database: URL of the database; ``None`` for a file in the data folder, on one machine alone.
        model_id: the network whose templates it takes.
        dimensions: of a template.
        threads: how many chunks are scanned side by side.
        number: which part, from 0.
        of: how many there are.
    """

    data_folder: str
    root_key: str
    database: str | None
    model_id: str
    dimensions: int
    threads: int
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class PartPlace:
    """Where a part runs.

    Attributes:
        node: Ray's identifier of the node.
        process: id of the process, on that node's machine.
    """

    node: str
    process: int


class _Part:
    """What runs in a Ray actor."""

    def __init__(self, opening: ShardOpening) -> None:
        keep_memory_off_disks()
        self._opening = opening
        self._shard: GalleryShard | None = None

    def ask(self, sealed: bytes) -> bytes:
        """Answer a sealed question.

        The store is opened for the first one, not with the process: whoever asks is then told what is
        wrong with a machine that can't open it, at once, and the next one tries again.
        """
        if self._shard is None:
            self._shard = _opened(self._opening)
        return self._shard.ask(sealed)

    def place(self) -> tuple[str, int]:
        """Return Ray's identifier of the node, and the id of the process there."""
        import ray  # noqa: PLC0415 - an extra

        return ray.get_runtime_context().get_node_id(), os.getpid()


def _opened(opening: ShardOpening) -> GalleryShard:
    store = Store.open(
        Path(opening.data_folder),
        key_provider=key_provider(opening.root_key),
        clock=SystemClock(),
        database_url=opening.database,
    )

    def open_part(holds: Callable[[str], bool]) -> SealedGallery:
        return SealedGallery(
            store=store,
            model_id=opening.model_id,
            dimensions=opening.dimensions,
            clock=SystemClock(),
            threads=opening.threads,
            holds=holds,
        )

    return GalleryShard(open_part=open_part, wire=store.wire, number=opening.number, of=opening.of)


class RayShards:
    """Implements :class:`~countenance.gallery.Shards` over named Ray actors, which servers share.

    Args:
        openings: of each part.
        deployment: whose parts they are; actors of another deployment aren't found.
        patience: for how many seconds a part that died is waited for.
    """

    def __init__(
        self, openings: Sequence[ShardOpening], *, deployment: DeploymentId, patience: float
    ) -> None:
        import ray  # noqa: PLC0415 - an extra

        self._ray: Any = ray
        self._openings = tuple(openings)
        self._deployment = deployment
        self._patience = patience
        self._actors: dict[int, Any] = {}

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._openings)

    def ask(self, sealed: Sequence[tuple[int, bytes]]) -> Sequence[bytes]:
        """See :class:`~countenance.gallery.Shards`."""
        until = time.monotonic() + self._patience
        answers: dict[int, bytes] = {}
        while True:
            running = {
                place: self._actor(part).ask.remote(question)
                for place, (part, question) in enumerate(sealed)
                if place not in answers
            }
            for place, answer in running.items():
                try:
                    answers[place] = self._ray.get(answer, timeout=max(0.1, until - time.monotonic()))
                except self._ray.exceptions.RayActorError:
                    # It died. Where the cluster doesn't start it again by itself, the next round does.
                    self._actors.pop(sealed[place][0], None)
                except self._ray.exceptions.GetTimeoutError:
                    break
                except self._ray.exceptions.RayTaskError as error:
                    # Of its own text nothing is told: it may hold a path of another machine.
                    what = getattr(error.cause, "code", type(error.cause).__name__)
                    msg = f"A part of the gallery failed: {what}."
                    raise GalleryUnavailable(msg) from None
            if len(answers) == len(sealed):
                return [answers[place] for place in range(len(sealed))]
            if time.monotonic() >= until:
                raise GalleryUnavailable("A part of the gallery doesn't answer.")
            time.sleep(_AGAIN_AFTER)

    def places(self) -> tuple[PartPlace, ...]:
        """Return where each part runs."""
        found = self._ray.get(
            [self._actor(part).place.remote() for part in range(self.count)], timeout=self._patience
        )
        return tuple(PartPlace(node, process) for node, process in found)

    def end(self) -> None:
        """End the parts for every server that shares them; what was in their memory is gone with them."""
        for part in range(self.count):
            self._ray.kill(self._actor(part))
        self._actors = {}

    def close(self) -> None:
        """Let go of the parts; they stay for the other servers."""
        self._actors = {}

    def _actor(self, part: int) -> Any:  # noqa: ANN401 - Ray's handles have no type
        if part not in self._actors:
            opening = self._openings[part]
            self._actors[part] = (
                self._ray.remote(_Part)
                .options(
                    name=f"{self._deployment}/{opening.model_id}/{part} of {self.count}",
                    get_if_exists=True,
                    lifetime="detached",
                    max_restarts=-1,
                    # A question isn't put again by Ray: it might be answered after its asker gave up.
                    max_task_retries=0,
                    num_cpus=0.1,
                    scheduling_strategy="SPREAD",
                )
                .remote(opening)
            )
        return self._actors[part]


def ray_address(gallery: str) -> str:
    """Return the address that the setting ``gallery`` names: ``auto``, or ``HOST:PORT`` of the head."""
    return gallery.removeprefix("ray:").removeprefix("//")


def ray_shards(
    settings: Settings, *, gallery: str, deployment: DeploymentId, model_id: str, dimensions: int
) -> RayShards:
    """Join the cluster that the settings name, and return the parts.

    Raises:
        RayNotInstalled: if it isn't.
        ClusterWithoutToken: if it would be joined without one.
        ClusterNotJoined: if there is no cluster at the address, or it doesn't take us.
    """
    _require_token()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray  # noqa: PLC0415 - an extra
    except ImportError:
        raise RayNotInstalled("A gallery on a cluster needs Ray.") from None
    if not ray.is_initialized():
        try:
            ray.init(
                address=ray_address(gallery),
                namespace="countenance",
                log_to_driver=False,
                configure_logging=False,
            )
        except (ConnectionError, RuntimeError, ValueError):
            raise ClusterNotJoined("There is no Ray cluster where the setting gallery says.") from None
    openings = [
        ShardOpening(
            data_folder=str(settings.data_folder),
            root_key=settings.root_key,
            database=settings.database,
            model_id=model_id,
            dimensions=dimensions,
            threads=settings.threads,
            number=number,
            of=settings.gallery_shards,
        )
        for number in range(settings.gallery_shards)
    ]
    return RayShards(openings, deployment=deployment, patience=settings.gallery_patience_seconds)


def _require_token() -> None:
    given = (
        os.environ.get(_TOKEN) or os.environ.get(_TOKEN_PATH) or (Path.home() / ".ray/auth_token").is_file()
    )
    if os.environ.get(_MODE) != "token" or not given:
        raise ClusterWithoutToken("The cluster would be joined without a token.")
