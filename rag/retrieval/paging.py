"""Further pages of a search. They follow the order that its ledger event has, whatever was ingested since.

A token is `EVENT-AFTER-CHECK`: the event's number, how many positions of its order came before,
and the first digits of SHA-256 over that and the event's hash. The hash depends on a secret salt,
so that no token can be made up, and it is believed only for the actor who caused the event.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from rag.errors import BadQuery
from rag.indexing.points import payload_for, searchable_captions
from rag.model import Actor, Asset, Channel, Dropped, Event, Evidence, Json, Query, Visual, VisualId
from rag.ports import Catalog
from rag.retrieval.explaining import conditions
from rag.retrieval.search import evidence_of

CHECK_DIGITS = 20
_TOKEN = re.compile(rf"(\d{{1,15}})-(\d{{1,6}})-([0-9a-f]{{{CHECK_DIGITS}}})")

NOT_OURS = "page is no token of a search of yours; take next_page from its answer, or search again without page"


@dataclass(frozen=True, slots=True)
class Placed:
    """One visual of a recorded order."""

    id: VisualId
    position: int
    relevance: float
    scores: Mapping[Channel, float]
    ranks: Mapping[Channel, int]
    fused: float
    unlike: float


def token_of(event: Event, after: int) -> str:
    """The token of what follows position `after` of the order that `event` recorded."""
    return f"{event.seq}-{after}-{_check(event, after)}"


def event_number(token: str) -> int:
    """Raises BadQuery when it has not the form of a token."""
    return int(_parsed(token)[1])


def position_after(token: str, event: Event) -> int:
    """How many positions of the order of `event` came before. Raises BadQuery when the token was not made for it."""
    found = _parsed(token)
    after = int(found[2])
    if event.kind != "retrieval" or not hmac.compare_digest(found[3], _check(event, after)):
        raise BadQuery(NOT_OURS)
    return after


def order_of(event: Event) -> list[Placed]:
    """The order that a first page recorded: its evidence, then those below it."""
    shown = [_placed(item, item["number"]) for item in event.entries("evidence")]
    return [*shown, *(_placed(item, item["position"]) for item in event.entries("dropped") if "position" in item)]


def page_of(
    catalog: Catalog, actor: Actor, query: Query, order: Sequence[Placed], after: int
) -> tuple[tuple[Evidence, ...], tuple[Dropped, ...], int]:
    """The next `top_k` of a recorded order, what has gone or is hidden since, and the last position looked at."""
    ahead = [one for one in order if one.position > after]
    known = catalog.visuals(actor, [one.id for one in ahead])
    shown: list[Evidence] = []
    gone: list[Dropped] = []
    last = after
    for one in ahead:
        if len(shown) == query.top_k:
            break
        last = one.position
        if one.id in known:
            shown.append(_evidence(one, known[one.id], query))
        else:
            gone.append(Dropped(one.id, "deleted, or no longer visible, since the first page", one.scores))
    return tuple(shown), tuple(gone), last


def _placed(said: Json, position: int) -> Placed:
    return Placed(
        VisualId(said["visual"]),
        position,
        said["relevance"],
        {Channel(name): score for name, score in said["scores"].items()},
        {Channel(name): rank for name, rank in said["ranks"].items()},
        said["fused"],
        said["unlike"],
    )


def _evidence(one: Placed, found: tuple[Visual, Asset], query: Query) -> Evidence:
    visual, asset = found
    captions = searchable_captions(asset, visual)
    return replace(
        evidence_of(one.position, visual, asset),
        relevance=one.relevance,
        scores=one.scores,
        ranks=one.ranks,
        fused=one.fused,
        unlike=one.unlike,
        matched=captions[0] if len(captions) == 1 and Channel.CAPTION in one.scores else None,
        conditions=conditions(query.where, payload_for(asset, visual)),
    )


def _parsed(token: str) -> re.Match[str]:
    found = _TOKEN.fullmatch(token.strip())
    if found is None:
        raise BadQuery(NOT_OURS)
    return found


def _check(event: Event, after: int) -> str:
    return sha256(f"page {after} of {event.hash}".encode()).hexdigest()[:CHECK_DIGITS]
