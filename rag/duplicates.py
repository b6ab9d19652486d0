"""Near duplicates: pictures that are all but the same, in groups. Nothing is ever dropped for being one.

Exact copies never become two assets, as an asset's id is the hash of its bytes. Near ones
(scaled, recompressed, slightly cropped) are found by two witnesses that must agree: few
different bits between their difference hashes, and a high cosine between their vectors.
Alone, the hash takes any two skies for one picture, and the vector any two red dresses.
Pages of one document and moments of one film are alike by nature and never paired.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.batching import in_batches
from rag.model import Actor, Asset, AssetId, Visual, VisualId
from rag.ports import Services, Vector

DISTANCE = 10
"""Bits of 64 that may differ (Krawetz 2013 takes 10 for "possibly the same")."""

COSINE = 0.95

MOST_PARTNERS = 50
"""Later pictures that one is compared with by vector: enough to keep a large group together, blank pages among them."""

COMPARED_AT_ONCE = 8_000_000
"""Pairs of hashes in memory, 64 MB."""

AT_A_TIME = 1_000


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures that are all but the same, the largest first: usually the one to keep."""

    visuals: tuple[tuple[Visual, Asset], ...]


def groups(
    services: Services, actor: Actor, library: str, *, distance: int = DISTANCE, cosine: float = COSINE
) -> Iterator[Group]:
    """Groups of near duplicates in a library, the largest groups first.

    Holds 8 bytes of hash and an id for each visual of the library: 50 MB for a million.

    Args:
        distance: bits of 64 that may differ.
        cosine: least cosine between the vectors.

    Raises:
        Unavailable: catalog or vector store.
    """
    seen, hashes = _hashes(services, actor, library)
    close = (pair for pair in close_pairs(hashes, distance) if seen[pair[0]].asset != seen[pair[1]].asset)
    ids = [one.id for one in seen]
    pairs = [
        (ids[one], ids[other])
        for some in in_batches(close, AT_A_TIME)
        for one, other in _alike(services, ids, some, cosine)
    ]
    for members in sorted(connected(pairs), key=lambda group: (-len(group), group)):
        found = services.catalog.visuals(actor, members)
        by_size = sorted(found.values(), key=lambda pair: (-pair[0].width * pair[0].height, pair[0].id))
        if len(by_size) > 1:
            yield Group(tuple(by_size))


class Seen(NamedTuple):
    id: VisualId
    asset: AssetId


def _hashes(services: Services, actor: Actor, library: str) -> tuple[list[Seen], NDArray[np.uint64]]:
    """What `actor` may see, and its difference hashes. shape (n,), uint64"""
    seen: list[Seen] = []
    hashes: list[int] = []
    after = ""
    while page := services.catalog.assets(actor, library, limit=AT_A_TIME, after=after):
        for visual in services.catalog.visuals_of([asset.ref for asset in page]):
            seen.append(Seen(visual.id, visual.asset_id))
            hashes.append(int(visual.perceptual_hash or "0", 16))
        after = page[-1].id
    return seen, np.array(hashes, dtype=np.uint64)


def close_pairs(hashes: NDArray[np.uint64], distance: int) -> Iterator[tuple[int, int]]:
    """Places of hashes that differ in at most `distance` bits, the lower place first; 0 (one flat colour) has none.

    Compares all with all: 100,000 hashes take seconds, a million minutes.

    Args:
        hashes: shape (n,), uint64.
    """
    rows = max(1, COMPARED_AT_ONCE // max(1, len(hashes)))
    for start in range(0, len(hashes), rows):
        some = hashes[start : start + rows]  # (r,)
        close = np.bitwise_count(some[:, None] ^ hashes[None, start:]) <= distance  # (r, n - start)
        close &= (some != 0)[:, None] & (hashes[None, start:] != 0)
        for one in range(len(some)):
            later = np.flatnonzero(close[one, one + 1 :])[:MOST_PARTNERS]
            yield from ((start + one, start + one + 1 + int(other)) for other in later)


def _alike(
    services: Services, ids: Sequence[VisualId], pairs: Sequence[tuple[int, int]], cosine: float
) -> list[tuple[int, int]]:
    """Those pairs whose vectors are close as well."""
    points = services.store.fetch(list({ids[place] for pair in pairs for place in pair}))

    def vector(place: int) -> Vector | None:
        return points[ids[place]].image if ids[place] in points else None

    found = ((pair, vector(pair[0]), vector(pair[1])) for pair in pairs)
    return [
        pair for pair, one, other in found if one is not None and other is not None and float(one @ other) >= cosine
    ]


def connected(pairs: Iterable[tuple[VisualId, VisualId]]) -> list[list[VisualId]]:
    """Groups in which each member is paired with at least one other; sorted within."""
    leaders: dict[VisualId, VisualId] = {}

    def leader(one: VisualId) -> VisualId:
        while (above := leaders.setdefault(one, one)) != one:
            leaders[one] = leaders[above]
            one = leaders[one]
        return one

    for one, other in pairs:
        leaders[leader(one)] = leader(other)
    members: dict[VisualId, list[VisualId]] = defaultdict(list)
    for one in sorted(leaders):
        members[leader(one)].append(one)
    return list(members.values())
