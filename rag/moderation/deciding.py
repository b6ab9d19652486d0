"""Decisions by what people type: an entry's first digits, or the id of a visual."""

from __future__ import annotations

import re

from rag.errors import BadQuery, NotFound
from rag.model import Action, Actor, Entry, VisualId
from rag.moderation.review import decide, decide_visual, require_moderator
from rag.ports import Services

LEAST_DIGITS = 4
DIGITS = re.compile(r"[0-9a-f-]{4,36}")
LOOKED_THROUGH = 2_000
"""Entries whose ids are compared: the first of the queue, whatever their state."""


def decide_named(services: Services, actor: Actor, name: str, action: Action, *, comment: str, door: str) -> Entry:
    """Decide about the entry that `name` begins, in the version that it has now; or about a visual.

    Raises:
        BadQuery: it is no id, or begins several entries.
        NotFound: neither an entry nor a visual has it.
        NotAllowed, Conflict, LedgerUnavailable: as `rag.moderation.review.decide`.
    """
    require_moderator(actor)
    entry = entry_named(services, actor, name)
    if entry is not None:
        return decide(services, actor, entry.id, action, version=entry.version, comment=comment, door=door)
    try:
        return decide_visual(services, actor, VisualId(name), action, comment=comment, door=door)
    except NotFound as error:
        raise NotFound(f"neither an entry nor a visual has the id {name}; picturedesk moderation queue") from error


def entry_named(services: Services, actor: Actor, name: str) -> Entry | None:
    """None where no entry begins so. Raises BadQuery."""
    if not DIGITS.fullmatch(name):
        raise BadQuery(f"{name[:40]!r} is no id: give at least {LEAST_DIGITS} of its digits")
    try:
        return services.reviews.entry(actor, name)
    except NotFound:
        every = services.reviews.queue(actor, states=(), limit=LOOKED_THROUGH)
    found = [entry for entry in every if entry.id.startswith(name)]
    if len(found) > 1:
        raise BadQuery(f"{len(found)} entries begin with {name}: give more digits")
    return found[0] if found else None
