"""One collection in Qdrant Edge: the engine of a Qdrant server, inside this process.

Any number of threads may search and write at once. Edge 0.9 holds Python's lock while
it searches: a process answers one search at a time, and more processes need a server.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import qdrant_edge as edge

from rag.disk import (
    KEPT_ALWAYS,
    KEPT_WHEN_INDEXING,
    copy_with_holes,
    require_room,
    room_for_holes,
    room_of_copy,
)
from rag.errors import DimensionMismatch, Unavailable
from rag.indexing import graphs
from rag.indexing.checks import (
    captioned,
    check_request,
    check_vectors,
    checked,
    compared,
    ordered,
    page_after,
)
from rag.indexing.edge_files import WriteAheadLog, read_json, read_when_opened, write_json
from rag.indexing.edge_filters import edge_filter
from rag.indexing.edge_optimizer import NOTHING_TO_DO
from rag.indexing.edge_shard import (
    create_missing_indexes,
    create_shard,
    edge_point,
    edge_query,
    edge_scores_query,
    load_shard,
    our_point,
    size_of,
    translating,
)
from rag.indexing.schema import STORED
from rag.model import Channel, Filter, VisualId
from rag.ports import Captioned, Nearest, Point, Scored, Vector
from rag.ports.vectors import NOTHING

POINTER = "collection.json"
"""Says which subfolder holds the live shard, and its dimension. A folder without it was never finished."""

OPTIMIZER = Path(__file__).with_name("edge_optimizer.py")
CHUNK = 1_000
"""Points per update: what a write waits for another, and how long Python's lock is held while they are converted."""

FULL_SEGMENTS = 2
"""Full 32 MiB segments of the log after which the shard is flushed, so that reopening takes seconds at most."""


