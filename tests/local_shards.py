"""Parts of a gallery in this process, each with a store of its own, as those of a cluster have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from countenance.gallery import GalleryShard, NumpyKernel, SealedGallery
from countenance.kernel import FixedClock
from countenance.store import Store, key_provider

__all__ = ["LocalShards"]


class LocalShards:
    """Implements ``Shards``; ``tamper`` changes what a part answers, ``die`` takes one away."""

    def __init__(
        self,
        folder: Path,
        *,
        root_key: str,
        clock: FixedClock,
        model_id: str,
        dimensions: int,
        count: int = 3,
    ) -> None:
        self.count = count
        self._stores = [
            Store.open(folder, key_provider=key_provider(root_key), clock=clock) for _ in range(count)
        ]
        self.shards = [
            GalleryShard(
                open_part=self._opener(store, clock, model_id, dimensions),
                wire=store.wire,
                number=number,
                of=count,
            )
            for number, store in enumerate(self._stores)
        ]
        self.asked: list[tuple[int, bytes]] = []
        self.tamper: Callable[[bytes], bytes] = lambda answer: answer

    def ask(self, sealed: Sequence[tuple[int, bytes]]) -> Sequence[bytes]:
        self.asked += sealed
        return [self.tamper(self.shards[number].ask(question)) for number, question in sealed]

    def close(self) -> None:
        for shard, store in zip(self.shards, self._stores, strict=True):
            shard.close()
            store.close()

    @staticmethod
    def _opener(
        store: Store, clock: FixedClock, model_id: str, dimensions: int
    ) -> Callable[[Callable[[str], bool]], SealedGallery]:
        return lambda holds: SealedGallery(
            store=store,
            model_id=model_id,
            dimensions=dimensions,
            clock=clock,
            kernel=NumpyKernel(),
            holds=holds,
        )
