"""Whether everything that was accepted is where it belongs, and how to put it there.

SQL says what exists, the vector store and the blobs are held against it:

    every accepted asset waits in the outbox        every indexed one has its bytes and its thumbnails
    every visual of an indexed asset has its point  every point belongs to a visual of an indexed asset
    no deletion stopped half-way                    the encoder sees the canary as it did at first
    every approved draft is searched as a caption
    every decision of the ledger is in the catalog  points say how their assets are shown
    every pin can be asked, and holds nothing that was deleted

Reads only, unless told to fix. It may run beside workers: what is on its way is left alone.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from rag.auditing.pinning import faults, keep_clean
from rag.batching import in_batches
from rag.encoding.adapter import split_name
from rag.encoding.canary import canary_vector, check_canary
from rag.errors import NotFound, PictureDeskError
from rag.ingest import finish_deletions, send
from rag.media.derived import thumbnail_name
from rag.model import (
    LOCAL_OWNER,
    And,
    AnyOf,
    Asset,
    AssetId,
    AssetRef,
    AssetState,
    Decision,
    DraftState,
    Eq,
    GenerationState,
    Moderation,
    Not,
    Visual,
    VisualId,
)
from rag.moderation.recording import KIND
from rag.moderation.review import decision_left_undone, show_as_decided
from rag.pipeline.captioning import lagging, refresh_captions
from rag.ports import Services, VectorStore

T = TypeVar("T")

AT_A_TIME = 500
EXAMPLES = 5

UNDER_WAY = timedelta(minutes=1)
"""What the ledger has for longer than this, the catalog has too, unless a process died."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        count: how many things are out of order; 0 means all is well.
        examples: the first of them, for people.
        fixed: True when they were put in order.
    """

    check: str
    what: str
    count: int = 0
    examples: tuple[str, ...] = ()
    fixed: bool = False

    @property
    def in_order(self) -> bool:
        return not self.count or self.fixed


def examine(services: Services, *, fix: bool = False, deep: bool = False) -> Iterator[Finding]:
    """Run every check, one finding each, in an order in which a repair finds what it needs already repaired.

    Args:
        fix: put in order what can be; what is indexed anew is sent to the workers.
        deep: also read every blob, hash it again, and look for blobs that belong to nothing.

    Raises:
        Unavailable: a part did not answer.
    """
    yield from _parts(services)
    yield _forgotten(services, fix)
    yield _half_deleted(services, fix)
    yield from _indexed(services, fix, deep)
    yield _unsearched_captions(services, fix)
    yield _undone_decisions(services, fix)
    yield _shown_otherwise(services, fix)
    yield _orphan_points(services, fix)
    yield _pins(services, fix)
    if deep:
        yield _orphan_blobs(services, fix)


@dataclass
class Tally(Generic[T]):
    """Counts what is out of order, and puts it in order as it comes, so that nothing grows with the library."""

    check: str
    what: str
    repair: Callable[[Sequence[T]], object] | None = None
    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, wrong: Sequence[T]) -> None:
        self.count += len(wrong)
        self.examples += [str(one) for one in wrong[: EXAMPLES - len(self.examples)]]
        if wrong and self.repair is not None:
            self.repair(wrong)

    def finding(self) -> Finding:
        fixed = bool(self.count) and self.repair is not None
        return Finding(self.check, self.what, self.count, tuple(self.examples), fixed)


def _parts(services: Services) -> Iterator[Finding]:
    for name, what, ask in (
        ("catalog", "the database answers", services.catalog.ping),
        ("vectors", "the vector store answers", services.collections.ping),
        ("queue", "the broker answers", services.queue.ping),
        ("encoder", "the encoder sees the canary as it did at first", lambda: _canary(services)),
        ("ledger", "no event was changed, removed or reordered", lambda: _ledger(services)),
        ("checkpoints", "the ledger's checkpoints are published", lambda: _published(services)),
    ):
        try:
            ask()
        except PictureDeskError as error:
            yield Finding(name, what, 1, (str(error),))
        else:
            yield Finding(name, what)


def _canary(services: Services) -> None:
    encoder = services.encoder
    check_canary(encoder, services.catalog.canary(encoder.id, canary_vector(encoder)))


def _ledger(services: Services) -> None:
    if fault := services.ledger.first_fault():
        raise PictureDeskError(fault)


def _published(services: Services) -> None:
    if problem := services.ledger.state().problem:
        raise PictureDeskError(problem)


def _forgotten(services: Services, fix: bool) -> Finding:
    tally = Tally("outbox", "every accepted asset waits to be sent", services.catalog.list_again if fix else None)
    for page in _pages(lambda: services.catalog.unlisted(limit=AT_A_TIME), again=fix):
        tally.add(page)
    return tally.finding()


def _half_deleted(services: Services, fix: bool) -> Finding:
    def finish(refs: Sequence[AssetRef]) -> None:
        finish_deletions(services, refs)

    tally = Tally("deletions", "no deletion stopped half-way", finish if fix else None)
    for page in _pages(lambda: services.catalog.deletions(limit=AT_A_TIME), again=fix):
        tally.add(page)
    return tally.finding()


def _pages(page: Callable[[], list[AssetRef]], *, again: bool) -> Iterator[list[AssetRef]]:
    """Page after page as each is repaired; only the first one where nothing is."""
    while found := page():
        yield found
        if not again:
            return


def _indexed(services: Services, fix: bool, deep: bool) -> Iterator[Finding]:
    """What belongs to indexed assets. What lacks a point or a thumbnail is indexed anew; lost bytes are lost."""

    def again(refs: Sequence[AssetRef]) -> None:
        send(services, services.catalog.retry(refs, indexed=True))

    repair = again if fix else None
    points = Tally("points", "every visual of an indexed asset has its point", repair)
    thumbnails = Tally("thumbnails", "every visual of an indexed asset has its thumbnail", repair)
    blobs: Tally[AssetRef] = Tally("bytes", "the bytes of every asset are there" + (" and unaltered" if deep else ""))
    for assets in _every_asset(services):
        visuals = services.catalog.visuals_of([asset.ref for asset in assets if asset.state is AssetState.INDEXED])
        points.add(_without_points(services, assets, visuals))
        thumbnails.add(_without_thumbnails(services, visuals))
        blobs.add([asset.ref for asset in assets if not _has_bytes(services, asset, deep)])
    yield from (points.finding(), thumbnails.finding(), blobs.finding())


def _every_asset(services: Services) -> Iterator[list[Asset]]:
    after: AssetRef | None = None
    while page := services.catalog.every_asset(limit=AT_A_TIME, after=after):
        yield [asset for asset in page if asset.state is not AssetState.DELETED]
        after = page[-1].ref


def _without_points(services: Services, assets: Sequence[Asset], visuals: Sequence[Visual]) -> list[AssetRef]:
    there = _everywhere(services, [visual.id for visual in visuals])
    lacking = {one.asset_ref for one in visuals if one.id not in there}
    seen = {one.asset_ref for one in visuals}
    lacking |= {asset.ref for asset in assets if asset.state is AssetState.INDEXED and asset.ref not in seen}
    return sorted(lacking, key=str)


def _everywhere(services: Services, ids: Sequence[VisualId]) -> set[VisualId]:
    found = set(ids)
    for store in _complete_collections(services):
        found &= store.present(ids)
    return found


def _complete_collections(services: Services) -> list[VectorStore]:
    """The live collection and the one kept to go back to. One that is being filled may lack some."""
    previous = {one.collection for one in services.generations.every() if one.state is GenerationState.PREVIOUS}
    others = services.collections.every() if previous else []
    return [services.store, *(store for store in others if store.name in previous)]


def _without_thumbnails(services: Services, visuals: Sequence[Visual]) -> list[AssetRef]:
    blobs = services.blobs
    lacking = [one for one in visuals if not blobs.has_derived(one.asset_id, thumbnail_name(one.locator))]
    return sorted({one.asset_ref for one in lacking}, key=str)


def _has_bytes(services: Services, asset: Asset, deep: bool) -> bool:
    if not deep:
        return services.blobs.has(asset.id)
    try:
        return hashlib.sha256(services.blobs.get(asset.id)).hexdigest() == asset.id
    except NotFound:
        return False


def _unsearched_captions(services: Services, fix: bool) -> Finding:
    """Approved drafts become captions in the catalog first; a process may have died before their points had them."""

    def again(ids: Sequence[VisualId]) -> None:
        refresh_captions(services, ids)

    tally = Tally("captions", "every approved draft is searched as a caption", again if fix else None)
    after = ""
    released = (DraftState.APPROVED, DraftState.REPLACED)
    while page := services.drafts.find(LOCAL_OWNER, states=released, limit=AT_A_TIME, after=after):
        after = page[-1].id
        ids = list(dict.fromkeys(draft.visual for draft in page))
        late = {one for store in _complete_collections(services) for one in lagging(services, store, ids)}
        tally.add([one for one in ids if one in late])
    return tally.finding()


def _undone_decisions(services: Services, fix: bool) -> Finding:
    """A process died between ledger and catalog. What was written this minute may be on its way."""

    def finish(decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            entry = services.reviews.decide(LOCAL_OWNER, decision)
            show_as_decided(services, [entry.ref])

    tally = Tally("decisions", "every decision of the ledger is in the catalog", finish if fix else None)
    settled, before = datetime.now(UTC) - UNDER_WAY, None
    while events := services.ledger.events(LOCAL_OWNER, kind=KIND, before=before, limit=AT_A_TIME):
        undone = [decision_left_undone(services, event) for event in events if event.at < settled]
        tally.add([decision for decision in undone if decision is not None])
        before = events[-1].seq
    return tally.finding()


def _shown_otherwise(services: Services, fix: bool) -> Finding:
    def again(refs: Sequence[AssetRef]) -> None:
        show_as_decided(services, refs)

    tally = Tally("moderation", "points say how their assets are shown", again if fix else None)
    stores = services.collections.every()
    for assets in _every_asset(services):
        tally.add(_stated_otherwise(stores, [asset for asset in assets if asset.state is AssetState.INDEXED]))
    return tally.finding()


def _stated_otherwise(stores: Sequence[VectorStore], assets: Sequence[Asset]) -> list[AssetRef]:
    alike: dict[tuple[str, Moderation], list[Asset]] = defaultdict(list)
    for asset in assets:
        alike[asset.library, asset.moderation].append(asset)
    found: set[AssetRef] = set()
    for (library, state), some in alike.items():
        theirs = And((Eq("library", library), AnyOf("asset_id", tuple(one.id for one in some))))
        where = And((theirs, Not(Eq("moderation", state.value))))
        for store in stores:
            points = store.fetch(store.ids(where, limit=AT_A_TIME))
            found |= {AssetRef(library, AssetId(point.payload["asset_id"])) for point in points.values()}
    return sorted(found, key=str)


def _orphan_points(services: Services, fix: bool) -> Finding:
    tally: Tally[VisualId] = Tally("orphans", "every point belongs to a visual of an indexed asset")
    for store in services.collections.every():
        tally.repair = store.delete if fix else None
        after: VisualId | None = None
        while page := store.ids(limit=AT_A_TIME, after=after):
            tally.add(_orphans(services, store, page))
            after = page[-1]
    return tally.finding()


def _orphans(services: Services, store: VectorStore, ids: Sequence[VisualId]) -> list[VisualId]:
    """Points without a visual. One whose asset is being indexed at this moment has none yet."""
    known = services.catalog.known_visuals(ids)
    points = store.fetch([one for one in ids if one not in known])
    owners = {one: AssetRef(str(p.payload.get("library")), p.payload["asset_id"]) for one, p in points.items()}
    states = services.catalog.states(list(set(owners.values())))
    doubtful = [one for one, owner in owners.items() if states.get(owner) is not AssetState.ACCEPTED]
    known = services.catalog.known_visuals(doubtful)  # an asset may have been concluded meanwhile
    return [one for one in doubtful if one not in known]


def _pins(services: Services, fix: bool) -> Finding:
    """What was deleted is taken out of them; one that is damaged can only be removed, which is the owner's to say."""
    if fix:
        keep_clean(services)
    tally: Tally[str] = Tally("pins", "every pin can be asked, and holds nothing that was deleted")
    tally.add(list(faults(services)))
    return tally.finding()


def _orphan_blobs(services: Services, fix: bool) -> Finding:
    """Bytes that were put and never accepted: whoever handed them in was told of no success."""

    def delete(ids: Sequence[AssetId]) -> None:
        for one in ids:
            services.blobs.delete(one)

    adapters = {split_name(one.encoder)[1] for one in services.generations.every()}
    tally = Tally("blobs", "all bytes that are kept belong to an asset", delete if fix else None)
    for page in in_batches(services.blobs.every(), AT_A_TIME):
        tally.add([one for one in services.catalog.unknown_assets(page) if one not in adapters])
    return tally.finding()
