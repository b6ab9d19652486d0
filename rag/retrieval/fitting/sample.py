"""What a fit looks at: captioned visuals of one library, drawn evenly; never more than a fixed number."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from rag.batching import in_batches
from rag.indexing.bm25 import document_vector
from rag.indexing.points import searchable_captions
from rag.model import Asset, AssetId, AssetRef, AssetState, CaptionOrigin, VisualId
from rag.ports import Catalog, Matrix, Point, SparseVector, Vector, VectorStore

MOST_READ = 20_000
"""Assets read at most, however few of them have captions."""

PAGE = 500
HELD_OUT_PERCENT = 30


class Shown:
    """One visual as the store has it, with its texts. Generated captions count as if they were not there."""

    def __init__(self, point: Point) -> None:
        self.id: VisualId = point.id
        self.image: Vector = point.image
        said = point.payload["captions"]
        truth = [at for at, caption in enumerate(said) if caption["origin"] != CaptionOrigin.GENERATED.value]
        whole = len(truth) == len(said) or len(point.captions) != len(said)
        self.vectors: Matrix = point.captions if whole else point.captions[truth]
        self.captions: tuple[str, ...] = tuple(said[at]["text"] for at in truth)
        self.english = all(said[at]["language"] in ("", "en") for at in truth)
        self._tags = " ".join(point.payload["tags"])

    @cached_property
    def words(self) -> SparseVector:
        """Terms of captions and tags, as they are searched."""
        return document_vector(" ".join([*self.captions, self._tags]))

    @cached_property
    def tags_alone(self) -> SparseVector:
        return document_vector(self._tags)

    def words_with(self, captions: Sequence[str]) -> SparseVector:
        return document_vector(" ".join([*captions, self._tags]))

    @cached_property
    def held_out(self) -> bool:
        """Decided by the text of its first caption, so that visuals with the same caption stand on the same side."""
        return sha256(self.captions[0].encode()).digest()[0] % 100 < HELD_OUT_PERCENT if self.captions else False


@dataclass(frozen=True, slots=True)
class Sample:
    """Attributes:
    shown: captioned visuals, in random order.
    """

    library: str
    shown: Sequence[Shown]


def draw_sample(catalog: Catalog, store: VectorStore, library: str, limit: int, rng: random.Random) -> Sample:
    """At most `limit` captioned visuals, one an asset; the same for the same library and seed.

    Ids are hashes, so a run of them from a random place on is a fair sample, and is read
    from one index however large the library is.

    Raises:
        Unavailable: catalog or store.
    """
    chosen: list[VisualId] = []
    for page in in_batches(_captioned(catalog, library, rng), PAGE):
        visuals = {visual.asset_id: visual for visual in catalog.visuals_of([asset.ref for asset in page])}
        chosen += [
            visual.id
            for asset in page
            if (visual := visuals.get(asset.id)) is not None
            and any(caption.is_truth for caption in searchable_captions(asset, visual))
        ]
        if len(chosen) >= limit:
            break
    found = fetched(store, chosen[:limit])
    shown = [found[one] for one in chosen[:limit] if one in found and found[one].captions]
    rng.shuffle(shown)
    return Sample(library, shown)


def fetched(store: VectorStore, ids: Sequence[VisualId]) -> dict[VisualId, Shown]:
    """What the store has of `ids`."""
    points = (store.fetch(some) for some in in_batches(ids, PAGE))
    return {one: Shown(point) for some in points for one, point in some.items()}


def _captioned(catalog: Catalog, library: str, rng: random.Random) -> Iterator[Asset]:
    """Indexed assets with a caption not generated: from a random id to the last, then from the first up to there."""
    start = AssetId(f"{rng.randrange(16**8):08x}")
    read = 0
    for first, end in ((start, None), (AssetId(""), start)):
        for asset in _from(catalog, library, first, end):
            read += 1
            if asset.state is AssetState.INDEXED and any(caption.is_truth for caption in asset.captions):
                yield asset
            if read >= MOST_READ:
                return


def _from(catalog: Catalog, library: str, after: AssetId, end: AssetId | None) -> Iterator[Asset]:
    while True:
        page = catalog.every_asset(limit=PAGE, after=AssetRef(library, after))
        for asset in page:
            if asset.library != library or (end is not None and asset.id > end):
                return
            yield asset
        if len(page) < PAGE:
            return
        after = page[-1].id
