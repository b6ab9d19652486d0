"""What a new pin is filled with, before it is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from rag.auditing import pin_folder
from rag.auditing.generations import complete_generation
from rag.auditing.pin_deletions import UNDER_WAY, settled_deletions
from rag.auditing.pin_filling import fill, settle
from rag.auditing.pin_folder import CATALOG, VECTORS, Pin
from rag.auditing.recording import audit_draft
from rag.disk import KEPT_WHEN_INDEXING, require_room
from rag.errors import BadQuery, NotFound
from rag.migration.replay import logged
from rag.model import LOCAL_OWNER, Actor, Generation, Query, VisualId
from rag.ports import Point, Services, Serving
from rag.retrieval.opening import retriever_of

KEPT_SETTINGS = ("candidates", "max_question", "min_relevance")

QUESTIONS = 10
"""Asked of a pin when it is made, and of the index."""

BYTES_A_POINT = 4096
"""What the smallest point takes on disk in a shard of Edge, beside its vectors."""

Progress = Callable[[int, int], None]
"""Told how many visuals of how many are there."""


def made(
    services: Services, actor: Actor, making: Path, name: str, *, encoder: str, progress: Progress, door: str
) -> Pin:
    generation, serving = _generation(services, encoder)
    seen = settled_deletions(services, datetime.now().astimezone() - UNDER_WAY)
    settings = {one: getattr(services.settings, one) for one in KEPT_SETTINGS}

    def told(done: int) -> None:
        pin_folder.say_progress(making, name, done, total)
        progress(done, total)

    total = services.catalog.coverage(LOCAL_OWNER, []).searched
    told(0)
    exact = not services.collections.exclusive
    if not exact:
        services.collections.copy_to(serving.store.name, making / VECTORS)
    services.catalog.copy_to(making / CATALOG)
    with services.beside(making, **settings) as pinned:
        pinned.generations.switch(generation.number)
        store = pinned.collections.open(serving.store.name, serving.store.dim)
        coverage = pinned.catalog.coverage(LOCAL_OWNER, [])
        total = coverage.searched
        if exact:
            fill(pinned.catalog, serving, store, told, lambda points: _require_room(making, points, total))
        else:
            settle(pinned.catalog, serving, store, told)
        asked, same = _compared(services, serving, pinned)
        points = store.count()
    said: dict[str, Any] = {
        "encoder": serving.encoder.id,
        "collection": serving.store.name,
        "searched": coverage.searched,
        "pending": coverage.pending,
        "settings": settings,
        "generation": generation.number,
        "points": points,
        "asked": asked,
        "same": same,
        "exact": exact,
    }
    event = services.ledger.append(audit_draft(actor, door, "pin", {"name": name, **said}))
    (making / pin_folder.PROGRESS).unlink()
    pin = Pin(name, event.at.isoformat(), actor.id, event.seq, seen, **said)
    pin_folder.write(making, pin)
    return pin


def _generation(services: Services, encoder: str) -> tuple[Generation, Serving]:
    if not encoder:
        serving = services.serving()
        return services.generations.get(serving.number), serving
    generation = complete_generation(services, encoder)
    return generation, services.opened(generation)


def _require_room(folder: Path, sample: Sequence[Point], total: int) -> None:
    """Before the first point is written, by what the first ones take."""
    if sample:
        vectors = sum(point.image.nbytes + point.captions.nbytes for point in sample) / len(sample)
        require_room(folder, int(total * (2 * vectors + BYTES_A_POINT)), kept=KEPT_WHEN_INDEXING)


def _compared(services: Services, serving: Serving, pinned: Services) -> tuple[int, int]:
    """How many of the latest questions were asked of both, and of how many the pin found the same in the same order."""
    same = asked = 0
    for query in islice(logged(services.ledger), QUESTIONS):
        with suppress(NotFound, BadQuery):  # of a library that is gone, or asked under other limits
            asked_of_both = [_ids(one, by, query) for one, by in ((services, serving), (pinned, pinned.serving()))]
            asked += 1
            same += asked_of_both[0] == asked_of_both[1]
    return asked, same


def _ids(services: Services, serving: Serving, query: Query) -> list[VisualId]:
    found = retriever_of(services, serving).retrieve(LOCAL_OWNER, query)
    return [item.visual.id for item in found.evidence]
