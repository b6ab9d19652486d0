"""The ingest flow: bytes in; every accepted asset ends as indexed, skipped or quarantined.

    accept:  job, recorded -> read -> sniff, limit, hash -> blob -> catalog row and outbox in one commit -> Celery task
    index:   begin (count the attempt) -> decode, encode, upsert in one pipeline -> conclude -> a job's end, recorded
    delete:  hide -> vectors in every collection -> thumbnails and blob -> record

`accept` runs where the files come in, `index` where Celery runs the task. Each may
be run twice on the same input and changes nothing the second time.
"""

from __future__ import annotations

import functools
import itertools
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from rag.audit.deeds import deletion_drafts
from rag.audit.ingesting import open_job, tell_ended
from rag.batching import in_batches
from rag.classifying.tagging import refresh_points
from rag.errors import BadMedia, BadQuery, NotAllowed, NotFound, Retryable
from rag.media.sniffing import require_readable
from rag.model import LOCAL_OWNER, Actor, Asset, AssetId, AssetRef, AssetState, Job, Moderation, Outcome
from rag.moderation.pictures import keep_blurred
from rag.moderation.recording import recorded
from rag.pipeline.filling import bring, remove_points_of
from rag.pipeline.vectors import from_encoder, keep_vector
from rag.ports import Acceptance, Services, Serving, Vector
from rag.retrieval.fitting.flow import keep_calibrated
from rag.sources.entry import Entry
from rag.sources.limits import source_limits
from rag.sources.opening import open_source

log = logging.getLogger(__name__)

LIBRARY_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
READERS = 4
"""Files read, hashed and flushed to disk at a time."""

DELETIONS_AT_ONCE = 1000

BLURRED = Moderation.BLURRED

SAMPLE = 8
"""Files whose vectors are compared with our own before any that came along is taken."""


# Accepting


def entries_of(services: Services, source: Path | str) -> Iterator[Entry]:
    """The files of a folder, a manifest, or whatever else `rag.sources.opening` understands. Raises BadSource."""
    return open_source(str(source), limits=source_limits(services.settings)).entries()


def accept(
    services: Services,
    actor: Actor,
    library: str,
    entries: Iterable[Entry],
    *,
    urgent: bool = False,
    job_id: str | None = None,
    on_batch: Callable[[int], None] = lambda count: None,
    source: str = "",
    door: str = "",
) -> Job:
    """Take files in and ask for them to be indexed. What is accepted when this returns is never lost.

    A file whose fingerprint is known is not read again: stopping and starting over goes on where it was.

    Args:
        urgent: small interactive uploads, not to be stuck behind bulk work.
        job_id: a UUID made by the caller, who wants to know it before the end.
        on_batch: called with the number of files after each batch is safe.
        source: what kind of source the files come from, for the ledger.

    Raises:
        NotAllowed: the actor may not add to `library`.
        BadQuery: `library` is no possible name.
        BadSource: the source of `entries` cannot be read at all.
        Cancelled: somebody stopped the job meanwhile.
        LedgerUnavailable: it could not be recorded; nothing is taken in.
        Unavailable: blobs or catalog; the batches before are safe, and a second run goes on from there.
    """
    require_editor(actor, library)
    vouched = _Vouched(services, entries)
    batches = in_batches(iter(vouched), services.settings.batch)
    first = next(batches, [])
    job_id = open_job(services, actor, library, job_id or "", source=source, door=door)
    with ThreadPoolExecutor(READERS, thread_name_prefix="read") as readers:
        for batch in itertools.chain([first], batches):
            known = _known(services, library, batch)
            take = functools.partial(_take_in, services, library, known=known, encoder_id=vouched.encoder_id)
            taken = readers.map(take, batch)
            accepted = services.catalog.accept(job_id, list(taken))
            _require_blobs(services, accepted, batch)
            send(services, accepted, urgent=urgent)
            on_batch(len(batch))
    services.catalog.finish_job(job_id)
    tell_ended(services)
    return services.catalog.job(actor, job_id)


def send(services: Services, refs: Sequence[AssetRef], *, urgent: bool = False) -> None:
    """Ask for `refs` to be indexed; when the queue does not answer, the outbox sends them later."""
    if not refs:
        return
    try:
        services.queue.send(refs, urgent=urgent)
    except Retryable as error:
        log.warning("%d assets wait in the outbox: %s", len(refs), error)
    else:
        services.catalog.mark_sent(refs)


def follow(services: Services, actor: Actor, job_id: str, *, every: float = 0.2) -> Iterator[Job]:
    """The job as it goes on, until every file of it is indexed, skipped or quarantined.

    Looks every `every` seconds, and less often where looking takes long: counting
    100,000 files takes a quarter of a second.
    """
    while True:
        started = time.perf_counter()
        job = services.catalog.job(actor, job_id)
        took = time.perf_counter() - started
        yield job
        if job.done:
            return
        time.sleep(max(every, 10 * took))


