"""What a worker does for a coming generation, from the wish to a report: safe to stop, to kill, and to run twice.

wanted:   load the encoder (or train the adapter), make its collection      -> filling
filling:  bring every indexed asset in, replay queries on both, compare     -> ready
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from rag.errors import BadRequest, NotFound, PictureDeskError, Retryable
from rag.indexing.schema import collection_name
from rag.library.columns import utc_now
from rag.migration import replay, training
from rag.migration.filling import fill
from rag.migration.openings import live_of
from rag.model import WRITTEN, Generation, GenerationState
from rag.ports import Services
from rag.ports.generations import QUEUED

log = logging.getLogger(__name__)

LONGEST_LEASE = 15.0
"""Seconds after which work counts as left behind when nobody says that it goes on; a third of it between two signs."""

SENT_FOR = 60.0
"""Seconds after which a task that no worker took counts as lost."""

GRACE = timedelta(seconds=30)
"""How long a dropped collection stays: requests under way, and processes that have not looked yet, still read it."""

UNFINISHED = frozenset({GenerationState.WANTED, GenerationState.FILLING})


def advance(services: Services, number: int) -> None:
    """Work on a generation until it is ready or given up, or until this process is about to end.

    Returns at once while another process works on it.

    Raises:
        Retryable: a part did not answer, or this process may not have the vectors; it goes on later.
    """
    try:
        _ = services.collections
    except Retryable:
        services.generations.release(number, QUEUED)  # another process has them: the work is its own
        raise
    with _leased(services, number) as mine:
        if mine:
            _advance(services, services.generations.get(number))


def _advance(services: Services, generation: Generation) -> None:
    generations = services.generations
    try:
        if generation.state is GenerationState.WANTED:
            generation = _described(services, generation)
            _make_collection(services, generation)
        target = services.opened(generation)
        left_out = fill(services, generation, target)
        if left_out is None:
            return  # this process is about to end
        target.store.optimize()
        live = services.serving()
        report = replay.compare(services, live, target, **replay.options_of(generation))
        generations.ready(generation.number, {**generation.report, **report, "left_out": left_out})
    except Retryable as error:
        generations.stumble(generation.number, str(error))
        raise
    except PictureDeskError as error:
        log.error("generation %d is given up: %s", generation.number, error)
        generations.give_up(generation.number, str(error))


def _described(services: Services, generation: Generation) -> Generation:
    """The wish, once it is known what it means.

    Raises:
        BadRequest: its encoder is the live one already, or the adapter that was wanted is not worth having.
        BadSettings, EncoderBroken: there is no such encoder.
    """
    number, name, report = generation.number, generation.encoder, dict(generation.report)
    if not name:
        name, report = training.adapter_for(services, generation)
    encoder = services.encoder_named(name)
    live = live_of(services.generations.every())
    if live is not None and live.encoder_id == encoder.id:
        raise BadRequest(f"{name} is the live encoder already: {encoder.id}")
    services.generations.describe(number, name, encoder.id, collection_name(encoder.id), report)
    return services.generations.get(number)


def _make_collection(services: Services, generation: Generation) -> None:
    """An empty one: what an earlier generation of the same name left behind may be out of date."""
    dim = services.encoder_named(generation.encoder).dim
    for one in services.generations.every():
        if one.collection == generation.collection and one.state is GenerationState.DROPPED:
            services.generations.removed(one.number)
    if generation.collection in services.collections.names():
        services.collections.drop(generation.collection)
    services.collections.open(generation.collection, dim)
    services.generations.fill(generation.number)


@contextmanager
def _leased(services: Services, number: int) -> Iterator[bool]:
    """Whether the work is ours; while it is, a thread says so again and again."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    seconds = min(LONGEST_LEASE, services.settings.resend_after)
    if not services.generations.lease(number, owner, seconds):
        yield False
        return
    ended = threading.Event()

    def keep() -> None:
        while not ended.wait(seconds / 3):
            with suppress(PictureDeskError):
                services.generations.lease(number, owner, seconds)

    keeping = threading.Thread(target=keep, name=f"lease-{number}", daemon=True)
    keeping.start()
    try:
        yield True
    finally:
        ended.set()
        keeping.join()
        with suppress(Retryable):
            services.generations.release(number, owner)


def send_what_waits(services: Services) -> None:
    """Ask for what nobody works on, and remove the collections of what was dropped a while ago."""
    every = services.generations.every()
    for one in every:
        if one.state in UNFINISHED and not one.leased:
            send(services, one.number)
    remove_dropped(services)


def send(services: Services, number: int) -> None:
    """Ask for a task, unless one waits or runs already. Raises Unavailable."""
    if services.generations.lease(number, QUEUED, SENT_FOR):
        services.queue.advance(number)


def remove_dropped(services: Services, *, grace: timedelta = GRACE) -> None:
    """Remove collections that no generation needs any more.

    Args:
        grace: time since they were dropped; none where no other process can be searching them.

    Raises:
        Retryable: the vectors did not answer, or are another process's.
    """
    every = services.generations.every()
    needed = {one.collection for one in every if one.state in WRITTEN}
    for one in every:
        if one.state is not GenerationState.DROPPED or not one.collection or utc_now() - one.changed_at < grace:
            continue
        if one.collection not in needed:
            with suppress(NotFound):
                services.collections.drop(one.collection)
        services.generations.removed(one.number)
