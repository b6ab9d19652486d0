"""The last stage: points of complete assets, upserted together."""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import Retryable
from rag.pipeline.encoding import give_back
from rag.pipeline.work import Work
from rag.ports import Point, Services


def store(services: Services, ready: Sequence[tuple[Work, list[Point]]]) -> None:
    """Upsert the points of many assets in one go; each asset's own go together. Ends the works."""
    if not ready:
        return
    try:
        services.store.upsert([point for _, points in ready for point in points])
    except Exception as error:
        if len(ready) > 1 and not isinstance(error, Retryable):
            for pair in ready:
                store(services, [pair])
            return
        for work, _ in ready:
            give_back(work, error)
        return
    for work, _ in ready:
        work.finish()
