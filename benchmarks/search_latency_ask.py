"""Asks what `search_latency_fill` made: `python -m benchmarks.search_latency_ask VISUALS FOLDER`.

Everything is as in an installation, but for the encoder: it knows the questions' vectors already.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.clustered_visuals import DIM, LIBRARIES, TAGS, Clusters, drawn, worded_questions
from benchmarks.figure import seconds
from benchmarks.search_latency_fill import CHUNK, COLLECTION
from rag.indexing.edge import EdgeCollections
from rag.library.catalog import SqlCatalog
from rag.library.database import open_database
from rag.model import Actor, And, Asset, Between, Channel, Eq, Filter, Moderation, Query, Retrieval, VisualId
from rag.ports import Matrix, Pixels, Sigmoid, Vector
from rag.retrieval.search import Retriever

if TYPE_CHECKING:
    from PIL.Image import Image

WARM, QUESTIONS, TOP, CANDIDATES = 50, 200, 10, 100
READER = Actor("reader", frozenset({"reader"}), frozenset({"press"}), frozenset(LIBRARIES[:2]))
TAG, FROM, TO = TAGS[3], datetime(2016, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
TAGGED: Filter = Eq("tags", TAG)
DATED: Filter = Between("captured_at", FROM, TO)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a question asks beside its words; the reader's rights come on top."""

    library: str = ""
    tagged: bool = False
    dated: bool = False

    def query(self, text: str) -> Query:
        wanted = [TAGGED] * self.tagged + [DATED] * self.dated
        where = And(tuple(wanted)) if wanted else None
        return Query(text, libraries=(self.library,) if self.library else (), where=where)

    def holds(self, asset: Asset) -> bool:
        """The same of an asset, and whether the reader may see it; said apart from the code that is measured."""
        return (
            asset.library in ({self.library} if self.library else READER.libraries)
            and (not asset.access_groups or "press" in asset.access_groups)
            and asset.moderation is not Moderation.BLOCKED
            and (not self.tagged or TAG in asset.tags)
            and (not self.dated or (asset.captured_at is not None and FROM <= asset.captured_at <= TO))
        )


NARROWINGS = (
    Narrowing(),
    Narrowing(LIBRARIES[0], tagged=True),
    Narrowing(LIBRARIES[0], tagged=True, dated=True),
    Narrowing(dated=True),
)
"""Questions take turns with them."""


class PreparedEncoder:
    """An `Encoder` that looks up what it is asked."""

    id, dim, input_size, batch, description, demo = "prepared", DIM, 1, 1, "prepared questions", False
    priors: Mapping[Channel, Sigmoid] = {Channel.IMAGE: Sigmoid(20.0, 0.6), Channel.CAPTION: Sigmoid(20.0, 0.8)}

    def __init__(self, vectors: Mapping[str, Vector]) -> None:
        self._vectors = vectors

    def prepare(self, picture: Image) -> Pixels:
        raise NotImplementedError("it has no pictures")

    def images(self, pictures: Sequence[Image | Pixels]) -> Matrix:
        raise NotImplementedError("it has no pictures")

    def texts(self, texts: Sequence[str]) -> Matrix:
        return np.stack([self._vectors[text] for text in texts])


def main(count: int, folder: Path) -> None:
    texts = worded_questions(WARM + QUESTIONS)
    vectors = dict(zip(texts, Clusters(seed=2).questions(len(texts)), strict=True))
    before = _resident()
    engine = open_database(f"sqlite:///{folder}/desk/catalog.sqlite")
    collections = EdgeCollections(folder / "desk" / "vectors")
    store = collections.open(COLLECTION, DIM)
    retriever = Retriever(
        store, PreparedEncoder(vectors), SqlCatalog(engine), candidates=CANDIDATES, longest_question=1000
    )
    for text, narrowing in zip(texts[:WARM], cycle(NARROWINGS), strict=False):
        retriever.retrieve(READER, narrowing.query(text))
    gc.freeze()  # as an installation does when it has warmed up
    grown = _resident() - before
    asked: list[tuple[float, str, Narrowing, Retrieval]] = []
    for text, narrowing in zip(texts[WARM:], cycle(NARROWINGS), strict=False):
        started = time.perf_counter()
        retrieval = retriever.retrieve(READER, narrowing.query(text))
        asked.append((time.perf_counter() - started, text, narrowing, retrieval))
    # Only now: comparing all rows between two questions would sweep every cache that a server has.
    rows = Rows(count, folder)
    times, overlaps = [], []
    for ours, text, narrowing, retrieval in asked:
        times.append((ours, seconds(partial(rows.compare, vectors[text]))))
        overlaps.append(rows.overlaps(retrieval, vectors[text], narrowing))
    collections.close()
    engine.dispose()
    print(json.dumps(_measured(np.array(times), np.array(overlaps)) | {"memory": grown}))


def _measured(times: NDArray[np.float64], overlaps: NDArray[np.float64]) -> dict[str, float]:
    """Args: times: seconds, ours and numpy's; overlaps: image and caption. Shape (QUESTIONS, 2) both."""
    (p50, numpy_p50), (p99, numpy_p99) = np.percentile(1000 * times, [50, 99], axis=0).tolist()
    image, caption = overlaps.mean(axis=0).tolist()
    return {
        "p50": p50, "p99": p99, "numpy_p50": numpy_p50, "numpy_p99": numpy_p99, "image": image, "caption": caption,
    }  # fmt: skip


class Rows:
    """Exact comparison by numpy, over all rows and over those that a question may find."""

    def __init__(self, count: int, folder: Path) -> None:
        made = [one for start in range(0, count, CHUNK) for one in drawn(start, min(CHUNK, count - start))]
        self._matrices = {
            Channel.IMAGE: np.load(folder / "images.npy"),
            Channel.CAPTION: np.load(folder / "captions.npy"),
        }
        self._ids = [one.visual.id for one in made]
        self._held = {
            narrowing: np.flatnonzero([narrowing.holds(one.asset) for one in made]) for narrowing in NARROWINGS
        }

    def compare(self, vector: Vector) -> None:
        """The baseline: two dense channels, nobody's rights, no words."""
        for matrix in self._matrices.values():
            np.argpartition(-(matrix @ vector), CANDIDATES)[:CANDIDATES]

    def overlaps(self, retrieval: Retrieval, vector: Vector, narrowing: Narrowing) -> tuple[float, float]:
        """Of the exact first ten in image and caption, the share that the retrieval has among its first ten there."""
        held = self._held[narrowing]
        ranks = {one.visual.id: one.ranks for one in retrieval.evidence}
        ranks |= {one.visual_id: one.ranks for one in retrieval.dropped}

        def overlap(channel: Channel) -> float:
            best = held[np.argsort(-(self._matrices[channel][held] @ vector))[:TOP]]
            found = {id_ for id_, rank in ranks.items() if rank.get(channel, TOP + 1) <= TOP}
            exact: set[VisualId] = {self._ids[row] for row in best}
            return len(exact & found) / len(exact) if exact else 1.0

        return overlap(Channel.IMAGE), overlap(Channel.CAPTION)


def _resident() -> float:
    """Resident memory of this process in MiB, mapped files included."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
