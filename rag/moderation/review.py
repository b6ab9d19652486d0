"""Deciding: people look at what waits, and what they decide holds at once.

    entry -> unchanged and free? -> event written, durable -> catalog (one commit)
          -> points in every collection -> blurred thumbnails

Should this process die on the way, `picturedesk doctor --fix` finishes what the ledger has.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from rag.classifying.tagging import refresh_points
from rag.errors import BadQuery, Conflict, NotAllowed, NotFound
from rag.library.moderating import require_free, require_unchanged
from rag.model import (
    BY_HAND,
    LOCAL_OWNER,
    Action,
    Actor,
    AssetRef,
    CategoryCounts,
    Decision,
    Entry,
    EntryState,
    Event,
    Hit,
    Moderation,
    Severity,
    VisualId,
)
from rag.moderation.pictures import keep_blurred
from rag.moderation.recording import claimed_draft, decided_draft, withdrawn_draft
from rag.ports import Services

LONGEST_COMMENT = 2_000
"""Characters."""

MOST_ENTRIES = 500


def require_moderator(actor: Actor) -> None:
    """Raises NotAllowed for an actor who may not see what is blocked."""
    if not actor.has("editor"):
        raise NotAllowed(f"{actor.id} may not moderate: that takes the role editor")


def queue(
    services: Services,
    actor: Actor,
    *,
    library: str | None = None,
    category: str | None = None,
    states: Collection[EntryState] = (EntryState.OPEN,),
    limit: int = 50,
    offset: int = 0,
) -> list[Entry]:
    """What waits for people, the most severe first, then the most ambiguous. Raises NotAllowed, BadQuery."""
    require_moderator(actor)
    if not 1 <= limit <= MOST_ENTRIES or offset < 0:
        raise BadQuery(f"limit: give 1 to {MOST_ENTRIES}, and no negative offset")
    return services.reviews.queue(actor, library=library, category=category, states=states, limit=limit, offset=offset)


def claim(services: Services, actor: Actor, entry_id: str, *, version: int, door: str) -> Entry:
    """Look at an entry, so that nobody else does for half an hour. Calling twice is harmless.

    Raises:
        NotAllowed, NotFound: it is not this actor's to decide.
        Conflict: somebody else was first, or it changed since `version`.
        LedgerUnavailable: nothing is claimed.
    """
    require_moderator(actor)
    entry = services.reviews.entry(actor, entry_id)
    services.ledger.append(claimed_draft(actor, door, entry))
    return services.reviews.claim(actor, entry_id, version)


def decide(
    services: Services, actor: Actor, entry_id: str, action: Action, *, version: int, comment: str = "", door: str
) -> Entry:
    """Allow, blur or block. It holds when this returns: searches, prompts, thumbnails and originals follow it.

    Args:
        version: of the entry as it was seen; of two who decide at a time, one wins.

    Raises:
        BadQuery: `review` is no decision; or the comment is too long.
        NotAllowed, NotFound: it is not this actor's to decide.
        Conflict: it changed since `version`, or somebody else looks at it; nothing is changed.
        LedgerUnavailable: nothing is changed.
        Unavailable: the catalog has it or not; where points lag behind, the catalog has the last word.
    """
    require_moderator(actor)
    _check_decision(action, comment)
    entry = services.reviews.entry(actor, entry_id)
    require_unchanged(entry, version)
    require_free(entry, actor.id, datetime.now(entry.created_at.tzinfo))
    event = services.ledger.append(decided_draft(actor, door, entry, action, comment))
    try:
        decided = services.reviews.decide(actor, Decision(entry_id, version, action, actor.id, comment, event.seq))
    except (Conflict, NotFound) as error:
        services.ledger.append(withdrawn_draft(actor, door, entry, event.seq, str(error)))
        raise
    show_as_decided(services, [entry.ref])
    return decided


def decide_visual(
    services: Services, actor: Actor, visual: VisualId, action: Action, *, comment: str = "", door: str
) -> Entry:
    """Decide about what no policy found. Raises as `decide`; NotFound: there is no such visual for this actor."""
    require_moderator(actor)
    _check_decision(action, comment)
    known = services.catalog.visuals(actor, [visual])
    if visual not in known:
        raise NotFound(f"there is no visual {visual}")
    seen, asset = known[visual]
    entry = services.reviews.add(actor, asset.ref, _by_hand(visual, seen.locator, asset.moderation))
    return decide(services, actor, entry.id, action, version=entry.version, comment=comment, door=door)


def counts(services: Services, actor: Actor, library: str | None = None) -> list[CategoryCounts]:
    """How each category stands. Raises NotAllowed."""
    require_moderator(actor)
    return services.reviews.counts(actor, library)


def show_as_decided(services: Services, refs: Sequence[AssetRef]) -> None:
    """Points and thumbnails as the catalog says. Calling twice is harmless."""
    refresh_points(services, LOCAL_OWNER, refs)
    visuals = services.catalog.visuals_of(refs)
    assets = {asset.ref: asset for _, asset in services.catalog.visuals(LOCAL_OWNER, [v.id for v in visuals]).values()}
    hidden = [one for one in visuals if (own := assets.get(one.asset_ref)) and own.moderation is Moderation.BLURRED]
    keep_blurred(services.blobs, hidden)


def decision_left_undone(services: Services, event: Event) -> Decision | None:
    """The decision of an event that never reached the catalog; None where it did, or came too late."""
    if event.body.get("phase") != "decided" or event.erased_at is not None:
        return None
    try:
        entry = services.reviews.entry(LOCAL_OWNER, event.body["entry"])
    except NotFound:
        return None
    if entry.version != event.body["version"] or entry.event >= event.seq:
        return None
    action = Action(event.body["decision"])
    return Decision(entry.id, entry.version, action, event.actor, event.body["comment"], event.seq)


def _check_decision(action: Action, comment: str) -> None:
    if action is Action.REVIEW:
        raise BadQuery("decision: review is none; decide for allow, blur or block")
    if len(comment) > LONGEST_COMMENT:
        raise BadQuery(f"comment: it has {len(comment):,} characters; at most {LONGEST_COMMENT:,} are kept")


def _by_hand(visual: VisualId, locator: str, shown: Moderation) -> Hit:
    return Hit(
        category=BY_HAND,
        visual=visual,
        locator=locator,
        score=1.0,
        margin=0.0,
        action=Action.REVIEW,
        severity=Severity.NORMAL,
        review=True,
        meanwhile=shown,
        reason="Somebody looked at it without being asked",
    )