def require_editor(actor: Actor, library: str) -> None:
    """Raises BadQuery for an impossible name, NotAllowed for an actor who may not change the library."""
    if not LIBRARY_NAME.fullmatch(library):
        raise BadQuery(f"{library!r} is no library name: lower-case letters, digits, dots, dashes, 63 at most")
    if not (actor.has("editor") and actor.may_read(library)):
        raise NotAllowed(f"{actor.id} may not change the library {library}: that takes the role editor")


class _Vouched:
    """Entries whose vectors are taken only where our encoder gives the same for the first of them.

    Attributes:
        encoder_id: of the encoder that the vectors were compared with; known once the first entry came.
    """

    def __init__(self, services: Services, entries: Iterable[Entry]) -> None:
        self.encoder_id = ""
        self._services = services
        self._entries = entries

    def __iter__(self) -> Iterator[Entry]:
        stream = iter(self._entries)
        first = list(itertools.islice(stream, SAMPLE))
        samples = [sample for entry in first if entry.vector is not None and (sample := _sample(entry)) is not None]
        trusted = bool(samples) and self._compare(samples)
        for entry in itertools.chain(first, stream):
            yield entry if trusted or entry.vector is None else replace(entry, vector=None)

    def _compare(self, samples: Sequence[tuple[bytes, Vector]]) -> bool:
        encoder = self._services.encoder
        self.encoder_id = encoder.id
        trusted = from_encoder(self._services, encoder, samples)
        if not trusted:
            log.warning("the vectors that came along are of another encoder than %s: they are made anew", encoder.id)
        return trusted


def _sample(entry: Entry) -> tuple[bytes, Vector] | None:
    try:
        return (entry.read(), entry.vector) if entry.vector is not None else None
    except BadMedia:
        return None


def _known(services: Services, library: str, batch: Sequence[Entry]) -> Mapping[str, AssetId]:
    wanted = [entry.fingerprint for entry in batch if entry.fingerprint]
    return services.catalog.known_files(library, wanted) if wanted else {}


def _take_in(
    services: Services, library: str, entry: Entry, *, known: Mapping[str, AssetId], encoder_id: str
) -> Acceptance:
    if entry.fingerprint in known:
        return Acceptance(entry.name, known=known[entry.fingerprint])
    try:
        content = entry.read()
        media_type = require_readable(content)
    except BadMedia as error:
        return Acceptance(entry.name, reason=str(error))
    asset = Asset(
        library=library,
        id=services.blobs.put(content),
        name=entry.name,
        media_type=media_type,
        size=len(content),
        captions=entry.captions,
        tags=entry.tags,
        source=entry.source,
        licence=entry.licence,
        captured_at=entry.captured_at,
        access_groups=entry.access_groups,
    )
    if entry.vector is not None:
        keep_vector(services.blobs, asset.id, entry.vector)
        asset = replace(asset, embedded_by=encoder_id)
    return Acceptance(entry.name, asset, fingerprint=entry.fingerprint)


def _require_blobs(services: Services, accepted: Sequence[AssetRef], batch: Sequence[Entry]) -> None:
    """Bytes that were there when they were put may have gone with another library's asset; then they are put again."""
    if all(services.blobs.has(ref.asset_id) for ref in accepted):
        return
    for entry in batch:
        try:
            services.blobs.put(entry.read())
        except BadMedia as error:
            log.warning("%s was accepted and cannot be read a second time: %s", entry.name, error)


# Indexing


def index(services: Services, refs: Sequence[AssetRef], *, urgent: bool = False, alone: bool = False) -> list[Outcome]:
    """Index accepted assets by id; safe to run twice, and at the same time.

    Args:
        urgent: before everything that is not.
        alone: while nothing else is indexed here: for an asset on its last attempt, so that no other is blamed.

    Raises:
        Retryable: a part did not answer. The attempt is not held against the assets that
            it concerns; the outbox sends them again.
    """
    with services.pipeline.turn(alone=alone):
        begun = services.catalog.begin(refs, attempts_allowed=services.settings.attempts)
        if begun.given_up:
            _forget_given_up(services, begun.given_up)
            tell_ended(services)
        return _index(services, begun.assets, urgent=urgent) if begun.assets else []


def _index(services: Services, assets: Sequence[Asset], *, urgent: bool) -> list[Outcome]:
    try:
        targets = services.written()
        results = services.pipeline.index(assets, targets, urgent=urgent)
        outcomes = recorded(services, [result for result in results if isinstance(result, Outcome)])
        concluded = services.catalog.conclude(outcomes)
    except Retryable:
        services.catalog.release([asset.ref for asset in assets])
        raise
    _remove_points(services, concluded.gone)
    _remove_derived(services, {one.ref for one in outcomes if one.state is not AssetState.INDEXED} | {*concluded.gone})
    _index_again_without_points(services, concluded.reopened)
    refresh_points(services, LOCAL_OWNER, concluded.restated)
    keep_blurred(services.blobs, [one for out in outcomes if out.moderation is BLURRED for one in out.visuals])
    _bring_to_newcomers(services, targets, outcomes, assets)
    _keep_searches_fast(targets)
    tell_ended(services)
    _release_unanswered(services, assets, results)
    return outcomes


