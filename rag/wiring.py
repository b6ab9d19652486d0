"""Settings -> Services. With `rag.opening` the only module that names adapters, and asks which profile it is in."""

from __future__ import annotations

import gc
import logging
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rag import opening
from rag.model import Generation
from rag.ports import (
    AuditIndex,
    Blobs,
    CaptionDrafts,
    Catalog,
    ChatModel,
    Collections,
    Conversations,
    Encoder,
    Generations,
    JobQueue,
    Ledger,
    Pipeline,
    Reranker,
    Reviews,
    Serving,
    Traces,
    VectorStore,
)
from rag.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from rag.migration.openings import Openings
    from rag.migration.watching import Watch
    from rag.moderation.moderator import PolicyModerator

log = logging.getLogger(__name__)

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
        self._stopping = threading.Event()

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
    def drafts(self) -> CaptionDrafts:
        from rag.library.drafts import SqlDrafts

        return self._part("drafts", lambda: SqlDrafts(self.engine))

    @property
    def reviews(self) -> Reviews:
        from rag.library.reviews import SqlReviews

        return self._part("reviews", lambda: SqlReviews(self.engine, changed=self.catalog.recount))

    @property
    def moderator(self) -> PolicyModerator | None:
        return self._part("moderator", self._open_moderator)

    @property
    def ledger(self) -> Ledger:
        from rag.audit.opening import open_ledger

        return self._part("ledger", lambda: self._spanning(open_ledger(self.engine, self.settings)))

    def _spanning(self, ledger: Ledger) -> Ledger:
        """With spans of what is recorded, where they are asked for."""
        if not self.settings.otel:
            return ledger
        from rag.auditing.spans import open_spans, spanning

        return spanning(ledger, open_spans(self.settings.otel, content=self.settings.otel_content))

    @property
    def audit_index(self) -> AuditIndex:
        from rag.library.audit_index import SqlAuditIndex

        return self._part("audit_index", lambda: SqlAuditIndex(self.engine))

    @property
    def traces(self) -> Traces:
        from rag.library.traces import SqlTraces

        return self._part("traces", lambda: SqlTraces(self.engine))

    @property
    def conversations(self) -> Conversations:
        from rag.library.conversations import SqlConversations

        return self._part("conversations", lambda: SqlConversations(self.engine))

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
    def generations(self) -> Generations:
        from rag.library.generations import SqlGenerations

        return self._part("generations", lambda: SqlGenerations(self.engine))

    @property
    def openings(self) -> Openings:
        return self._part("openings", self._make_openings)

    def serving(self) -> Serving:
        return self.openings.serving()

    def written(self) -> list[Serving]:
        return self.openings.written()

    def opened(self, generation: Generation) -> Serving:
        return self.openings.opened(generation)

    def encoder_named(self, name: str) -> Encoder:
        return self.openings.encoder_named(name)

    @contextmanager
    def beside(self, folder: Path, **changes: object) -> Iterator[WiredServices]:
        from rag.migration.openings import Openings

        own = {"database": "", "vectors": "", "broker": "memory://", "blobs": self.settings.blobs_url}
        with opened(self.settings.model_copy(update={**changes, **own, "data": folder})) as other:
            other._part("openings", lambda: Openings(other, self.settings.encoder, self.encoder_named))
            yield other

    @property
    def encoder_notice(self) -> str:
        """What to tell whoever set another encoder than the one in use; empty where there is nothing to tell.

        The setting names the encoder of a new installation; from then on the catalog does.
        """
        from rag.migration.openings import live_of

        live, wanted = live_of(self.generations.every()), self.settings.encoder
        if live is None or "encoder" not in self.settings.model_fields_set or live.encoder == wanted:
            return ""
        return (
            f"PICTUREDESK_ENCODER={wanted} is not in use: searches use {live.encoder}, generation {live.number}; "
            f"picturedesk encoder migrate {wanted} changes that"
        )

    @property
    def encoder(self) -> Encoder:
        return self.openings.encoder()

    @property
    def store(self) -> VectorStore:
        return self.serving().store

    @property
    def chat(self) -> ChatModel:
        return self._part("chat", lambda: opening.chat_model(self.settings))

    @property
    def reranker(self) -> Reranker | None:
        return self._part("reranker", lambda: opening.reranker(self.settings))

    @property
    def pipeline(self) -> Pipeline:
        return self._part("pipeline", lambda: opening.pipeline(self, self.encoder.input_size))

    @property
    def queue(self) -> JobQueue:
        from rag.dispatch.queue import open_queue

        return self._part("queue", lambda: open_queue(self.settings, self, tidy=self.tidy))

    def tidy(self) -> None:
        """Finish what processes that died left undone; of pins, too. For whatever looks after this installation."""
        from rag.auditing.pinning import keep_clean
        from rag.ingest import tidy

        tidy(self)
        keep_clean(self)

    def is_open(self, name: str) -> bool:
        """Whether a part was opened already: `encoder`, `store`, …"""
        openings: Openings | None = self._parts.get("openings")
        if name == "encoder":
            return openings is not None and openings.encoder_loaded
        if name == "store":
            return openings is not None and openings.begun
        return name in self._parts

    def warm_up(self) -> None:
        """Open what a first request would wait for: encoder and collection.

        What is there by then stays, so the garbage collector need not go through it again and again: with torch
        loaded, that stops every 30th search or so for 50 ms.
        """
        serving = self.serving()
        if self.moderator is not None:
            self.moderator.prepare(serving.encoder)
        gc.freeze()

    def watch(self) -> None:
        """Follow changes of the encoder, and take up work on a coming one, until `close`. Calling twice is harmless."""
        self._part("watch", self._start_watch)

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def stop_soon(self) -> None:
        """Ask what runs for long in this process to come to its end; it goes on in another one."""
        self._stopping.set()

    def check_worker_inside(self) -> None:
        """Before a worker inside this process takes work, its encoder must see the canary as recorded, and the
        collection must open.

        Does nothing where workers are processes of their own: they check for themselves.

        Raises:
            EncoderBroken: it does not; nothing is indexed.
            StoreLocked, DiskFull, BadSettings: why the collection does not open.
        """
        from rag.encoding.canary import canary_vector, check_canary

        if self.settings.broker.startswith("memory://"):
            encoder = self.encoder
            check_canary(encoder, self.catalog.canary(encoder.id, canary_vector(encoder)))
            self.warm_up()

    def close(self) -> None:
        """Stop the worker inside the process, if any, then close store and database. Calling twice is harmless."""
        self.stop_soon()
        with self._lock:
            watch = self._parts.pop("watch", None)
        if watch is not None:
            watch.stop()
        with self._lock:
            queue = self._parts.pop("queue", None)
        if queue is not None:
            queue.close()  # outside the lock: the task that it waits for may open parts
        with self._lock:
            pipeline = self._parts.pop("pipeline", None)
        if pipeline is not None:
            pipeline.close()
        with self._lock:
            openings = self._parts.get("openings")
        if openings is not None:
            openings.close()
        with self._lock:
            for name in ("ledger", "collections", "catalog", "engine"):
                part = self._parts.pop(name, None)
                if part is not None:
                    part.dispose() if name == "engine" else part.close()
            self._parts.clear()
        gc.unfreeze()  # or native modules say at the end of the process that they were not cleared away

    def _open_engine(self) -> Engine:
        from rag.library.database import migrate, open_database

        engine = open_database(self.settings.database_url)
        migrate(engine)
        return engine

    def _make_openings(self) -> Openings:
        from rag.migration.openings import Openings

        return Openings(self, self.settings.encoder, self._load_encoder)

    def _load_encoder(self, name: str) -> Encoder:
        from rag.encoding import load_encoder
        from rag.encoding.adapter import AdaptedEncoder, split_name
        from rag.errors import EncoderBroken, NotFound

        base, weights = split_name(name)
        if weights is not None:
            try:
                return AdaptedEncoder(self.encoder_named(base), self.blobs.get(weights))
            except NotFound as error:
                raise EncoderBroken(f"the weights of {name} are not among the blobs: restore them") from error
        settings = self.settings
        return load_encoder(name, device=settings.device, precision=settings.precision, compile=settings.compile)

    def _start_watch(self) -> Watch:
        from rag.migration.watching import Watch

        if notice := self.encoder_notice:
            log.warning("%s", notice)
        watch = Watch(self, self.openings.look)
        watch.start()
        return watch

    def _open_moderator(self) -> PolicyModerator | None:
        if not self.settings.policy:
            return None
        from rag.moderation.moderator import PolicyModerator
        from rag.moderation.policy import load_policy

        return PolicyModerator(load_policy(self.settings.policy), self.reviews)


@contextmanager
def throwaway(settings: Settings) -> Iterator[WiredServices]:
    """An empty embedded installation with the same encoder and the same search, gone at the end.

    For measurements: nothing of the installation that `settings` names is opened, read or changed.
    """
    with tempfile.TemporaryDirectory(prefix="picturedesk-") as folder:
        elsewhere = {"data": Path(folder), "database": "", "vectors": "", "blobs": "", "broker": "memory://"}
        elsewhere |= {"ledger_key": "", "checkpoint_to": ""}
        with opened(settings.model_copy(update=elsewhere)) as services:
            yield services


@contextmanager
def opened(settings: Settings) -> Iterator[WiredServices]:
    """Services for one run of a door; closed at its end."""
    services = WiredServices(settings)
    try:
        yield services
    finally:
        services.close()
