"""Strangers' files, decoded in processes of their own: what crashes, hangs or devours memory ends only itself.

A JPEG of 640x480 takes 5 ms of CPU here, thumbnail and hash included, one of 12 megapixels 34; crossing to
another process and back costs 2 and 4 more. A process starts in 0.12 s and takes 25 MB, 100 once it has seen films.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Self

from rag.errors import Unavailable
from rag.media.limits import Limits
from rag.media.process import DecoderProcess
from rag.media.sniffing import require_readable
from rag.media.starting import start
from rag.media.visuals import DecodedVisual, Metadata


class Medium:
    """A file whose header has been read. Belongs to the thread that opened it, until its block ends.

    Attributes:
        media_type: by its content, one of `rag.media.sniffing.READABLE`.
        metadata: what the file says of itself.
        left_out: which of its pictures were not taken, and why; complete once all visuals have been.
    """

    def __init__(self, process: DecoderProcess, media_type: str, metadata: Metadata) -> None:
        self.media_type = media_type
        self.metadata = metadata
        self.left_out: tuple[str, ...] = ()
        self._process: DecoderProcess | None = process

    def __iter__(self) -> Iterator[DecodedVisual]:
        """The visuals, each decoded while the one before is used. They can be gone through once.

        Raises:
            UnsupportedMedia: beyond a limit, or nothing to see; the asset is skipped.
            BrokenMedia: it cannot be decoded, or ended the decoder; the asset is quarantined.
            Unavailable: the decoders were closed meanwhile.
        """
        while self._process is not None:
            visual = self._process.next_visual()
            if isinstance(visual, list):
                self.left_out = tuple(visual)
                self._process = None
            else:
                yield visual

    def _close(self) -> None:
        self._process = None


class Decoders:
    """A pool of decoder processes. Threads may share it. Processes start when they are first needed."""

    def __init__(self, limits: Limits, *, wanted: int, processes: int) -> None:
        """
        Args:
            wanted: pixels of the edge that the encoder sees.
            processes: how many files are decoded at a time, at most.
        """
        self._limits = limits
        self._wanted = wanted
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._running: set[DecoderProcess] = set()
        self._places: queue.LifoQueue[DecoderProcess | None] = queue.LifoQueue()
        for _ in range(processes):
            self._places.put(None)
        # Linux ends a process with the thread that started it: so one thread starts them all, and lives as long.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="decoders")

    @contextmanager
    def open(self, content: bytes | memoryview, *, keep_personal: bool = False) -> Iterator[Medium]:
        """Open a file; waits for a free process. What has not been taken when the block ends is not decoded.

        Raises:
            UnsupportedMedia: no file that is read, or beyond a limit; the asset is skipped.
            BrokenMedia: it cannot be decoded, or ended the decoder; the asset is quarantined.
            Unavailable: the decoders are closed, or no process could be started.
        """
        media_type = require_readable(content)
        limits = replace(self._limits, keep_personal=keep_personal or self._limits.keep_personal)
        with self._process() as process:
            try:
                process.prepare(media_type)
                medium = Medium(process, *process.begin(content, limits))
                try:
                    yield medium
                finally:
                    medium._close()
            finally:
                process.abandon()

    def require(self, wanted: int) -> None:
        """From now on decode for an encoder that sees this many pixels of an edge, unless it was for more already."""
        with self._lock:
            self._wanted = max(self._wanted, wanted)

    def close(self) -> None:
        """End the processes; who waits for a visual gets Unavailable. Calling twice is harmless."""
        with self._lock:
            self._closed.set()
            for process in self._running:
                process.end()
        for place in self._idle():
            self._give_back(place)
        self._starter.shutdown()

    def _idle(self) -> list[DecoderProcess | None]:
        """Every place that nobody uses, taken. All before any is given back: the last one given is the next taken."""
        idle: list[DecoderProcess | None] = []
        with suppress(queue.Empty):
            while True:
                idle.append(self._places.get_nowait())
        return idle

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _process(self) -> Iterator[DecoderProcess]:
        """A process of one's own for a while; a new one where the last has ended."""
        kept = self._places.get()
        process: DecoderProcess | None = None
        try:
            process = kept if kept is not None and self._suits(kept) else self._instead_of(kept)
            yield process
        finally:
            self._give_back(process)

    def _suits(self, process: DecoderProcess) -> bool:
        return process.usable and process.wanted >= self._wanted

    def _instead_of(self, ended: DecoderProcess | None) -> DecoderProcess:
        self._forget(ended)
        return self._start()

    def _start(self) -> DecoderProcess:
        with self._lock:
            if self._closed.is_set():
                raise Unavailable("the decoders have been closed")
            wanted = self._wanted
            starting = self._starter.submit(start, wanted=wanted, most_pixels=self._limits.pixels)
        process = DecoderProcess(starting.result(), wanted=wanted)
        with self._lock:
            self._running.add(process)
            if self._closed.is_set():
                process.end()
        return process

    def _give_back(self, process: DecoderProcess | None) -> None:
        with self._lock:
            if process is not None and process.usable:
                self._places.put(process)
                return
        self._forget(process)
        self._places.put(None)

    def _forget(self, process: DecoderProcess | None) -> None:
        """Free what a process held that is of no more use."""
        if process is not None:
            process.release()
            with self._lock:
                self._running.discard(process)