class EdgeStore:
    """A `VectorStore` in a folder. Writes survive SIGKILL and, as the log is forced to disk, a power cut."""

    def __init__(self, folder: Path, dim: int, *, on_disk: bool = False) -> None:
        """Open the collection in `folder`, or make it. The caller owns the folder's lock.

        Args:
            on_disk: read full vectors from disk when they are compared, instead of holding them in memory.

        Raises:
            DimensionMismatch: it is there with another dimension.
            DiskFull: there is no room to open it.
            Unavailable: its files cannot be read.
        """
        self.name = folder.name
        self.dim = dim
        self._folder = folder
        self._on_disk = on_disk
        self._writing = threading.RLock()
        self._optimizing = threading.Lock()
        self._changed: set[str] | None = None
        self._torn = False
        self._seen_by_optimizer = 0
        with translating():
            self._shard: edge.EdgeShard | None = self._open()
            create_missing_indexes(self._shard)
            self._log.flushed()

    def upsert(self, points: Sequence[Point]) -> None:
        ready = checked(points, self.dim)
        for start in range(0, len(ready), CHUNK):
            chunk = ready[start : start + CHUNK]
            with translating():
                require_room(self._folder, sum(map(size_of, chunk)), kept=KEPT_WHEN_INDEXING)
                self._write(
                    edge.UpdateOperation.upsert_points([edge_point(point) for point in chunk]),
                    [point.id for point in chunk],
                )

    def delete(self, ids: Sequence[VisualId]) -> None:
        with translating():
            require_room(self._folder, 0, kept=KEPT_ALWAYS)
            self._write(edge.UpdateOperation.delete_points(list(ids)), ids)

    def search(self, requests: Sequence[Nearest]) -> list[list[Scored]]:
        for request in requests:
            check_request(request, self.dim)
        return ordered(self._search, requests)

    def scores(
        self,
        ids: Sequence[VisualId],
        vectors: Mapping[Channel, Vector],
        *,
        known: Mapping[Channel, Collection[VisualId]] = NOTHING,
    ) -> dict[Channel, dict[VisualId, float]]:
        check_vectors(vectors, self.dim)

        def compare(asked: Mapping[Channel, Sequence[VisualId]]) -> list[list[Scored]]:
            with translating():
                return self._query([edge_scores_query(one, vectors[one], some) for one, some in asked.items()])

        return compared(compare, ids, vectors, known)

    def captions(self, ids: Sequence[VisualId]) -> dict[VisualId, Captioned]:
        with translating():
            records = self._live().retrieve(list(ids), with_payload=STORED, with_vector=[Channel.CAPTION.value])
        return {VisualId(str(one.id)): captioned(one.vector, one.payload, self.dim) for one in records}

    def fetch(self, ids: Sequence[VisualId]) -> dict[VisualId, Point]:
        with translating():
            records = self._live().retrieve(list(ids), with_payload=True, with_vector=True)
        points = (our_point(record, self.dim) for record in records)
        return {point.id: point for point in points}

    def present(self, ids: Sequence[VisualId]) -> set[VisualId]:
        with translating():
            records = self._live().retrieve(list(ids), with_payload=False, with_vector=False)
        return {VisualId(str(record.id)) for record in records}

    def count(self, where: Filter | None = None) -> int:
        with translating():
            return self._live().count(edge.CountRequest(filter=edge_filter(where), exact=True))

    def ids(self, where: Filter | None = None, *, limit: int = 1000, after: VisualId | None = None) -> list[VisualId]:
        start: edge.PointId | None = after
        request = edge.ScrollRequest(
            offset=start, limit=limit + 1, filter=edge_filter(where), with_payload=False, with_vector=False
        )
        with translating():
            records, _ = self._live().scroll(request)
        return page_after([str(record.id) for record in records], after, limit)

    def optimize(self) -> None:
        """Build search graphs and quantised vectors on a copy, in a process of its own, then go over to it.

        Searches and writes go on meanwhile. Returns at once where fewer than
        `graphs.WORTH_INDEXING` points came since the last time. Needs the collection's size on disk once more.
        A folder written with other graphs, or unquantised, is rebuilt whole the first time.

        Raises:
            Unavailable: the disk is full, or the helper failed; the collection is as before.
        """
        if not self._optimizing.acquire(blocking=False):
            return  # another thread is at it; what came since is left for the next time
        try:
            if self.count() - self._seen_by_optimizer < graphs.WORTH_INDEXING:
                return
            with translating(), self._copied() as copy:
                if _helped(copy):
                    self._go_over_to(copy)
            self._seen_by_optimizer = self.count()
        finally:
            self._optimizing.release()

    def rewrite(self) -> None:
        """Edge keeps what was deleted, in its log and its segments: all other points go into new files.

        Searches and writes go on meanwhile. Needs the collection's size on disk twice more.
        """
        with self._optimizing, translating(), self._copied() as copy:
            fresh = copy.with_name(str(int(copy.name) + 1))
            try:
                with closing(create_shard(fresh, self.dim, on_disk=self._on_disk)) as shard:
                    create_missing_indexes(shard)
                    shard.flush()
                _helped(fresh, copy)
                self._go_over_to(fresh)
            finally:
                if fresh != self._current:
                    shutil.rmtree(fresh, ignore_errors=True)
        self._seen_by_optimizer = self.count()

    def copy_to(self, folder: Path) -> None:
        """The collection as it is now, as a folder of its own; writes wait meanwhile. Raises DiskFull."""
        with self._writing, translating():
            self._mend()
            self._live().flush()
            folder.mkdir(parents=True)
            require_room(folder, room_of_copy(self._current), kept=KEPT_WHEN_INDEXING)
            shutil.copytree(self._current, folder / self._current.name, copy_function=copy_with_holes)
            write_json(folder / POINTER, {"dim": self.dim, "shard": self._current.name})

    def close(self) -> None:
        """Write everything down and let go of the files. Calling twice is harmless."""
        with self._writing, translating():
            shard, self._shard, self._torn = self._shard, None, False
            if shard is not None:
                shard.flush()
                shard.close()

    def _open(self) -> edge.EdgeShard:
        found = read_json(self._folder / POINTER)
        if found and found["dim"] != self.dim:
            raise DimensionMismatch(
                f"the collection {self.name} holds vectors of length {found['dim']}; this encoder gives {self.dim}"
            )
        self._remove_other_shards(found.get("shard"))
        if found:
            self._current = self._folder / found["shard"]
            self._log = WriteAheadLog(self._current)
            require_room(self._folder, room_for_holes(self._folder, read_when_opened(self._current)), kept=KEPT_ALWAYS)
            return load_shard(self._current, self.dim, on_disk=self._on_disk)
        require_room(self._folder, 0, kept=KEPT_WHEN_INDEXING)
        self._current = self._folder / "1"
        self._log = WriteAheadLog(self._current)
        shard = create_shard(self._current, self.dim, on_disk=self._on_disk)
        shard.flush()
        self._point_at(self._current)
        return shard

    def _remove_other_shards(self, current: str | None) -> None:
        for path in self._folder.glob("*/"):
            if path.name != current:
                shutil.rmtree(path)

    def _point_at(self, shard: Path) -> None:
        write_json(self._folder / POINTER, {"dim": self.dim, "shard": shard.name})

    def _live(self) -> edge.EdgeShard:
        shard = self._shard
        if shard is None:
            raise Unavailable(f"the collection {self.name} is closed")
        return shard

    def _write(self, operation: edge.UpdateOperation, ids: Sequence[str]) -> None:
        with self._writing:
            self._mend()
            shard = self._live()
            if self._changed is not None:
                self._changed.update(ids)
            self._update(shard, operation)
            if self._log.sync() >= FULL_SEGMENTS:
                shard.flush()
                self._log.flushed()

    def _update(self, shard: edge.EdgeShard, operation: edge.UpdateOperation) -> None:
        try:
            shard.update(operation)
        except (TypeError, ValueError, OverflowError):
            raise  # refused before anything was written
        except Exception:
            self._torn = True
            raise

    def _mend(self) -> None:
        """After a write that failed half-way Edge refuses all others. Opened anew, it finishes that one by its log."""
        if not self._torn:
            return
        with suppress(Exception):  # closed already, if it could not be opened the last time
            self._live().close()
        self._shard = load_shard(self._current, self.dim, on_disk=self._on_disk)
        self._torn = False

    def _search(self, requests: Sequence[Nearest]) -> list[list[Scored]]:
        with translating():
            return self._query([edge_query(request) for request in requests])

    def _query(self, requests: list[edge.QueryRequest]) -> list[list[Scored]]:
        found = self._live().query_batch(edge.QueryBatchRequest(requests))
        return [[Scored(VisualId(str(hit.id)), hit.score) for hit in hits] for hits in found]

    @contextmanager
    def _copied(self) -> Iterator[Path]:
        """A copy of the shard as it is now, removed unless gone over to; changes to the shard are noted meanwhile."""
        copy = self._folder / str(int(self._current.name) + 1)
        try:
            with self._writing:
                self._mend()
                self._live().flush()
                self._changed = set()
                require_room(self._folder, _size_of_copy(self._current), kept=KEPT_WHEN_INDEXING)
                shutil.copytree(self._current, copy)
            yield copy
        finally:
            with self._writing:
                self._changed = None
            if copy != self._current:
                shutil.rmtree(copy, ignore_errors=True)

    def _go_over_to(self, copy: Path) -> None:
        """Bring `copy` up to date and make it the live shard. Searches under way end on the old one."""
        fresh = edge.EdgeShard.load(str(copy))
        with self._writing:
            self._mend()
            _bring_over(self._live(), fresh, sorted(self._changed or ()))
            fresh.flush()
            self._point_at(copy)
            self._shard = fresh
            old, self._current = self._current, copy
            self._log = WriteAheadLog(copy)
            self._log.flushed()
        with suppress(OSError):  # what stays is removed when the collection is opened next
            shutil.rmtree(old)


def _size_of_copy(folder: Path) -> int:
    """In bytes. Holes in sparse files are not kept."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _helped(folder: Path, *others: Path) -> bool:
    """Run the optimizer on shards that nobody has open. False: there was nothing to do."""
    command = [sys.executable, "-P", str(OPTIMIZER), str(folder), *map(str, others)]
    helper = subprocess.run(command, capture_output=True, check=False)
    if helper.returncode not in (0, NOTHING_TO_DO):
        why = helper.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise Unavailable(f"the optimizer of Qdrant Edge ended with status {helper.returncode}: {why}")
    return helper.returncode == 0


def _bring_over(old: edge.EdgeShard, fresh: edge.EdgeShard, changed: Sequence[str]) -> None:
    for start in range(0, len(changed), CHUNK):
        ids: list[edge.PointId] = list(changed[start : start + CHUNK])
        records = old.retrieve(ids, with_payload=True, with_vector=True)
        fresh.update(edge.UpdateOperation.delete_points(ids))
        points = [edge.Point(record.id, record.vector or {}, record.payload) for record in records]
        fresh.update(edge.UpdateOperation.upsert_points(points))
