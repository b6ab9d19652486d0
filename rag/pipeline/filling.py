"""Assets that are indexed already, into one more collection; and out of a collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.errors import Retryable
from rag.model import And, Asset, AssetRef, AssetState, Eq, Outcome, Visual
from rag.ports import Point, Services, Serving, VectorStore

STAYING = frozenset({AssetState.INDEXED, AssetState.ACCEPTED})
"""States of assets that have, or are about to have, their points."""


def bring(services: Services, target: Serving, assets: Sequence[Asset]) -> dict[AssetRef, str]:
    """Decode and encode indexed assets anew, for one more collection. Calling twice is harmless.

    What is deleted meanwhile is not left behind in it.

    Returns:
        Those that could not be had, and why.

    Raises:
        Retryable: a part did not answer; some may be there.
    """
    if not assets:
        return {}
    results = services.pipeline.index(assets, [target], again=True)
    for result in results:
        if isinstance(result, Retryable):
            raise result
    outcomes = [result for result in results if isinstance(result, Outcome)]
    remove_strays(services, target.store, [visual for outcome in outcomes for visual in outcome.visuals])
    return {one.ref: one.reason for one in outcomes if one.state is not AssetState.INDEXED}


def bring_over(
    services: Services,
    source: VectorStore,
    target: Serving,
    visuals: Sequence[Visual],
    change: Callable[[Point], Point],
) -> None:
    """Copy points from one collection to another, each changed on its way; those that are not there are left out."""
    points = source.fetch([visual.id for visual in visuals])
    target.store.upsert([change(point) for point in points.values()])
    remove_strays(services, target.store, visuals)


def remove_strays(services: Services, store: VectorStore, written: Sequence[Visual]) -> None:
    """Of points just written, remove those whose asset went meanwhile, or that the catalog does not know.

    A deletion hides its asset, then removes its points from every collection. Either it
    comes to this one after they were written, or it is seen here.
    """
    refs = list({visual.asset_ref for visual in written})
    states = services.catalog.states(refs)
    known = {visual.id for visual in services.catalog.visuals_of(refs)}
    strays = []
    for visual in written:
        state = states.get(visual.asset_ref)
        if state not in STAYING or (state is AssetState.INDEXED and visual.id not in known):
            strays.append(visual.id)
    if strays:
        store.delete(strays)


def remove_points_of(store: VectorStore, ref: AssetRef) -> None:
    """Remove every point of one asset from one collection."""
    of_asset = And((Eq("library", ref.library), Eq("asset_id", ref.asset_id)))
    while ids := store.ids(of_asset):
        store.delete(ids)
