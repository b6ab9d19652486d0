"""The erasure flow: a person or an asset goes from all that we hold, and the ledger's proofs still hold.

    hold?  ->  keys and salts in the ledger, recorded there  ->  the auditors' index
           ->  of a person: conversations; names and words in jobs, drafts, decisions, pins
           ->  of an asset: hidden; turns, jobs, drafts; vectors, thumbnails, bytes and record; pins
           ->  what is left of it in the files is overwritten

What is destroyed first is what nobody could find again otherwise. Each step may be run twice: should one not
answer, the same command finishes it. docs/ledger.md lists what is held where.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from rag.audit.deeds import erased_draft
from rag.auditing import pin_deletions
from rag.auditing.indexing import catch_up
from rag.errors import BadQuery, NotAllowed, StoreLocked
from rag.ingest import finish_deletions
from rag.model import Actor, AssetId, AssetRef, Event, VisualId, visual_id
from rag.ports import Services, Traced

PAGE = 200
DIGITS = 64


@dataclass(frozen=True, slots=True)
class Erasure(Traced):
    """What is there of somebody or something, or what was erased.

    Attributes:
        event: that records it; None as long as nothing is erased.
        subjects: keys destroyed in the ledger.
        turns: of conversations, of whomever, that rest on an asset.
        pins: that name the person, or hold the asset.
    """

    event: int | None = None
    subjects: int = 0
    turns: int = 0
    pins: int = 0


def held_of_person(services: Services, actor: Actor, name: str) -> Erasure:
    """What erasing a person would take. Changes nothing. Raises NotAllowed, BadQuery: no name."""
    _require_owner(actor)
    if not name.strip():
        raise BadQuery("say whom to erase: the name is empty")
    catch_up(services)
    return Erasure(**asdict(services.traces.of_person(name)), pins=pin_deletions.made_by(services, name))


def held_of_asset(services: Services, actor: Actor, asset_id: AssetId) -> Erasure:
    """What erasing an asset would take. Changes nothing. Raises NotAllowed, BadQuery: no asset's id."""
    _require_owner(actor)
    if len(asset_id) != DIGITS or set(asset_id) - set("0123456789abcdef"):
        raise BadQuery(f"{asset_id!r} is no asset's whole id: 64 digits, 0 to 9 and a to f")
    catch_up(services)
    visuals = set(_visuals(services, _refs(services, actor, asset_id)))
    events = services.ledger.concerning(_subjects(asset_id, visuals), services.conversations.recorded())
    found = services.traces.of_asset(asset_id, visuals)
    turns, pins = services.conversations.resting_on(events), pin_deletions.with_asset(services, asset_id)
    return Erasure(**asdict(found), turns=turns, pins=pins)


def erase_person(services: Services, actor: Actor, name: str, *, door: str) -> Erasure:
    """Make what the ledger recorded of a person unreadable, remove the conversations, and the name elsewhere.

    Keys of the API are in the settings, and pictures and captions that were handed in or approved belong to
    their assets: they stay.

    Raises:
        BadQuery: no name.
        NotAllowed: `actor` is no owner, or a legal hold keeps something.
        LedgerUnavailable, Unavailable: retryable; do it again.
    """
    held = held_of_person(services, actor, name)
    event = services.ledger.erase(actor, [f"actor:{name}"], {"door": door, "of": "person"})
    catch_up(services)  # or another process might put in what it read before
    services.audit_index.forget(actor=name)
    person = Actor(name)
    while page := services.conversations.every(person, limit=PAGE):
        for conversation in page:
            services.conversations.delete(person, conversation.id)
    services.traces.forget_person(name)
    pin_deletions.forget_person(services, name)
    services.traces.overwrite()
    return replace(held, event=event.seq, subjects=_destroyed(event))


def erase_asset(services: Services, actor: Actor, asset_id: AssetId, *, door: str) -> Erasure:
    """Make what the ledger recorded of an asset unreadable, and remove it from every library and pin that has it.

    Raises:
        BadQuery: no asset's id.
        NotAllowed: `actor` is no owner, or a legal hold keeps something.
        StoreLocked: another process has the vectors, and nothing was erased: ask it, over HTTP.
        LedgerUnavailable, Unavailable: retryable; do it again.
    """
    held = held_of_asset(services, actor, asset_id)
    _require_vectors(services)
    refs = _refs(services, actor, asset_id)
    here = [ref for ref in refs if ref in services.catalog.states(refs)]
    visuals = set(_visuals(services, refs))
    subjects = _subjects(asset_id, visuals)
    turns = services.ledger.concerning(subjects, services.conversations.recorded())
    event = services.ledger.erase(actor, subjects, {"door": door, "of": "asset"})
    catch_up(services)
    services.audit_index.forget(asset=asset_id, visuals=visuals)
    forgotten = services.conversations.forget(turns)
    services.catalog.begin_deletion(actor, here)
    services.traces.forget_asset(asset_id, visuals)
    finish_deletions(services, here)
    services.ledger.append(erased_draft(actor, door, event.seq))
    for store in services.collections.every():
        store.rewrite()
    pin_deletions.forget_asset(services, asset_id)
    services.traces.overwrite()
    return replace(held, event=event.seq, subjects=_destroyed(event), turns=forgotten)


def _refs(services: Services, actor: Actor, asset_id: AssetId) -> list[AssetRef]:
    return [AssetRef(library, asset_id) for library in services.catalog.libraries(actor)]


def _subjects(asset_id: AssetId, visuals: set[VisualId]) -> list[str]:
    return [f"asset:{asset_id}", *(f"visual:{one}" for one in sorted(visuals))]


def _visuals(services: Services, refs: Sequence[AssetRef]) -> Iterator[VisualId]:
    """The ids that its visuals have, or had, if it is not here any more: films tell only while they are."""
    yield from (visual.id for visual in services.catalog.visuals_of(refs))
    for ref in refs:
        yield visual_id(ref.library, ref.asset_id)
        for page in range(1, services.settings.max_visuals + 1):
            yield visual_id(ref.library, ref.asset_id, f"page={page}")


def _destroyed(event: Event) -> int:
    return len(event.body["subjects"])


def _require_vectors(services: Services) -> None:
    """Before anything is erased: half of it would help nobody."""
    try:
        services.collections.every()
    except StoreLocked as error:
        raise StoreLocked(f"nothing was erased: {error} (POST /v1/ledger/erasures)") from error


def _require_owner(actor: Actor) -> None:
    if not actor.has():
        raise NotAllowed(f"{actor.id} may not erase: that takes the role owner")
