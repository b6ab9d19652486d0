"""Asking again what was asked: of the index of today, of another encoder or of a pin; what differs, and why.

The query, the rights and the number of hits are those of the event. On a pin made before anything changed, the same
visuals come back in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256

from rag.audit.reading import query_of
from rag.auditing import pinning
from rag.auditing.causes import Move, Told, asker, moves
from rag.auditing.generations import complete_generation
from rag.auditing.order import logged_order, reranked_order
from rag.auditing.reading import is_erased
from rag.auditing.recording import audit_draft, require_auditor
from rag.errors import BadQuery, BadRequest, NotAllowed, NotFound
from rag.indexing import graphs
from rag.migration.measuring import overlap_at_k, rank_biased_overlap
from rag.model import Actor, AssetId, Event, Json, Query, Retrieval
from rag.ports import Services, Serving
from rag.search import retrieve


@dataclass(frozen=True, slots=True)
class Replay:
    """Attributes:
    against: `today`, `encoder …` or `pin …`.
    same: the same visuals in the same order.
    causes: what is different about all of it, in words.
    moves: every visual that is among the hits of either, in the order of now, then those that left.
    notices: what to know before drawing a conclusion.
    """

    event: int
    question: str
    against: str
    same: bool
    overlap: float
    rank_biased_overlap: float
    causes: tuple[str, ...]
    moves: tuple[Move, ...]
    notices: tuple[str, ...]
    encoder_then: str
    encoder_now: str
    recorded: int


def replay(
    services: Services,
    actor: Actor,
    seq: int,
    *,
    encoder: str = "",
    pin: str = "",
    pictures: Sequence[bytes] = (),
    door: str,
) -> Replay:
    """Ask again what event `seq`, a retrieval or the answer to one, asked.

    Args:
        encoder: the name, id or number of another generation that is complete: see `picturedesk encoder list`.
        pin: the name of a pin. At most one of the two.
        pictures: encoded pictures that the query brought along: the ledger has only their hashes.

    Raises:
        NotAllowed: no auditor; another encoder's, which the owner may load.
        NotFound: no such event, generation or pin; or a visual or library of the query is gone.
        BadRequest: the event asked nothing, or is a further page.
        BadQuery: a picture of the query is needed; its hash is named.
        LedgerUnavailable: it could not be recorded, so nothing is shown.
    """
    require_auditor(actor)
    if encoder and pin:
        raise BadRequest("a replay is on another encoder or on a pin, not on both")
    if encoder and not actor.has():
        raise NotAllowed(f"{actor.id} may not load encoders: that takes the role owner")
    event = _retrieval(services, actor, seq)
    query = _with_pictures(services, actor, query_of(event), pictures)
    with _asked_of(services, encoder, pin) as (against, asked, serving, known):
        reranked, notice = _reranker(asked, event)
        found = retrieve(asked, serving, asker(event), query, reranked=reranked)
        told = Told(services, actor, event, found)
        done = _compared(query, told, against, [one for one in (known, notice) if one])
    recorded = services.ledger.append(audit_draft(actor, door, "replay", _said(done, found), event.library))
    return replace(done, recorded=recorded.seq)


def _retrieval(services: Services, actor: Actor, seq: int) -> Event:
    event = services.ledger.event(actor, seq)
    if event.kind == "answer" and isinstance(event.body.get("retrieval"), int):
        event = services.ledger.event(actor, event.body["retrieval"])
    if event.kind != "retrieval":
        raise BadRequest(f"event {seq} is a {event.kind}: it asked nothing that could be asked again")
    if "query" not in event.body or is_erased(event.body["query"]) or is_erased(event.body.get("actor")):
        raise BadRequest(f"event {seq} cannot be asked again: what it asked was erased")
    if page := event.body.get("page"):
        raise BadRequest(f"event {seq} is a further page of event {page['of']}: replay that one")
    return event


def _with_pictures(services: Services, actor: Actor, query: Query, pictures: Sequence[bytes]) -> Query:
    given = {sha256(content).hexdigest(): content for content in pictures}
    needed = [part.image for part in (*query.wanted, *query.unwanted) if part.image]
    kept = {name: content for name in needed if (content := given.get(name) or _of_the_library(services, actor, name))}
    for name in needed:
        if name not in kept:
            raise BadQuery(
                f"the query brought a picture along, and the ledger keeps only its hash: give the file "
                f"whose SHA-256 is {name}"
            )
    return replace(query, pictures=kept)


def _of_the_library(services: Services, actor: Actor, name: str) -> bytes | None:
    try:
        return services.blobs.get(services.catalog.find_asset(actor, AssetId(name)).id)
    except NotFound:
        return None


@contextmanager
def _asked_of(services: Services, encoder: str, pin: str) -> Iterator[tuple[str, Services, Serving, str]]:
    """What is asked: its name, installation and generation, and what to know of it."""
    if pin:
        with pinning.opened(services, pin) as (about, pinned):
            yield f"pin {pin}", pinned, pinned.serving(), _of_a_server(about)
    elif encoder:
        serving = services.opened(complete_generation(services, encoder))
        yield f"encoder {serving.encoder.id}", services, serving, ""
    else:
        yield "today", services, services.serving(), ""


def _of_a_server(pin: pinning.Pin) -> str:
    """What a pin that was filled point by point may tell otherwise than the server did."""
    if not pin.exact or pin.points < graphs.WORTH_INDEXING:
        return ""
    return (
        f"the pin compares with all of its {pin.points:,} vectors, and the server went by a graph: "
        "what that missed may be found now"
    )


def _reranker(asked: Services, event: Event) -> tuple[bool, str]:
    """Whether to rerank, and what to say of it: only the same reranker tells the same."""
    then = event.body.get("reranker", "")
    now = asked.reranker.id if then and asked.reranker else ""
    if not then:
        return False, ""
    if then == now:
        return True, f"{then} had the last word, and was asked again: an LLM need not say the same twice"
    return False, f"{then} had the last word and is not configured now: the order before it is compared"


def _compared(query: Query, told: Told, against: str, notices: Sequence[str]) -> Replay:
    event, found = told.event, told.found
    order = logged_order(event) if found.reranked_by or not event.body.get("reranker") else reranked_order(event)
    then, now = order[: query.top_k], [item.visual.id for item in found.evidence]
    return Replay(
        event=event.seq,
        question=query.text,
        against=against,
        same=then == now,
        overlap=round(overlap_at_k(then, now, query.top_k), 4),
        rank_biased_overlap=round(rank_biased_overlap(then, now), 4),
        causes=told.causes,
        moves=tuple(moves(told, order, query.top_k)),
        notices=tuple(notices),
        encoder_then=event.body["encoder"],
        encoder_now=found.encoder_id,
        recorded=-1,
    )


def _said(done: Replay, found: Retrieval) -> Json:
    return {
        "event": done.event,
        "against": done.against,
        "encoder": found.encoder_id,
        "collection": found.collection,
        "calibrations": dict(found.calibrations),
        "same": done.same,
        "overlap": done.overlap,
        "visuals": [item.visual.id for item in found.evidence],
        "causes": list(done.causes),
        "changes": _counts(done.moves),
    }


def _counts(found: Sequence[Move]) -> Mapping[str, int]:
    return {change: sum(one.change == change for one in found) for change in ("entered", "left", "moved", "same")}
