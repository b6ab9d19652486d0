"""Filling a collection with everything that is indexed, while indexing goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from rag.batching import in_batches
from rag.encoding.adapter import AdaptedEncoder
from rag.model import LOCAL_OWNER, Asset, AssetRef, AssetState, Generation, Visual
from rag.pipeline.filling import bring, bring_over
from rag.ports import Services, Serving, VectorStore

PAGE = 256
"""Assets looked at together."""

Bring = Callable[[Sequence[Asset], Sequence[Visual]], dict[AssetRef, str]]


def fill(services: Services, generation: Generation, target: Serving) -> list[str] | None:
    """Bring in whatever is indexed and not there yet, until a pass over everything finds nothing.

    What is there is known from the collection itself, so this goes on wherever another process
    was stopped. What is indexed meanwhile goes into the collection as well; the last pass finds
    what slipped through.

    Returns:
        What could not be brought in, in a line each; None when this process is about to end.

    Raises:
        Retryable: a part did not answer.
    """
    failed: dict[AssetRef, str] = {}
    how = _how(services, generation, target)
    first = True
    while True:
        brought = done = 0
        for assets in _indexed(services):
            visuals = services.catalog.visuals_of([asset.ref for asset in assets])
            lacking = _lacking(target, visuals)
            waiting = [asset for asset in assets if asset.ref in lacking and asset.ref not in failed]
            done += sum(_ref(one) not in lacking for one in visuals)
            for some in in_batches(waiting, services.settings.batch):
                if services.stopping:
                    return None
                theirs = _of(some, visuals)
                failed |= how(some, theirs)
                failed |= _still_lacking(services, target, theirs, failed)
                brought += len(some)
                done += len(theirs)
                if first:
                    services.generations.progress(generation.number, done, _total(services, done))
        if not brought:
            services.generations.progress(generation.number, done, done)
            return [f"{ref}: {reason}" for ref, reason in failed.items()]
        first = False


def _how(services: Services, generation: Generation, target: Serving) -> Bring:
    """An adapter takes the vectors that are stored; another encoder has to see the pictures again."""
    if generation.based_on is None or not isinstance(target.encoder, AdaptedEncoder):
        return lambda assets, visuals: bring(services, target, assets)
    base = services.opened(services.generations.get(generation.based_on)).store
    return partial(_adapt, services, base, target)


def _adapt(
    services: Services,
    base: VectorStore,
    target: Serving,
    assets: Sequence[Asset],
    visuals: Sequence[Visual],
) -> dict[AssetRef, str]:
    assert isinstance(target.encoder, AdaptedEncoder)
    bring_over(services, base, target, visuals, target.encoder.adapter.point)
    return {}


def _indexed(services: Services) -> Iterator[list[Asset]]:
    after: AssetRef | None = None
    while page := services.catalog.every_asset(limit=PAGE, after=after):
        yield [asset for asset in page if asset.state is AssetState.INDEXED]
        after = page[-1].ref


def _of(assets: Sequence[Asset], visuals: Sequence[Visual]) -> list[Visual]:
    refs = {asset.ref for asset in assets}
    return [visual for visual in visuals if _ref(visual) in refs]


def _lacking(target: Serving, visuals: Sequence[Visual]) -> set[AssetRef]:
    there = target.store.present([visual.id for visual in visuals])
    return {_ref(visual) for visual in visuals if visual.id not in there}


def _still_lacking(
    services: Services, target: Serving, visuals: Sequence[Visual], failed: Mapping[AssetRef, str]
) -> dict[AssetRef, str]:
    """Files that gave other pictures than when they were indexed, because a setting or a decoder changed since."""
    lacking = _lacking(target, visuals) - set(failed)
    states = services.catalog.states(list(lacking))
    why = "its file gives other pictures today than when it was indexed; picturedesk doctor --fix indexes it anew"
    return {ref: why for ref in lacking if states.get(ref) is AssetState.INDEXED}


def _total(services: Services, least: int) -> int:
    return max(least, services.catalog.coverage(LOCAL_OWNER, []).searched)


def _ref(visual: Visual) -> AssetRef:
    return visual.asset_ref
