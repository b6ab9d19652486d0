"""Whom logged questions brought first, by groups that people tagged: nothing is guessed from pictures.

An asset tagged `presentation:woman` is of the group `woman` of the attribute `presentation`. Every retrieval is
compared with the shares that the groups have among all tagged assets of a library.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.evaluation.metrics import max_skew, ndkl
from rag.model import Actor, AssetState
from rag.ports import Services
from rag.ports.auditing import Entry

PAGE = 200
LEAST = 2
"""Tagged pictures of a retrieval, below which it says nothing of order."""


@dataclass(frozen=True, slots=True)
class Skew:
    """Attributes:
    shares: of each group among the tagged assets of the library.
    retrievals: logged ones with at least two tagged pictures.
    max_skew, ndkl: means over them; see `rag.evaluation.metrics`.
    """

    library: str
    shares: Mapping[str, float]
    retrievals: int
    max_skew: float
    ndkl: float


def skews(
    services: Services, actor: Actor, entries: Sequence[Entry], libraries: Sequence[str], attribute: str
) -> Iterator[Skew]:
    """One for each library that has tags of the attribute and retrievals that found some."""
    for library in libraries:
        groups = _groups(services, actor, library, attribute)
        if len(set(groups.values())) < 2:
            continue
        counts = Counter(groups.values())
        shares = {group: n / counts.total() for group, n in counts.items()}
        ranked = [_ranked(entry, groups) for entry in entries if entry.kind == "retrieval"]
        told = [one for one in ranked if len(one) >= LEAST]
        if told:
            skew = statistics.fmean(max_skew(one, shares, len(one)) for one in told)
            yield Skew(library, shares, len(told), skew, statistics.fmean(ndkl(one, shares) for one in told))


def _groups(services: Services, actor: Actor, library: str, attribute: str) -> dict[str, str]:
    """Asset id -> group."""
    found: dict[str, str] = {}
    after = ""
    while page := services.catalog.assets(actor, library, state=AssetState.INDEXED, limit=PAGE, after=after):
        after = page[-1].id
        for asset in page:
            said = [tag.partition(":")[2] for tag in asset.tags if tag.partition(":")[0] == attribute and ":" in tag]
            if said:
                found[asset.id] = said[0]
    return found


def _ranked(entry: Entry, groups: Mapping[str, str]) -> list[str]:
    """Of an event's evidence, the groups, the most relevant first."""
    evidence = [one for one in entry.visuals if one.role == "evidence" and one.asset_id in groups]
    return [groups[one.asset_id] for one in sorted(evidence, key=lambda one: -(one.relevance or 0.0))]
