"""The ingest flow: bytes in; every accepted asset ends as indexed, skipped or quarantined.

    accept:  read -> sniff, limit, hash -> blob -> catalog row and outbox in one commit -> Celery task
    index:   begin (count the attempt) -> decode -> encode -> upsert in Qdrant -> conclude

`accept` runs where the files come in, `index` where Celery runs the task. Both may
be run twice on the same input and change nothing the second time.
"""

from __future__ import annotations

import itertools
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.batching import in_batches
from rag.errors import BadMedia, BadQuery, BrokenMedia, NotAllowed, NotFound, Retryable
from rag.indexing.points import point_for
from rag.media.decoding import Picture, decode
from rag.media.derived import THUMBNAIL, difference_hash, thumbnail
from rag.media.sniffing import require_readable
from rag.model import Actor, Asset, AssetRef, AssetState, Job, Outcome, Visual, visual_id
from rag.ports import Acceptance, Matrix, Point, Services
from rag.sources.entry import Entry
from rag.sources.folders import folder_entries
from rag.sources.manifests import manifest_entries

log = logging.getLogger(__name__)

LIBRARY_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
MANIFEST_SUFFIXES = {".jsonl", ".ndjson"}
DECODE_THREADS = 2


# Accepting


def entries_of(services: Services, source: Path) -> Iterator[Entry]:
    """The files of a folder or a JSONL manifest. Raises BadSource when it is neither."""
    limit = services.settings.max_bytes
    if source.suffix.lower() in MANIFEST_SUFFIXES:
        return manifest_entries(source, max_bytes=limit)
    return folder_entries(source, max_bytes=limit)


def accept(
    services: Services,
    actor: Actor,
    library: str,
    entries: Iterable[Entry],
    *,
    urgent: bool = False,
    on_batch: Callable[[int], None] = lambda count: None,
) -> Job:
    """Take files in and ask for them to be indexed. What is accepted when this returns is never lost.

    Args:
        urgent: small interactive uploads, not to be stuck behind bulk work.
        on_batch: called with the number of files after each batch is safe.

    Raises:
        NotAllowed: the actor may not add to `library`.
        BadQuery: `library` is no possible name.
        BadSource: the source of `entries` cannot be read at all.
        Unavailable: blobs or catalog; the batches before are safe, and a second run goes on from there.
    """
    _require_editor(actor, library)
    batches = in_batches(entries, services.settings.batch)
    first = next(batches, [])
    job_id = str(uuid.uuid4())
    services.catalog.start_job(job_id, library, actor)
    for batch in itertools.chain([first], batches):
        accepted = services.catalog.accept(job_id, [_take_in(services, library, entry) for entry in batch])
        send(services, accepted, urgent=urgent)
        on_batch(len(batch))
    services.catalog.finish_job(job_id)
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


def _require_editor(actor: Actor, library: str) -> None:
    if not LIBRARY_NAME.fullmatch(library):
        raise BadQuery(f"{library!r} is no library name: lower-case letters, digits, dots, dashes, 63 at most")
    if not (actor.has("editor") and actor.may_read(library)):
        raise NotAllowed(f"{actor.id} may not add to the library {library}: that takes the role editor")


def _take_in(services: Services, library: str, entry: Entry) -> Acceptance:
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
    return Acceptance(entry.name, asset)


# Indexing


@dataclass(frozen=True, slots=True)
class Ready:
    """An asset with its pixels, on its way to the encoder."""

    asset: Asset
    visual: Visual
    picture: Picture


def index(services: Services, refs: Sequence[AssetRef]) -> list[Outcome]:
    """Index accepted assets by id; safe to run twice, and at the same time.

    Raises:
        Retryable: a part did not answer. The attempt is not held against the assets;
            the outbox sends them again.
    """
    assets = services.catalog.begin(refs, attempts_allowed=services.settings.attempts)
    try:
        prepared = _prepare_all(services, assets)
        ready = [item for item in prepared if isinstance(item, Ready)]
        outcomes = [item for item in prepared if isinstance(item, Outcome)] + _store(services, ready)
        services.catalog.conclude(outcomes)
    except Retryable:
        services.catalog.release([asset.ref for asset in assets])
        raise
    if ready:
        _keep_searches_fast(services)
    return outcomes


def _keep_searches_fast(services: Services) -> None:
    """Returns at once until many points are new; what is indexed stays so, whatever becomes of this."""
    try:
        services.store.optimize()
    except Retryable as error:
        log.warning("searches may be slow: %s", error)


def _prepare_all(services: Services, assets: Sequence[Asset]) -> list[Ready | Outcome]:
    if not assets:
        return []
    with ThreadPoolExecutor(DECODE_THREADS, thread_name_prefix="decode") as pool:
        return list(pool.map(lambda asset: _prepare(services, asset), assets))


def _prepare(services: Services, asset: Asset) -> Ready | Outcome:
    """Decode one asset and keep its thumbnail; what cannot be decoded is concluded here."""
    try:
        content = services.blobs.get(asset.id)
        picture = decode(content, wanted=services.encoder.input_size, max_pixels=services.settings.max_pixels)
    except NotFound:
        return Outcome(asset.ref, AssetState.QUARANTINED, "its bytes are missing from the blob store")
    except BrokenMedia as error:
        return Outcome(asset.ref, AssetState.QUARANTINED, str(error))
    except BadMedia as error:
        return Outcome(asset.ref, AssetState.SKIPPED, str(error))
    services.blobs.put_derived(asset.id, THUMBNAIL, thumbnail(picture.image))
    visual = Visual(
        id=visual_id(asset.library, asset.id),
        library=asset.library,
        asset_id=asset.id,
        width=picture.width,
        height=picture.height,
        perceptual_hash=difference_hash(picture.image),
    )
    return Ready(asset, visual, picture)


def _store(services: Services, ready: Sequence[Ready]) -> list[Outcome]:
    """Encode and upsert. When a batch fails, each is tried alone, so that one picture harms no other."""
    if not ready:
        return []
    try:
        services.store.upsert(_points(services, ready))
    except Retryable:
        raise
    except Exception as error:
        if len(ready) > 1:
            return [outcome for item in ready for outcome in _store(services, [item])]
        log.exception("indexing %s failed; it is tried again", ready[0].asset.ref)
        return [Outcome(ready[0].asset.ref, AssetState.ACCEPTED, f"{type(error).__name__}: {error}")]
    return [Outcome(item.asset.ref, AssetState.INDEXED, visuals=(item.visual,)) for item in ready]


def _points(services: Services, ready: Sequence[Ready]) -> list[Point]:
    images = services.encoder.images([item.picture.image for item in ready])  # (n, dim)
    texts = [[caption.text for caption in item.asset.captions if caption.searchable] for item in ready]
    captions = _encode_texts(services, [text for group in texts for text in group])  # (all captions, dim)
    starts = np.cumsum([0, *(len(group) for group in texts)])
    return [
        point_for(item.asset, item.visual, images[n], captions[starts[n] : starts[n + 1]])
        for n, item in enumerate(ready)
    ]


def _encode_texts(services: Services, texts: list[str]) -> Matrix:
    encoder = services.encoder
    return encoder.texts(texts) if texts else np.zeros((0, encoder.dim), dtype=np.float32)
