"""Conversations that are kept, read again: their evidence as far as it is still there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.errors import NotFound
from rag.model import Actor, Evidence, Json, KeptTurn, VisualId
from rag.ports import Services
from rag.retrieval.search import evidence_of


def evidence_of_turns(services: Services, actor: Actor, turns: Sequence[KeptTurn]) -> dict[int, list[Evidence]]:
    """The evidence of each turn by the number of its retrieval's event, numbered as the answer cites it.

    What was deleted since, or is hidden from the actor now, is left out.
    """
    recorded = {turn.events[0]: _recorded(services, actor, turn.events[0]) for turn in turns if turn.events}
    ids = list({VisualId(item["visual"]) for items in recorded.values() for item in items})
    known = services.catalog.visuals(actor, ids)
    return {
        event: [
            replace(evidence_of(item["number"], *known[VisualId(item["visual"])]), relevance=item["relevance"])
            for item in items
            if item["visual"] in known
        ]
        for event, items in recorded.items()
    }


def _recorded(services: Services, actor: Actor, event: int) -> list[Json]:
    try:
        found: list[Json] = services.ledger.own(actor, event).body.get("evidence", [])
    except NotFound:
        return []
    return found
