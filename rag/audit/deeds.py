"""What the ledger has of deeds that no retrieval is part of: deletions, encoders, libraries, who has access."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from rag.audit.actors import who
from rag.model import LOCAL_OWNER, Actor, AssetRef, Conversation, Generation, Json
from rag.ports import Draft, Ledger

DELETION, ENCODER, LIBRARY, ACCESS = "deletion", "encoder", "library", "access"
CONVERSATION = "conversation"

ITSELF = "picturedesk"
"""Stands for nobody: what the desk does of its own accord."""


def deletion_drafts(actor: Actor, door: str, refs: Iterable[AssetRef]) -> list[Draft]:
    """Before anything is removed: one event a library, its assets as `library/SHA-256`."""
    by_library: dict[str, list[str]] = defaultdict(list)
    for ref in refs:
        by_library[ref.library].append(str(ref))
    return [
        Draft(DELETION, actor.id, library, {**who(actor, door), "assets": names})
        for library, names in sorted(by_library.items())
    ]


def erased_draft(actor: Actor, door: str, erasure: int) -> Draft:
    """After an asset was erased: a deletion that does not name it. Who keeps copies looks for what is gone."""
    return Draft(DELETION, actor.id, "", {**who(actor, door), "assets": [], "event": erasure})


def encoder_draft(actor: Actor, door: str, action: str, generation: Generation) -> Draft:
    """Before a generation is switched to or dropped; once it is wanted."""
    body: Json = {
        **who(actor, door),
        "action": action,
        "generation": generation.number,
        "name": generation.encoder,
        "encoder": generation.encoder_id,
        "collection": generation.collection,
        "based_on": generation.based_on,
        "report": dict(generation.report),
    }
    return Draft(ENCODER, actor.id, "", body)


def library_draft(actor: Actor, door: str, library: str, **settings: Any) -> Draft:
    """Before a setting of a library changes."""
    return Draft(LIBRARY, actor.id, library, {**who(actor, door), "action": "set", "settings": settings})


def conversation_draft(actor: Actor, door: str, conversation: Conversation) -> Draft:
    """Before its owner removes a conversation. None of its words, nor its title, which is its first question."""
    said = {"action": "deleted", "conversation": conversation.id, "turns": conversation.turns}
    return Draft(CONVERSATION, actor.id, "", {**who(actor, door), **said})


def record_access(ledger: Ledger, keys: Sequence[Json]) -> None:
    """Who has access by which rights, where that is not what was recorded last. Keys themselves are not told.

    Args:
        keys: of each its actor, roles, groups and libraries.
    """
    known = ledger.events(LOCAL_OWNER, kind=ACCESS, limit=1)
    before = known[0].body.get("keys") if known else []
    if before != list(keys):
        ledger.append(Draft(ACCESS, ITSELF, "", {"action": "configured", "keys": list(keys)}))
