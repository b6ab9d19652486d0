"""The erasure flow: a person or an asset goes from all that we hold, and the ledger's proofs still hold.

    hold?  ->  keys and salts in the ledger, recorded there  ->  index, thumbnails, bytes and record, or conversations

What is destroyed first is what nobody could find again otherwise. Each step may be run twice: should one not
answer, the same command finishes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.errors import NotAllowed
from rag.ingest import delete
from rag.model import Actor, AssetId, AssetRef, Event, VisualId, visual_id
from rag.ports import Services

PAGE = 200


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased.

    Attributes:
        event: that records it.
        subjects: keys destroyed in the ledger.
        assets: removed from the libraries.
        conversations: removed.
        turns: of conversations, of whomever, that rested on it; removed.
    """

    event: int
    subjects: int
    assets: int = 0
    conversations: int = 0
    turns: int = 0


def erase_person(services: Services, actor: Actor, name: str, *, door: str) -> Erasure:
    """Make what the ledger recorded of a person unreadable, and remove the conversations.

    Keys of the API are in the settings, and captions that were written belong to their assets: both stay.

    Raises:
        NotAllowed: `actor` is no owner, or a legal hold keeps something.
        LedgerUnavailable, Unavailable: retryable; do it again.
    """
    _require_owner(actor)
    event = services.ledger.erase(actor, [f"actor:{name}"], {"door": door, "of": "person"})
    services.audit_index.forget(actor=name)
    person, count = Actor(name), 0
    while page := services.conversations.every(person, limit=PAGE):
        for conversation in page:
            services.conversations.delete(person, conversation.id)
        count += len(page)
    return Erasure(event.seq, _destroyed(event), conversations=count)


def erase_asset(services: Services, actor: Actor, asset_id: AssetId, *, door: str) -> Erasure:
    """Make what the ledger recorded of an asset unreadable, and remove it from every library that has it.

    Raises:
        NotAllowed: `actor` is no owner, or a legal hold keeps something.
        LedgerUnavailable, Unavailable: retryable; do it again.
    """
    _require_owner(actor)
    refs = [AssetRef(library, asset_id) for library in services.catalog.libraries(actor)]
    here = [ref for ref in refs if ref in services.catalog.states(refs)]
    subjects = [f"asset:{asset_id}", *(f"visual:{one}" for one in _visuals(services, refs))]
    turns = services.ledger.concerning(subjects, services.conversations.recorded())
    event = services.ledger.erase(actor, subjects, {"door": door, "of": "asset"})
    services.audit_index.forget(asset=asset_id)
    forgotten = services.conversations.forget(turns)
    return Erasure(event.seq, _destroyed(event), assets=len(delete(services, actor, here)), turns=forgotten)


def _visuals(services: Services, refs: Sequence[AssetRef]) -> Iterator[VisualId]:
    """The ids that its visuals have, or had, if it is not here any more: films tell only while they are."""
    yield from (visual.id for visual in services.catalog.visuals_of(refs))
    for ref in refs:
        yield visual_id(ref.library, ref.asset_id)
        for page in range(1, services.settings.max_visuals + 1):
            yield visual_id(ref.library, ref.asset_id, f"page={page}")


def _destroyed(event: Event) -> int:
    return len(event.body["subjects"])


def _require_owner(actor: Actor) -> None:
    if not actor.has():
        raise NotAllowed(f"{actor.id} may not erase: that takes the role owner")
