"""Who did something, and at which door, as every event says it."""

from __future__ import annotations

from rag.model import Actor, Json


def who(actor: Actor, door: str) -> Json:
    """The beginning of an event's body; the actor's id stands in the event itself."""
    return {"door": door, "actor": {"roles": sorted(actor.roles), "groups": sorted(actor.groups)}}
