"""What people ask for: another encoder, an adapter, the switch, the way back. The doors call these."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from rag.audit.deeds import encoder_draft
from rag.encoding.spec import parse
from rag.errors import BadRequest, NotAllowed, Retryable, StoreLocked
from rag.migration.openings import LIVE, live_of
from rag.migration.replay import worse
from rag.migration.work import remove_dropped, send
from rag.model import COMING, COMPLETE, Actor, Generation, GenerationState
from rag.ports import Services

LOOK_EVERY = 0.25
SEND_EVERY = 2.0
"""Seconds: another process may have the vectors, and may end before it has done the work."""


def require_operator(actor: Actor) -> None:
    """Raises NotAllowed: which encoder is used is the owner's to say."""
    if not actor.has():
        raise NotAllowed(f"{actor.id} may not see or change encoders: that takes the role owner")


def migrate(
    services: Services,
    actor: Actor,
    encoder: str,
    *,
    replay: int,
    judged: Sequence[Mapping[str, object]] = (),
    door: str,
) -> Generation:
    """Ask for another encoder. Asked for the one that is on its way already, it goes on with that.

    Args:
        replay: how many of the latest logged queries are asked again on both.
        judged: see `rag.migration.judgements.read_judgements`.

    Raises:
        NotAllowed: the actor is no owner.
        BadSettings: `encoder` is no encoder's name.
        BadRequest: another one is on its way, or this is the live one, or the one before it.
    """
    require_operator(actor)
    parse(encoder)
    _require_something_live(services)
    for one in services.generations.every():
        if one.encoder == encoder:
            if one.state in COMING:
                return one
            if one.state is GenerationState.LIVE:
                raise BadRequest(f"{encoder} is the live encoder already")
            if one.state is GenerationState.PREVIOUS:
                raise BadRequest(
                    f"{encoder} is the previous encoder and its vectors are kept: picturedesk encoder rollback"
                )
    wanted = services.generations.want(encoder, options={"replay": replay, "judged": list(judged)})
    return _recorded(services, actor, door, "migrate", wanted)


def adapt(services: Services, actor: Actor, *, replay: int, door: str) -> Generation:
    """Ask for an adapter of the live encoder; while one is on its way, it goes on with that.

    Raises:
        NotAllowed: the actor is no owner.
        BadRequest: the live encoder has an adapter.
    """
    require_operator(actor)
    live = _require_something_live(services)
    for one in services.generations.every():
        if one.state in COMING and one.based_on == live.number:
            return one
    if live.adapted:
        raise BadRequest(
            "the live encoder has an adapter already: go back, or migrate, to the encoder without it, then adapt"
        )
    wanted = services.generations.want("", based_on=live.number, options={"replay": replay})
    return _recorded(services, actor, door, "adapt", wanted)


def follow(services: Services, number: int) -> Iterator[Generation]:
    """A generation as it goes on, until it is ready, given up, or live. Sees to it that somebody works on it."""
    next_send = 0.0
    while True:
        found = services.generations.get(number)
        yield found
        if found.state not in (GenerationState.WANTED, GenerationState.FILLING):
            return
        if not found.leased and time.monotonic() >= next_send:
            next_send = time.monotonic() + SEND_EVERY
            _send(services, number)
        time.sleep(LOOK_EVERY)


def _send(services: Services, number: int) -> None:
    """Unless the vectors are another process's: it looks for work itself."""
    with suppress(StoreLocked):
        _ = services.collections
        send(services, number)


def switch(services: Services, actor: Actor, number: int, *, gate: bool = False, door: str) -> Generation:
    """Make a generation live: one commit. Processes take it with their next request once they have loaded it.

    Args:
        gate: refuse when its report says that it finds less of what is known than the live one.

    Raises:
        NotAllowed: the actor is no owner.
        BadRequest: it is not complete, or the gate refuses.
        NotFound: there is none of this number.
    """
    require_operator(actor)
    found = services.generations.get(number)
    if gate and (fall := worse(found.report)):
        raise BadRequest(f"generation {number} does not pass: {fall}")
    if found.state in COMPLETE and found.state is not GenerationState.LIVE:
        _recorded(services, actor, door, "switch", found)
    live = services.generations.switch(number)
    with suppress(Retryable):  # the process that has the vectors points the alias when it takes the switch
        services.collections.point(LIVE, live.collection)
    return live


def ready_one(services: Services) -> Generation:
    """The generation that waits to be switched to. Raises BadRequest when there is none."""
    return _only(
        services, GenerationState.READY, "no encoder is ready to be switched to: picturedesk encoder migrate NEW"
    )


def previous_one(services: Services) -> Generation:
    """The generation to go back to. Raises BadRequest when there is none."""
    return _only(services, GenerationState.PREVIOUS, "there is nothing to go back to: no previous encoder is kept")


def drop(services: Services, actor: Actor, number: int = 0, *, door: str) -> Generation:
    """Let go of a generation that is not live.

    Args:
        number: 0 means the only one there is.

    Raises:
        NotAllowed: the actor is no owner.
        BadRequest: it is live; or none was named, and there is not exactly one.
        NotFound: there is none of this number.
    """
    require_operator(actor)
    if not number:
        kept = [one for one in services.generations.every() if _may_go(one)]
        if len(kept) != 1:
            named = ", ".join(f"{one.number} ({one.encoder or 'an adapter'}, {one.state.value})" for one in kept)
            raise BadRequest(
                f"say which: {named}" if kept else "there is nothing to drop: only the live encoder is kept"
            )
        number = kept[0].number
    if _may_go(found := services.generations.get(number)):
        _recorded(services, actor, door, "drop", found)
    dropped = services.generations.drop(number)
    with suppress(StoreLocked):  # the process that has the vectors removes them
        if services.collections.exclusive:
            remove_dropped(services, grace=timedelta(0))
    return dropped


def _require_something_live(services: Services) -> Generation:
    live = live_of(services.generations.every())
    if live is None:
        try:
            services.serving()  # an installation from before generations, or one with nothing in it
        except StoreLocked as error:
            raise BadRequest("the running server has not recorded its encoder yet: try again in a moment") from error
        live = live_of(services.generations.every())
    assert live is not None, "serving records the first generation"
    return live


def _only(services: Services, state: GenerationState, otherwise: str) -> Generation:
    found = next((one for one in services.generations.every() if one.state is state), None)
    if found is None:
        raise BadRequest(otherwise)
    return found


def _recorded(services: Services, actor: Actor, door: str, action: str, generation: Generation) -> Generation:
    services.ledger.append(encoder_draft(actor, door, action, generation))
    return generation


def _may_go(one: Generation) -> bool:
    return one.state not in (GenerationState.LIVE, GenerationState.DROPPED)


def report_json(one: Generation) -> dict[str, Any]:
    """A generation for programs."""
    return {
        "generation": one.number,
        "encoder": one.encoder,
        "encoder_id": one.encoder_id,
        "collection": one.collection,
        "state": one.state.value,
        "based_on": one.based_on,
        "created_at": one.created_at.isoformat(),
        "changed_at": one.changed_at.isoformat(),
        "done": one.done,
        "total": one.total,
        "leased": one.leased,
        "trouble": one.trouble,
        "report": dict(one.report),
    }