def _release_unanswered(services: Services, assets: Sequence[Asset], results: Sequence[Outcome | Retryable]) -> None:
    failed = [(asset, result) for asset, result in zip(assets, results, strict=True) if isinstance(result, Retryable)]
    if failed:
        services.catalog.release([asset.ref for asset, _ in failed])
        raise failed[0][1]


def _bring_to_newcomers(
    services: Services, targets: Sequence[Serving], outcomes: Sequence[Outcome], assets: Sequence[Asset]
) -> None:
    """Whoever fills a collection sees what was concluded before the catalog named it; the rest is seen here.

    Should a part not answer, whoever fills it, or the doctor, comes to them.
    """
    known = {target.number for target in targets}
    indexed = {outcome.ref for outcome in outcomes if outcome.state is AssetState.INDEXED}
    try:
        for target in services.written():
            if target.number not in known:
                bring(services, target, [asset for asset in assets if asset.ref in indexed])
    except Retryable as error:
        log.warning("a coming collection waits for %d assets: %s", len(indexed), error)


def _keep_searches_fast(targets: Sequence[Serving]) -> None:
    """Returns at once until many points are new; what is indexed stays so, whatever becomes of this."""
    for target in targets:
        try:
            target.store.optimize()
        except Retryable as error:
            log.warning("searches may be slow: %s", error)


def _forget_given_up(services: Services, refs: Sequence[AssetRef]) -> None:
    """An attempt that died may have left points. One that lives on elsewhere may end well after all: see `reopened`."""
    _remove_points(services, refs)
    _index_again_without_points(services, refs)


def _index_again_without_points(services: Services, refs: Sequence[AssetRef]) -> None:
    """Where one worker gave an asset up and another indexed it at the same time, its points may be gone."""
    if not refs:
        return
    visuals = services.catalog.visuals_of(refs)
    wanted = services.catalog.known_visuals([visual.id for visual in visuals])
    everywhere = (target.store.present(sorted(wanted)) for target in services.written())
    there = set.intersection(*everywhere)
    lost = {one.asset_ref for one in visuals if one.id in wanted and one.id not in there}
    services.catalog.retry(sorted(lost, key=str), indexed=True)


# Deleting, and what was left undone


def tidy(services: Services) -> None:
    """Finish what processes that died left undone: deletions, and jobs that nobody hands files in to any more.

    And calibrate libraries that have grown, and sign for what the ledger recorded, here where no task waits for it.
    """
    finish_deletions(services, services.catalog.deletions(limit=DELETIONS_AT_ONCE))
    closed = services.catalog.close_abandoned_jobs(services.settings.resend_after)
    if closed:
        log.info("%d jobs were closed: whoever handed files in to them is gone", closed)
    tell_ended(services, everywhere=True)
    keep_calibrated(services)
    services.ledger.tend()


def delete(services: Services, actor: Actor, refs: Sequence[AssetRef], *, door: str = "") -> list[AssetRef]:
    """Remove assets for good, once that is recorded. From the first moment on no search returns them.

    Should a part not answer, they stay hidden and the rest is done later, by the worker or `picturedesk doctor`.

    Returns:
        Those of `refs` that existed.

    Raises:
        NotAllowed: the actor may not change one of the libraries; nothing is removed.
        LedgerUnavailable: it could not be recorded; nothing is removed.
        Unavailable: retryable.
    """
    for library in {ref.library for ref in refs}:
        require_editor(actor, library)
    for draft in deletion_drafts(actor, door, _visible(services, actor, refs)):
        services.ledger.append(draft)
    leaving = services.catalog.begin_deletion(actor, refs)
    finish_deletions(services, leaving)
    return leaving


def _visible(services: Services, actor: Actor, refs: Sequence[AssetRef]) -> Iterator[AssetRef]:
    for ref in refs:
        with suppress(NotFound):
            yield services.catalog.asset(actor, ref).ref


def finish_deletions(services: Services, refs: Sequence[AssetRef]) -> None:
    """Remove what belongs to hidden assets: points first, then bytes, then the record. Calling twice is harmless."""
    for ref in refs:
        _remove_points(services, [ref])
        _remove_bytes(services, ref)
        services.catalog.finish_deletion([ref])


def _remove_bytes(services: Services, ref: AssetRef) -> None:
    """Unless another library has them too, or gets them at this moment."""
    if services.catalog.is_shared(ref) or not services.blobs.has(ref.asset_id):
        return
    content = services.blobs.get(ref.asset_id)
    services.blobs.delete(ref.asset_id)
    if services.catalog.is_shared(ref):
        services.blobs.put(content)


def _remove_derived(services: Services, refs: Iterable[AssetRef]) -> None:
    """Of assets whose bytes were deleted meanwhile, thumbnails would stay for ever."""
    for ref in refs:
        if not services.blobs.has(ref.asset_id) and not services.catalog.is_shared(ref):
            services.blobs.delete(ref.asset_id)


def _remove_points(services: Services, refs: Sequence[AssetRef]) -> None:
    if not refs:
        return
    for store in services.collections.every():
        for ref in refs:
            remove_points_of(store, ref)
