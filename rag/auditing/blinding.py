"""What others said in a review, for whoever has not reviewed the same yet: a second opinion must not know the first.

The events stand in the ledger as they are, and their proofs hold. Owners see all, and so does whoever exports a
bundle: it would prove nothing with something left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.auditing.indexing import REVIEW, catch_up
from rag.auditing.reviewing import shown_to
from rag.model import Actor, Event
from rag.ports import Services


def blinded(services: Services, actor: Actor, events: Sequence[Event]) -> list[Event]:
    """The events, and of reviews that `actor` may not see yet only which event they are of, and why no more.

    A review is seen by whoever wrote it, whoever reviewed the same event, and everybody once two people agree on it.
    """
    asked = {seq for one in events if _is_of_another(one, actor) and isinstance(seq := one.body.get("event"), int)}
    if not asked or actor.has():
        return list(events)
    catch_up(services)
    reviews = services.audit_index.reviews(actor, events=sorted(asked))
    hidden = {seq for seq in asked if not shown_to(actor, [one for one in reviews if one.event == seq])}
    return [_hidden(one) if _is_of_another(one, actor) and one.body.get("event") in hidden else one for one in events]


def _is_of_another(event: Event, actor: Actor) -> bool:
    return event.kind == REVIEW and event.actor != actor.id


def _hidden(event: Event) -> Event:
    reviewed = event.body["event"]
    return replace(event, body={"event": reviewed, "hidden": f"shown once you have reviewed event {reviewed} yourself"})
