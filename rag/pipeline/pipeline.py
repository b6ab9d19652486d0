"""The stages and their threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from rag.errors import Retryable, Unavailable, UnsupportedMedia
from rag.media.decoders import Decoders
from rag.media.visuals import DecodedVisual
from rag.model import Asset, Outcome
from rag.pipeline.decoding import DecodeStage
from rag.pipeline.encoding import EncodeStage
from rag.pipeline.queues import StageQueue
from rag.pipeline.storing import Ready, store
from rag.pipeline.turns import Turns
from rag.pipeline.work import Prepared, Work
from rag.ports import Encoder, Glance, Pixels, Services, Serving, Vector

ENCODERS = 2
"""Threads that feed the encoder: while one waits for it, the other fills the next batch."""

LINGER = 0.25
"""Seconds for which an unfinished batch waits: full ones cost a CPU less, and a slow decoder is not held up by it."""

MOST_AT_ONCE = 64
"""Assets in one upsert."""


class StreamingPipeline:
    """See `rag.ports.Pipeline`. Its threads start with the first assets and end with `close`."""

    def __init__(self, services: Services, decoders: Decoders, *, threads: int = 0) -> None:
        """
        Args:
            threads: assets decoded at a time; 0 means one for each core.
        """
        self._services = services
        self._decoders = decoders
        self._threads = threads or os.cpu_count() or 1
        self._turns = Turns()
        self._running: list[threading.Thread] = []
        self._gathering = threading.Lock()
        self._lock = threading.Lock()
        self._closed = False

    def turn(self, *, alone: bool = False) -> AbstractContextManager[None]:
        return self._turns.alone() if alone else self._turns.together()

    def index(
        self, assets: Sequence[Asset], targets: Sequence[Serving], *, urgent: bool = False, again: bool = False
    ) -> list[Outcome | Retryable]:
        self._decoders.require(max(target.encoder.input_size for target in targets))
        self._start(targets[0].encoder.batch)
        keeps = {library: self._services.catalog.keeps_personal(library) for library in {one.library for one in assets}}
        works = [
            Work(asset, targets, urgent=urgent, again=again, keep_personal=keeps[asset.library]) for asset in assets
        ]
        for work in works:
            self._waiting.put(work, urgent=urgent)
        return [_ended(work) for work in works]

    def embed(self, content: bytes, encoder: Encoder) -> Vector:
        return self.glance(content, encoder).vector

    def glance(self, content: bytes, encoder: Encoder) -> Glance:
        with self._first_picture(content) as seen:
            vector: Vector = encoder.images([seen.image])[0]
            return Glance(vector, seen.thumbnail, seen.perceptual_hash, seen.width, seen.height)

    def thumbnail(self, content: bytes) -> bytes:
        with self._first_picture(content) as seen:
            return seen.thumbnail

    @contextmanager
    def _first_picture(self, content: bytes) -> Iterator[DecodedVisual]:
        with self._decoders.open(content) as medium:
            seen = next(iter(medium), None)
            if seen is None:
                raise UnsupportedMedia("it holds no picture")
            yield seen

    def close(self) -> None:
        with self._lock:
            running, self._running, self._closed = self._running, [], True
        if running:
            for queue in (self._waiting, self._prepared, self._complete):
                queue.end()
        for thread in running:
            thread.join()
        self._decoders.close()

    def _start(self, batch: int) -> None:
        with self._lock:
            if self._closed:
                raise Unavailable("the pipeline of this process was closed")
            if self._running:
                return
            self._batch = batch
            self._waiting: StageQueue[Work] = StageQueue()
            self._prepared: StageQueue[Prepared] = StageQueue(2 * batch)
            self._complete: StageQueue[Ready] = StageQueue(2 * MOST_AT_ONCE)
            self._decode_stage = DecodeStage(self._services, self._decoders, self._hand_on)
            self._encode_stage = EncodeStage(self._services.moderator)
            for run, count in ((self._decode, self._threads), (self._encode, ENCODERS), (self._upsert, 1)):
                self._running += [_started(run, number) for number in range(count)]

    # Each of these runs on threads of its own until its queue ends.

    def _decode(self) -> None:
        while (work := self._waiting.take()) is not None:
            if self._decode_stage.decode(work):
                self._pass_on([work])

    def _hand_on(self, work: Work, place: int, target: int, pixels: Pixels) -> None:
        self._prepared.put(Prepared(work, place, target, pixels), urgent=work.urgent)

    def _encode(self) -> None:
        while batch := self._gathered():
            self._pass_on(self._encode_stage.encode(batch))

    def _gathered(self) -> list[Prepared]:
        with self._gathering:  # or two threads would each fill half a batch
            return self._prepared.take_some(self._batch, wait=LINGER)

    def _pass_on(self, works: Sequence[Work]) -> None:
        for ready in self._encode_stage.points(works) if works else ():
            self._complete.put(ready, urgent=ready.work.urgent)

    def _upsert(self) -> None:
        while ready := self._complete.take_some(MOST_AT_ONCE):
            store(ready)


def _started(run: Callable[[], None], number: int) -> threading.Thread:
    thread = threading.Thread(target=run, name=f"{run.__name__.strip('_')}-{number}", daemon=True)
    thread.start()
    return thread


def _ended(work: Work) -> Outcome | Retryable:
    try:
        return work.ended.result()
    except Retryable as error:
        return error
