"""One event whole: what was asked, what was found and dropped, what was prompted and answered, and what others said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rag.auditing.blinding import blinded
from rag.auditing.entries import listed
from rag.auditing.indexing import catch_up
from rag.auditing.proof import Proof, proof_of
from rag.auditing.recording import audit_draft, require_auditor
from rag.auditing.reviewing import shown_to
from rag.errors import NotFound
from rag.model import Actor, Asset, Event, Json, Visual, VisualId
from rag.ports import Services
from rag.ports.auditing import Entry, Review, Wanted

MOST_LINKED = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A visual that a retrieval looked at, as its event says, with what the catalog knows of it today.

    Attributes:
        number: as evidence; None when it was dropped, and then `reason` says why.
        position: in the final order, where it had one.
        there: whether it exists and the auditor may see it; else there is no thumbnail.
    """

    visual: str
    relevance: float
    scores: Mapping[str, float]
    number: int | None = None
    position: int | None = None
    reason: str = ""
    ranks: Mapping[str, int] = field(default_factory=dict)
    fused: float = 0.0
    caption: str = ""
    asset_id: str = ""
    library: str = ""
    locator: str = ""
    name: str = ""
    there: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """An event with all that belongs to it.

    Attributes:
        retrieval: the event that its evidence stands in: itself, or an answer's retrieval; None for other kinds.
        answer: itself, or the answer to a retrieval; None where nobody answered.
        linked: events that it belongs to or that belong to it, in order.
        conversation: what was asked in the same conversation, in order, this included.
        reviews: those that the auditor may see: see `rag.auditing.reviewing`.
        hidden_reviews: how many there are besides.
    """

    event: Event
    entry: Entry
    proof: Proof
    retrieval: Event | None = None
    answer: Event | None = None
    evidence: tuple[Candidate, ...] = ()
    dropped: tuple[Candidate, ...] = ()
    linked: tuple[Entry, ...] = ()
    conversation: tuple[Entry, ...] = ()
    reviews: tuple[Review, ...] = ()
    hidden_reviews: int = 0
    cases: tuple[str, ...] = ()


def open_event(services: Services, actor: Actor, seq: int, *, door: str) -> Whole:
    """
    Raises:
        NotAllowed: the actor is no auditor.
        NotFound: there is no such event, or not for this actor.
        LedgerUnavailable: that it was opened could not be recorded, so it is not shown.
    """
    require_auditor(actor)
    catch_up(services)
    event = services.ledger.event(actor, seq)
    services.ledger.append(audit_draft(actor, door, "open", {"event": seq}, event.library))
    return whole(services, actor, event)


def whole(services: Services, actor: Actor, event: Event) -> Whole:
    """As `open_event`, for who has the event already and recorded it."""
    entry = services.audit_index.entries([event.seq])[event.seq]
    linked = _linked(services, actor, entry)
    retrieval, answer = _pair(services, actor, event, linked)
    found = _candidates(services, actor, retrieval) if retrieval else ((), ())
    reviews = services.audit_index.reviews(actor, events=[event.seq])
    shown = shown_to(actor, reviews)
    cases = [name for name, events in services.audit_index.cases(actor).items() if event.seq in events]
    (seen,) = blinded(services, actor, [event])
    return Whole(
        seen,
        entry,
        proof_of(services.ledger, actor, event),
        retrieval,
        answer,
        *found,
        linked=linked,
        conversation=_conversation(services, actor, entry, linked),
        reviews=shown,
        hidden_reviews=len(reviews) - len(shown),
        cases=tuple(cases),
    )


def _linked(services: Services, actor: Actor, entry: Entry) -> tuple[Entry, ...]:
    """What it belongs to, what belongs to that, and what belongs to it."""
    index = services.audit_index
    found: dict[int, Entry] = {}
    for root in {entry.seq, entry.belongs_to} - {None}:
        assert root is not None
        below = index.find(actor, Wanted(belongs_to=root), limit=MOST_LINKED)
        above = [one for one in index.entries([root]).values() if _readable(actor, one)]
        found |= {one.seq: one for one in (*below, *above)}
    found.pop(entry.seq, None)
    return tuple(found[seq] for seq in sorted(found))


def _readable(actor: Actor, entry: Entry) -> bool:
    return actor.may_read(entry.library)


def _pair(services: Services, actor: Actor, event: Event, linked: Sequence[Entry]) -> tuple[Event | None, Event | None]:
    if event.kind == "retrieval":
        answers = [one.seq for one in linked if one.kind == "answer" and one.belongs_to == event.seq]
        return event, _event(services, actor, answers[0]) if answers else None
    asked = event.body.get("retrieval")
    retrieval = _event(services, actor, asked) if isinstance(asked, int) else None
    return retrieval, event if event.kind == "answer" else None


def _event(services: Services, actor: Actor, seq: int) -> Event | None:
    try:
        return services.ledger.event(actor, seq)
    except NotFound:
        return None


def _conversation(services: Services, actor: Actor, entry: Entry, linked: Sequence[Entry]) -> tuple[Entry, ...]:
    ids = [one.conversation for one in (entry, *linked) if one.conversation]
    if not ids:
        return ()
    found = services.audit_index.find(actor, Wanted(conversation=ids[0]), limit=MOST_LINKED)
    return tuple(reversed(found))


def _candidates(
    services: Services, actor: Actor, retrieval: Event
) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    evidence = [_said(item) for item in listed(retrieval, "evidence")]
    dropped = [_said(item) for item in listed(retrieval, "dropped")]
    ids = [VisualId(one.visual) for one in (*evidence, *dropped)]
    known = services.catalog.visuals(actor, ids)
    return tuple(_today(one, known) for one in evidence), tuple(_today(one, known) for one in dropped)


def _said(item: Json) -> Candidate:
    return Candidate(
        visual=str(item.get("visual", "")),
        relevance=float(item.get("relevance") or 0.0),
        scores=item.get("scores") or {},
        number=item.get("number"),
        position=item.get("position", item.get("number")),
        reason=str(item.get("reason", "")),
        ranks=item.get("ranks") or {},
        fused=float(item.get("fused") or 0.0),
        caption=str(item.get("caption") or ""),
        asset_id=str(item.get("content") or ""),
        library=str(item.get("library") or ""),
        locator=str(item.get("locator") or ""),
    )


def _today(one: Candidate, known: Mapping[VisualId, tuple[Visual, Asset]]) -> Candidate:
    found = known.get(VisualId(one.visual))
    if found is None:
        return one
    visual, asset = found
    return replace(
        one,
        asset_id=visual.asset_id,
        library=visual.library,
        locator=visual.locator,
        name=asset.name,
        there=True,
    )
