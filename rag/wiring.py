"""Settings -> Services. The only module that names adapters, and the only one that asks which profile it is in."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rag.errors import BadSettings
from rag.ports import Blobs, Catalog, ChatModel, Collections, Encoder, JobQueue, Ledger, Pipeline, VectorStore
from rag.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

LIVE = "live"
"""The alias that points at the collection which searches read."""

Part = TypeVar("Part")


class WiredServices:
    """The parts of one installation, each opened when first used and closed together.

    Opening late keeps `picturedesk ledger list` from loading torch, and lets an API
    process answer `/healthz` while its encoder loads. Safe to use from several threads.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._parts: dict[str, Any] = {}
        self._opening: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
        self._lock = threading.Lock()

    def _part(self, name: str, open_part: Callable[[], Part]) -> Part:
        """Open a part once; others may open meanwhile, so that nothing waits for an encoder it does not need."""
        if name not in self._parts:
            with self._lock:
                opening = self._opening[name]
            with opening:
                if name not in self._parts:
                    self._parts[name] = open_part()
        return cast("Part", self._parts[name])

    @property
    def engine(self) -> Engine:
        return self._part("engine", self._open_engine)

    @property
    def catalog(self) -> Catalog:
        from rag.library.catalog import SqlCatalog

        return self._part("catalog", lambda: SqlCatalog(self.engine))

    @property
    def ledger(self) -> Ledger:
        from rag.audit.ledger import SqlLedger

        return self._part("ledger", lambda: SqlLedger(self.engine))

    @property
    def blobs(self) -> Blobs:
        from rag.library.blobs import FsspecBlobs

        return self._part("blobs", lambda: FsspecBlobs(self.settings.blobs_url))

    @property
    def collections(self) -> Collections:
        from rag.indexing import open_collections

        key = self.settings.vectors_key
        return self._part(
            "collections",
            lambda: open_collections(
                self.settings.vectors_url,
                key.get_secret_value() if key else None,
                on_disk=self.settings.vectors_on_disk,
            ),
        )

    @property
    def encoder(self) -> Encoder:
        from rag.encoding import load_encoder

        settings = self.settings
        return self._part(
            "encoder",
            lambda: load_encoder(
                settings.encoder, device=settings.device, precision=settings.precision, compile=settings.compile
            ),
        )

    @property
    def store(self) -> VectorStore:
        return self._part("store", self._open_store)

    @property
    def chat(self) -> ChatModel:
        return self._part("chat", self._open_chat)

    @property
    def pipeline(self) -> Pipeline:
        return self._part("pipeline", self._open_pipeline)

    @property
    def queue(self) -> JobQueue:
        from rag.dispatch.queue import open_queue
        from rag.ingest import tidy

        return self._part("queue", lambda: open_queue(self.settings, self, tidy=lambda: tidy(self)))

    def is_open(self, name: str) -> bool:
        """Whether a part was opened already: `encoder`, `store`, …"""
        return name in self._parts

    def warm_up(self) -> None:
        """Open what a first request would wait for: encoder and collection."""
        _ = self.store

    def check_worker_inside(self) -> None:
        """Before a worker inside this process takes work, its encoder must see the canary as recorded.

        Does nothing where workers are processes of their own: they check for themselves.

        Raises:
            EncoderBroken: it does not; nothing is indexed.
        """
        from rag.encoding.canary import canary_vector, check_canary

        if self.settings.broker.startswith("memory://"):
            check_canary(self.encoder, self.catalog.canary(self.encoder.id, canary_vector(self.encoder)))

    def close(self) -> None:
        """Stop the worker inside the process, if any, then close store and database. Calling twice is harmless."""
        with self._lock:
            queue = self._parts.pop("queue", None)
        if queue is not None:
            queue.close()  # outside the lock: the task that it waits for may open parts
        with self._lock:
            pipeline = self._parts.pop("pipeline", None)
        if pipeline is not None:
            pipeline.close()
        with self._lock:
            for name in ("collections", "catalog", "engine"):
                part = self._parts.pop(name, None)
                if part is not None:
                    part.dispose() if name == "engine" else part.close()
            self._parts.clear()

    def _open_engine(self) -> Engine:
        from rag.library.database import migrate, open_database

        engine = open_database(self.settings.database_url)
        migrate(engine)
        return engine

    def _open_store(self) -> VectorStore:
        """The collection of the configured encoder; it becomes the live one when there is none yet."""
        from rag.indexing.schema import collection_name

        name = collection_name(self.encoder.id)
        live = self.collections.live(LIVE)
        if live is not None and live != name:
            raise BadSettings(
                f"the visuals here were embedded with another encoder (collection {live}) than "
                f"PICTUREDESK_ENCODER={self.settings.encoder}; set that one back, or use another PICTUREDESK_DATA"
            )
        store = self.collections.open(name, self.encoder.dim)
        if live is None:
            self.collections.point(LIVE, name)
        return store

    def _open_pipeline(self) -> Pipeline:
        from rag.media.decoders import Decoders
        from rag.media.limits import Limits
        from rag.pipeline.pipeline import StreamingPipeline

        settings = self.settings
        limits = Limits(
            pixels=settings.max_pixels,
            visuals=settings.max_visuals,
            seconds=settings.decode_seconds,
            media_seconds=settings.media_seconds,
            memory=settings.decode_memory,
            frames_per_minute=settings.frames_per_minute,
        )
        threads = settings.decoders or os.cpu_count() or 1
        decoders = Decoders(limits, wanted=self.encoder.input_size, processes=threads)
        return StreamingPipeline(self, decoders, threads=threads)

    def _open_chat(self) -> ChatModel:
        if not self.settings.llm:
            from rag.answering.extractive import ExtractiveComposer

            return ExtractiveComposer()
        from rag.answering.langchain_chat import open_chat

        return open_chat(self.settings)


@contextmanager
def opened(settings: Settings) -> Iterator[WiredServices]:
    """Services for one run of a door; closed at its end."""
    services = WiredServices(settings)
    try:
        yield services
    finally:
        services.close()
