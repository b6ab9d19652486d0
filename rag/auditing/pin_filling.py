"""The vectors of a pin, held against its catalog: each visual of its moment has the point that belongs to it then.

Catalog and vectors share no transaction, and writes go on while a pin is made. So the pin's copy of the catalog, which
is of one moment, has the last word. A point is made of the picture's vector, which bytes and encoder alone decide, and
of captions, tags and fields, which the catalog says. What was added since has no place in the copy; what was changed
since is made anew from it; what is being deleted is followed afterwards, as every deletion is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from rag.indexing.points import payload_for, point_for, searchable_captions
from rag.model import LOCAL_OWNER, Asset, AssetRef, AssetState, Visual, VisualId
from rag.ports import Catalog, Encoder, Point, Serving, VectorStore

ASSETS_AT_A_TIME = 200
POINTS_AT_A_TIME = 256
"""In memory at once, with all of their vectors."""

Known = Mapping[VisualId, tuple[Visual, Asset]]
Progress = Callable[[int], None]


def fill(
    catalog: Catalog, source: Serving, target: VectorStore, progress: Progress, room: Callable[[Sequence[Point]], None]
) -> None:
    """Every point of an empty `target` from a collection that others write to meanwhile; each is written once.

    Args:
        catalog: the pin's.
        room: told the first points before any is written; raises DiskFull.

    Raises:
        DiskFull, Unavailable: some may be there.
    """
    done = 0
    for known in _pages(catalog):
        points = _as_then([*source.store.fetch(list(known)).values()], known, source.encoder)
        if not done:
            room(points)
        target.upsert(points)
        done += len(known)
        progress(done)


def settle(catalog: Catalog, source: Serving, copy: VectorStore, progress: Progress) -> int:
    """Mend a copy of a collection that was not made at the very moment of the catalog's.

    Returns:
        How many points were put in, changed or taken out; none where nobody wrote meanwhile.
    """
    done = changed = 0
    for known in _pages(catalog):
        there = copy.fetch(list(known))
        lacking = source.store.fetch([one for one in known if one not in there])
        right = _as_then([*there.values(), *lacking.values()], known, source.encoder)
        wrong = [point for point in right if point is not there.get(point.id)]
        copy.upsert(wrong)
        done, changed = done + len(known), changed + len(wrong)
        progress(done)
    return changed + _without_strays(catalog, copy)


def _without_strays(catalog: Catalog, copy: VectorStore) -> int:
    gone, after = 0, None
    while page := copy.ids(limit=1000, after=after):
        known = catalog.seen(LOCAL_OWNER, page)
        strays = [one for one in page if one not in known]
        if strays:
            copy.delete(strays)
        gone, after = gone + len(strays), page[-1]
    return gone


def _pages(catalog: Catalog) -> Iterator[Known]:
    """All visuals that the owner may see, page by page."""
    after: AssetRef | None = None
    while page := catalog.every_asset(limit=ASSETS_AT_A_TIME, after=after):
        after = page[-1].ref
        visuals = catalog.visuals_of([asset.ref for asset in page if asset.state is not AssetState.DELETED])
        for start in range(0, len(visuals), POINTS_AT_A_TIME):
            yield catalog.visuals(LOCAL_OWNER, [one.id for one in visuals[start : start + POINTS_AT_A_TIME]])


def _as_then(points: Sequence[Point], known: Known, encoder: Encoder) -> list[Point]:
    """The points as the catalog has them; the very same objects where they are."""
    return [_made_anew(point, *known[point.id], encoder) for point in points]


def _made_anew(point: Point, visual: Visual, asset: Asset, encoder: Encoder) -> Point:
    wanted = payload_for(asset, visual)
    if point.payload == wanted:
        return point
    texts = [caption.text for caption in searchable_captions(asset, visual)]
    rows = point.captions
    if texts != [said["text"] for said in point.payload.get("captions") or []] or len(rows) != len(texts):
        rows = encoder.texts(texts) if texts else np.zeros((0, encoder.dim), dtype=np.float32)
    return point_for(asset, visual, point.image, rows)
