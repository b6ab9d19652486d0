"""Where visuals are found by their vectors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.model import Channel, Filter, Json, VisualId

Vector = NDArray[np.float32]
"""shape (dim,), float32, unit length unless said otherwise."""

Matrix = NDArray[np.float32]
"""shape (n, dim), float32, rows of unit length unless said otherwise."""


NOTHING: Mapping[Channel, Collection[VisualId]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SparseVector:
    """A BM25 term vector: `indices` ascending and unique, `values` beside them."""

    indices: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One visual as the vector store holds it.

    Attributes:
        image: shape (dim,), unit length.
        captions: shape (n, dim), one row per searchable caption; n may be 0.
        bm25: term weights of the captions and tags.
        payload: see `rag.indexing.schema` for its fields.
    """

    id: VisualId
    image: Vector
    captions: Matrix
    bm25: SparseVector
    payload: Json


@dataclass(frozen=True, slots=True)
class Captioned:
    """The captions that a visual was indexed with.

    Attributes:
        said: of each its text, origin and language, as `Point.payload` has them.
        vectors: shape (n, dim), a row for each.
    """

    said: Sequence[Json]
    vectors: Matrix


@dataclass(frozen=True, slots=True)
class Nearest:
    """One channel's part of a query."""

    channel: Channel
    vector: Vector | SparseVector
    limit: int
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A point and its score: cosine for dense channels, BM25 for the sparse one.

    Without its payload: converting that of 300 hits takes longer than finding them, and
    what is shown of a visual comes from the catalog.
    """

    id: VisualId
    score: float


class VectorStore(Protocol):
    """Where visuals are found by their vectors. One instance per collection."""

    name: str
    dim: int

    def upsert(self, points: Sequence[Point]) -> None:
        """Store points, replacing those with the same id.

        Durable when it returns: a point written here survives SIGKILL.
        Calling twice with the same points is harmless.

        Raises:
            DimensionMismatch: a vector is not `self.dim` long; nothing is stored.
            Unavailable: retryable; some points may be stored, none is torn.
        """

    def search(self, requests: Sequence[Nearest]) -> list[list[Scored]]:
        """For each request, its closest points, best first, in one round trip.

        `where` is applied inside the search, not after it, so `limit` hits come
        back if that many match. Points without the channel's vector never match. The score
        of every hit is exact, also where the hits were found by approximation.
        """

    def scores(
        self,
        ids: Sequence[VisualId],
        vectors: Mapping[Channel, Vector],
        *,
        known: Mapping[Channel, Collection[VisualId]] = NOTHING,
    ) -> dict[Channel, dict[VisualId, float]]:
        """Exact cosines of the points `ids` with one vector per dense channel, in one round trip.

        A visual's captions count by the best of them. Points that are not stored, or
        lack the channel, are left out; every channel of `vectors` is in the result.

        Args:
            vectors: shape (dim,), float32, each.
            known: visuals that are left out of a channel, because a search brought their scores.

        Raises:
            BadQuery: a channel whose scores are no cosines.
            DimensionMismatch: a vector is not `self.dim` long.
        """

    def captions(self, ids: Sequence[VisualId]) -> dict[VisualId, Captioned]:
        """The captions of stored points: a part of what `fetch` brings, in less time. Missing ids are absent."""

    def fetch(self, ids: Sequence[VisualId]) -> dict[VisualId, Point]:
        """The stored points among `ids`, vectors included."""

    def present(self, ids: Sequence[VisualId]) -> set[VisualId]:
        """Those of `ids` that are stored."""

    def delete(self, ids: Sequence[VisualId]) -> None:
        """Remove points; unknown ids are ignored. Durable when it returns."""

    def count(self, where: Filter | None = None) -> int:
        """Exact number of points that match."""

    def ids(self, where: Filter | None = None, *, limit: int = 1000, after: VisualId | None = None) -> list[VisualId]:
        """A page of the ids of points that match, in ascending order; `after` is the last one of the page before."""

    def optimize(self) -> None:
        """Build what makes searches fast, where the store leaves that to the caller; else nothing."""

    def rewrite(self) -> None:
        """Leave nothing of deleted points in the files, where the store leaves that to the caller; else nothing.

        Reads and writes every point: for erasures. Raises DiskFull, Unavailable; the collection is as before.
        """


class Collections(Protocol):
    """The vector collections of an installation, and the alias that points at the live one.

    Attributes:
        exclusive: whether no other process can read them while this one has them.
    """

    exclusive: bool

    def open(self, name: str, dim: int) -> VectorStore:
        """The collection, created with its payload indexes when it is new. Calling twice is harmless.

        Raises:
            DimensionMismatch: it exists with another dimension.
            StoreLocked: another process owns the folder.
            Unavailable: retryable.
        """

    def names(self) -> list[str]: ...

    def every(self) -> list[VectorStore]:
        """All collections, opened: what is deleted goes from each of them. Raises as `open`."""

    def point(self, alias: str, name: str) -> None:
        """Make `alias` mean the collection `name`, atomically: readers see the old one or the new one."""

    def live(self, alias: str) -> str | None:
        """The collection that `alias` means; None when it was never pointed."""

    def drop(self, name: str) -> None:
        """Remove a collection and its points. Calling twice is harmless."""

    def copy_to(self, name: str, folder: Path) -> None:
        """A copy of a collection, as it is at this moment, among the collections of `folder`, which nobody has open.

        Raises:
            Rejected: the store is a server: its points are to be had by `ids` and `fetch`.
            NotFound: there is no such collection.
            DiskFull: there is no room for it.
        """

    def ping(self) -> None:
        """Raises Unavailable when the store does not answer."""

    def require_room(self) -> None:
        """Raises DiskFull where nothing more can be stored. A server's disk is not looked at from here."""

    def close(self) -> None: ...
